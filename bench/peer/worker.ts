/**
 * The process that a peer runs in. It takes orders from the bench by message, opens a plain door for
 * signals where the peer has none of its own, and ends when the bench hangs up.
 *
 *   node worker.ts MODULE SETTING(JSON)
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Signal } from "../../src/core/contract/types.ts";
import { instantFromMs } from "../../src/std/time.ts";
import { makeSignal } from "../action/papers.ts";
import {
  type Door,
  OFFERED_AT_ONCE,
  type OpenPeer,
  type Order,
  type Peer,
  type PeerSetting,
  type Word,
} from "./peer.ts";
import { inParallel } from "./thin-loop.ts";

/** Signals that are handed in side by side where a peer has no bulk intake. */
const ACCEPTED_AT_ONCE = 64;

const [, , module = "", setting = "{}"] = process.argv;
const { open } = (await import(new URL(module, import.meta.url).href)) as { open: OpenPeer };
const peer = await open(JSON.parse(setting) as PeerSetting);
process.on("message", (order: Order) => {
  follow(order).catch((error: unknown) => say({ kind: "failed", why: String(error) }));
});
process.once("disconnect", () => process.exit(0));
say({ kind: "ready", door: peer.door ?? (await openPlainDoor(peer)) });

function say(word: Word): void {
  process.send?.(word);
}

async function follow(order: Order): Promise<void> {
  if (order.kind === "offer") return offer(order.from, order.count, order.at);
  if (order.kind === "settle") {
    await peer.settled(order.count);
    return say({ kind: "settled" });
  }
  if (order.kind === "count") return say({ kind: "counted", count: await peer.countDone() });
  await peer.close();
  process.disconnect();
}

async function offer(from: number, count: number, atMs: number): Promise<void> {
  const at = instantFromMs(atMs);
  const signals = Array.from({ length: count }, (_, i) => makeSignal(from + i, at));
  if (peer.offer === undefined) {
    return inParallel(signals, ACCEPTED_AT_ONCE, (signal) => peer.accept(signal));
  }
  for (let start = 0; start < count; start += OFFERED_AT_ONCE) {
    await peer.offer(signals.slice(start, start + OFFERED_AT_ONCE));
  }
}

/** One request, one signal; 202 once it is durable. */
async function openPlainDoor({ accept }: Peer): Promise<Door> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      accept(JSON.parse(Buffer.concat(chunks).toString()) as Signal).then(
        () => response.writeHead(202).end(),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, path: "/", body: "signal" };
}
