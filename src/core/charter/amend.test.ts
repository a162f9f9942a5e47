import assert from "node:assert/strict";
import { test } from "node:test";
import { referenceCharter } from "../../../test/kit/reference-loop.ts";
import { amendConfidence } from "./amend.ts";
import { charterHash, checkCharter } from "./parse.ts";

const RULE = "small-and-reversible";

test("the next version says which it replaces, is a charter, and differs in the one number", () => {
  const charter = referenceCharter();
  const next = amendConfidence(charter, RULE, 0.87);
  assert.equal(checkCharter(next).kind, "valid");
  assert.equal(next.version, charter.version + 1);
  assert.equal(next.replaces, charterHash(charter));
  const { replaces: _, ...back } = amendConfidence(next, RULE, 0.8);
  assert.deepEqual({ ...back, version: charter.version }, charter);
});

test("a rule that asks for no confidence cannot be given one here", () => {
  assert.throws(() => amendConfidence(referenceCharter(), "both-decide", 0.87));
});
