import assert from "node:assert/strict";
import { test } from "node:test";
import { goodSignal, referenceContract } from "../../../test/kit/reference-loop.ts";
import { readEvidence } from "./evidence.ts";
import { parseContract } from "./parse.ts";
import type { Contract, JsonSchema } from "./types.ts";
import { limitsToWords, renderSignal, typeToWords } from "./words.ts";

test("a signal is rendered from the object: what, when, how sure, on what evidence, what may be answered", () => {
  const text = renderSignal(referenceContract(), goodSignal({ options: ["lower_bid"] }));
  assert.deepEqual(text.split("\n"), [
    "Non-delivery has risen for good: IN-560001",
    "  Sent by logistics/ndr-watch at 2026-03-02T05:59:00.000Z, from data complete to 2026-03-01T18:30:00.000Z.",
    "  Open until 2026-03-05T05:59:00.000Z.",
    "",
    "How sure the sender is",
    `  84%. What that means: ${referenceContract().confidence.meaning}`,
    "",
    "On what evidence",
    "  Shipments attempted: 240 shipments",
    "  NDR rate since the change: 25%",
    "  Expected NDR rate: 14%",
    "  Lasting rise: 9%",
    "  Evidence passed (powers of ten): 6.2 powers of ten",
    "  Outcomes known: 93%",
    "  Where the cause lies: demand",
    "  Orders per day: 20 orders per day",
    "",
    "What may be answered",
    "  lower_bid: Bid less for customers in the geography, so that only the likelier buyers are won",
  ]);
});

test("evidence has its unit also where the schema says it behind a reference", () => {
  const draft = structuredClone(referenceContract()) as unknown as {
    payload: { properties: { measure: { properties: Record<string, unknown> } }; $defs?: unknown };
  };
  draft.payload.$defs = { Count: { type: "integer", unit: "parcels" } };
  draft.payload.properties.measure.properties["trials"] = { $ref: "#/$defs/Count" };
  const contract: Contract = parseContract(draft);
  assert.equal(readEvidence(contract, goodSignal())[0], "Shipments attempted: 240 parcels");
});

const types: ReadonlyArray<[JsonSchema, string]> = [
  [{ type: "integer" }, "whole number"],
  [{ type: ["number", "null"] }, "number or null"],
  [{ type: "string", format: "date" }, "day"],
  [{ enum: ["a", 1] }, "text or number"],
  [{ anyOf: [{ type: "string" }, { type: "null" }] }, "text or null"],
  [{ type: "array", items: { $ref: "#/$defs/X" } }, "list of true or false"],
  [{}, "anything"],
];
for (const [schema, words] of types) {
  test(`${JSON.stringify(schema)} is "${words}"`, () => {
    assert.equal(typeToWords({ $defs: { X: { type: "boolean" } } }, schema), words);
  });
}

const limits: ReadonlyArray<[JsonSchema, ReadonlyArray<string>]> = [
  [{ minimum: 0, maximum: 100_000_000 }, ["0 to 100,000,000"]],
  [{ exclusiveMinimum: 0, maximum: 5 }, ["at most 5", "above 0"]],
  [{ minLength: 1 }, ["at least 1 character"]],
  [{ minItems: 2, maxItems: 2, uniqueItems: true }, ["exactly 2 items", "no item twice"]],
  [{ multipleOf: 0.5, maximum: -1 }, ["at most -1", "in steps of 0.5"]],
  [{}, []],
];
for (const [schema, words] of limits) {
  test(`the limits of ${JSON.stringify(schema)} are said in words`, () => {
    assert.deepEqual(limitsToWords(schema), words);
  });
}
