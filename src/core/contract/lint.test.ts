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
  ["a parameter that is any text", "/options/4/parameters/properties/reason/maxLength", undefined, /^warning .*any text of any length$/],
  ["an option in two words", "/options/0/description", "stop ads", /^warning \/options\/0\/description `exclude_geo` is hardly described$/],
  ["an option that cannot be undone", "/options/0/reversible", false, /^advice \/options\/0 `exclude_geo` cannot be undone$/],
  ["a confidence without meaning", "/confidence/meaning", "certainty", /^warning \/confidence\/meaning /],
  ["a confidence nobody checks", "/confidence/calibration", "by experience", /^warning \/confidence\/calibration /],
  ["a sender that is never silent", "/confidence/thresholds/signal", 0, /^warning .*never stays silent$/],
  ["no required evidence", "/evidence/required", [], /^warning \/evidence\/required no evidence is required$/],
  ["evidence that is a whole group", "/evidence/required/0/path", "/measure", /^advice .*whole group of fields$/],
  ["a signal that stays open for a month", "/expiry/afterHours", 720, /^warning \/expiry\/afterHours /],
  ["a share of nothing that is named, whatever it is called", "/payload/properties/maturity/denominator", undefined, /^warning \/payload\/properties\/maturity nobody can tell what `maturity` is a share of$/],
  ["a list of numbers without a unit", `${measure}/properties/events`, { type: "array", items: { type: "integer" }, description: "per day" }, /^error .*\/events the number `events` has no unit$/],
  ["a number or null without a unit", `${measure}/properties/events`, { type: ["integer", "null"], description: "per day" }, /^error .*`events` has no unit$/],
  ["a choice with a number without a unit", `${measure}/properties/events`, { anyOf: [{ type: "integer" }, { type: "number" }], description: "per day" }, /^error .*`events` has no unit$/],
  ["enumerated numbers without a unit", `${measure}/properties/events`, { enum: [1, 2, 3], description: "per day" }, /^error .*`events` has no unit$/],
  ["a number that is not called anything else", `${measure}/properties/events/unit`, "count", /^warning .*the unit `count` of `events` does not say of what$/],
  ["a unit in two spellings", `${measure}/properties/events/unit`, "Shipment", /^warning .* is written `Shipment` elsewhere$/],
  ["a share in percent", "/payload/properties/maturity/unit", "%", /^warning .*`maturity` is in `%`, where others are between 0 and 1$/],
  ["a day that is any text", "/payload/properties/change/properties/onDay/format", undefined, /^warning .*`onDay` may be written in more ways than one$/],
  ["a description that says the name", `${measure}/properties/trials/description`, "Trials.", /^warning .*the description of `trials` only repeats its name$/],
  ["a default that nobody fills in", `${measure}/properties/trials/default`, 1, /^advice .*`trials` has a default that only a reader sees$/],
  ["two fields of one name", "/payload/properties/exposure/properties/orders_per_day", { type: "integer", unit: "orders per day", description: "the same once more" }, /^warning .*`orders_per_day` and `ordersPerDay` are one name, written in two ways$/],
  ["a parameter that is a list of any length", "/options/4/parameters/properties/reason", { type: "array", items: { type: "string", maxLength: 9 }, description: "reasons" }, /^warning .*list of any length$/],
  ["a parameter that may be null and has no greatest value", "/options/1/parameters/properties/bidModifier", { type: ["number", "null"], minimum: 0, unit: "1", description: "what the bid is multiplied by" }, /^warning .*no greatest value$/],
  ["two options in the same words", "/options/2/description", "Stop advertising to the geography, but for a small probe that shows a recovery!", /^warning \/options\/2 `prepaid_only` and `exclude_geo` cannot be told apart by their words$/],
  ["a contract with oneself", "/receiver/department", "logistics", /^warning .*same department$/],
]; // prettier-ignore
for (const [what, pointer, value, expected] of unwise) {
  test(`${what} is remarked, and nothing else`, () => {
    const findings = findingsWith(pointer, value);
    assert.equal(findings.length, 1, findings.join("\n"));
    assert.match(findings[0] ?? "", expected);
  });
}

test("a field that is a reference is held to the same, where it is used and where it leads", () => {
  const draft = structuredClone(referenceContract()) as unknown as { payload: Draft };
  draft.payload["$defs"] = {
    Count: { type: "integer" },
    Part: {
      type: "object",
      additionalProperties: false,
      required: ["n"],
      properties: { n: { type: "integer", description: "of something" } },
    },
  };
  const properties = draft.payload["properties"] as Draft;
  properties["seen"] = { $ref: "#/$defs/Count", description: "seen so far", unit: "shipments" };
  properties["missed"] = { $ref: "#/$defs/Count", description: "missed so far" };
  properties["nameless"] = { $ref: "#/$defs/Count", unit: "shipments" };
  properties["one"] = { $ref: "#/$defs/Part", description: "one part" };
  properties["two"] = { $ref: "#/$defs/Part", description: "another part" };
  const found = lintContract(parseContract(draft)).map(({ path, message }) => `${path} ${message}`);
  assert.deepEqual(found, [
    "/payload/properties/missed the number `missed` has no unit",
    "/payload/properties/nameless `nameless` has no description",
    "/payload/$defs/Part/properties/n the number `n` has no unit",
  ]);
});

test("a shape that narrows a described field need not describe it again", () => {
  const draft = structuredClone(referenceContract()) as unknown as { payload: Draft };
  draft.payload["anyOf"] = [
    { type: "object", properties: { level: { const: "pincode" } } },
    { type: "object", properties: { maturity: { type: "number", minimum: 0.5 } } },
  ];
  draft.payload["if"] = { type: "object", properties: { level: { const: "nation" } } };
  draft.payload["then"] = { type: "object", required: ["cause"] };
  assert.deepEqual(lintContract(parseContract(draft)), []);
});
