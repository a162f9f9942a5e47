/**
 * The ads platform that every peer calls: one number per place, over real HTTP on loopback, in a process of
 * its own. It remembers keys, as a good platform does: a call that it has seen changes nothing, and is
 * counted.
 *
 *   GET  /geo/:id          the state of a place
 *   POST /geo/:id?check    would this change be taken
 *   PUT  /geo/:id          take it: { key, modifier }
 *
 * When each place was first changed is kept on the machine's monotonic clock, which all processes share.
 * The parent asks for the book by message, so that reading it costs the peer nothing.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What reached the platform since it was last forgotten. */
export type AdsBook = {
  readonly calls: number;
  readonly effects: number;
  /** Calls with a key that was seen before. */
  readonly repeats: number;
  /** Places changed under more than one key: an effect too many. */
  readonly doubles: number;
  readonly lastAtMs: number;
};
export type AdsAsk = { readonly ask: "book" | "times" | "forget" };
export type AdsTold = AdsBook | { readonly times: ReadonlyArray<readonly [string, number]> };

const modifiers = new Map<string, number>();
const keys = new Set<string>();
const firstAtMs = new Map<string, number>();
const counts = { calls: 0, repeats: 0, doubles: 0, lastAtMs: 0 };

function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function change(place: string, key: string, modifier: number): void {
  if (keys.has(key)) {
    counts.repeats += 1;
    return;
  }
  keys.add(key);
  if (firstAtMs.has(place)) counts.doubles += 1;
  else {
    counts.lastAtMs = nowMs();
    firstAtMs.set(place, counts.lastAtMs);
  }
  modifiers.set(place, modifier);
}

const server = createServer((request, response) => {
  const { method = "GET", url = "/" } = request;
  const [path = "/", query] = url.split("?");
  const answer = (body: unknown): void => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(body));
  };
  const place = path.slice("/geo/".length);
  counts.calls += 1;
  if (method === "GET") return answer({ modifier: modifiers.get(place) ?? 1 });
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const said = JSON.parse(Buffer.concat(chunks).toString()) as { key: string; modifier: number };
    if (query !== "check") change(place, said.key, said.modifier);
    answer({ modifier: said.modifier });
  });
});

process.on("message", ({ ask }: AdsAsk) => {
  if (ask === "times") return process.send?.({ times: [...firstAtMs] });
  if (ask === "forget") {
    for (const each of [modifiers, keys, firstAtMs]) each.clear();
    Object.assign(counts, { calls: 0, repeats: 0, doubles: 0, lastAtMs: 0 });
  }
  return process.send?.({ ...counts, effects: keys.size });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.once("disconnect", () => process.exit(0));
