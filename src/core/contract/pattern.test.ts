import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findPatternMistake, isWholeTextPattern } from "./pattern.ts";

const fine = [
  "^IN-[1-9][0-9]{5}$",
  "^IN(?:-[1-9][0-9]{5}|-[DS]-[a-z0-9-]{1,60})?$",
  "^[a-z]+-[a-z]+$",
  "abc",
  "[a-z]+",
  "^(?:ab)*$",
  "^\\d{4}-\\d{2}-\\d{2}$",
  "^\\p{L}+$",
  "^[\\]\\w]+\\u{1F600}?$",
  "^a{3,}$",
];
for (const pattern of fine) {
  test(`the pattern ${pattern} may be used`, () => {
    assert.equal(findPatternMistake(pattern), undefined);
  });
}

const refused: ReadonlyArray<[string, RegExp]> = [
  ["(a+)+", /repeated group/],
  ["^(a|a)*$", /repeated group/],
  ["^(a|ab)+$", /repeated group/],
  ["^(?:a?){30}$", /repeated group/],
  ["^(?:a+){2}$", /repeated group/],
  ["^([a-z]+-)*[a-z]+$", /repeated group/],
  ["^a*a*a*$", /repetitions in a row/],
  ["a*a*", /repetitions in a row/],
  ["^a|b*c*$", /repetitions in a row/],
  ["^a{0,50}a{0,50}a{0,50}$", /repetitions in a row/],
  ["^a?a?a?a?a?a?a?a?aaaaaaaa$", /too many ways/],
  ["^(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)$", /too many ways/],
  ["^(a)\\1$", /back-references/],
  ["^(?=a)a$", /look-around/],
  ["^(?<!a)a$", /look-around/],
  ["^(?<name>a)$", /named groups/],
  ["^(", /not a regular expression/],
  ["^a{999}$", /more than 500 times/],
  [`^${"a".repeat(600)}$`, /more than 500 characters/],
  [`${"(".repeat(20)}a${")".repeat(20)}`, /nested too deeply/],
];
for (const [pattern, why] of refused) {
  test(`the pattern ${pattern.slice(0, 40)} is refused`, () => {
    assert.match(findPatternMistake(pattern) ?? "accepted", why);
  });
}

test("every accepted pattern answers hostile texts of 2,000 characters in bounded time", () => {
  const piece = fc.constantFrom(
    ..."a b [ab] . \\w (?:ab) (?:a|b) (a|ab) (?:a+) | a? ".trim().split(" "),
  );
  const quantifier = fc.constantFrom("", "", "*", "+", "?", "{2,}", "{0,20}", "{3}", "+?");
  const pattern = fc
    .tuple(
      fc.boolean(),
      fc.array(fc.tuple(piece, quantifier), { minLength: 1, maxLength: 8 }),
      fc.boolean(),
    )
    .map(
      ([anchored, parts, ended]) =>
        (anchored ? "^" : "") + parts.flat().join("") + (ended ? "!$" : "!"),
    );
  let accepted = 0;
  fc.assert(
    fc.property(pattern, (text) => {
      if (findPatternMistake(text) !== undefined) return;
      accepted += 1;
      const regex = new RegExp(text, "u");
      const began = performance.now();
      for (const hostile of ["a", "ab", "aab"]) regex.test(hostile.repeat(2_000 / hostile.length));
      assert(performance.now() - began < 1_500, `${text} is slow`);
    }),
    { numRuns: 400 },
  );
  assert(accepted > 40, `only ${accepted} patterns were accepted, so little was tried`);
});

test("a pattern that lets half a text match is told from one for the whole text", () => {
  assert.equal(isWholeTextPattern("^a$"), true);
  assert.equal(isWholeTextPattern("^(?:a|b)$"), true);
  assert.equal(isWholeTextPattern("^[|]$"), true);
  assert.equal(isWholeTextPattern("^a|b$"), false);
  assert.equal(isWholeTextPattern("a$"), false);
  assert.equal(isWholeTextPattern("^a"), false);
  assert.equal(isWholeTextPattern("^a\\$"), false);
});
