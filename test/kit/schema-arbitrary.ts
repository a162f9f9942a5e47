/** Values that a JSON Schema allows, mostly, with names that mean something where some are known. */
import fc from "fast-check";
import type { JsonSchema } from "../../src/core/contract/types.ts";

/** By the field's name: values of the running world. */
export type Known = { readonly [field: string]: ReadonlyArray<string> };

type Schema = {
  readonly type?: string | ReadonlyArray<string>;
  readonly enum?: ReadonlyArray<unknown>;
  readonly const?: unknown;
  readonly properties?: { readonly [name: string]: Schema };
  readonly required?: ReadonlyArray<string>;
  readonly items?: Schema;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly anyOf?: ReadonlyArray<Schema>;
  readonly minimum?: number;
  readonly maximum?: number;
};

const TEXT_CHARS = 40;
const LIST_ITEMS = 3;
const WHOLE = 2 ** 31;

const DATES = fc.date({
  min: new Date("1900-01-01"),
  max: new Date("2199-12-31"),
  noInvalidDate: true,
});

export function arbitraryOf(schema: JsonSchema, known: Known, field = ""): fc.Arbitrary<unknown> {
  const of = schema as Schema;
  const names = known[field];
  if (names !== undefined && of.type === "string") {
    return fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, fc.string());
  }
  if (of.enum !== undefined) return fc.constantFrom(...of.enum);
  if ("const" in of) return fc.constant(of.const);
  if (of.anyOf !== undefined) {
    return fc.oneof(...of.anyOf.map((one) => arbitraryOf(one as JsonSchema, known, field)));
  }
  switch (typeof of.type === "string" ? of.type : of.type?.[0]) {
    case "object":
      return objectOf(of, known);
    case "array": {
      const maxLength = Math.min(of.maxItems ?? LIST_ITEMS, LIST_ITEMS);
      return fc.array(arbitraryOf((of.items ?? {}) as JsonSchema, known), { maxLength });
    }
    case "string":
      return textOf(of);
    case "integer":
      return fc.integer({ min: of.minimum ?? -WHOLE, max: of.maximum ?? WHOLE });
    case "number":
      return fc.double({ min: of.minimum ?? -1e9, max: of.maximum ?? 1e9, noNaN: true });
    case "boolean":
      return fc.boolean();
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectOf(of: Schema, known: Known): fc.Arbitrary<unknown> {
  const fields = Object.entries(of.properties ?? {}).map(
    ([name, schema]) => [name, arbitraryOf(schema as JsonSchema, known, name)] as const,
  );
  if (fields.length === 0) return fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 }));
  const requiredKeys = [...(of.required ?? [])];
  return fc.record(Object.fromEntries(fields), { requiredKeys });
}

function textOf(of: Schema): fc.Arbitrary<string> {
  if (of.format === "date-time") return DATES.map((date) => date.toISOString());
  if (of.format === "date") return DATES.map((date) => date.toISOString().slice(0, 10));
  if (of.pattern !== undefined) return fc.stringMatching(new RegExp(of.pattern));
  return fc.string({
    unit: "grapheme",
    minLength: of.minLength ?? 0,
    maxLength: Math.min(of.maxLength ?? TEXT_CHARS, TEXT_CHARS),
  });
}
