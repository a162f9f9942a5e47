import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { excerptOf, EXCERPT_CHARACTERS_MAX } from "./excerpt.ts";

test("an excerpt of any bytes is at most 80 printable characters on one line", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      const excerpt = excerptOf(bytes);
      assert.ok(excerpt.length <= EXCERPT_CHARACTERS_MAX);
      assert.match(excerpt, /^[^\p{Cc}\u2028\u2029\u202a-\u202e]*$/u);
    }),
  );
});

test("an excerpt of plain text is the text, cut with an ellipsis", () => {
  assert.equal(excerptOf(Buffer.from("दिल्ली,1\r\n")), "दिल्ली,1");
  assert.equal(excerptOf(Buffer.from("क".repeat(500))), `${"क".repeat(79)}…`);
  assert.equal(excerptOf(Buffer.from("a\tb\u202ec\u001b[2J")), "a\\x09b\\u{202e}c\\x1b[2J");
});
