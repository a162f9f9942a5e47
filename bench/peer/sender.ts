/** Hands signals over by HTTP, one request each: as fast as so many at a time get through, or at an even pace. */
import { setTimeout as delay } from "node:timers/promises";
import { Pool } from "undici";
import { signalToCloudEvent } from "../../src/core/contract/cloud-event.ts";
import { STRUCTURED_TYPE } from "../../src/core/contract/cloud-event-http.ts";
import { instantFromMs } from "../../src/std/time.ts";
import { makeSignal } from "../action/papers.ts";
import type { Door } from "./peer.ts";
import { inParallel } from "./thin-loop.ts";

const ANSWER_MS = 60_000;

export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export class Sender {
  readonly #door: Door;
  readonly #pool: Pool;

  constructor(door: Door, connections: number) {
    this.#door = door;
    this.#pool = new Pool(door.url, {
      connections,
      headersTimeout: ANSWER_MS,
      bodyTimeout: ANSWER_MS,
    });
  }

  /** Throws unless the signal was taken. */
  async send(index: number): Promise<void> {
    const { path, body, headers } = this.#door;
    const signal = makeSignal(index, instantFromMs(Date.now()));
    const { statusCode, body: answer } = await this.#pool.request({
      method: "POST",
      path: path.replace("{id}", signal.id),
      headers: {
        "content-type": body === "signal" ? "application/json" : STRUCTURED_TYPE,
        ...headers,
      },
      body: JSON.stringify(body === "signal" ? signal : signalToCloudEvent(signal)),
    });
    const text = await answer.text();
    if (statusCode >= 300) throw new Error(`the door said ${statusCode}: ${text.slice(0, 300)}`);
  }

  async sendAll(from: number, count: number, atOnce: number): Promise<void> {
    const indexes = Array.from({ length: count }, (_, i) => from + i);
    await inParallel(indexes, atOnce, (index) => this.send(index));
  }

  /** When each was due, in the order of the signals. A slow door does not slow its clients. */
  async sendEvenly(from: number, count: number, perSecond: number): Promise<ReadonlyArray<number>> {
    const start = nowMs();
    const dueAt: number[] = [];
    const sent: Promise<void>[] = [];
    for (let i = 0; i < count; i++) {
      const due = start + (i * 1_000) / perSecond;
      dueAt.push(due);
      await delay(Math.max(0, due - nowMs()));
      sent.push(this.send(from + i));
    }
    await Promise.all(sent);
    return dueAt;
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}
