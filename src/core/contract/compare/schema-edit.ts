/**
 * The differences between two schemas, each as an edit that turns a little of the old one into the new
 * one. An edit made alone on the old schema shows what that one change does, in its place.
 *
 * References are written out first, so that a change in `$defs` shows wherever it is used.
 * Combinations (`anyOf` and the like) of another length, and `if`, `not`, `contains`, are one change each.
 */
import { canonicalJson, type Json } from "../../../std/canonical-json.ts";
import { listWords, pointerToken, quote } from "../../problem.ts";
import { isObject, resolveReference } from "../payload.ts";
import type { JsonSchema } from "../types.ts";

/** Keyword by keyword at one place: the new value, or undefined where it is gone. */
type Patch = { readonly [keyword: string]: Json | undefined };

export type SchemaEdit = {
  /** JSON Pointer into the schema. */
  readonly path: string;
  /** Where the changed thing sits in a value; `*` is any item or further field. */
  readonly place: ReadonlyArray<string>;
  readonly kind: string;
  readonly before: Json;
  readonly after: Json;
  readonly words: string;
  apply(schema: JsonSchema): JsonSchema;
};

/** Notes for readers; units are compared by `meaning.ts`. */
const NOTES = ["title", "description", "$comment", "examples", "default", "deprecated"] as const;

/** Keywords that are one thing to a reader, with its name. */
const GROUPS: ReadonlyArray<
  readonly [kind: string, name: string, keywords: ReadonlyArray<string>]
> = [
  ["type", "type", ["type"]],
  ["values", "allowed values", ["enum", "const"]],
  ["lower-bound", "lower bound", ["minimum", "exclusiveMinimum"]],
  ["upper-bound", "upper bound", ["maximum", "exclusiveMaximum"]],
  ["multiple", "multipleOf", ["multipleOf"]],
  ["length", "least length", ["minLength"]],
  ["length", "greatest length", ["maxLength"]],
  ["pattern", "pattern", ["pattern"]],
  ["format", "format", ["format"]],
  ["unique-items", "uniqueItems", ["uniqueItems"]],
  ["contains", "contains", ["contains", "minContains", "maxContains"]],
  ["field-count", "least number of fields", ["minProperties"]],
  ["field-count", "greatest number of fields", ["maxProperties"]],
  ["dependent-fields", "dependentRequired", ["dependentRequired"]],
  ["rule", "not", ["not"]],
  ["rule", "if, then, else", ["if", "then", "else"]],
];
const ITEM_COUNT: ReadonlyArray<readonly [string, string]> = [
  ["least number of items", "minItems"],
  ["greatest number of items", "maxItems"],
];

/** The schema with every reference written out. */
export function inlineReferences(schema: JsonSchema, root: JsonSchema = schema): JsonSchema {
  const copy: { [key: string]: Json } = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === "$defs" || keyword === "$ref" || value === undefined) continue;
    copy[keyword] = ["enum", "const", "examples", "default"].includes(keyword)
      ? value
      : inlineValue(value, root);
  }
  if (schema["$ref"] === undefined) return copy;
  const target = resolveReference(root, schema);
  const inlined = isObject(target) ? inlineReferences(target, root) : (target ?? true);
  const validates = Object.keys(copy).some((keyword) => !isNote(keyword));
  if (isObject(inlined) && !validates) return { ...inlined, ...copy };
  return { ...copy, allOf: [...((copy["allOf"] ?? []) as ReadonlyArray<Json>), inlined] };
}

function inlineValue(value: Json, root: JsonSchema): Json {
  if (Array.isArray(value)) {
    return (value as ReadonlyArray<Json>).map((item) => inlineValue(item, root));
  }
  return isObject(value) ? inlineReferences(value, root) : value;
}

function isNote(keyword: string): boolean {
  return (NOTES as ReadonlyArray<string>).includes(keyword);
}

/** Both without references. */
export function listSchemaEdits(before: JsonSchema, after: JsonSchema): ReadonlyArray<SchemaEdit> {
  const edits: SchemaEdit[] = [];
  compare({ before, after, tokens: [], place: [] }, edits);
  return edits;
}

type Spot = {
  readonly before: JsonSchema;
  readonly after: JsonSchema;
  readonly tokens: ReadonlyArray<string>;
  readonly place: ReadonlyArray<string>;
};

function compare(spot: Spot, edits: SchemaEdit[]): void {
  if (same(spot.before, spot.after)) return;
  for (const [kind, name, keywords] of GROUPS) {
    addGroup(spot, kind, name, keywords, edits);
  }
  compareFields(spot, edits);
  compareFurther(spot, "additionalProperties", "further fields", edits);
  compareItems(spot, edits);
  for (const keyword of ["allOf", "anyOf", "oneOf"]) compareAlternatives(spot, keyword, edits);
  for (const keyword of NOTES) addGroup(spot, "note", keyword, [keyword], edits);
}

function addGroup(
  spot: Spot,
  kind: string,
  name: string,
  keywords: ReadonlyArray<string>,
  edits: SchemaEdit[],
): void {
  if (keywords.every((keyword) => same(spot.before[keyword], spot.after[keyword]))) return;
  const patch = Object.fromEntries(keywords.map((keyword) => [keyword, spot.after[keyword]]));
  edits.push({
    path: pathOf(spot, keywords.find((keyword) => spot.after[keyword] !== undefined) ?? ""),
    place: spot.place,
    kind,
    before: select(spot.before, keywords),
    after: select(spot.after, keywords),
    words: `${nameOf(spot)}: ${sayChange(spot, kind, name, keywords)}`,
    apply: (schema) => patchAt(schema, spot.tokens, patch),
  });
}

function compareFields(spot: Spot, edits: SchemaEdit[]): void {
  const [old, now] = [fieldsOf(spot.before), fieldsOf(spot.after)];
  const [needed, needs] = [requiredOf(spot.before), requiredOf(spot.after)];
  const names = new Set([...Object.keys(old), ...Object.keys(now), ...needed, ...needs]);
  for (const name of names) {
    const [was, is] = [own(old, name), own(now, name)];
    const place = [...spot.place, name];
    const path = pathOf(spot, "properties", name);
    const label = quote(place.join("."));
    const setRequired = (schema: JsonSchema, isNeeded: boolean): Patch => {
      const others = requiredOf(schema).filter((one) => one !== name);
      const required = isNeeded ? [...others, name] : others;
      return { required: required.length > 0 ? required : undefined };
    };
    const edit = (kind: string, words: string, patch: (at: JsonSchema) => Patch): void => {
      edits.push({
        path,
        place,
        kind,
        before: was ?? null,
        after: is ?? null,
        words,
        apply: (schema) => changeAt(schema, spot.tokens, (at) => merge(at, patch(at))),
      });
    };
    if (was === undefined && is !== undefined) {
      const isNeeded = needs.includes(name);
      const twin = Object.keys(old).find(
        (other) => own(now, other) === undefined && same(old[other], is),
      );
      const hint = twin === undefined ? "" : `; is it ${quote(twin)} renamed?`;
      edit(
        isNeeded ? "required-field-added" : "field-added",
        `${label}: ${isNeeded ? "required" : "optional"} field added${hint}`,
        (at) => ({
          properties: { ...fieldsOf(at), [name]: is },
          ...setRequired(at, isNeeded),
        }),
      );
      continue;
    }
    if (was !== undefined && is === undefined) {
      edit("field-removed", `${label}: field removed`, (at) => {
        const { [name]: _gone, ...rest } = fieldsOf(at);
        return { properties: rest, ...setRequired(at, needs.includes(name)) };
      });
      continue;
    }
    if (needed.includes(name) !== needs.includes(name)) {
      const isNeeded = needs.includes(name);
      edit(
        isNeeded ? "now-required" : "now-optional",
        `${label}: ${isNeeded ? "optional -> required" : "required -> optional"}`,
        (at) => setRequired(at, isNeeded),
      );
    }
    compareChildren(spot, ["properties", name], name, was, is, edits);
  }
}

/** A schema at the same place on both sides: looked into, or one change where one is only true or false. */
function compareChildren(
  spot: Spot,
  tokens: ReadonlyArray<string>,
  step: string | undefined,
  was: Json | undefined,
  is: Json | undefined,
  edits: SchemaEdit[],
): void {
  if (same(was, is)) return;
  const place = step === undefined ? spot.place : [...spot.place, step];
  const at = { tokens: [...spot.tokens, ...tokens], place };
  if (isObject(was) && isObject(is)) {
    compare({ before: was, after: is, ...at }, edits);
    return;
  }
  edits.push({
    path: pathOf(spot, ...tokens),
    place,
    kind: "schema",
    before: was ?? null,
    after: is ?? null,
    words: `${nameOf({ place })}: ${short(was)} -> ${short(is)}`,
    apply: (schema) => replaceAt(schema, at.tokens, is),
  });
}

function compareFurther(spot: Spot, keyword: string, name: string, edits: SchemaEdit[]): void {
  const [was, is] = [spot.before[keyword], spot.after[keyword]];
  if (isObject(was) && isObject(is)) {
    compareChildren(spot, [keyword], "*", was, is, edits);
  } else addGroup(spot, "further", name, [keyword], edits);
}

function compareItems(spot: Spot, edits: SchemaEdit[]): void {
  const [was, is] = [listOf(spot.before["prefixItems"]), listOf(spot.after["prefixItems"])];
  if (was.length !== is.length) {
    const keywords = ["prefixItems", "items", "minItems", "maxItems"];
    addGroup(spot, "places", "items", keywords, edits);
    return;
  }
  for (const [i, item] of was.entries()) {
    compareChildren(spot, ["prefixItems", String(i)], String(i), item, is[i], edits);
  }
  compareFurther(spot, "items", "items", edits);
  for (const [name, keyword] of ITEM_COUNT) addGroup(spot, "item-count", name, [keyword], edits);
}

function compareAlternatives(spot: Spot, keyword: string, edits: SchemaEdit[]): void {
  const [was, is] = [listOf(spot.before[keyword]), listOf(spot.after[keyword])];
  if (was.length !== is.length || was.length === 0) {
    addGroup(spot, "alternatives", keyword, [keyword], edits);
    return;
  }
  for (const [i, one] of was.entries()) {
    compareChildren(spot, [keyword, String(i)], undefined, one, is[i], edits);
  }
}

// --- reading and editing plain schemas ---

function fieldsOf(schema: JsonSchema): { readonly [name: string]: Json } {
  return isObject(schema["properties"]) ? schema["properties"] : {};
}

function own(fields: { readonly [name: string]: Json }, name: string): Json | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function requiredOf(schema: JsonSchema): ReadonlyArray<string> {
  return (schema["required"] ?? []) as ReadonlyArray<string>;
}

function listOf(value: Json | undefined): ReadonlyArray<Json> {
  return (Array.isArray(value) ? value : []) as ReadonlyArray<Json>;
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || canonicalJson(a) === canonicalJson(b);
}

function merge(schema: JsonSchema, patch: Patch): JsonSchema {
  const merged = { ...schema, ...patch };
  return Object.fromEntries(
    Object.entries(merged).filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
}

function patchAt(schema: JsonSchema, tokens: ReadonlyArray<string>, patch: Patch): JsonSchema {
  return changeAt(schema, tokens, (at) => merge(at, patch));
}

function replaceAt(
  schema: JsonSchema,
  tokens: ReadonlyArray<string>,
  value: Json | undefined,
): JsonSchema {
  const last = tokens.at(-1) ?? "";
  return changeAt(schema, tokens.slice(0, -1), (at) =>
    Array.isArray(at)
      ? (at.map((item, i) => (String(i) === last ? value : item)) as unknown as JsonSchema)
      : merge(at, { [last]: value }),
  );
}

function changeAt(
  schema: JsonSchema,
  tokens: ReadonlyArray<string>,
  change: (at: JsonSchema) => JsonSchema,
): JsonSchema {
  const [token, ...rest] = tokens;
  if (token === undefined) return change(schema);
  const inner = (child: Json | undefined): JsonSchema =>
    changeAt((child ?? {}) as JsonSchema, rest, change);
  if (Array.isArray(schema)) {
    const list = schema as ReadonlyArray<Json>;
    return list.map((item, i) =>
      String(i) === token ? inner(item) : item,
    ) as unknown as JsonSchema;
  }
  return { ...schema, [token]: inner(schema[token]) };
}

// --- words ---

function pathOf(spot: { readonly tokens: ReadonlyArray<string> }, ...more: string[]): string {
  return [...spot.tokens, ...more]
    .filter((token) => token !== "")
    .map((token) => `/${pointerToken(token)}`)
    .join("");
}

function nameOf({ place }: { readonly place: ReadonlyArray<string> }): string {
  return place.length === 0 ? "the whole" : quote(place.join("."));
}

function select(schema: JsonSchema, keywords: ReadonlyArray<string>): Json {
  const held = keywords.filter((keyword) => schema[keyword] !== undefined);
  const [only] = held;
  if (only !== undefined && keywords.length === 1) return schema[only] ?? null;
  if (held.length === 0) return null;
  return Object.fromEntries(held.map((keyword) => [keyword, schema[keyword]]));
}

const SIGNS: Readonly<Record<string, string>> = {
  minimum: ">= ",
  exclusiveMinimum: "> ",
  maximum: "<= ",
  exclusiveMaximum: "< ",
};

function sayChange(
  { before, after }: Spot,
  kind: string,
  name: string,
  keywords: ReadonlyArray<string>,
): string {
  if (kind === "note") return `${name} reworded`;
  const [was, is] = [before, after].map(({ enum: values, const: value }) =>
    value === undefined ? listOf(values) : [value],
  ) as [ReadonlyArray<Json>, ReadonlyArray<Json>];
  if (kind === "values" && was.length > 0 && is.length > 0) {
    const without = (list: ReadonlyArray<Json>, other: ReadonlyArray<Json>): string[] =>
      list.filter((one) => !other.some((two) => same(one, two))).map(short);
    const [gained, lost] = [without(is, was), without(was, is)];
    const parts = [
      ...(gained.length > 0 ? [`gained ${listWords(gained, "and")}`] : []),
      ...(lost.length > 0 ? [`lost ${listWords(lost, "and")}`] : []),
    ];
    return `${name} ${parts.length === 0 ? "written differently" : parts.join(", ")}`;
  }
  return `${name} ${say(before, keywords)} -> ${say(after, keywords)}`;
}

function say(schema: JsonSchema, keywords: ReadonlyArray<string>): string {
  const parts = keywords.flatMap((keyword) => {
    const value = schema[keyword];
    return value === undefined ? [] : [`${SIGNS[keyword] ?? ""}${short(value)}`];
  });
  return parts.length === 0 ? "none" : parts.join(" and ");
}

const SHORT_MAX = 70;

function short(value: Json | undefined): string {
  if (value === undefined) return "anything";
  const text = typeof value === "string" ? value : canonicalJson(value);
  const flat = text.replaceAll(/[\p{C}\p{Z}]/gu, " ");
  return flat.length > SHORT_MAX ? `${flat.slice(0, SHORT_MAX).toWellFormed()}...` : flat;
}
