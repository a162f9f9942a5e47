/**
 * The part of JSON Schema that a contract may use, and finding one's way in it.
 *
 * A subset, because agents in every language must read a contract the same way, and because some of
 * the rest can be turned against the reader: references out of the document, recursion, slow patterns.
 * References go to `#/$defs/<name>` of the same schema and never in a circle.
 */
import type { Json } from "../../std/canonical-json.ts";
import { listWords, pointerToken, pointerTokens, problem, quote, suggestion } from "../problem.ts";
import { findSchemaMistake, FORMATS } from "../schema.ts";
import { findPatternMistake } from "./pattern.ts";
import type { JsonSchema, Problem } from "./types.ts";

/** Keywords whose value is one schema, a list of schemas, a map of schemas, or no schema. */
const KEYWORDS: Readonly<Record<string, "schema" | "list" | "map" | "plain">> = {
  properties: "map",
  $defs: "map",
  items: "schema",
  contains: "schema",
  not: "schema",
  if: "schema",
  then: "schema",
  else: "schema",
  additionalProperties: "schema",
  prefixItems: "list",
  allOf: "list",
  anyOf: "list",
  oneOf: "list",
  ...Object.fromEntries(
    `type enum const title description unit denominator required minItems maxItems uniqueItems minimum
     maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern format $ref
     examples default deprecated dependentRequired minProperties maxProperties minContains
     maxContains $comment`
      .split(/\s+/)
      .map((keyword) => [keyword, "plain"] as const),
  ),
};

/** Schemas in one payload once every reference is followed. */
export const SCHEMA_NODES_MAX = 5_000;

const REFERENCE = /^#\/\$defs\/[^/]+$/;

/** Calls `visit` for each schema within `schema`, itself included, with its JSON Pointer. */
export function visitSchema(
  schema: Json | undefined,
  path: string,
  visit: (node: JsonSchema, path: string) => void,
): void {
  if (!isObject(schema)) return;
  visit(schema, path);
  for (const [child, at] of childSchemas(schema, path)) visitSchema(child, at, visit);
}

function* childSchemas(schema: JsonSchema, path: string): Generator<[Json | undefined, string]> {
  for (const [keyword, value] of Object.entries(schema)) {
    const at = `${path}/${pointerToken(keyword)}`;
    const form = KEYWORDS[keyword];
    if (form === "schema") yield [value, at];
    else if (form === "list" && Array.isArray(value)) {
      for (const [i, child] of (value as ReadonlyArray<Json>).entries())
        yield [child, `${at}/${i}`];
    } else if (form === "map" && isObject(value)) {
      for (const [name, child] of Object.entries(value))
        yield [child, `${at}/${pointerToken(name)}`];
    }
  }
}

/** Everything wrong with a payload or parameter schema; empty when agents may rely on it. */
export function findSchemaProblems(schema: JsonSchema, path: string): Problem[] {
  const problems: Problem[] = [];
  const bad = (at: string, message: string, help?: string): void => {
    problems.push(problem("contract", "bad-schema", at, message, help));
  };
  visitSchema(schema, path, (node, at) => {
    for (const [keyword, value] of Object.entries(node)) {
      const here = `${at}/${pointerToken(keyword)}`;
      if (!Object.hasOwn(KEYWORDS, keyword)) {
        const near = suggestion(keyword, Object.keys(KEYWORDS));
        bad(here, `${quote(keyword)} is not a keyword that contracts use${near}`);
      } else if (keyword === "pattern" && typeof value === "string") {
        const mistake = findPatternMistake(value);
        if (mistake) problems.push(problem("contract", "bad-pattern", here, mistake));
      } else if (keyword === "format" && !(FORMATS as ReadonlyArray<unknown>).includes(value)) {
        bad(here, `${quote(value)} is not one of the formats ${listWords(FORMATS)}`);
      } else if (keyword === "$ref" && !(typeof value === "string" && REFERENCE.test(value))) {
        bad(here, `${quote(value)} does not point into this schema`, "write #/$defs/<name>");
      }
    }
  });
  if (schema["type"] !== "object") bad(path, "it must be of type object");
  if (problems.length > 0) return problems;
  const circle = findCircle(schema);
  if (circle) bad(path, circle);
  else {
    const mistake = findSchemaMistake(schema);
    if (mistake) bad(path, `it does not compile: ${mistake}`);
  }
  return problems;
}

function findCircle(root: JsonSchema): string | undefined {
  const sizes = new Map<JsonSchema, number>();
  const open = new Set<JsonSchema>();
  const sizeOf = (node: Json | undefined): number => {
    if (!isObject(node)) return 0;
    const known = sizes.get(node);
    if (known !== undefined) return known;
    if (open.has(node)) return Infinity;
    open.add(node);
    let size = 1;
    for (const [child] of childSchemas(node, "")) size += sizeOf(child);
    if (node["$ref"] !== undefined) size += sizeOf(resolveReference(root, node));
    open.delete(node);
    sizes.set(node, size);
    return size;
  };
  const size = sizeOf(root);
  if (size === Infinity) return "its references go in a circle";
  if (size > SCHEMA_NODES_MAX) return `its references unfold into more than ${SCHEMA_NODES_MAX}`;
  return undefined;
}

/** What `$ref` of this node stands for. */
export function resolveReference(root: JsonSchema, node: JsonSchema): Json | undefined {
  const [, name] = pointerTokens(String(node["$ref"]).slice(1));
  const definitions = root["$defs"];
  if (name === undefined || !isObject(definitions)) return undefined;
  return Object.hasOwn(definitions, name) ? definitions[name] : undefined;
}

/** The schemas that describe what a JSON Pointer into the payload points at; empty when none does. */
export function schemasAt(root: JsonSchema, pointer: string): ReadonlyArray<JsonSchema> {
  let nodes = unfold(root, root);
  for (const token of pointerTokens(pointer)) {
    nodes = nodes.flatMap((node) => {
      const properties = node["properties"];
      const found: Array<Json | undefined> = [];
      if (isObject(properties) && Object.hasOwn(properties, token)) {
        found.push(properties[token]);
      }
      if (/^(0|[1-9]\d*)$/.test(token)) {
        const prefix = node["prefixItems"];
        const item = Array.isArray(prefix) ? (prefix[Number(token)] as Json) : undefined;
        found.push(item ?? node["items"]);
      }
      return found.flatMap((child) => (isObject(child) ? unfold(root, child) : []));
    });
  }
  return nodes;
}

/** A schema with all that it is combined of. */
export function unfold(root: JsonSchema, node: JsonSchema, depth = 0): ReadonlyArray<JsonSchema> {
  if (depth > 32) return [];
  const parts: Array<Json | undefined> = [];
  if (node["$ref"] !== undefined) parts.push(resolveReference(root, node));
  for (const keyword of ["allOf", "anyOf", "oneOf", "then", "else"]) {
    const value = node[keyword];
    if (Array.isArray(value)) parts.push(...(value as ReadonlyArray<Json>));
    else parts.push(value);
  }
  return [node, ...parts.flatMap((part) => (isObject(part) ? unfold(root, part, depth + 1) : []))];
}

export function isObject(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
