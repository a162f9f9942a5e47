import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFrom } from "../../../std/random.ts";
import { matchesFormat } from "../../schema.ts";
import { findText, type SignedStringKeyword } from "./text.ts";
import { pick } from "./random-schema.fixture.ts";

const pattern = (source: string, holds = true): SignedStringKeyword => ({
  keyword: { k: "pattern", source },
  holds,
});

/** Whether the machines say that some text matches the one and not the other. */
function parts(matches: string, misses: string): string | undefined {
  const answer = findText([pattern(matches), pattern(misses, false)], [], () => true);
  assert(answer.kind !== "unknown", `${matches} against ${misses}`);
  return answer.kind === "found" ? (answer.value as string) : undefined;
}

const PATTERNS = [
  "^IN(?:-[1-9][0-9]{5}|-[DS]-[a-z0-9-]{1,60})?$",
  "^[a-z]+$",
  "a|b",
  "^a|b$",
  "^(?:a|bc){2}$",
  "^a{2,4}$",
  "^a{3,}$",
  "x*",
  "^$",
  "^[^a-c]$",
  "^.$",
  "\\d{2}-\\w",
  "^\\S+\\s\\D$",
  "^[\\d_\\-\\]]+$",
  "^\\u0041\\x42\\t$",
  "^\\u{1F600}?\\p{Lu}+$",
  "^\\P{L}$",
  "^é$",
  "^\\$\\.$",
  "(?:^a)?b",
  "^[]$",
  "^[^]$",
  "^[a\\-z]$",
];

test("a machine and the engine agree on which texts match each pattern", () => {
  const letters = [..."abcxyzABIN019-_]$. \t\né😀DS", "IN-560001", "bc", "aaa"];
  for (const source of PATTERNS) {
    const expected = new RegExp(source, "u");
    for (let i = 0; i < 80; i++) {
      const random = randomFrom(source, i);
      const text = Array.from({ length: i % 6 }, () => pick(random, letters)).join("");
      const literal = `^${text.replaceAll(/[$.\]^[()|*+?{}\\/-]/gu, "\\$&")}$`;
      const isIn = parts(literal.replaceAll("\\-", "-"), source) === undefined;
      assert.equal(isIn, expected.test(text), `${source} on ${JSON.stringify(text)}`);
    }
  }
});

const matches = (source: string, text: string): boolean => new RegExp(source, "u").test(text);

/** Texts of up to four letters that the patterns tell apart. */
const SAMPLES = Array.from({ length: 2_000 }, (_, i) => {
  const random = randomFrom("sample", i);
  return Array.from({ length: i % 5 }, () => pick(random, [..."abcxAB0-_ \t$.é"])).join("");
});

test("a text that parts two patterns is found, matches the one and not the other, or there is none", () => {
  for (const a of PATTERNS) {
    for (const b of PATTERNS) {
      const text = parts(a, b);
      if (text === undefined) {
        const refuted = SAMPLES.find((one) => matches(a, one) && !matches(b, one));
        assert.equal(refuted, undefined, `${a} in ${b}`);
      } else {
        assert.match(text, new RegExp(a, "u"));
        assert.doesNotMatch(text, new RegExp(b, "u"));
      }
    }
  }
  assert.equal(parts("^[a-c]$", "^(?:a|b|c)$"), undefined);
  assert.equal(parts("^(?:ab)+$", "^[ab]+$"), undefined);
  assert.equal(parts("^a{3}$", "^a{2,4}$"), undefined);
  assert.equal(parts("^a{2,4}$", "^a{3}$")?.length, 2);
});

test("lengths and patterns together have an exact answer", () => {
  const find = (min: number, max: number, source: string) =>
    findText(
      [
        { keyword: { k: "minLength", limit: min }, holds: true },
        { keyword: { k: "maxLength", limit: max }, holds: true },
        pattern(source),
      ],
      [],
      () => true,
    );
  assert.equal(find(0, 4, "^(?:abc){2,}$").kind, "none");
  assert.deepEqual(find(7, 9, "^(?:abc)+$"), { kind: "found", value: "abcabcabc" });
  assert.equal(find(7, 8, "^(?:abc)+$").kind, "none");
  assert.equal(find(3, 3, "^😀+$").kind, "found", "lengths are in code points");
});

test("the outer pattern of a format matches all its texts, the inner one only such", () => {
  const samples: Record<string, string[]> = {
    date: ["2026-01-31", "2024-02-29", "0000-12-31"],
    "date-time": ["2026-01-31T06:30:00Z", "2026-01-31t06:30:00.5+05:30", "2016-12-31T23:59:60Z"],
    email: ["a@b.co", "a.b+c@d-e.f.in"],
    uri: ["https://a.in/x?y#z", "urn:a:b", "mailto:a@b.co"],
    uuid: ["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"],
  };
  for (const [name, texts] of Object.entries(samples)) {
    const format = { k: "format", name } as const;
    // Whatever is found for the format is one of its texts, and the samples are never excluded.
    const answer = findText([{ keyword: format, holds: true }], [], (t) => matchesFormat(name, t));
    assert.equal(answer.kind, "found", name);
    for (const text of texts) {
      assert(matchesFormat(name, text), text);
      const only = `^${text.replaceAll(/[$.^[\]()|*+?{}\\/]/gu, "\\$&")}$`;
      const constraints = [{ keyword: format, holds: true }, pattern(only)];
      assert.notEqual(findText(constraints, [], () => false).kind, "none", text);
    }
  }
  for (const wrong of ["2026-13-01", "word", "2026-02-28T25:00:00Z", "a@b", "//x"]) {
    for (const name of Object.keys(samples)) {
      assert(!matchesFormat(name, wrong), `${wrong} is no ${name}`);
      const only = `^${wrong.replaceAll(/[$.^[\]()|*+?{}\\/]/gu, "\\$&")}$`;
      const constraints = [
        { keyword: { k: "format", name } as const, holds: false },
        pattern(only),
      ];
      assert.notEqual(findText(constraints, [], () => true).kind, "none", `${wrong} is no ${name}`);
    }
  }
});
