/**
 * A sender of the outside world: posts signals over HTTP in batches, keeps its own list of what was
 * acknowledged, and sends again whatever was not. It never has more under way than the run allows, so that
 * there is always work and never a mountain.
 */
import { setTimeout as delay } from "node:timers/promises";
import { signalToCloudEvent } from "../../src/core/contract/cloud-event.ts";
import { BATCHED_TYPE } from "../../src/core/contract/cloud-event-http.ts";
import { LOOP, makeSignal, wallNow } from "./loop.ts";

const AGAIN_MS = 100;
const ANSWER_MS = 30_000;

export type ClientOptions = {
  readonly port: number;
  readonly key: string;
  readonly total: number;
  readonly batch: number;
  /** Sent and not yet dealt with, at most. */
  readonly underWayMax: number;
};

export class Client {
  readonly #options: ClientOptions;
  readonly acknowledged: string[] = [];
  /** Requests that got no answer, or one that says to come again. */
  retries = 0;
  readonly refusals: string[] = [];
  /** How often each answer came that says to come again, as `503 store/no-space, Retry-After 5`. */
  readonly comeAgain = new Map<string, number>();
  /** How many were dealt with, as far as whoever leads the run has seen. */
  settled = 0;
  #isStopped = false;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#isStopped = true;
  }

  async run(): Promise<void> {
    const { total, batch, underWayMax } = this.#options;
    for (let at = 0; at < total && !this.#isStopped;) {
      if (at - this.settled >= underWayMax) {
        await delay(AGAIN_MS / 5);
        continue;
      }
      const until = Math.min(at + batch, total);
      const now = wallNow();
      const signals = Array.from({ length: until - at }, (_, i) => makeSignal(at + i, now));
      // The same bytes every time: the same id with other content would be another signal.
      const body = JSON.stringify(signals.map((signal) => signalToCloudEvent(signal)));
      while (!this.#isStopped && !(await this.#send(body))) {
        this.retries += 1;
        await delay(AGAIN_MS);
      }
      at = until;
    }
  }

  async #send(body: string): Promise<boolean> {
    const { port, key } = this.#options;
    let response: Response;
    let said: {
      readonly signals?: ReadonlyArray<{ readonly id: string; readonly kind: string }>;
      readonly error?: { readonly code?: string };
    };
    try {
      response = await fetch(`http://127.0.0.1:${port}/v1/loops/${LOOP}/signals`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": BATCHED_TYPE },
        body,
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      said = (await response.json()) as typeof said;
    } catch {
      return false;
    }
    if (response.status !== 202 && response.status !== 207) {
      // 5xx says come again; anything else is a finding.
      if (response.status < 500) this.refusals.push(`${response.status} ${JSON.stringify(said)}`);
      const again = response.headers.get("retry-after");
      const when = again === null ? "without Retry-After" : `Retry-After ${again}`;
      const answer = `${response.status} ${said.error?.code ?? "without a code"}, ${when}`;
      this.comeAgain.set(answer, (this.comeAgain.get(answer) ?? 0) + 1);
      return false;
    }
    for (const { id, kind } of said.signals ?? []) {
      if (kind === "accepted" || kind === "repeated") this.acknowledged.push(id);
      else this.refusals.push(`${id} ${kind}`);
    }
    return true;
  }
}
