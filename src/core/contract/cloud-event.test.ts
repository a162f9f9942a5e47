import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { goodSignal, NOW, referenceContract } from "../../../test/kit/reference-loop.ts";
import {
  type CloudEvent,
  cloudEventToSignal,
  signalToCloudEvent,
  toEventProblem,
} from "./cloud-event.ts";
import { createSignalValidator } from "./signal.ts";

const validate = createSignalValidator(referenceContract());

function eventWith(change: Record<string, unknown>): Record<string, unknown> {
  const event: Record<string, unknown> = { ...signalToCloudEvent(goodSignal()), ...change };
  for (const [name, value] of Object.entries(change)) if (value === undefined) delete event[name];
  return event;
}

function problemsOf(event: unknown): ReadonlyArray<string> {
  const read = cloudEventToSignal(event);
  return read.ok ? [] : read.problems.map(({ path, code }) => `${path} ${code}`);
}

test("a signal becomes a CloudEvent with the attributes of CloudEvents 1.0", () => {
  const { data, ...attributes } = signalToCloudEvent(goodSignal());
  assert.deepEqual(attributes, {
    specversion: "1.0",
    id: "ndr-IN-560001-2026-03-01",
    source: "logistics/ndr-watch",
    type: "logistics.geo-risk",
    subject: "IN-560001",
    time: "2026-03-02T05:59:00.000Z",
    dataschema: "urn:interlock:contract:logistics.geo-risk:1.0.0",
    datacontenttype: "application/json",
    asof: "2026-03-01T18:30:00.000Z",
    expirytime: "2026-03-05T05:59:00.000Z",
  });
  const { confidence, options, payload } = goodSignal();
  assert.deepEqual(data, { confidence, options, payload });
  for (const name of Object.keys(attributes)) assert.match(name, /^[a-z0-9]{1,20}$/);
});

test("a signal comes back from its CloudEvent as it went in, and still keeps its contract", () => {
  const read = cloudEventToSignal(JSON.parse(JSON.stringify(signalToCloudEvent(goodSignal()))));
  assert.deepEqual(read, { ok: true, signal: goodSignal() });
  assert.equal(validate(read.ok && read.signal, { now: NOW }).ok, true);
});

const refused: ReadonlyArray<[string, Record<string, unknown>, ReadonlyArray<string>]> = [
  ["no specversion", { specversion: undefined }, ["/specversion contract/missing-field"]],
  ["an older specversion", { specversion: "0.3" }, ["/specversion contract/wrong-value"]],
  ["a number as specversion", { specversion: 1 }, ["/specversion contract/wrong-value"]],
  ["no id", { id: undefined }, ["/id contract/missing-field"]],
  ["an empty id", { id: "" }, ["/id contract/wrong-format"]],
  ["a null source, which is none", { source: null }, ["/source contract/missing-field"]],
  ["a number as type", { type: 5 }, ["/type contract/wrong-type"]],
  ["no subject", { subject: undefined }, ["/subject contract/missing-field"]],
  ["no time", { time: undefined }, ["/time contract/missing-field"]],
  ["a time without a zone", { time: "2026-03-02T05:59:00" }, ["/time contract/wrong-format"]],
  ["the 30th of February", { asof: "2026-02-30T00:00:00Z" }, ["/asof contract/wrong-format"]],
  ["no expiry", { expirytime: undefined }, ["/expirytime contract/missing-field"]],
  ["no dataschema", { dataschema: undefined }, ["/dataschema contract/missing-field"]],
  ["another URN", { dataschema: "urn:x:y" }, ["/dataschema contract/wrong-format"]],
  [
    "a dataschema of another contract",
    { dataschema: "urn:interlock:contract:a.b:1.0.0" },
    ["/dataschema contract/inconsistent"],
  ],
  ["XML", { datacontenttype: "text/xml" }, ["/datacontenttype contract/wrong-value"]],
  [
    "JSON in another charset",
    { datacontenttype: "application/json; charset=latin1" },
    ["/datacontenttype contract/wrong-value"],
  ],
  ["base64", { data: undefined, data_base64: "e30=" }, ["/data_base64 contract/wrong-type"]],
  ["no data", { data: undefined }, ["/data contract/missing-field"]],
  ["null as data", { data: null }, ["/data contract/wrong-type"]],
  ["JSON in a text", { data: '{"payload":{}}' }, ["/data contract/wrong-type"]],
  [
    "a field that data does not have",
    { data: { ...signalToCloudEvent(goodSignal()).data, id: "another" } },
    ["/data/id contract/unknown-field"],
  ],
  ["an attribute in capitals", { asOf: NOW }, ["/asOf contract/unknown-field"]],
  ["an extension that is an object", { trace: { id: 1 } }, ["/trace contract/wrong-type"]],
  ["a control character", { subject: "IN\u0007" }, ["/subject contract/wrong-format"]],
  ["a noncharacter", { tracestate: "\uffff" }, ["/tracestate contract/wrong-format"]],
  [
    "NaN deep inside",
    { data: { payload: { a: [NaN] } } },
    ["/data/payload/a/0 contract/not-plain"],
  ],
];

for (const [what, change, expected] of refused) {
  test(`an event with ${what} is refused at the attribute`, () => {
    assert.deepEqual(problemsOf(eventWith(change)), expected);
  });
}

for (const value of [undefined, null, 3, "event", [], () => 1]) {
  test(`${typeof value} ${String(value)} is not an event`, () => {
    assert.equal(cloudEventToSignal(value).ok, false);
  });
}

test("every missing attribute is named at once", () => {
  assert.deepEqual(
    problemsOf({}).map((line) => line.split(" ")[0]),
    ["specversion", "id", "source", "type", "subject", "time", "dataschema", "asof"]
      .concat("expirytime", "data")
      .map((name) => `/${name}`),
  );
});

test("extensions that nobody knows are ignored, whatever simple value they have", () => {
  const event = eventWith({ traceparent: "00-0af7", sequence: 4, sampled: true, unset: null });
  assert.deepEqual(cloudEventToSignal(event), { ok: true, signal: goodSignal() });
});

test("an event without datacontenttype, or with another JSON type, is JSON", () => {
  for (const datacontenttype of [
    undefined,
    null,
    "application/json; charset=UTF-8",
    "application/vnd.x+json",
  ]) {
    assert.equal(cloudEventToSignal(eventWith({ datacontenttype })).ok, true);
  }
});

test("an instant in any RFC 3339 spelling is the same signal", () => {
  for (const time of [
    "2026-03-02T05:59:00Z",
    "2026-03-02T11:29:00+05:30",
    "2026-03-02t05:59:00.000999z",
  ]) {
    assert.deepEqual(cloudEventToSignal(eventWith({ time })), { ok: true, signal: goodSignal() });
  }
});

test("what the contract says of a field is said of the attribute that carried it", () => {
  const read = cloudEventToSignal(
    eventWith({
      time: "2036-03-02T05:59:00Z",
      type: "a.b",
      dataschema: "urn:interlock:contract:a.b:2.0.0",
      data: { confidence: 7, options: ["exclude_gep"], payload: {} },
    }),
  );
  assert(read.ok);
  const check = validate(read.signal, { now: NOW });
  assert(!check.ok);
  const paths = check.problems.map((found) => toEventProblem(found).path);
  assert.ok(paths.includes("/data/confidence"), paths.join());
  assert.ok(paths.includes("/data/payload/measure"), paths.join());
  const at = (path: string) => toEventProblem({ path, code: "c", message: "m" }).path;
  assert.deepEqual(
    ["/sentAt", "/asOf", "/expiresAt", "/contract", "/version", "/options/3", "/id", ""].map(at),
    ["/time", "/asof", "/expirytime", "/type", "/dataschema", "/data/options/3", "/id", ""],
  );
});

test("anything at all is either a signal to validate or refused with code, path and reason", () => {
  const change = fc.dictionary(
    fc.constantFrom(...Object.keys(signalToCloudEvent(goodSignal())), "data_base64", "x"),
    fc.anything({ maxDepth: 2 }),
  );
  fc.assert(
    fc.property(change, (given) => {
      const read = cloudEventToSignal({ ...signalToCloudEvent(goodSignal()), ...given });
      if (read.ok) return;
      assert.ok(read.problems.length > 0);
      for (const { path, code, message } of read.problems) {
        assert.match(code, /^contract\//);
        assert.match(path, /^(\/|$)/);
        assert.ok(message.length > 0);
      }
    }),
    { numRuns: 500 },
  );
});

test("the type of an event is one that a program can rely on", () => {
  const event: CloudEvent = signalToCloudEvent(goodSignal());
  // @ts-expect-error another specversion is another type
  const other: "0.3" = event.specversion;
  assert.equal(other, "1.0");
});
