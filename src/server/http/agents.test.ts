import assert from "node:assert/strict";
import { test } from "node:test";
import { HEAD_OF, LOOP, NOW } from "../../../test/kit/engine-world.ts";
import { HttpWorld, useHttpWorlds, OPERATOR_TOKEN } from "../../../test/kit/http-world.ts";
import { startServer } from "./server.ts";
import { operations } from "../../operation/index.ts";
import { addMs, DAY_MS, SECOND_MS } from "../../std/time.ts";
import { findAgent } from "../../store/table/agent.ts";
import { listLedger } from "../../store/table/ledger.ts";

let http: HttpWorld;

useHttpWorlds((opened) => {
  http = opened;
});

const RECEIVER = `/v1/loops/${LOOP}/receiver`;
const SENDER = `/v1/loops/${LOOP}/sender`;

test("an agent registers with its department's key and is told the contract and where to go", async () => {
  const said = await http.asMarketing("PUT", RECEIVER, { name: "py-agent", version: "1.0.0" });
  assert.equal(said.status, 200);
  const { contract } = http.wiring;
  assert.equal(said.body.at("contract", "version"), contract.version);
  assert.equal(said.body.at("heartbeatSeconds"), 30);
  assert.equal(said.body.at("questions"), `${RECEIVER}/questions`);
  const found = await http.asMarketing("GET", said.body.text("contract", "href"));
  assert.deepEqual(found.body.at("contract"), contract);
  assert.equal(found.body.at("hash"), said.body.at("contract", "hash"));
  const schema = await http.asMarketing("GET", said.body.text("contract", "schemaHref"));
  assert.deepEqual(schema.body.at("properties"), contract.payload["properties"]);
  const row = await findAgent(http.world.driver, LOOP, "receiver");
  assert.deepEqual([row?.department, row?.name, row?.route], ["marketing", "py-agent", "poll"]);
});

test("a sender is told what to put in `source` and where its signals go", async () => {
  const said = await http.ask("PUT", SENDER, { body: { name: "ndr-watch", version: "2" } });
  assert.equal(said.status, 200);
  assert.equal(said.body.at("source"), "logistics/ndr-watch");
  assert.equal(said.body.at("signals"), `/v1/loops/${LOOP}/signals`);
});

test("registering again changes the version, and the ledger says so once", async () => {
  for (const version of ["1", "1", "2"]) {
    await http.asMarketing("PUT", RECEIVER, { name: "py-agent", version });
  }
  assert.equal((await findAgent(http.world.driver, LOOP, "receiver"))?.version, "2");
  const entries = (await listLedger(http.world.driver, 0, 1_000)).filter(({ text }) =>
    text.includes('"kind":"agent.registered"'),
  );
  assert.equal(entries.length, 2);
});

test("a heartbeat notes when the agent was heard, its data and its calibration", async () => {
  await http.ask("PUT", SENDER, {
    body: { name: "ndr-watch", version: "1", heartbeatSeconds: 60 },
  });
  http.world.clock.moveTo(addMs(NOW, 40 * SECOND_MS));
  const calibration = { predictions: 120, covered: 97, nominal: 0.8, asOf: NOW };
  const said = await http.ask("POST", `${SENDER}/heartbeat`, {
    body: { name: "ndr-watch", dataCompleteTo: NOW, calibration },
  });
  assert.equal(said.status, 200);
  assert.equal(said.body.at("nextBefore"), addMs(NOW, 100 * SECOND_MS));
  const row = await findAgent(http.world.driver, LOOP, "sender");
  assert.equal(row?.seen_at, addMs(NOW, 40 * SECOND_MS));
  assert.equal(row?.data_complete_to, NOW);
  assert.deepEqual(row?.calibration, calibration);
});

test("a heartbeat of an agent that is not there, or from the future, is refused with advice", async () => {
  const body = { name: "ndr-watch" };
  const unknown = await http.ask("POST", `${SENDER}/heartbeat`, { body });
  assert.equal(unknown.status, 409);
  assert.equal(unknown.body.at("error", "code"), "agent/not-registered");
  assert.match(unknown.body.text("error", "help"), /PUT \/v1\/loops/);
  await http.ask("PUT", SENDER, { body: { name: "ndr-watch", version: "1" } });
  const early = await http.ask("POST", `${SENDER}/heartbeat`, {
    body: { ...body, dataCompleteTo: addMs(NOW, DAY_MS) },
  });
  assert.equal(early.status, 400);
  assert.equal(early.body.at("error", "path"), "/dataCompleteTo");
});

const BAD_CREDENTIALS: ReadonlyArray<[string, () => Record<string, string>]> = [
  ["no key", () => ({})],
  ["another scheme", () => ({ authorization: `Basic ${http.keys.marketing}` })],
  ["a key that never was", () => ({ authorization: `Bearer ilk_000000000000_${"x".repeat(43)}` })],
  ["a wrong secret", () => ({ authorization: `Bearer ${http.keys.marketing.slice(0, -1)}_` })],
  ["a very long key", () => ({ authorization: `Bearer ${"k".repeat(5_000)}` })],
];

for (const [name, headers] of BAD_CREDENTIALS) {
  test(`${name} opens nothing: 401, and no word of why`, async () => {
    const body = JSON.stringify({ name: "py-agent", version: "1" });
    const said = await http.ask("PUT", RECEIVER, {
      key: "",
      raw: body,
      headers: { "content-type": "application/json", ...headers() },
    });
    assert.equal(said.status, 401);
    assert.equal(said.body.at("error", "code"), "server/unauthorised");
    assert.equal(said.body.at("error", "message"), "no valid key or token was sent");
    assert.match(said.headers.get("www-authenticate") ?? "", /Bearer/);
    assert.equal(await findAgent(http.world.driver, LOOP, "receiver"), undefined);
  });
}

test("a revoked key opens nothing from then on, and the secret stands nowhere", async () => {
  const engine = http.engine;
  const asked = { department: "marketing", label: "old laptop", person: HEAD_OF.marketing };
  const { id, key } = await operations.keyCreate.handler({ engine }, asked);
  const body = { name: "py-agent", version: "1" };
  assert.equal((await http.ask("PUT", RECEIVER, { key, body })).status, 200);
  await operations.keyRevoke.handler({ engine }, { id, person: HEAD_OF.marketing });
  assert.equal((await http.ask("PUT", RECEIVER, { key, body })).status, 401);
  const secret = key.slice("ilk_000000000000_".length);
  const kept = JSON.stringify([
    await listLedger(http.world.driver, 0, 1_000),
    await operations.keyList.handler({ engine }, {}),
    await http.world.driver.query("select * from department_key"),
  ]);
  assert.ok(kept.includes(id) && kept.includes("key.revoked"));
  assert.equal(secret.length, 43);
  assert.ok(!kept.includes(secret));
});

test("another department's key may not take an end, whichever end it is", async () => {
  for (const [path, key] of [
    [RECEIVER, http.keys.logistics],
    [SENDER, http.keys.marketing],
  ] as const) {
    const said = await http.ask("PUT", path, { key, body: { name: "x", version: "1" } });
    assert.equal(said.status, 403);
    assert.equal(said.body.at("error", "code"), "agent/wrong-department");
  }
});

test("what a registration gets wrong is answered with its place and what is wanted", async () => {
  const table: ReadonlyArray<[unknown, string]> = [
    [{ version: "1" }, "/name"],
    [{ name: "x", version: "1", heartbeatSeconds: 1 }, "/heartbeatSeconds"],
    [{ name: "x", version: "1", colour: "red" }, "/colour"],
    [{ name: "x y", version: "1" }, "/name"],
    [{ name: "x", version: "1", url: "ftp://x" }, "/url"],
    [{ name: "x", version: "1", url: "http://user:secret@x/" }, "/url"],
    [{ name: "x", version: "1", url: "http://169.254.169.254/latest" }, "/url"],
    [["x"], ""],
  ];
  for (const [body, path] of table) {
    const said = await http.asMarketing("PUT", RECEIVER, body);
    assert.equal(said.status, 400, JSON.stringify(body));
    assert.equal(said.body.at("error", "path"), path, JSON.stringify(body));
    assert.ok(said.body.text("error", "message").length > 5);
  }
});

test("an end that is played inside Interlock is not given away", async () => {
  const own = await openHttpWorldInProcess();
  try {
    const said = await own.asMarketing("PUT", RECEIVER, { name: "x", version: "1" });
    assert.equal(said.status, 409);
    assert.equal(said.body.at("error", "code"), "agent/end-taken");
  } finally {
    await own.server.close();
  }
});

/** The same door in front of an engine whose agents run inside. */
async function openHttpWorldInProcess(): Promise<HttpWorld> {
  const { world, keys, log } = http;
  const server = await startServer({ engine: world.engine });
  return new HttpWorld({ world, engine: world.engine, wiring: world.wiring, server, log, keys });
}

test("unknown addresses, methods, loops and content types have one shape of refusal", async () => {
  const table: ReadonlyArray<[string, string, Record<string, string>, number, string]> = [
    ["GET", "/v1/nothing", {}, 404, "server/not-found"],
    ["GET", "/", {}, 404, "server/not-found"],
    ["DELETE", RECEIVER, {}, 405, "server/method-not-allowed"],
    ["GET", `/v1/loops/${LOOP}/middle`, {}, 404, "server/not-found"],
    ["PUT", "/v1/loops/no-such-loop/receiver", JSON_TYPE, 404, "loop/not-found"],
    ["PUT", RECEIVER, { "content-type": "text/plain" }, 415, "server/unsupported-media-type"],
    ["PUT", RECEIVER, {}, 415, "server/unsupported-media-type"],
    [
      "PUT",
      RECEIVER,
      { ...JSON_TYPE, "content-encoding": "gzip" },
      415,
      "server/unsupported-media-type",
    ],
  ];
  for (const [method, path, headers, status, code] of table) {
    const raw = method === "GET" ? {} : { raw: '{"name":"x","version":"1"}' };
    const said = await http.ask(method, path, { key: http.keys.marketing, headers, ...raw });
    assert.equal(said.status, status, `${method} ${path}`);
    assert.equal(said.body.at("error", "code"), code, `${method} ${path}`);
    assert.equal(typeof said.body.at("error", "path"), "string");
    assert.match(said.body.text("requestId"), /^req-[0-9a-f]{16}$/);
    assert.equal(said.headers.get("x-request-id"), said.body.at("requestId"));
  }
  const not = await http.ask("DELETE", RECEIVER);
  assert.equal(not.headers.get("allow"), "PUT");
});

const JSON_TYPE = { "content-type": "application/json" };

test("a body beyond the limit is refused, whether its length is declared or not", async () => {
  const large = JSON.stringify({ name: "x", version: "1".repeat(40_000) });
  const declared = await http.ask("PUT", RECEIVER, { raw: large, headers: JSON_TYPE });
  assert.equal(declared.status, 413);
  assert.equal(declared.body.at("error", "code"), "server/too-large");
  const stream = new Blob([large]).stream();
  const response = await fetch(new URL(RECEIVER, http.server.url), {
    method: "PUT",
    headers: { ...JSON_TYPE, authorization: `Bearer ${http.keys.marketing}` },
    body: stream,
    duplex: "half",
  });
  assert.equal(response.status, 413);
});

test("every operation is called by its name with the operator's token, and with nothing else", async () => {
  const said = await http.asOperator("loop.show", { loop: LOOP });
  assert.equal(said.status, 200);
  assert.equal(said.body.at("loop", "name"), LOOP);
  const byKey = await http.ask("POST", "/v1/operations/loop.show", { body: { loop: LOOP } });
  assert.equal(byKey.status, 403);
  const byNobody = await http.ask("POST", "/v1/operations/loop.show", { key: "", body: {} });
  assert.equal(byNobody.status, 401);
  const wrong = await http.asOperator("loop.show", { lop: LOOP });
  assert.equal(wrong.status, 400);
  assert.deepEqual(
    (wrong.body.at("problems") as ReadonlyArray<{ path: string }>).map(({ path }) => path).sort(),
    ["/loop", "/lop"],
  );
  const unknown = await http.asOperator("loop.shwo", {});
  assert.equal(unknown.status, 404);
  assert.match(unknown.body.text("error", "message"), /did you mean loop.show/);
  const refused = await http.asOperator("case.show", { id: "case-0" });
  assert.deepEqual([refused.status, refused.body.at("error", "code")], [404, "case/not-found"]);
});

test("a bug of ours is one opaque answer, and its details are in the log under the request's id", async () => {
  const { driver: own } = http.engine.context;
  const query = own.query.bind(own);
  Object.assign(own, { query: () => Promise.reject(new Error("secret detail of ours")) });
  const said = await http.ask("GET", "/v1/health", { key: "" });
  Object.assign(own, { query });
  assert.equal(said.status, 500);
  assert.equal(said.body.at("error", "code"), "server/internal");
  assert.ok(!JSON.stringify(said.body.json).includes("secret detail"));
  const [line] = http.log as ReadonlyArray<{ requestId: string; error: string }>;
  assert.equal(line?.requestId, said.body.at("requestId"));
  assert.match(line?.error ?? "", /secret detail of ours/);
  assert.equal((await http.ask("GET", "/v1/health", { key: "" })).status, 200);
});

test("the operator's token reads a contract, and is no department", async () => {
  const path = `/v1/loops/${LOOP}/contract`;
  assert.equal((await http.ask("GET", path, { key: OPERATOR_TOKEN })).status, 200);
  const said = await http.ask("PUT", RECEIVER, {
    key: OPERATOR_TOKEN,
    body: { name: "x", version: "1" },
  });
  assert.equal(said.status, 403);
});
