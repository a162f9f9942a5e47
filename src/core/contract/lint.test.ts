import assert from "node:assert/strict";
import { test } from "node:test";
import { referenceContract } from "../../../test/kit/reference-loop.ts";
import { lintContract } from "./lint.ts";
import { parseContract } from "./parse.ts";

type Draft = Record<string, unknown>;

function findingsWith(pointer: string, value: unknown): ReadonlyArray<string> {
  const draft = structuredClone(referenceContract()) as unknown as Draft;
  const keys = pointer.split("/").slice(1);
  const last = keys.pop() ?? "";
  let node = draft;
  for (const key of keys) node = node[key] as Draft;
  if (value === undefined) delete node[last];
  else node[last] = value;
  return lintContract(parseContract(draft)).map(
    ({ severity, path, message, help }) => (assert(help), `${severity} ${path} ${message}`),
  );
}

test("the reference contract has nothing to remark", () => {
  assert.deepEqual(lintContract(referenceContract()), []);
});

const measure = "/payload/properties/measure";
const unwise: ReadonlyArray<[string, string, unknown, RegExp]> = [
  ["a number without a unit", `${measure}/properties/events/unit`, undefined, /^error \/payload\/properties\/measure\/properties\/events the number `events` has no unit$/],
  ["a field without a description", `${measure}/properties/events/description`, undefined, /^warning .*`events` has no description$/],
  ["a rate without bounds", "/payload/properties/maturity/maximum", undefined, /^warning .*`maturity` has no bounds$/],
  ["a share without a denominator", "/payload/properties/exposure/properties/codShare/denominator", undefined, /^warning .*nobody can tell what `codShare` is a share of$/],
  ["an object that lets anything through", `${measure}/additionalProperties`, undefined, /^warning .*let through$/],
  ["an object that requires nothing", `${measure}/required`, undefined, /^warning .*no field is required$/],
  ["a parameter without a greatest value", "/options/1/parameters/properties/bidModifier/maximum", undefined, /^warning .*no greatest value$/],
  ["a parameter without a least value", "/options/1/parameters/properties/bidModifier/minimum", undefined, /^warning .*no least value$/],
  ["a parameter that is any text", "/options/3/parameters/properties/reason/maxLength", undefined, /^warning .*any text of any length$/],
  ["an option in two words", "/options/0/description", "stop ads", /^warning \/options\/0\/description `exclude_geo` is hardly described$/],
  ["an option that cannot be undone", "/options/0/reversible", false, /^advice \/options\/0 `exclude_geo` cannot be undone$/],
  ["a confidence without meaning", "/confidence/meaning", "certainty", /^warning \/confidence\/meaning /],
  ["a confidence nobody checks", "/confidence/calibration", "by experience", /^warning \/confidence\/calibration /],
  ["a sender that is never silent", "/confidence/thresholds/signal", 0, /^warning .*never stays silent$/],
  ["no required evidence", "/evidence/required", [], /^warning \/evidence\/required no evidence is required$/],
  ["evidence that is a whole group", "/evidence/required/0/path", "/measure", /^advice .*whole group of fields$/],
  ["a signal that stays open for a month", "/expiry/afterHours", 720, /^warning \/expiry\/afterHours /],
  ["a contract with oneself", "/receiver/department", "logistics", /^warning .*same department$/],
]; // prettier-ignore
for (const [what, pointer, value, expected] of unwise) {
  test(`${what} is remarked, and nothing else`, () => {
    const findings = findingsWith(pointer, value);
    assert.equal(findings.length, 1, findings.join("\n"));
    assert.match(findings[0] ?? "", expected);
  });
}
