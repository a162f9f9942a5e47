import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { BY_VERDICT, type EngineWorld, HERE, openWorld } from "../../../test/kit/engine-world.ts";
import { caseSpanIdOf, traceIdOf } from "../../core/case/trace.ts";
import { type Driver, openDriver } from "../../store/driver/driver.ts";
import { migrate } from "../../store/migrate.ts";
import { followLedger } from "./follow.ts";
import { SpanPost } from "./span-post.ts";
import { CaseTraces } from "./traces.ts";

type Span = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code?: number };
  readonly attributes: ReadonlyArray<{
    readonly key: string;
    readonly value: { readonly stringValue?: string; readonly intValue?: number };
  }>;
};
type Sent = {
  readonly resourceSpans: ReadonlyArray<{
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Span> }>;
  }>;
};

let driver: Driver;
let world: EngineWorld;
let collector: Server;
let url: string;
const spans: Span[] = [];

function spansOf({ resourceSpans }: Sent): ReadonlyArray<Span> {
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans: sent }) => sent));
}

before(async () => {
  driver = await openDriver({});
  await migrate(driver);
  world = await openWorld(driver);
  collector = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      spans.push(...spansOf(JSON.parse(body) as Sent));
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/traces`;
});

after(async () => {
  collector.close();
  await driver.close();
});

test("two processes that share a case write one trace of it, with every entry once and its whole span", async () => {
  const over = new AbortController();
  const [first, second] = [new CaseTraces(url, "test"), new CaseTraces(url, "test")];
  // Each retells every other entry, as if two had shared the work; the last is told by both.
  const following = followLedger(driver, over.signal, (entries) => {
    first.take(entries.filter(({ n }) => n % 2 === 0));
    second.take(entries.filter(({ n }) => n % 2 === 1));
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  world.receiver.propose(() => BY_VERDICT.both);
  const id = await world.signalOn(HERE);
  await world.settle();
  await world.vote(id, "logistics", "reject");
  await world.settle();
  assert.equal((await world.case(id)).state, "closed");
  over.abort();
  await following;
  await Promise.all([first.close(), second.close()]);

  const own = spans.filter(({ attributes }) =>
    attributes.some(({ key, value }) => key === "interlock.case" && value.stringValue === id),
  );
  assert.deepEqual([...new Set(own.map(({ traceId }) => traceId))], [traceIdOf(id)]);
  assert.equal(new Set(own.map(({ spanId }) => spanId)).size, own.length);
  const whole = own.filter(({ spanId }) => spanId === caseSpanIdOf(id));
  assert.deepEqual(
    whole.map(({ name, parentSpanId = "" }) => [name, parentSpanId]),
    [["case rejected", ""]],
  );
  const steps = own.filter(({ spanId }) => spanId !== caseSpanIdOf(id));
  const entries = await driver.query("select n from ledger where text::jsonb ->> 'case' = $1", [
    id,
  ]);
  assert.equal(steps.length, entries.length);
  for (const { parentSpanId, startTimeUnixNano, endTimeUnixNano } of steps) {
    assert.equal(parentSpanId, caseSpanIdOf(id));
    assert(BigInt(startTimeUnixNano) <= BigInt(endTimeUnixNano));
  }
  for (const kind of ["signal.admitted", "reply.received", "facts.gathered", "vote.cast"]) {
    assert(
      steps.some(({ name }) => name === kind),
      kind,
    );
  }
});

test("a case that failed is an error in its trace", async () => {
  spans.length = 0;
  const traces = new CaseTraces(url, "test");
  const at = "2026-03-01T00:00:00.000Z";
  const entry = (n: number, to: string, more: object = {}) => ({
    n,
    hash: "",
    node: null,
    text: JSON.stringify({
      at,
      kind: "action.failed",
      loop: "a-loop",
      case: "case-x",
      actor: "engine",
      body: { from: "executing", to, ...more },
    }),
  });
  traces.take([entry(1, "executing"), entry(2, "closed", { closeReason: "failed" })]);
  await traces.close();
  assert.deepEqual(
    spans.map(({ name, status }) => [name, status.code ?? 0]),
    [
      ["action.failed", 0],
      ["action.failed", 0],
      ["case failed", 2],
    ],
  );
});

test("a collector that is busy is sent the same spans again, with the headers that it wants", async () => {
  spans.length = 0;
  const asked: (string | undefined)[] = [];
  let isBusy = true;
  const busy = createServer((request, response) => {
    asked.push(request.headers["api-key"]?.toString());
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      response.writeHead(isBusy ? 503 : 200).end();
      if (!isBusy) spans.push(...spansOf(JSON.parse(body) as Sent));
      isBusy = false;
    });
  });
  await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
  const { port } = busy.address() as AddressInfo;
  const post = new SpanPost(`http://127.0.0.1:${port}`, {}, { "api-key": "abc" });
  const when = { startTimeUnixNano: "0", endTimeUnixNano: "1", attributes: [], status: {} };
  for (let n = 0; n < 512; n++) {
    post.add({ traceId: "t", spanId: `s${n}`, name: "a span", kind: 1, ...when });
  }
  await once(busy, "request");
  await post.close();
  busy.close();
  assert.deepEqual(asked, ["abc", "abc"]);
  assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, 512);
});
