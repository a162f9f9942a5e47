import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { InterlockError } from "../std/errors.ts";
import { DOCUMENT_LENGTH_MAX, InvalidDocumentError, parseDocument } from "./document.ts";

function refusal(text: string): { code: string; path: string; message: string } {
  try {
    parseDocument(text, "a.yaml");
  } catch (thrown) {
    assert(thrown instanceof InterlockError, String(thrown));
    assert(thrown.path);
    return { code: thrown.code, path: thrown.path, message: thrown.message };
  }
  return assert.fail(`\`${text.slice(0, 60)}\` was accepted`);
}

test("the place of a field is the line and column where its key or item stands", () => {
  const document = parseDocument("a: 1\nlist:\n  - x: 2\n  - 'y/z': 3\n    w: 4\n", "a.yaml");
  assert.deepEqual(document.value, { a: 1, list: [{ x: 2 }, { "y/z": 3, w: 4 }] });
  assert.deepEqual(document.placeOf(""), { line: 1, column: 1 });
  assert.deepEqual(document.placeOf("/a"), { line: 1, column: 1 });
  assert.deepEqual(document.placeOf("/list"), { line: 2, column: 1 });
  assert.deepEqual(document.placeOf("/list/1/y~1z"), { line: 4, column: 5 });
  assert.deepEqual(document.placeOf("/list/1/w"), { line: 5, column: 5 });
});

test("the place of something that is not there is that of its nearest parent", () => {
  const document = parseDocument("a: 1\nb:\n  c: 2\n", "a.yaml");
  assert.deepEqual(document.placeOf("/b/missing/deeper"), { line: 2, column: 1 });
  assert.deepEqual(document.placeOf("/b/c/deeper"), { line: 3, column: 3 });
});

test("the place of something reached through an alias is in what the alias stands for", () => {
  const document = parseDocument("a: &x\n  b: 1\nc: *x\n", "a.yaml");
  assert.deepEqual(document.value, { a: { b: 1 }, c: { b: 1 } });
  assert.deepEqual(document.placeOf("/c/b"), { line: 2, column: 3 });
});

test("JSON with tabs and every kind of value reads as JSON.parse reads it", () => {
  const text = '{\n\t"a": [1, -2.5e3, true, null, "\\u00e9\\n"],\n\t"b": {"c": "2026-01-01"}\n}';
  assert.deepEqual(parseDocument(text, "a.json").value, JSON.parse(text));
});

test("any JSON text reads as JSON.parse reads it", () => {
  const json = fc.jsonValue({ maxDepth: 4, stringUnit: "binary" });
  fc.assert(
    fc.property(json, fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      fc.pre(!text.includes("__proto__") && text !== "null");
      fc.pre(!/(?<![.\d])\d{16,}(?![\d.eE])/.test(text));
      assert.deepEqual(parseDocument(text, "a.json").value, JSON.parse(text));
    }),
    { numRuns: 300 },
  );
});

test("dates stay text and words that other YAMLs take for booleans stay words", () => {
  assert.deepEqual(parseDocument("a: 2026-01-05\nb: no\nc: on\nd: 1_000\n", "a.yaml").value, {
    a: "2026-01-05",
    b: "no",
    c: "on",
    d: "1_000",
  });
});

const broken: ReadonlyArray<[string, string, string, RegExp]> = [
  ["a duplicate key", "a: 1\nb: 2\na: 3\n", "a.yaml:3:1", /the same key is there twice/],
  ["a custom tag", "a: 1\nb: !run x\n", "a.yaml:2:4", /tags such as/],
  ["a binary tag", "b: !!binary aGk=\n", "a.yaml:1:4", /tags such as/],
  ["a second document", "a: 1\n---\nb: 2\n", "a.yaml:2:1", /one document/],
  ["an unclosed bracket", "a: [1, 2\nb: 3\n", "a.yaml:2:1", /./],
  ["a tab as indentation", "a:\n\tb: 1\n", "a.yaml:2:1", /tab/i],
  ["NaN", "a: .nan\n", "a.yaml:1:4", /`.nan` is not a number JSON can carry/],
  ["an infinity", "a: [1, -.inf]\n", "a.yaml:1:8", /`-.inf` is not a number/],
  ["a number too large to be exact", "a: 9007199254740993\n", "a.yaml:1:4", /too large/],
  ["a key that is a list", "? [a, b]\n: 1\n", "a.yaml:1:3", /a key must be text/],
  ["nothing", "# only a comment\n", "a.yaml:1:1", /empty/],
  ["an alias to nothing", "a: *b\n", "a.yaml:1:4", /./],
];
for (const [what, text, path, message] of broken) {
  test(`${what} is refused at its line and column`, () => {
    const found = refusal(text);
    assert.equal(found.code, "document/invalid-syntax");
    assert.equal(found.path, path);
    assert.match(found.message, message);
  });
}

test("a kilobyte of aliases that unfolds into millions is refused", () => {
  const levels = Array.from({ length: 9 }, (_, i) => {
    const item = i === 0 ? '"lol"' : `*a${i - 1}`;
    return `a${i}: &a${i} [${Array.from({ length: 9 }, () => item).join(",")}]`;
  });
  assert.match(refusal(levels.join("\n")).message, /aliases unfold into too much/);
});

test("a document nested ten thousand deep is refused at once, in either style", () => {
  const began = performance.now();
  assert.match(refusal("[".repeat(10_000)).message, /nested more than/);
  const block = Array.from({ length: 300 }, (_, i) => `${" ".repeat(i)}a:`).join("\n");
  assert.match(refusal(block).message, /nested/);
  assert(performance.now() - began < 2_000);
});

test("a document over the length limit is refused unread", () => {
  assert.match(refusal("a".repeat(DOCUMENT_LENGTH_MAX + 1)).message, /more than/);
});

test("any text at all is a document or an invalid-syntax error, and nothing else", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."ab:- \n\t[]{}&*!|>'\"#%,?1.") }), (text) => {
      try {
        parseDocument(text, "a.yaml").placeOf("/a/0");
      } catch (thrown) {
        assert(thrown instanceof InterlockError, String(thrown));
        assert.equal(thrown.code, "document/invalid-syntax");
        assert.match(thrown.path ?? "", /^a\.yaml:\d+:\d+$/);
      }
    }),
    { numRuns: 3_000 },
  );
});

test("an invalid document's error tells the first problem and carries all", () => {
  const problems = [
    { path: "/a", code: "contract/missing-field", message: "`a` is missing", help: "add it" },
    { path: "/b", code: "contract/missing-field", message: "`b` is missing" },
  ];
  const error = new InvalidDocumentError("not a contract", problems);
  assert.equal(error.code, "document/invalid-shape");
  assert.equal(error.message, "not a contract: /a: `a` is missing (and 1 more)");
  assert.equal(error.help, "add it");
  assert.deepEqual(error.toJSON()["problems"], problems);
});
