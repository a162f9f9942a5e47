/**
 * Instances to try two schemas with, made without the comparison's own methods: every number, text,
 * name and length that the schemas mention, and what lies just beside it, put together at random
 * along the shape of either schema.
 */
import type { Json } from "../../../std/canonical-json.ts";
import { integerBetween, type Random } from "../../../std/random.ts";
import { isObject, resolveReference } from "../payload.ts";
import type { JsonSchema } from "../types.ts";
import { pick } from "./random-schema.fixture.ts";

const TEXTS = [
  "",
  "a",
  "b",
  "ab",
  "abc",
  "xab",
  "AB",
  "ABC",
  "12",
  "0",
  "2026-01-31",
  "2026-02-30",
];
const MORE_TEXTS = ["9999-99-99", "2026-01-31T06:30:00Z", "a@b.co", "https://a.in", "é", "a b"];

type Pool = { numbers: number[]; texts: string[]; names: string[]; values: Json[] };

function collect(value: Json | undefined, pool: Pool): void {
  if (typeof value === "number") {
    pool.numbers.push(value, value - 1, value + 1, value - 0.5, value + 0.5, value + 0.001);
    const length = Math.max(0, Math.min(value, 40));
    for (const by of [-1, 0, 1]) pool.texts.push("x".repeat(Math.max(0, Math.floor(length + by))));
  } else if (typeof value === "string") pool.texts.push(value);
  else if (Array.isArray(value)) for (const item of value) collect(item as Json, pool);
  else if (isObject(value)) {
    for (const [keyword, inner] of Object.entries(value)) {
      if (keyword === "properties" && isObject(inner)) pool.names.push(...Object.keys(inner));
      if (keyword === "enum" && Array.isArray(inner)) pool.values.push(...(inner as Json[]));
      if (keyword === "const") pool.values.push(inner as Json);
      collect(inner, pool);
    }
  }
}

/** `count` instances for a pair of schemas. */
export function instancesFor(
  random: Random,
  schemas: ReadonlyArray<JsonSchema>,
  count: number,
): ReadonlyArray<Json> {
  const pool: Pool = {
    numbers: [0, 1, -1, 0.5, 7],
    texts: [...TEXTS, ...MORE_TEXTS],
    names: ["extra"],
    values: [],
  };
  for (const schema of schemas) collect(schema, pool);
  return Array.from({ length: count }, () => {
    const root = pick(random, schemas);
    return grow(random, root, root, pool, 4);
  });
}

function grow(
  random: Random,
  schema: Json | undefined,
  root: JsonSchema,
  pool: Pool,
  depth: number,
): Json {
  if (!isObject(schema) || depth === 0 || random.next() < 0.08)
    return anything(random, pool, depth);
  if (schema["$ref"] !== undefined) {
    return grow(random, resolveReference(root, schema), root, pool, depth - 1);
  }
  for (const keyword of ["anyOf", "oneOf", "allOf"]) {
    const parts = schema[keyword];
    if (!Array.isArray(parts) || random.next() < 0.3) continue;
    return grow(random, pick(random, parts as ReadonlyArray<Json>), root, pool, depth - 1);
  }
  const { enum: values, const: value, type } = schema;
  if (Array.isArray(values) && random.next() < 0.8) return pick(random, values as Json[]);
  if (value !== undefined && random.next() < 0.8) return value;
  const kinds = [type ?? []].flat() as ReadonlyArray<string>;
  switch (kinds.length > 0 ? pick(random, kinds) : undefined) {
    case "object": {
      const fields = isObject(schema["properties"]) ? schema["properties"] : {};
      const needed = (schema["required"] ?? []) as ReadonlyArray<string>;
      const share = pick(random, [0, 0.3, 0.5, 0.8, 1]);
      const names = [...new Set([...Object.keys(fields), ...needed, ...pool.names])];
      const chosen = names.filter((name) => {
        if (needed.includes(name)) return random.next() < 0.9;
        return random.next() < (Object.hasOwn(fields, name) ? share : share * 0.3);
      });
      const further = schema["additionalProperties"];
      return Object.fromEntries(
        chosen.map((name) => {
          const inner = Object.hasOwn(fields, name) ? fields[name] : further;
          return [name, grow(random, inner, root, pool, depth - 1)];
        }),
      );
    }
    case "array": {
      const prefix = (schema["prefixItems"] ?? []) as ReadonlyArray<Json>;
      const some = pick(random, [schema["items"], schema["contains"] ?? schema["items"]]);
      const length = integerBetween(random, 0, 5);
      return Array.from({ length }, (_, i) =>
        grow(random, i < prefix.length ? prefix[i] : some, root, pool, depth - 1),
      );
    }
    case "number":
      return pick(random, pool.numbers);
    case "integer":
      return Math.round(pick(random, pool.numbers));
    case "string":
      return pick(random, pool.texts);
    case "boolean":
      return random.next() < 0.5;
    case "null":
      return null;
    default:
      return anything(random, pool, depth);
  }
}

function anything(random: Random, pool: Pool, depth: number): Json {
  const roll = integerBetween(random, 0, depth > 0 ? 8 : 5);
  if (roll === 0) return null;
  if (roll === 1) return random.next() < 0.5;
  if (roll === 2) return pick(random, pool.texts);
  if (roll === 3) return pick(random, pool.numbers);
  if (roll === 4) return pool.values.length > 0 ? pick(random, pool.values) : 0;
  if (roll === 5) return Math.round(pick(random, pool.numbers));
  if (roll === 6)
    return Array.from({ length: integerBetween(random, 0, 4) }, () => anything(random, pool, 0));
  return Object.fromEntries(
    pool.names.filter(() => random.next() < 0.5).map((name) => [name, anything(random, pool, 0)]),
  );
}
