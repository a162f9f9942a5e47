import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { referenceContract } from "../../../test/kit/reference-loop.ts";
import { InvalidDocumentError } from "../document.ts";
import { checkContract, contractHash, parseContract } from "./parse.ts";
import type { Contract } from "./types.ts";

type Draft = Record<string, unknown>;

/** The reference contract with one thing changed, deep inside. */
function changed(change: (draft: Draft) => void): unknown {
  const draft = structuredClone(referenceContract()) as unknown as Draft;
  change(draft);
  return draft;
}

/** Sets the value at a JSON Pointer; `undefined` removes it. */
function put(pointer: string, value: unknown): (draft: Draft) => void {
  return (draft) => {
    const keys = pointer.split("/").slice(1);
    const last = keys.pop() ?? "";
    let node: Draft = draft;
    for (const key of keys) node = node[key] as Draft;
    if (value === undefined) delete node[last];
    else node[last] = value;
  };
}

function problemsOf(value: unknown): ReadonlyArray<string> {
  const result = checkContract(value);
  return result.kind === "valid"
    ? []
    : result.problems.map(({ path, code, message }) => `${path} ${code}: ${message}`);
}

test("the reference contract parses to the document that was written", () => {
  const contract = referenceContract();
  assert.equal(contract.name, "logistics.geo-risk");
  assert.deepEqual(
    contract.options.map(({ name, kind }) => [name, kind]),
    [
      ["exclude_geo", "act"],
      ["lower_bid", "act"],
      ["prepaid_only", "act"],
      ["confirm_orders", "act"],
      ["hand_back", "hand-back"],
      ["do_nothing", "none"],
    ],
  );
});

const circle = { type: "object", $defs: { a: { allOf: [{ $ref: "#/$defs/a" }] } }, properties: { x: { $ref: "#/$defs/a" } } }; // prettier-ignore
const bomb = {
  type: "object",
  $defs: Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [
      `d${i}`,
      i === 0 ? { type: "number" } : { allOf: [0, 1].map(() => ({ $ref: `#/$defs/d${i - 1}` })) },
    ]),
  ),
  properties: { x: { $ref: "#/$defs/d19" } },
};

const broken: ReadonlyArray<[string, string, unknown, RegExp]> = [
  ["no version", "/version", undefined, /^\/version contract\/missing-field: `version` is missing/],
  ["a version that is not semantic", "/version", "1.0", /^\/version contract\/wrong-format/],
  ["a version with a leading nought", "/version", "1.02.0", /^\/version contract\/wrong-format/],
  ["a misspelt field", "/recevier", {}, /^\/recevier contract\/unknown-field: .*did you mean receiver/],
  ["an option's name with a space", "/options/0/name", "stop ads", /^\/options\/0\/name /],
  ["two options of one name", "/options/1/name", "exclude_geo", /^\/options\/1\/name contract\/duplicate/],
  ["no way to do nothing", "/options/5/kind", "act", /^\/options .*no option is of kind none/],
  ["no way to hand back", "/options/4/kind", "act", /^\/options .*no option is of kind hand-back/],
  ["an unknown kind of option", "/options/0/kind", "acts", /not one of act, none or hand-back; did you mean act/],
  ["a subject pattern that does not compile", "/subject/pattern", "^(", /^\/subject\/pattern contract\/bad-pattern/],
  ["a subject pattern with nested repetition", "/subject/pattern", "^(a+)+$", /repeated group/],
  ["a subject pattern that half a text would match", "/subject/pattern", "^IN", /from \^ to \$/],
  ["a slow pattern in the payload", "/payload/properties/cause/properties/split/items/properties/value/pattern", "^(a|a)*$", /bad-pattern: a repeated group/],
  ["a payload that is not an object", "/payload/type", "array", /^\/payload contract\/bad-schema/],
  ["a misspelt keyword", "/payload/requird", [], /`requird` is not a keyword that contracts use; did you mean required/],
  ["a keyword that makes the check asynchronous", "/payload/$async", true, /\$async/],
  ["a schema that does not compile", "/payload/properties/maturity/minimum", "0", /^\/payload contract\/bad-schema: it does not compile/],
  ["a reference to elsewhere", "/payload/properties/maturity", { $ref: "https://example.com/x" }, /does not point into this schema/],
  ["references in a circle", "/payload", circle, /references go in a circle/],
  ["references that unfold into a million", "/payload", bomb, /unfold into more than 5000/],
  ["an unknown format", "/payload/properties/metric", { type: "string", format: "regex" }, /not one of the formats/],
  ["parameters whose schema does not compile", "/options/0/parameters/properties/probeShare/type", "nummer", /^\/options\/0\/parameters contract\/bad-schema/],
  ["evidence that the payload does not have", "/evidence/required/0/path", "/measure/trails", /^\/evidence\/required\/0\/path contract\/unknown-evidence/],
  ["evidence required twice", "/evidence/required/0/path", "/measure/rate", /^\/evidence\/required\/1\/path contract\/duplicate/],
  ["a threshold above 1", "/confidence/thresholds/act", 1.2, /`1.2` is above 1, the most allowed/],
  ["a signal threshold above the act threshold", "/confidence/thresholds/signal", 0.8, /^\/confidence\/thresholds contract\/inconsistent/],
  ["an expiry of nought hours", "/expiry/afterHours", 0, /is not above 0 hours/],
  ["a NaN in it", "/expiry/afterHours", NaN, /^\/expiry\/afterHours contract\/not-plain/],
]; // prettier-ignore
for (const [what, pointer, value, expected] of broken) {
  test(`a contract with ${what} is refused at its place`, () => {
    const problems = problemsOf(changed(put(pointer, value)));
    assert(
      problems.some((text) => expected.test(text)),
      `${String(expected)} is not among\n${problems.join("\n")}`,
    );
  });
}

test("every mistake is reported at once, not only the first", () => {
  const value = changed((draft) => {
    put("/version", "one")(draft);
    put("/title", "")(draft);
    put("/options/0/reversible", "yes")(draft);
  });
  assert.equal(problemsOf(value).length, 3);
  assert.throws(
    () => parseContract(value),
    (thrown: unknown) =>
      thrown instanceof InvalidDocumentError &&
      thrown.code === "document/invalid-shape" &&
      thrown.problems.length === 3,
  );
});

test("any value at all is a contract or a list of problems, and never a crash", () => {
  const pointers = [
    "/payload",
    "/options/0/parameters",
    "/subject/pattern",
    "/options",
    "/evidence",
  ];
  const schemaish = fc.object({
    key: fc.constantFrom(
      "type",
      "properties",
      "$ref",
      "$defs",
      "items",
      "required",
      "a",
      "pattern",
    ),
    values: [
      fc.constantFrom<unknown>("object", "#/$defs/a", "^(a", 1, true, "array"),
      fc.anything(),
    ],
    maxDepth: 4,
  });
  fc.assert(
    fc.property(fc.constantFrom(...pointers), schemaish, (pointer, value) => {
      assert(["valid", "invalid"].includes(checkContract(changed(put(pointer, value))).kind));
    }),
    { numRuns: 300 },
  );
  fc.assert(fc.property(fc.anything(), (value) => checkContract(value).kind === "invalid"));
});

test("the hash is the document's meaning: key order does not count, any value does", () => {
  const contract = referenceContract();
  const reversed = Object.fromEntries(Object.entries(contract).reverse()) as Contract;
  assert.equal(contractHash(reversed), contractHash(contract));
  const other = parseContract(changed(put("/expiry/afterHours", 71)));
  assert.notEqual(contractHash(other), contractHash(contract));
  assert.match(contractHash(contract), /^[0-9a-f]{64}$/);
});

test("what is parsed shares nothing with what was given", () => {
  const given = changed(() => {}) as { options: Array<{ name: string }> };
  const contract = parseContract(given);
  const [first] = given.options;
  assert(first);
  first.name = "changed_later";
  assert.equal(contract.options[0]?.name, "exclude_geo");
});
