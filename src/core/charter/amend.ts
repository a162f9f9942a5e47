/** The next version of a charter with one number changed: a draft that nobody has signed. */
import { assert } from "../../std/assert.ts";
import { charterHash } from "./parse.ts";
import type { Charter, Rule } from "./types.ts";

/** `rule` asks for a confidence of at least something. */
export function amendConfidence(charter: Charter, rule: string, atLeast: number): Charter {
  assert(atLeast > 0 && atLeast < 1, "a threshold lies strictly between 0 and 1");
  const amend = (of: Rule): Rule =>
    of.name === rule && of.when.confidence !== undefined
      ? { ...of, when: { ...of.when, confidence: { ...of.when.confidence, atLeast } } }
      : of;
  const rules = charter.rules.map(amend);
  assert(
    rules.some((of, i) => of !== charter.rules[i]),
    "the rule asks for a confidence",
  );
  return { ...charter, version: charter.version + 1, replaces: charterHash(charter), rules };
}
