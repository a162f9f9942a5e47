import assert from "node:assert/strict";
import { test } from "node:test";
import { LOOP, PLACES } from "../../../test/kit/engine-world.ts";
import { EventLine, type Seen } from "../../../test/kit/event-line.ts";
import { type HttpWorld, OPERATOR_TOKEN, useHttpWorlds } from "../../../test/kit/http-world.ts";
import { integerBetween, randomFrom } from "../../std/random.ts";
import { getLedgerHead, listLedger } from "../../store/table/ledger.ts";
import { EventFeed } from "./event-feed.ts";

let http: HttpWorld;

useHttpWorlds((opened) => {
  http = opened;
});

const AUTHORIZATION = { authorization: `Bearer ${OPERATOR_TOKEN}` };

function watch(after?: number, headers: Record<string, string> = {}): Promise<EventLine> {
  const url = new URL("/v1/events", http.server.url);
  if (after !== undefined) url.searchParams.set("after", `${after}`);
  return EventLine.open(url.href, { ...AUTHORIZATION, ...headers });
}

async function head(): Promise<number> {
  return (await getLedgerHead(http.world.driver)).n;
}

function idsOf(seen: ReadonlyArray<Seen>): ReadonlyArray<number> {
  return seen.map(({ id }) => id);
}

function range(from: number, until: number): ReadonlyArray<number> {
  return Array.from({ length: until - from + 1 }, (_, index) => from + index);
}

test("whoever watches from now on sees each new entry once, in order, and says nothing of people", async () => {
  const before = await head();
  const line = await watch();
  for (const place of PLACES.slice(0, 3)) await http.world.signalOn(place);
  const last = await head();
  const seen = await line.until(last);
  line.leave();
  assert.deepEqual(idsOf(seen), range(before + 1, last));
  const entries = await listLedger(http.world.driver, before, 1_000);
  for (const [index, { text }] of entries.entries()) {
    const { n, at, kind, loop, case: of } = JSON.parse(text) as Seen["data"];
    assert.deepEqual(seen[index]?.data, { n, at, kind, loop, case: of });
    assert.equal(seen[index]?.kind, kind);
  }
  assert(seen.some(({ data }) => data.kind === "signal.admitted" && data.loop === LOOP));
});

test("a line that breaks again and again misses nothing and repeats nothing", async () => {
  const random = randomFrom("broken lines");
  const first = await head();
  const seen: Seen[] = [];
  const lastSeen = () => ({ "last-event-id": `${seen.at(-1)?.id ?? first}` });
  for (const place of PLACES) {
    const line = await watch(undefined, lastSeen());
    const written = http.world.signalOn(place).then(() => http.world.settle());
    for (let reads = integerBetween(random, 0, 3); reads > 0; reads--) {
      // What is written may come in fewer pieces than are waited for.
      const more = await Promise.race([line.next(), written.then(() => undefined)]);
      if (more === undefined) break;
      seen.push(...more);
    }
    // What is on its way when the line breaks is lost with it.
    line.leave();
    await written;
  }
  const last = await head();
  if (seen.at(-1)?.id !== last) {
    const line = await watch(undefined, lastSeen());
    seen.push(...(await line.until(last)));
    line.leave();
  }
  assert(last - first > 5 * PLACES.length, "much is written meanwhile");
  assert.deepEqual(idsOf(seen), range(first + 1, last));
});

test("from 0 on the whole ledger is told, and many watchers hear the same", async () => {
  const lines = await Promise.all(Array.from({ length: 20 }, () => watch(0)));
  await http.world.signalOn(PLACES[0] ?? "");
  const last = await head();
  for (const line of lines) {
    assert.deepEqual(idsOf(await line.until(last)), range(1, last));
    line.leave();
  }
});

test("a watcher that leaves between two pages is counted no more", async () => {
  const feed = new EventFeed(http.world.driver);
  const reader = feed.stream(0, new AbortController().signal).getReader();
  for (let pages = 0; pages < 2; pages++) assert((await reader.read()).value);
  assert.equal(feed.watchers, 1);
  await reader.cancel();
  assert.equal(feed.watchers, 0);
});

test("a closing server ends its lines", async () => {
  const line = await watch(0);
  await line.until(await head());
  const closed = http.server.close();
  assert.equal(await line.next(), undefined);
  await closed;
});

test("without the operator's token nobody watches, and an id that is no entry's is refused", async () => {
  const none = await http.ask("GET", "/v1/events", { key: "" });
  assert.equal(none.status, 401);
  const department = await http.ask("GET", "/v1/events", { key: http.keys.logistics });
  assert.equal(department.status, 403);
  for (const id of ["12x", "-1", `${(await head()) + 1}`]) {
    const headers = { "last-event-id": id };
    const refused = await http.ask("GET", "/v1/events", { key: OPERATOR_TOKEN, headers });
    assert.equal(refused.status, 400, id);
    assert.equal(refused.body.at("error", "path"), "/headers/last-event-id");
  }
});
