import assert from "node:assert/strict";
import { test } from "node:test";
import { AssertionFailed, assert as must } from "./assert.ts";
import { ERROR_CODES } from "./error-codes.ts";
import { errorToText, InterlockError } from "./errors.ts";

test("every code is `folder/kebab-case` with a sentence that starts small and has no final stop", () => {
  for (const [code, sentence] of Object.entries(ERROR_CODES)) {
    assert.match(code, /^[a-z]+\/[a-z-]+$/, code);
    assert.match(sentence, /^[a-z].*[^.]$/, code);
  }
});

test("an error says its code, its words and whether to try again, and leaves out what it has not", () => {
  const bare = new InterlockError("case/not-found", "no case has the id `x`");
  assert.deepEqual(JSON.parse(JSON.stringify(bare)), {
    code: "case/not-found",
    message: "no case has the id `x`",
    retry: "never",
  });
  const full = new InterlockError("connector/rate-limited", "too many calls", {
    retry: "later",
    retryAfterMs: 500,
    path: "/a",
    help: "wait",
    cause: new Error("inner"),
  });
  assert.deepEqual(full.toJSON(), {
    code: "connector/rate-limited",
    message: "too many calls",
    retry: "later",
    retryAfterMs: 500,
    path: "/a",
    help: "wait",
  });
  assert.ok(full.cause instanceof Error);
  assert.ok(!("cause" in bare));
});

test("whatever was thrown has one line of text", () => {
  assert.equal(
    errorToText(new InterlockError("store/closed", "it is closed")),
    "store/closed: it is closed",
  );
  assert.equal(errorToText(new TypeError("not a function")), "TypeError: not a function");
  assert.equal(errorToText("only a word"), "only a word");
  assert.equal(errorToText(undefined), "undefined");
});

test("a fact that does not hold is our bug and says which fact", () => {
  assert.throws(
    () => must(0, "one is not zero"),
    (error) => {
      return error instanceof AssertionFailed && error.message === "one is not zero";
    },
  );
  must("text", "never thrown");
});
