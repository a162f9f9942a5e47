import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JSON_DEPTH_MAX, readJson } from "./json.ts";

const read = (text: string) => readJson(new TextEncoder().encode(text));

test("whatever JSON.stringify writes is read back as it was", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      assert.deepEqual(read(text), { kind: "json", value: JSON.parse(text) });
    }),
    { numRuns: 500 },
  );
});

test("whatever the bytes, the answer is JSON or a refusal with a code, a path and a reason", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const reading = readJson(bytes);
      if (reading.kind === "json") return;
      const [problem] = reading.problems;
      assert.match(problem?.code ?? "", /^request\//);
      assert.match(problem?.path ?? "-", /^(?:\/.*)?$/s);
      assert.ok((problem?.message ?? "").length > 0);
    }),
    { numRuns: 1_000 },
  );
});

const TWICE: ReadonlyArray<[string, string]> = [
  ['{"a":1,"a":2}', "/a"],
  ['{"a":1,"\\u0061":2}', "/a"],
  ['{"x":{"list":[1,{"b":0,"c":1,"b":2}]}}', "/x/list/1/b"],
  ['{"a/b":1,"a/b":2}', "/a~1b"],
  ['{"":1,"":2}', "/"],
  ['{ "a" : 1 , "b" : "\\"}" , "a" : 2 }', "/a"],
];

for (const [text, path] of TWICE) {
  test(`a name twice is refused at its place: ${text}`, () => {
    const reading = read(text);
    assert.ok(reading.kind === "refused");
    assert.deepEqual(
      reading.problems.map((problem) => [problem.code, problem.path]),
      [["request/duplicate", path]],
    );
  });
}

test("the same name in different objects, or as a value, is no repetition", () => {
  for (const text of ['[{"a":1},{"a":1}]', '{"a":{"a":"a"},"b":["a","a"]}', '{"a":"b","b":"a:"}']) {
    assert.equal(read(text).kind, "json", text);
  }
});

test("depth is refused one beyond the limit, and brackets in texts do not count", () => {
  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  assert.equal(read(nested(JSON_DEPTH_MAX)).kind, "json");
  const reading = read(nested(JSON_DEPTH_MAX + 1));
  assert.equal(reading.kind === "refused" && reading.problems[0]?.code, "request/too-large");
  assert.equal(read(JSON.stringify("[".repeat(1_000))).kind, "json");
});

test("what is not JSON is refused with where it went wrong, and without repeating it", () => {
  const said = (text: string) => {
    const reading = read(text);
    return reading.kind === "refused" ? reading.problems[0]?.message : undefined;
  };
  assert.equal(said('{"secret": tokens}'), "the body is not JSON");
  assert.equal(said('{"secret": 1'), "the body is not JSON, from character 12");
  assert.equal(said('{"secret": "'), "the body is not JSON, from character 12");
  assert.equal(said("{"), "the body is not JSON, from character 1");
});
