import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, test } from "node:test";
import {
  goodProposal,
  goodSignal,
  NOW,
  referenceContract,
} from "../../../test/kit/reference-loop.ts";
import type { Reply } from "../../core/contract/types.ts";
import { InterlockError } from "../../std/errors.ts";
import { createRemoteReceiver, type RemoteAgent } from "./receiver.ts";

type Script = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const closing: Array<() => void> = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** An agent on a real socket that does as the script says. */
async function agentThat(script: Script): Promise<string> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => script(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/evaluate`;
}

const answering =
  (status: number, body: unknown, headers: Record<string, string> = {}): Script =>
  (_request, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };

function receiverOf(agent: Partial<RemoteAgent> | undefined, waitMs = 2_000) {
  return createRemoteReceiver({
    resourceOf: (option, subject) => `${option}/${subject}`,
    loop: "logistics-marketing",
    department: "marketing",
    post: fetch,
    findAgent: () =>
      Promise.resolve(
        agent === undefined ? undefined : { name: "py-agent", version: "1", url: null, ...agent },
      ),
    leave: () => Promise.resolve(undefined),
    waitMs: () => waitMs,
  });
}

const request = {
  caseId: "case-1",
  signal: goodSignal(),
  contract: referenceContract(),
  now: NOW,
};

const REPLY: Reply = { kind: "accept", proposal: goodProposal() };

/** What evaluating throws, which must be ours. */
async function failureOf(url: string, waitMs?: number): Promise<InterlockError> {
  const failure: unknown = await receiverOf({ url }, waitMs)
    .evaluate(request)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  assert.ok(failure instanceof InterlockError, String(failure));
  return failure;
}

test("an agent with a URL is asked there, with the question it would have fetched", async () => {
  const seen: Array<{ headers: IncomingMessage["headers"]; method: string; body: string }> = [];
  const url = await agentThat((incoming, response, body) => {
    seen.push({ headers: incoming.headers, method: incoming.method ?? "", body });
    answering(200, REPLY)(incoming, response, body);
  });
  const receiver = receiverOf({ url });
  assert.deepEqual(await receiver.evaluate(request), REPLY);
  assert.deepEqual(await receiver.evaluate({ ...request, now: "2026-03-02T07:00:00.000Z" }), REPLY);
  const [first, second] = seen.map(({ body }) => JSON.parse(body) as { id: string });
  assert.equal(seen[0]?.method, "POST");
  assert.equal(seen[0]?.headers["interlock-question"], first?.id);
  assert.equal(first?.id, second?.id, "the same question has the same id, whenever it is asked");
  assert.deepEqual(
    (first as unknown as { request: { signal: unknown } }).request.signal,
    request.signal,
  );
  assert.equal(receiver.name, "py-agent");
});

test("another case, signal, contract or agent is another question", async () => {
  const ids: string[] = [];
  const url = await agentThat((incoming, response, body) => {
    ids.push((JSON.parse(body) as { id: string }).id);
    answering(200, REPLY)(incoming, response, body);
  });
  await receiverOf({ url }).evaluate(request);
  await receiverOf({ url }).evaluate({ ...request, caseId: "case-2" });
  await receiverOf({ url }).evaluate({ ...request, signal: goodSignal({ confidence: 0.9 }) });
  await receiverOf({ url, version: "2" }).evaluate(request);
  const contract = { ...referenceContract(), title: "another" };
  await receiverOf({ url }).evaluate({ ...request, contract });
  assert.equal(new Set(ids).size, 5);
});

const LATER: ReadonlyArray<[string, Script, RegExp]> = [
  ["an agent that fails", answering(500, "boom"), /answered 500/],
  ["an agent that is overloaded", answering(429, "", { "retry-after": "7" }), /answered 429/],
  ["a wrong path", answering(404, "no"), /answered 404/],
  ["an agent that hangs up", (request) => request.socket.destroy(), /could not be reached/],
  ["an agent that never answers", () => undefined, /did not answer in time/],
  [
    "an agent that stops in the middle of its answer",
    (_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"kind":');
    },
    /did not answer in time/,
  ],
];

for (const [name, script, message] of LATER) {
  test(`${name} is asked again later`, async () => {
    const failure = await failureOf(await agentThat(script), 200);
    assert.deepEqual([failure.code, failure.retry], ["agent/failed", "later"]);
    assert.match(failure.message, message);
  });
}

test("the wait that an agent asks for is kept, up to a limit", async () => {
  const wait = async (seconds: string) =>
    (await failureOf(await agentThat(answering(503, "", { "retry-after": seconds })))).retryAfterMs;
  assert.equal(await wait("7"), 7_000);
  assert.equal(await wait("999999"), 600_000);
  assert.equal(await wait("tomorrow"), 0);
});

test("an agent whose process is gone is asked again later", async () => {
  const url = await agentThat(answering(200, REPLY));
  closing.splice(0).forEach((close) => close());
  const failure = await failureOf(url);
  assert.deepEqual([failure.code, failure.retry], ["agent/failed", "later"]);
  assert.match(failure.message, /could not be reached: ECONNREFUSED/);
});

const NONSENSE: ReadonlyArray<[string, Script, RegExp]> = [
  ["words", answering(200, "yes, do it"), /not JSON/],
  ["an empty answer", answering(200, ""), /not JSON/],
  ["an answer that never ends", answering(200, `"${"x".repeat(600 * 1024)}"`), /more than 512 KB/],
  ["a redirect", answering(307, "", { location: "http://127.0.0.1:1/" }), /another address/],
  ["a refusal without a reason", answering(422, { oops: true }), /without `error`/],
  ["a refusal under a code of its own", answering(422, { error: { code: "x/y" } }), /unknown code/],
  [
    "bytes that are no text",
    (_request, response) => response.end(Buffer.from([0x7b, 0xff, 0xfe])),
    /not JSON/,
  ],
];

for (const [name, script, message] of NONSENSE) {
  test(`${name} is no reply`, async () => {
    const failure = await failureOf(await agentThat(script));
    assert.deepEqual([failure.code, failure.retry], ["agent/invalid-reply", "later"]);
    assert.match(failure.message, message);
  });
}

test("a refusal in the agent's words comes back under its code, with its place", async () => {
  const error = { code: "contract/unknown-option", path: "/options/0", message: "no such `thing`" };
  const failure = await failureOf(await agentThat(answering(422, { error })));
  assert.deepEqual([failure.code, failure.retry], ["contract/unknown-option", "never"]);
  assert.equal(failure.path, "/options/0");
  assert.match(failure.message, /`py-agent` refused the signal: `no such 'thing'`/);
  const finer = { error: { code: "contract/out-of-range", path: "/payload", message: "" } };
  assert.equal(
    (await failureOf(await agentThat(answering(400, finer)))).code,
    "contract/invalid-signal",
  );
});

test("no agent at the end is a failure that says what to do", async () => {
  await assert.rejects(receiverOf(undefined).evaluate(request), {
    code: "agent/failed",
    retry: "later",
    help: "an agent of marketing registers itself: PUT /v1/loops/logistics-marketing/receiver",
  });
});

test("a signal that JSON cannot carry is refused in the agent's name, and nothing is sent", async () => {
  let calls = 0;
  const url = await agentThat((incoming, response, body) => {
    calls += 1;
    answering(200, REPLY)(incoming, response, body);
  });
  const signal = goodSignal({ confidence: NaN });
  await assert.rejects(receiverOf({ url }).evaluate({ ...request, signal }), {
    code: "contract/invalid-signal",
    path: "/confidence",
  });
  assert.equal(calls, 0);
});

test("a question carries the trace of its case, the same for every question of it", async () => {
  const seen: unknown[] = [];
  const url = await agentThat((asked, response) => {
    seen.push(asked.headers["traceparent"]);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(REPLY));
  });
  await receiverOf({ url }).evaluate(request);
  await receiverOf({ url }).evaluate(request);
  await receiverOf({ url }).evaluate({ ...request, caseId: "case-2" });
  const [first, again, other] = seen;
  assert.match(String(first), /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  assert.equal(again, first);
  assert.notEqual(other, first);
});
