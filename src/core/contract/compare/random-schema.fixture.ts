/**
 * Random schemas and instances for the tests of comparison, seeded. Constants are few and small, so
 * that keywords meet: a range of 2 to 5 beside an enumeration of 3 and 7, a pattern beside a length.
 */
import type { Json } from "../../../std/canonical-json.ts";
import { integerBetween, type Random } from "../../../std/random.ts";
import type { JsonSchema } from "../types.ts";

type Draft = { [key: string]: Json };

export function pick<T>(random: Random, list: ReadonlyArray<T>): T {
  return list[integerBetween(random, 0, list.length)] as T;
}

const chance = (random: Random, share: number): boolean => random.next() < share;
const small = (random: Random): number => integerBetween(random, 0, 7);

const NAMES = ["a", "b", "c"];
const TEXTS = ["", "a", "b", "ab", "abc", "2026-01-31", "A1", "é", "aaaaaa"];
const PATTERNS = [
  "^[a-c]+$",
  "^[a-z]{1,2}$",
  "b",
  "^(?:ab|[0-9]{4}-.*)$",
  "^a?$",
  "\\d",
  "^[^a]*$",
];
const NUMBERS = [-2, -1, 0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 0.25, 0.1, 100];

/** Any value, small, with the names and texts that the schemas use. */
export function randomValue(random: Random, depth = 2): Json {
  const roll = random.next();
  if (roll < 0.1) return null;
  if (roll < 0.2) return chance(random, 0.5);
  if (roll < 0.45 || depth === 0) {
    return chance(random, 0.5) ? pick(random, NUMBERS) : pick(random, TEXTS);
  }
  if (roll < 0.6) return pick(random, TEXTS);
  if (roll < 0.8) {
    const length = integerBetween(random, 0, 4);
    return Array.from({ length }, () => randomValue(random, depth - 1));
  }
  const object: Draft = {};
  for (const name of [...NAMES, "d"]) {
    if (chance(random, 0.45)) object[name] = randomValue(random, depth - 1);
  }
  return object;
}

/** A schema of any type that contracts may use. */
export function randomSchema(random: Random, depth = 2): JsonSchema {
  const roll = random.next();
  if (depth > 0 && roll < 0.16) return combination(random, depth);
  if (roll < 0.22) {
    const length = integerBetween(random, 1, 4);
    const values = Array.from({ length }, () => randomValue(random, 1));
    return { enum: [...new Map(values.map((value) => [JSON.stringify(value), value])).values()] };
  }
  if (roll < 0.25) return { const: randomValue(random, 1) };
  const kinds = ["number", "integer", "string", "boolean", "null"];
  if (depth > 0) kinds.push("object", "object", "object", "array", "array");
  const draft: Draft = {};
  const type = pick(random, kinds);
  const second = chance(random, 0.2) ? pick(random, kinds) : type;
  draft["type"] = second === type ? type : [type, second];
  for (const one of new Set([type, second])) addKeywords(random, draft, one, depth);
  return draft;
}

function addKeywords(random: Random, draft: Draft, type: string, depth: number): void {
  const maybe = (keyword: string, value: () => Json, share = 0.35): void => {
    if (chance(random, share)) draft[keyword] = value();
  };
  const child = (): Json => randomSchema(random, depth - 1);
  const childOrBoolean = (): Json => (chance(random, 0.3) ? chance(random, 0.3) : child());
  switch (type) {
    case "number":
    case "integer":
      maybe("minimum", () => pick(random, NUMBERS));
      maybe("maximum", () => pick(random, NUMBERS));
      maybe("exclusiveMinimum", () => pick(random, NUMBERS), 0.15);
      maybe("exclusiveMaximum", () => pick(random, NUMBERS), 0.15);
      maybe("multipleOf", () => pick(random, [1, 2, 3, 4, 0.5, 0.25, 0.1]), 0.15);
      break;
    case "string":
      maybe("minLength", () => integerBetween(random, 0, 4));
      maybe("maxLength", () => integerBetween(random, 0, 5));
      maybe("pattern", () => pick(random, PATTERNS), 0.3);
      maybe("format", () => pick(random, ["date", "date-time", "email", "uri", "uuid"]), 0.1);
      break;
    case "array":
      maybe("minItems", () => integerBetween(random, 0, 4));
      maybe("maxItems", () => integerBetween(random, 0, 4));
      maybe("uniqueItems", () => true, 0.2);
      maybe("items", childOrBoolean, 0.6);
      maybe("prefixItems", () => [child(), ...(chance(random, 0.5) ? [child()] : [])], 0.2);
      // Not with `prefixItems`: there Ajv 8.20 takes an empty list for one that contains something.
      // Contracts are not touched by it, because strict mode wants `minItems` beside `prefixItems`.
      if (draft["prefixItems"] === undefined && chance(random, 0.25)) {
        draft["contains"] = child();
        maybe("minContains", () => integerBetween(random, 0, 3));
        maybe("maxContains", () => integerBetween(random, 0, 3));
      }
      break;
    case "object": {
      const names = NAMES.filter(() => chance(random, 0.6));
      draft["properties"] = Object.fromEntries(names.map((name) => [name, childOrBoolean()]));
      maybe("additionalProperties", childOrBoolean, 0.6);
      maybe("required", () => [...NAMES, "d"].filter(() => chance(random, 0.4)), 0.6);
      maybe("minProperties", () => integerBetween(random, 0, 4), 0.15);
      maybe("maxProperties", () => integerBetween(random, 0, 4), 0.15);
      maybe("dependentRequired", () => ({ [pick(random, NAMES)]: [pick(random, NAMES)] }), 0.1);
      break;
    }
    default:
      break;
  }
}

function combination(random: Random, depth: number): JsonSchema {
  const some = (): Json =>
    Array.from({ length: integerBetween(random, 1, 4) }, () => randomSchema(random, depth - 1));
  const one = (): Json => randomSchema(random, depth - 1);
  switch (small(random)) {
    case 0:
    case 1:
      return { anyOf: some() };
    case 2:
      return { oneOf: some() };
    case 3:
      return { allOf: some() };
    case 4:
      return { not: one() };
    default:
      return { if: one(), then: one(), else: one() };
  }
}

/** The schema with one thing changed somewhere. */
export function mutateSchema(random: Random, schema: JsonSchema, depth = 2): JsonSchema {
  const draft: Draft = { ...structuredClone(schema) };
  const keys = Object.keys(draft);
  const key = pick(random, keys);
  const value = draft[key];
  if (value === undefined || chance(random, 0.08)) return randomSchema(random, depth);
  const isBranch = typeof value === "object" && value !== null;
  if (typeof value === "number") {
    draft[key] = Math.max(key === "multipleOf" ? 1 : 0, value + pick(random, [-1, 1, 0.5]));
    if (/^(?:min|max)(?:Len|Items|Prop|Con)/.test(key)) draft[key] = Math.floor(draft[key]);
  } else if (key === "type" && value === "integer") draft[key] = "number";
  else if (key === "type" && value === "number") draft[key] = "integer";
  else if (key === "enum" && Array.isArray(value)) {
    const list = value as ReadonlyArray<Json>;
    const fewer = list.length > 1 && chance(random, 0.5);
    draft[key] = fewer ? list.slice(1) : [...list, `new${list.length}`];
  } else if (["anyOf", "oneOf", "allOf", "prefixItems"].includes(key) && Array.isArray(value)) {
    const list = [...(value as ReadonlyArray<Json>)];
    const at = integerBetween(random, 0, list.length);
    const child = list[at];
    if (chance(random, 0.3) && list.length > 1) list.splice(at, 1);
    else if (typeof child === "object")
      list[at] = mutateSchema(random, child as JsonSchema, depth - 1);
    draft[key] = list;
  } else if (key === "properties" && isBranch) {
    const members = { ...(value as Draft) };
    const name = pick(random, NAMES);
    const child = members[name];
    if (child === undefined || chance(random, 0.25))
      members[name] = randomSchema(random, depth - 1);
    else if (chance(random, 0.25)) delete members[name];
    else if (typeof child === "object") {
      members[name] = mutateSchema(random, child as JsonSchema, depth - 1);
    }
    draft[key] = members;
  } else if (key === "required" && Array.isArray(value)) {
    const list = value as ReadonlyArray<string>;
    const name = pick(random, [...NAMES, "d"]);
    draft[key] = list.includes(name) ? list.filter((one) => one !== name) : [...list, name];
  } else if (isBranch && !Array.isArray(value) && key !== "const" && key !== "dependentRequired") {
    draft[key] = mutateSchema(random, value as JsonSchema, depth - 1);
  } else if (typeof value === "boolean") draft[key] = !value;
  else if (key !== "type") delete draft[key];
  return draft;
}
