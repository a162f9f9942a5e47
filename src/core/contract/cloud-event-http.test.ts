import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { goodSignal } from "../../../test/kit/reference-loop.ts";
import { signalToCloudEvent } from "./cloud-event.ts";
import {
  BATCH_EVENTS_MAX,
  decodeHeaderValue,
  encodeHeaderValue,
  type HttpMessage,
  readHttpSignal,
  writeHttpBatch,
  writeHttpSignal,
} from "./cloud-event-http.ts";

function read({ headers, body }: HttpMessage): ReturnType<typeof readHttpSignal> {
  return readHttpSignal({ contentType: headers["content-type"], headers, body });
}

function binaryWith(headers: Record<string, string>): ReturnType<typeof readHttpSignal> {
  const message = writeHttpSignal(goodSignal(), "binary");
  return read({ ...message, headers: { ...message.headers, ...headers } });
}

function refusalOf(result: ReturnType<typeof readHttpSignal>): ReadonlyArray<string> {
  return result.ok ? [] : result.problems.map(({ path, code }) => `${path} ${code}`);
}

for (const mode of ["structured", "binary"] as const) {
  test(`a signal sent in ${mode} mode arrives as it left`, () => {
    const signal = goodSignal({ subject: 'a "b" 50% €😀' });
    const result = read(JSON.parse(JSON.stringify(writeHttpSignal(signal, mode))) as HttpMessage);
    assert.deepEqual(result, { ok: true, mode, readings: [{ ok: true, signal }] });
  });
}

test("binary mode puts every attribute but the content type into a ce- header", () => {
  const { headers, body } = writeHttpSignal(goodSignal(), "binary");
  assert.deepEqual(headers, {
    "content-type": "application/json",
    "ce-specversion": "1.0",
    "ce-id": "ndr-IN-560001-2026-03-01",
    "ce-source": "logistics/ndr-watch",
    "ce-type": "logistics.geo-risk",
    "ce-subject": "IN-560001",
    "ce-time": "2026-03-02T05:59:00.000Z",
    "ce-dataschema": "urn:interlock:contract:logistics.geo-risk:1.0.0",
    "ce-asof": "2026-03-01T18:30:00.000Z",
    "ce-expirytime": "2026-03-05T05:59:00.000Z",
  });
  assert.deepEqual(body, signalToCloudEvent(goodSignal()).data);
});

test("in a batch each event has its own answer, and one bad event loses no other", () => {
  const { headers, body } = writeHttpBatch([goodSignal(), goodSignal({ id: "second" })]);
  const events: unknown[] = [...(body as ReadonlyArray<unknown>)];
  events.splice(1, 0, { specversion: "1.0" });
  const result = read({ headers, body: events });
  assert(result.ok);
  assert.deepEqual(
    result.readings.map(({ ok }) => ok),
    [true, false, true],
  );
});

test("an empty batch is a batch of nothing; what is no list, or too long, is no batch", () => {
  const contentType = "application/cloudevents-batch+json; charset=utf-8";
  const of = (body: unknown) => readHttpSignal({ contentType, headers: {}, body });
  assert.deepEqual(of([]), { ok: true, mode: "batched", readings: [] });
  assert.deepEqual(refusalOf(of({})), [" contract/wrong-type"]);
  const long = Array.from({ length: BATCH_EVENTS_MAX + 1 }, () => null);
  assert.deepEqual(refusalOf(of(long)), [" contract/too-large"]);
});

test("a content type that carries no signal is refused with the ones that do", () => {
  for (const contentType of [
    undefined,
    "text/plain",
    "application/cloudevents",
    "application/cloudevents+avro",
    "application/cloudevents-batch+avro",
    "application/cloudevents+json; charset=utf-16",
    "multipart/form-data; boundary=json",
  ]) {
    const result = readHttpSignal({ contentType, headers: {}, body: {} });
    assert.deepEqual(refusalOf(result), ["/headers/content-type contract/wrong-value"]);
  }
});

test("JSON without ce- headers is no CloudEvent", () => {
  const result = readHttpSignal({ contentType: "application/json", headers: {}, body: {} });
  assert.deepEqual(refusalOf(result), ["/specversion contract/missing-field"]);
});

test("header names are read in any case, their values with white space and quotes taken off", () => {
  const message = writeHttpSignal(goodSignal(), "binary");
  const loud = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [name.toUpperCase(), ` "${value}"\t`]),
  );
  const result = readHttpSignal({
    contentType: "Application/JSON ; charset=utf-8",
    headers: loud,
    body: message.body,
  });
  assert.deepEqual(result, {
    ok: true,
    mode: "binary",
    readings: [{ ok: true, signal: goodSignal() }],
  });
});

const badHeaders: ReadonlyArray<[string, Record<string, string>, string]> = [
  ["an overlong encoding", { "ce-subject": "%C0%A0" }, "/subject contract/wrong-format"],
  ["a lone continuation byte", { "ce-subject": "%80" }, "/subject contract/wrong-format"],
  ["an encoded surrogate", { "ce-subject": "%ED%A0%80" }, "/subject contract/wrong-format"],
  ["a broken escape", { "ce-subject": "100%" }, "/subject contract/wrong-format"],
  ["raw bytes", { "ce-subject": "\u00e9" }, "/subject contract/wrong-format"],
  ["a content type", { "ce-datacontenttype": "x" }, "/datacontenttype contract/unknown-field"],
  ["the name data", { "ce-data": "{}" }, "/data contract/unknown-field"],
  ["a hyphenated name", { "ce-as-of": "x" }, "/as-of contract/unknown-field"],
  ["a name of the prototype", { "ce-__proto__": "x" }, "/__proto__ contract/unknown-field"],
  ["the same name twice", { "CE-ID": "x" }, "/id contract/duplicate"],
];

for (const [what, headers, expected] of badHeaders) {
  test(`a ce- header with ${what} is refused at its attribute`, () => {
    assert.deepEqual(refusalOf(binaryWith(headers)), [expected]);
  });
}

test("an encoded control character is decoded and then refused", () => {
  const result = binaryWith({ "ce-subject": "IN%0A" });
  assert(result.ok && result.readings[0]?.ok === false);
  assert.equal(result.readings[0].problems[0]?.path, "/subject");
});

test("the binding's own example is encoded as the binding says", () => {
  assert.equal(encodeHeaderValue("Euro € 😀"), "Euro%20%E2%82%AC%20%F0%9F%98%80");
  assert.equal(encodeHeaderValue('"%~!\u007f'), "%22%25~!%7F");
  assert.equal(decodeHeaderValue("%45uro%20%e2%82%ac"), "Euro €");
  assert.equal(decodeHeaderValue('"Euro \\"%E2%82%AC\\" \\\\"'), 'Euro "€" \\');
  assert.equal(decodeHeaderValue("%2541"), "%41");
});

test("any text survives the way through a header, in printable ASCII without spaces", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
      const encoded = encodeHeaderValue(text);
      assert.match(encoded, /^[\u0021-\u007e]*$/);
      assert.equal(decodeHeaderValue(encoded), text.toWellFormed());
    }),
  );
});

test("reading never throws, whatever arrives", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(
        "application/json",
        "application/cloudevents+json",
        "application/cloudevents-batch+json",
      ),
      fc.dictionary(
        fc.string().map((name) => `ce-${name}`),
        fc.string({ unit: "binary" }),
      ),
      fc.anything(),
      (contentType, headers, body) => {
        const result = readHttpSignal({ contentType, headers, body });
        assert.ok(result.ok || result.problems.length > 0);
      },
    ),
    { numRuns: 300 },
  );
});
