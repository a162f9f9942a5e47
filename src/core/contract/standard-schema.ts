/**
 * Schemas written in TypeScript: whatever a library offers as Standard JSON Schema becomes the JSON
 * Schema that the contract holds, and the types come along.
 *
 * Interlock knows only the `~standard` interface (Standard Schema 1, Standard JSON Schema 1), no
 * library. What is read is the schema of the *input*: that is what travels.
 *
 * Libraries write down more than their author did. What says nothing is taken away, so that the
 * contract reads, and hashes, as if a person had written it: `$schema`, an `id`, a `type` beside the
 * values themselves, the pattern by which a library implements a `format`, the ends of the whole
 * numbers that a program can count with. A plain JSON Schema is left as it is.
 */
import type { Json } from "../../std/canonical-json.ts";
import { type PlainLimits, toPlainJson } from "../plain.ts";
import { problem } from "../problem.ts";
import { isObject } from "./payload.ts";
import type { JsonSchema, Problem } from "./types.ts";

/** What a schema of any library shows of itself, as far as it is used here. */
export type StandardSchema<Input = unknown> = {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly types?: { readonly input: Input; readonly output: unknown } | undefined;
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: string }) => unknown;
    };
  };
};

export type SchemaSource = StandardSchema | JsonSchema;

/** The static type of what a schema lets in; of a plain JSON Schema, any object of JSON. */
export type InputOf<S> = S extends {
  readonly "~standard": { readonly types?: infer T };
}
  ? NonNullable<T> extends { readonly input: infer Input }
    ? Input
    : unknown
  : { readonly [key: string]: Json };

/** Turns a library's schema into JSON Schema 2020-12, for libraries that do not offer it themselves. */
export type ToJsonSchema = (schema: never) => unknown;

export type SchemaReading =
  | { readonly ok: true; readonly schema: JsonSchema }
  | { readonly ok: false; readonly problems: ReadonlyArray<Problem> };

/** `at` is where the schema stands in the contract, such as `/payload`. */
export function readSchema(
  source: SchemaSource,
  at: string,
  limits: PlainLimits,
  toJsonSchema?: ToJsonSchema,
): SchemaReading {
  if (!isStandardSchema(source)) return { ok: true, schema: source };
  const { vendor, jsonSchema } = source["~standard"];
  let written: unknown;
  try {
    if (toJsonSchema !== undefined) written = toJsonSchema(source as never);
    else if (jsonSchema !== undefined) written = jsonSchema.input({ target: "draft-2020-12" });
    else {
      const message = `schemas of ${vendor} do not say what they are as JSON Schema`;
      return refuse(at, message, "give defineContract a `toJsonSchema` of that library");
    }
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    const help = "use types that JSON has: text, numbers, true, false, null, lists, objects";
    return refuse(at, `${vendor} cannot write the schema as JSON Schema: ${why}`, help);
  }
  const plain = toPlainJson(written, limits, "contract");
  if (plain.kind === "refused") {
    const problems = plain.problems.map((one) => ({ ...one, path: `${at}${one.path}` }));
    return { ok: false, problems };
  }
  if (!isObject(plain.value)) return refuse(at, `${vendor} wrote no schema`, "");
  return { ok: true, schema: trimSchema(plain.value) as JsonSchema };
}

function isStandardSchema(source: SchemaSource): source is StandardSchema {
  return typeof (source as StandardSchema)["~standard"] === "object";
}

/** Keywords that hold values or names, not schemas. */
const VALUES: ReadonlyArray<string> = ["enum", "const", "default", "examples", "required", "type"];
/** Keywords that hold schemas by name; the names are the author's. */
const NAMED: ReadonlyArray<string> = ["properties", "$defs"];

function trimSchema(schema: Json): Json {
  if (Array.isArray(schema)) return (schema as ReadonlyArray<Json>).map(trimSchema);
  if (!isObject(schema)) return schema;
  const trimmed: { [keyword: string]: Json } = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (says(schema, keyword, value)) {
      if (VALUES.includes(keyword)) trimmed[keyword] = value;
      else if (NAMED.includes(keyword) && isObject(value)) trimmed[keyword] = trimMembers(value);
      else trimmed[keyword] = trimSchema(value);
    }
  }
  return trimmed;
}

function trimMembers(members: JsonSchema): Json {
  return Object.fromEntries(
    Object.entries(members).map(([name, schema]) => [name, trimSchema(schema)]),
  );
}

/** Does this keyword say anything that the rest of the schema does not? */
function says(schema: JsonSchema, keyword: string, value: Json): boolean {
  switch (keyword) {
    case "$schema":
    case "id":
      return typeof value !== "string";
    case "type":
      return !isSaidByValues(schema, value);
    case "pattern":
      return schema["format"] === undefined;
    case "maximum":
      return value !== Number.MAX_SAFE_INTEGER;
    case "minimum":
      return value !== Number.MIN_SAFE_INTEGER;
    default:
      return true;
  }
}

function isSaidByValues(schema: JsonSchema, type: Json): boolean {
  const values = Array.isArray(schema["enum"]) ? schema["enum"] : [schema["const"]];
  return (values as ReadonlyArray<Json | undefined>).every((value) => typeof value === type);
}

function refuse(at: string, message: string, help: string): SchemaReading {
  return { ok: false, problems: [problem("contract", "bad-schema", at, message, help)] };
}
