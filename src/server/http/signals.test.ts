import assert from "node:assert/strict";
import { test } from "node:test";
import { toBinary, toEvent } from "../../../test/kit/cloud-event.ts";
import { HERE, LOOP, NOW, PLACES, THERE } from "../../../test/kit/engine-world.ts";
import { type HttpWorld, useHttpWorlds, type Said } from "../../../test/kit/http-world.ts";
import { operations } from "../../operation/index.ts";
import { addMs, DAY_MS, HOUR_MS } from "../../std/time.ts";

let http: HttpWorld;

useHttpWorlds((opened) => {
  http = opened;
});

const SIGNALS = `/v1/loops/${LOOP}/signals`;
const STRUCTURED = { "content-type": "application/cloudevents+json" };
const OTHER = "urn:interlock:contract:logistics.other:1.0.0";
const NEWER = "urn:interlock:contract:logistics.geo-risk:9.0.0";
const BATCH = { "content-type": "application/cloudevents-batch+json" };

function structured(event: unknown): Promise<Said> {
  return http.ask("POST", SIGNALS, { raw: JSON.stringify(event), headers: STRUCTURED });
}

function batch(events: ReadonlyArray<unknown>): Promise<Said> {
  return http.ask("POST", SIGNALS, { raw: JSON.stringify(events), headers: BATCH });
}

const eventOn = (subject: string, change: object = {}) => ({
  ...toEvent(http.world.signal(subject)),
  ...change,
});

test("a structured event becomes a case whose signal is what was sent", async () => {
  const signal = http.world.signal(HERE);
  const said = await structured(toEvent(signal));
  assert.equal(said.status, 202);
  assert.deepEqual(said.body.at("signals", 0, "kind"), "accepted");
  assert.deepEqual(said.body.at("signals", 0, "state"), "evaluating");
  assert.deepEqual(said.body.at("signals", 0, "problems"), []);
  const of = await http.world.case(said.body.text("signals", 0, "case"));
  assert.deepEqual(of.signal, signal);
  assert.equal(of.subjectName, "Bengaluru 01");
});

test("the same signal in binary mode is the same signal: a repetition, not a second case", async () => {
  const event = eventOn(HERE);
  const first = await structured(event);
  const { headers, body } = toBinary(event);
  const second = await http.ask("POST", SIGNALS, { raw: body, headers });
  assert.equal(second.status, 202);
  assert.equal(second.body.at("signals", 0, "kind"), "repeated");
  assert.equal(second.body.at("signals", 0, "case"), first.body.at("signals", 0, "case"));
  assert.equal((await http.world.cases()).length, 1);
});

test("a batch is answered one by one, and one bad signal loses none of the others", async () => {
  const good = PLACES.slice(0, 3).map((place) => eventOn(place));
  const bad = eventOn("IN-560009", {
    data: { confidence: 2, options: ["exclude_geo"], payload: {} },
  });
  const said = await batch([good[0], bad, good[1], { nonsense: true }, good[2]]);
  assert.equal(said.status, 207);
  const results = said.body.at("signals") as ReadonlyArray<{ kind: string; state?: string }>;
  assert.deepEqual(
    results.map(({ kind, state }) => [kind, state]),
    [
      ["accepted", "evaluating"],
      ["accepted", "quarantined"],
      ["accepted", "evaluating"],
      ["refused", undefined],
      ["accepted", "evaluating"],
    ],
  );
  assert.equal((await batch(good)).status, 202);
});

test("a signal that breaks its contract is 422 with every reason, and stands in quarantine", async () => {
  const { data, ...attributes } = eventOn(HERE);
  const said = await structured({
    ...attributes,
    asof: "2026-03-03T00:00:00Z",
    data: { ...(data as object), options: ["exclude_geo", "raise_prices"] },
  });
  assert.equal(said.status, 422);
  assert.equal(said.body.at("signals", 0, "kind"), "accepted");
  assert.equal(said.body.at("signals", 0, "state"), "quarantined");
  const problems = said.body.at("signals", 0, "problems") as ReadonlyArray<{
    path: string;
    code: string;
  }>;
  assert.deepEqual(problems.map(({ path, code }) => [path, code]).sort(), [
    ["/asof", "contract/out-of-range"],
    ["/data/options/1", "contract/unknown-option"],
  ]);
  assert.deepEqual(said.body.at("error"), said.body.at("signals", 0, "problems", 0));
});

test("other content under a used id is 409, and nothing changes", async () => {
  await structured(eventOn(HERE, { id: "one" }));
  const said = await structured(eventOn(THERE, { id: "one" }));
  assert.equal(said.status, 409);
  assert.equal(said.body.at("error", "code"), "case/signal-conflict");
  assert.equal((await http.world.cases()).length, 1);
});

test("an expired signal, one from the future and one under another contract are told apart", async () => {
  const past = {
    time: addMs(NOW, -4 * DAY_MS),
    asof: addMs(NOW, -5 * DAY_MS),
    expirytime: addMs(NOW, -DAY_MS),
  };
  const table: ReadonlyArray<[object, string, string]> = [
    [past, "/expirytime", "contract/expired"],
    [
      { time: addMs(NOW, HOUR_MS), expirytime: addMs(NOW, 2 * HOUR_MS) },
      "/time",
      "contract/out-of-range",
    ],
    [{ type: "logistics.other", dataschema: OTHER }, "/type", "contract/wrong-contract"],
    [{ dataschema: NEWER }, "/dataschema", "contract/wrong-contract"],
  ];
  for (const [index, [change, path, code]] of table.entries()) {
    const said = await structured(eventOn(PLACES[index] ?? "", change));
    assert.equal(said.status, 422, path);
    assert.deepEqual([said.body.at("error", "path"), said.body.at("error", "code")], [path, code]);
  }
});

test("instants are taken as RFC 3339 allows them, and kept in one form", async () => {
  const said = await structured(
    eventOn(HERE, { time: "2026-03-02T11:30:00+05:30", asof: "2026-03-02T05:00:00Z" }),
  );
  assert.equal(said.status, 202, JSON.stringify(said.body.json));
  const { signal } = await http.world.case(said.body.text("signals", 0, "case"));
  assert.equal(signal.sentAt, "2026-03-02T06:00:00.000Z");
  assert.equal(signal.asOf, "2026-03-02T05:00:00.000Z");
});

test("a source of another department is refused and leaves no trace", async () => {
  for (const source of ["marketing/budget-keeper", "logistics", "logisticsx/a", "/logistics/a"]) {
    const said = await structured(eventOn(HERE, { source }));
    assert.equal(said.status, 422, source);
    assert.equal(said.body.at("signals", 0, "kind"), "refused");
    assert.equal(said.body.at("error", "path"), "/source");
  }
  assert.equal((await http.world.cases()).length, 0);
});

test("the receiver's key sends no signals", async () => {
  const said = await http.ask("POST", SIGNALS, {
    key: http.keys.marketing,
    raw: JSON.stringify(eventOn(HERE)),
    headers: STRUCTURED,
  });
  assert.deepEqual([said.status, said.body.at("error", "code")], [403, "agent/wrong-department"]);
});

test("while the loop is paused a signal is parked, and the answer says so", async () => {
  await operations.loopPause.handler({ engine: http.engine }, { loop: LOOP });
  const said = await structured(eventOn(HERE));
  assert.deepEqual([said.status, said.body.at("signals", 0, "state")], [202, "parked"]);
});

const BROKEN: ReadonlyArray<[string, string, Record<string, string>, number, string]> = [
  ["no JSON", "{", STRUCTURED, 400, "server/invalid-request"],
  ["nothing", "", STRUCTURED, 400, "server/invalid-request"],
  ["a list where one event is due", "[]", STRUCTURED, 422, "contract/wrong-type"],
  ["an empty batch", "[]", BATCH, 400, "server/invalid-request"],
  ["a batch that is no list", "{}", BATCH, 400, "server/invalid-request"],
  [
    "JSON without ce- headers",
    "{}",
    { "content-type": "application/json" },
    400,
    "server/invalid-request",
  ],
  ["no content type", "{}", {}, 415, "server/unsupported-media-type"],
  ["a name twice", '{"id":"a","\\u0069d":"b"}', STRUCTURED, 400, "server/invalid-request"],
  ["depth", "[".repeat(100_000), STRUCTURED, 400, "server/invalid-request"],
  ["another specversion", '{"specversion":"0.3"}', STRUCTURED, 422, "contract/wrong-value"],
];

for (const [name, raw, headers, status, code] of BROKEN) {
  test(`${name} is refused with ${status}`, async () => {
    const said = await http.ask("POST", SIGNALS, { raw: Buffer.from(raw), headers });
    assert.deepEqual([said.status, said.body.at("error", "code")], [status, code]);
    assert.ok(said.body.text("error", "message").length > 0);
    assert.deepEqual(await http.world.cases(), []);
  });
}

test("a thousand signals arrive in one batch; one more is refused before any is taken", async () => {
  const events = Array.from({ length: 1_001 }, (_, n) =>
    eventOn(`IN-${100_000 + n}`, { id: `many-${n}` }),
  );
  assert.equal((await batch(events)).status, 400);
  assert.equal((await http.world.cases()).length, 0);
  const begun = performance.now();
  const said = await batch(events.slice(1));
  const seconds = (performance.now() - begun) / 1_000;
  assert.equal(said.status, 202);
  assert.equal((await http.world.cases()).length, 1_000);
  console.log(`      1,000 signals in one batch: ${(1_000 / seconds).toFixed(0)} a second`);
});
