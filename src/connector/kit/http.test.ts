import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { InterlockError } from "../../std/errors.ts";
import { createHttpClient, type HttpRequest } from "./http.ts";

async function setup(
  listener: RequestListener,
  answerBytesMax = 1_000,
): Promise<{
  readonly send: (change: Partial<HttpRequest>) => ReturnType<typeof client.send>;
  readonly baseUrl: string;
  readonly stop: () => Promise<void>;
}> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`;
  const client = createHttpClient({
    system: "the other side",
    baseUrl,
    answerBytesMax,
    connectionsMax: 1,
  });
  return {
    baseUrl,
    send: (change) =>
      client.send({
        kind: "mutation",
        method: "POST",
        path: "/x",
        headers: {},
        body: "{}",
        signal: AbortSignal.timeout(5_000),
        ...change,
      }),
    async stop() {
      await client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "none";
  } catch (thrown) {
    return thrown instanceof InterlockError ? thrown.code : String(thrown);
  }
}

test("paths hang below the base URL's own path and bodies come back whole", async () => {
  const { send, stop } = await setup((request, response) => {
    response.setHeader("x-seen", request.url ?? "");
    response.end("caf\u00e9");
  });
  const answer = await send({});
  assert.deepEqual(
    [answer.status, answer.headers["x-seen"], answer.text],
    [200, "/v1/x", "caf\u00e9"],
  );
  await stop();
});

test("nobody listening is unavailable, for a mutation too: it cannot have left", async () => {
  const { baseUrl, stop } = await setup(() => undefined);
  await stop();
  const client = createHttpClient({ system: "the other side", baseUrl });
  const request: HttpRequest = {
    kind: "mutation",
    method: "POST",
    path: "/x",
    headers: {},
    body: "{}",
    signal: AbortSignal.timeout(5_000),
  };
  assert.equal(await codeOf(client.send(request)), "connector/unavailable");
  await client.close();
});

test("an answer larger than the cap is cut off: unknown for a change, unavailable for a read", async () => {
  const { send, stop } = await setup((_request, response) => response.end("x".repeat(5_000)));
  assert.equal(await codeOf(send({})), "connector/unknown-outcome");
  assert.equal(await codeOf(send({ kind: "read" })), "connector/unavailable");
  await stop();
});

test("a redirect is an answer and is never followed", async () => {
  let calls = 0;
  const { send, stop } = await setup((_request, response) => {
    calls++;
    response.writeHead(307, { location: "/v1/elsewhere" }).end();
  });
  assert.equal((await send({})).status, 307);
  assert.equal(calls, 1);
  await stop();
});

test("a change that waits for a connection until its deadline is called off and never sent", async () => {
  const bodies: string[] = [];
  const { send, stop } = await setup((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      bodies.push(body);
      setTimeout(() => response.end("{}"), 150);
    });
  });
  // The only connection is taken by the first call; the second one's deadline passes in the queue.
  const [first, second] = await Promise.all([
    codeOf(send({ body: "first" })),
    codeOf(send({ body: "second", signal: AbortSignal.timeout(50) })),
  ]);
  assert.deepEqual([first, second], ["none", "connector/unavailable"]);
  assert.equal((await send({ body: "third" })).status, 200);
  assert.deepEqual(bodies, ["first", "third"]);
  await stop();
});

test("closing ends calls under way instead of leaving them hanging", async () => {
  let arrived: (() => void) | undefined;
  const asked = new Promise<void>((resolve) => (arrived = resolve));
  const { send, stop } = await setup(() => arrived?.());
  const outcome = codeOf(send({}));
  await asked;
  await stop();
  assert.equal(await outcome, "connector/unknown-outcome");
});
