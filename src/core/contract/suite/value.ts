/**
 * Valid values of a schema: a plain one with every field, random ones, and ones in which one place is
 * just so.
 *
 * Most are put together by hand from the keywords and then checked by the ordinary validator. Where
 * keywords depend on one another (`oneOf`, `if`, `not`) and putting together fails, the solver that
 * compares schemas is asked for a value instead; it either finds one, proves that there is none, or
 * says that it does not know.
 */
import type { Json } from "../../../std/canonical-json.ts";
import { integerBetween, type Random } from "../../../std/random.ts";
import { addDays, type Instant, instantFromMs, instantToMs } from "../../../std/time.ts";
import { NodeTable } from "../compare/keyword.ts";
import { Solver } from "../compare/solve.ts";
import { compileSchema, type SchemaCheck } from "../../schema.ts";
import { isObject, resolveReference } from "../payload.ts";
import { SIGNAL_LIMITS } from "../signal.ts";
import type { JsonSchema } from "../types.ts";
import { putAt } from "./field.ts";

export type Pinned =
  | { readonly kind: "value"; readonly value: Json }
  /** Proven: no valid value is like that. */
  | { readonly kind: "impossible" }
  | { readonly kind: "unknown"; readonly why: string };

/** How a value is chosen: `random` undefined means the plain one, with everything in it. */
type Choice = { readonly random: Random | undefined; readonly now: Instant };

const LIST_EXTRA = 3;
const OPTIONAL_SHARE = 0.7;
const WIDE = 10_000;
const DEPTH_MAX = 32;

export class ValueMaker {
  readonly schema: JsonSchema;
  readonly #now: Instant;
  readonly #check: SchemaCheck;
  readonly #table = new NodeTable();
  readonly #solver = new Solver(this.#table);
  #full: Json | undefined;

  constructor(schema: JsonSchema, now: Instant) {
    this.schema = schema;
    this.#now = now;
    this.#check = compileSchema(schema, "contract");
  }

  isValid(value: unknown): boolean {
    return this.#check(value).length === 0;
  }

  /** A plain value with as many fields as can be; undefined when none was found. */
  full(): Json | undefined {
    this.#full ??= this.#orWitness(
      makeValue(this.schema, this.schema, { random: undefined, now: this.#now }, 0),
    );
    return this.#full;
  }

  random(random: Random): Json | undefined {
    for (let tries = 0; tries < 4; tries++) {
      const value = makeValue(this.schema, this.schema, { random, now: this.#now }, 0);
      if (this.isValid(value)) return value;
    }
    return this.full();
  }

  /** The first of `bases`, changed at `path` to `value`, that is valid; or whatever the solver finds. */
  withValue(bases: ReadonlyArray<Json>, path: string, value: Json): Pinned {
    for (const base of bases) {
      const changed = putAt(base, path, value);
      if (changed !== undefined && this.isValid(changed)) {
        return { kind: "value", value: changed as Json };
      }
    }
    return this.where(path, { const: value });
  }

  without(bases: ReadonlyArray<Json>, parent: string, key: string): Pinned {
    for (const base of bases) {
      const changed = putAt(base, `${parent}/${key}`, undefined);
      if (changed !== undefined && this.isValid(changed)) {
        return { kind: "value", value: changed as Json };
      }
    }
    const name = key.replaceAll("~1", "/").replaceAll("~0", "~");
    return this.where(parent, { type: "object", not: { required: [name] } });
  }

  /** A valid value in which what stands at `path` keeps `constraint` too. */
  where(path: string, constraint: JsonSchema): Pinned {
    const answer = this.#solver.ask([
      { node: this.#table.read(this.schema, this.schema), holds: true },
      { node: this.#table.read(pinAt(path, constraint), {}), holds: true },
    ]);
    if (answer.kind === "none") return { kind: "impossible" };
    if (answer.kind === "unknown") return answer;
    return this.isValid(answer.value)
      ? { kind: "value", value: answer.value }
      : { kind: "unknown", why: "the validator disagrees on the value that was found" };
  }

  #orWitness(value: Json): Json | undefined {
    if (this.isValid(value)) return value;
    const found = this.where("", {});
    return found.kind === "value" ? found.value : undefined;
  }
}

function pinAt(path: string, constraint: JsonSchema): JsonSchema {
  return path
    .split("/")
    .slice(1)
    .reduceRight<JsonSchema>((inner, token) => {
      const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
      const member = { type: "object", required: [name], properties: { [name]: inner } };
      if (!/^\d+$/.test(token)) return member;
      const index = Number(token);
      const before = Array.from({ length: index }, () => ({}));
      const item = { type: "array", minItems: index + 1, prefixItems: [...before, inner] };
      return { anyOf: [item, member] };
    }, constraint);
}

/** Not always valid: what depends on several keywords at once is left to whoever checks. */
export function makeValue(
  root: JsonSchema,
  schema: Json | undefined,
  choice: Choice,
  depth: number,
): Json {
  if (!isObject(schema) || depth > DEPTH_MAX) return choice.random === undefined ? "any" : 1;
  const node = flatten(root, schema, choice.random, 0);
  const { random } = choice;
  const pick = <T>(list: ReadonlyArray<T>): T => {
    return list[random === undefined ? 0 : integerBetween(random, 0, list.length)] as T;
  };
  if (node["const"] !== undefined) return node["const"];
  const values = node["enum"];
  if (Array.isArray(values)) return pick(values as ReadonlyArray<Json>);
  const type = pick([node["type"] ?? guessType(node)].flat() as ReadonlyArray<string>);
  switch (type) {
    case "object":
      return makeObject(root, node, choice, depth);
    case "array":
      return makeList(root, node, choice, depth);
    case "integer":
    case "number":
      return makeNumber(node, type === "integer", random);
    case "boolean":
      return random === undefined ? true : random.next() < 0.5;
    case "string":
      return makeText(node, choice);
    default:
      return null;
  }
}

function guessType(node: JsonSchema): string {
  if ("properties" in node || "required" in node) return "object";
  if ("items" in node || "prefixItems" in node) return "array";
  return "minimum" in node || "maximum" in node ? "number" : "string";
}

/** One schema of all that it is combined of; of alternatives, one is chosen. */
function flatten(
  root: JsonSchema,
  node: JsonSchema,
  random: Random | undefined,
  depth: number,
): JsonSchema {
  const parts: Array<Json | undefined> = [];
  if (node["$ref"] !== undefined) parts.push(resolveReference(root, node));
  if (Array.isArray(node["allOf"])) parts.push(...(node["allOf"] as ReadonlyArray<Json>));
  for (const keyword of ["anyOf", "oneOf"]) {
    const branches = node[keyword];
    if (!Array.isArray(branches) || branches.length === 0) continue;
    const at = random === undefined ? 0 : integerBetween(random, 0, branches.length);
    parts.push((branches as ReadonlyArray<Json>)[at]);
  }
  const objects = parts.filter((part) => isObject(part));
  if (objects.length === 0 || depth > DEPTH_MAX) return node;
  return objects
    .map((part) => flatten(root, part, random, depth + 1))
    .reduce<JsonSchema>((whole, part) => mergeSchemas(whole, part), node);
}

function mergeSchemas(a: JsonSchema, b: JsonSchema): JsonSchema {
  const merged: { [key: string]: Json } = { ...a };
  for (const [key, value] of membersOf(b)) {
    const other = a[key];
    if (other === undefined) merged[key] = value;
    else if (key === "properties" && isObject(other) && isObject(value)) {
      const both: { [name: string]: Json } = { ...other };
      for (const [name, child] of membersOf(value)) {
        const known = both[name];
        both[name] = known === undefined ? child : { allOf: [known, child] };
      }
      merged[key] = both;
    } else if (key === "required") {
      merged[key] = [...new Set([...(other as string[]), ...(value as string[])])];
    } else if (typeof other === "number" && typeof value === "number") {
      const isLeast = key.startsWith("min") || key === "exclusiveMinimum";
      merged[key] = isLeast ? Math.max(other, value) : Math.min(other, value);
    }
  }
  return merged;
}

function membersOf(object: JsonSchema): Array<[string, Json]> {
  return Object.entries<Json | undefined>(object).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
}

function makeObject(root: JsonSchema, node: JsonSchema, choice: Choice, depth: number): Json {
  const properties = isObject(node["properties"]) ? node["properties"] : {};
  const required = new Set((node["required"] ?? []) as ReadonlyArray<string>);
  const made: { [key: string]: Json } = {};
  for (const [name, child] of membersOf(properties)) {
    const isWanted =
      required.has(name) || choice.random === undefined || choice.random.next() < OPTIONAL_SHARE;
    if (isWanted && child !== false) made[name] = makeValue(root, child, choice, depth + 1);
  }
  for (const name of required) made[name] ??= "any";
  return made;
}

function makeList(root: JsonSchema, node: JsonSchema, choice: Choice, depth: number): Json {
  const prefix = (node["prefixItems"] ?? []) as ReadonlyArray<Json>;
  const least = Number(node["minItems"] ?? 0);
  const most = Math.min(Number(node["maxItems"] ?? Infinity), least + LIST_EXTRA);
  const count =
    choice.random === undefined
      ? Math.max(least, Math.min(most, Math.max(1, prefix.length)))
      : integerBetween(choice.random, least, most + 1);
  return Array.from({ length: count }, (_, i) =>
    makeValue(root, prefix[i] ?? node["items"] ?? {}, choice, depth + 1),
  );
}

function makeNumber(node: JsonSchema, isWhole: boolean, random: Random | undefined): number {
  const limit = (keyword: string): number | undefined => {
    const value = node[keyword];
    return typeof value === "number" ? value : undefined;
  };
  const step = limit("multipleOf") ?? (isWhole ? 1 : undefined);
  const inch = step ?? 1e-6;
  const above = limit("exclusiveMinimum");
  const below = limit("exclusiveMaximum");
  const high0 = limit("maximum") ?? (below === undefined ? undefined : below - inch);
  const least = limit("minimum") ?? (above === undefined ? undefined : above + inch);
  const low = least ?? (high0 === undefined ? 0 : high0 - WIDE);
  const high = high0 ?? low + WIDE;
  const share = random === undefined ? 0.5 : random.next();
  // Half of the random ones near the lower end, where most quantities live.
  const isNear = random !== undefined && high - low > 100 && random.next() < 0.5;
  const drawn = low + share * (isNear ? Math.min(high - low, 200) : high - low);
  if (step === undefined) {
    const rounded = Math.round(drawn * 10_000) / 10_000;
    return rounded >= low && rounded <= high ? rounded : drawn;
  }
  const whole = Math.max(
    Math.ceil(low / step),
    Math.min(Math.floor(high / step), Math.round(drawn / step)),
  );
  return Number((whole * step).toPrecision(15));
}

const WORDS = ["alpha", "bravo", "north", "south", "seven", "river", "table", "green"];

function makeText(node: JsonSchema, { random, now }: Choice): string {
  const back = random === undefined ? 10 : integerBetween(random, 0, 60);
  switch (String(node["format"])) {
    case "date":
      return addDays(now.slice(0, 10), -back);
    case "date-time":
      return instantFromMs(instantToMs(now) - back * 3_600_000);
    case "email":
      return `person${back}@example.com`;
    case "uri":
      return `https://example.com/${back}`;
    case "uuid":
      return `123e4567-e89b-42d3-a456-4266141740${String(back).padStart(2, "0")}`;
  }
  const least = Number(node["minLength"] ?? 0);
  const most = Math.min(Number(node["maxLength"] ?? 40), SIGNAL_LIMITS.textMax);
  const pattern = node["pattern"];
  if (typeof pattern === "string") {
    const text = makeMatching(pattern, least, most);
    if (text !== undefined) return text;
  }
  const word = WORDS[random === undefined ? 0 : integerBetween(random, 0, WORDS.length)] ?? "word";
  return word.slice(0, Math.max(most, 0)).padEnd(least, "-");
}

/** The shortest text of a pattern, if one is found. */
export function makeMatching(pattern: string, least: number, most: number): string | undefined {
  const table = new NodeTable();
  const node = table.read({ type: "string", pattern, minLength: least, maxLength: most }, {});
  const answer = new Solver(table).ask([{ node, holds: true }]);
  return answer.kind === "found" && typeof answer.value === "string" ? answer.value : undefined;
}
