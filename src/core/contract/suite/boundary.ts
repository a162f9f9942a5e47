/**
 * The edges of a field, from its schema: each end of its range, each of its values, each length, and
 * the field being there or not. Just inside an edge is a case that must be answered; just outside it is
 * one that must be refused.
 */
import type { Json } from "../../../std/canonical-json.ts";
import { quote } from "../../problem.ts";
import { SIGNAL_LIMITS } from "../signal.ts";
import type { JsonSchema } from "../types.ts";
import { type Field, limitOf, listFields, typesOf } from "./field.ts";
import type { Pinned, ValueMaker } from "./value.ts";

export type Edge = {
  readonly about: string;
  readonly path: string;
  readonly payload: Json;
};

/** Every inner edge of a schema as a valid value, and those places for which none could be made. */
export function listEdges(
  maker: ValueMaker,
  bases: ReadonlyArray<Json>,
): { readonly edges: ReadonlyArray<Edge>; readonly uncovered: ReadonlyArray<string> } {
  const edges: Edge[] = [];
  const uncovered: string[] = [];
  const add = (path: string, about: string, pinned: Pinned): void => {
    const said = `${path} ${about}`;
    if (pinned.kind === "value") edges.push({ about: said, path, payload: pinned.value });
    else if (pinned.kind === "unknown") uncovered.push(`${said}: ${pinned.why}`);
  };
  for (const field of listFields(maker.schema)) {
    if (field.path === "") continue;
    for (const { about, value } of innerValues(field)) {
      add(field.path, about, maker.withValue(bases, field.path, value));
    }
    for (const { about, constraint } of innerSizes(field)) {
      add(field.path, about, sized(maker, bases, field, constraint));
    }
    if (field.mayBeAbsent) {
      add(field.path, "absent", maker.without(bases, field.parent, field.key));
    }
  }
  return { edges, uncovered };
}

type Inner = { readonly about: string; readonly value: Json };

/** Values at the very ends that the keywords of this field allow. */
function innerValues(field: Field): Inner[] {
  const inner: Inner[] = [];
  const types = typesOf(field);
  for (const schema of field.schemas) {
    for (const value of (schema["enum"] ?? []) as ReadonlyArray<Json>) {
      inner.push({ about: `as ${quote(value)}`, value });
    }
  }
  if (inner.length > 0) return inner;
  if (types?.has("boolean") === true) {
    inner.push({ about: "as `true`", value: true }, { about: "as `false`", value: false });
  }
  if (types?.has("null") === true) inner.push({ about: "as `null`", value: null });
  for (const [keyword, words] of NUMBER_ENDS) {
    const limit = limitOf(field, keyword);
    if (limit === undefined) continue;
    const value = keyword.startsWith("exclusive") ? inside(field, keyword, limit) : limit;
    inner.push({ about: `at its ${words}, ${value}`, value });
  }
  return inner;
}

const NUMBER_ENDS = [
  ["minimum", "least"],
  ["maximum", "most"],
  ["exclusiveMinimum", "least"],
  ["exclusiveMaximum", "most"],
] as const;

function isWhole(field: Field): boolean {
  const types = typesOf(field);
  return types?.has("integer") === true && !types.has("number");
}

/** The least step that matters at `limit`. */
function stepOf(field: Field, limit: number): number {
  const multiple = limitOf(field, "multipleOf");
  if (multiple !== undefined) return multiple;
  return isWhole(field) ? 1 : 1e-6 * Math.max(1, Math.abs(limit));
}

function inside(field: Field, keyword: string, limit: number): number {
  const step = stepOf(field, limit);
  return keyword === "exclusiveMinimum" ? limit + step : limit - step;
}

type Size = { readonly about: string; readonly constraint: JsonSchema };

/** Lengths of texts and lists at their ends; what a signal cannot carry at all is left out. */
function innerSizes(field: Field): Size[] {
  const sizes: Size[] = [];
  const add = (keyword: string, type: string, words: string, most: number): void => {
    const limit = limitOf(field, keyword);
    if (limit === undefined || limit > most) return;
    const [min, max] = type === "string" ? ["minLength", "maxLength"] : ["minItems", "maxItems"];
    const constraint = { type, [min]: limit, [max]: limit };
    sizes.push({ about: `with ${limit} ${words}`, constraint });
  };
  if (field.schemas.some((schema) => "enum" in schema || "const" in schema)) return sizes;
  add("minLength", "string", "characters, the fewest", SIGNAL_LIMITS.textMax);
  add("maxLength", "string", "characters, the most", SIGNAL_LIMITS.textMax);
  add("minItems", "array", "items, the fewest", SIGNAL_LIMITS.itemsMax);
  add("maxItems", "array", "items, the most", SIGNAL_LIMITS.itemsMax);
  const takesList = typesOf(field)?.has("array") === true;
  if (takesList && limitOf(field, "minItems") === undefined) {
    sizes.push({ about: "as an empty list", constraint: { type: "array", maxItems: 0 } });
  }
  return sizes;
}

function sized(
  maker: ValueMaker,
  bases: ReadonlyArray<Json>,
  field: Field,
  constraint: JsonSchema,
): Pinned {
  const count = Number(constraint["maxItems"] ?? constraint["maxLength"]);
  for (const base of bases) {
    const at = valueAtPath(base, field.path);
    const value = Array.isArray(at)
      ? at.length === 0 && count > 0
        ? undefined
        : Array.from(
            { length: count },
            (_, i) => (at as ReadonlyArray<Json>)[i % at.length] ?? null,
          )
      : typeof at === "string"
        ? at.padEnd(count, "abcdefgh ").slice(0, count)
        : undefined;
    if (value === undefined) continue;
    const pinned = maker.withValue([base], field.path, value);
    if (pinned.kind === "value") return pinned;
  }
  return maker.where(field.path, constraint);
}

function valueAtPath(root: Json, path: string): Json | undefined {
  return path
    .split("/")
    .slice(1)
    .reduce<Json | undefined>((node, token) => {
      if (typeof node !== "object" || node === null) return undefined;
      const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
      return (node as { readonly [key: string]: Json | undefined })[key];
    }, root);
}

/** Values just outside the field's edges; mostly wrong, which whoever uses them checks. */
export function outerValues(field: Field): Array<{ readonly about: string; readonly value: Json }> {
  const outer: Array<{ readonly about: string; readonly value: Json }> = [];
  const add = (about: string, value: Json): void => void outer.push({ about, value });
  const hasValues = field.schemas.some((schema) => "enum" in schema || "const" in schema);
  if (hasValues) {
    add("as a value nobody listed", "no-such-value");
    for (const schema of field.schemas) {
      const [first] = (schema["enum"] ?? []) as ReadonlyArray<Json>;
      if (typeof first === "string") add("in capitals", first.toUpperCase());
      if (typeof first === "string") add("with a blank after it", `${first} `);
    }
    return outer;
  }
  for (const keyword of ["minimum", "maximum"] as const) {
    const limit = limitOf(field, keyword);
    if (limit === undefined) continue;
    const step = stepOf(field, limit);
    if (keyword === "minimum") add("just below its least", limit - step);
    else add("just above its most", limit + step);
  }
  for (const keyword of ["exclusiveMinimum", "exclusiveMaximum"] as const) {
    const limit = limitOf(field, keyword);
    if (limit !== undefined) add("at the limit that it must not reach", limit);
  }
  const multiple = limitOf(field, "multipleOf");
  if (multiple !== undefined)
    add("between two steps", (limitOf(field, "minimum") ?? 0) + multiple / 2);
  if (isWhole(field)) add("as a broken number", (limitOf(field, "minimum") ?? 0) + 0.5);
  const fewest = limitOf(field, "minLength");
  if (fewest !== undefined && fewest > 0) add("one character too short", "x".repeat(fewest - 1));
  const longest = limitOf(field, "maxLength");
  if (longest !== undefined && longest < SIGNAL_LIMITS.textMax) {
    add("one character too long", "x".repeat(longest + 1));
  }
  if (field.schemas.some((schema) => "pattern" in schema)) add("in another form", "\u{1F4A5} ?");
  if (field.schemas.some((schema) => "format" in schema)) {
    add("in another format", "the day before yesterday");
    add("on a day that is not in the calendar", "2026-02-30");
  }
  return outer;
}
