/**
 * A schema as tables: one group for each object in it, one row for each field, and what a table cannot
 * say as the rule itself.
 *
 * Every contract can be shown: combinations of schemas and conditions, which few use, are given as JSON
 * below the table of the object that they are about, so that nothing is lost and nothing is made up.
 */
import type { Json } from "../../../std/canonical-json.ts";
import { isObject } from "../payload.ts";
import type { JsonSchema } from "../types.ts";
import { followReference, limitsToWords, typeToWords, valuesOf } from "../words.ts";

export type FieldRow = {
  readonly name: string;
  readonly isRequired: boolean;
  readonly description: string;
  readonly type: string;
  /** "days"; "" for a field that is no number. */
  readonly unit: string;
  /** What a rate is a share of. */
  readonly denominator: string;
  readonly values: ReadonlyArray<Json> | undefined;
  readonly limits: ReadonlyArray<string>;
  readonly pattern: string;
  readonly isDeprecated: boolean;
};

export type FieldGroup = {
  /** `measure`, `cause.split[]`; "" for the whole. */
  readonly path: string;
  readonly description: string;
  readonly rows: ReadonlyArray<FieldRow>;
  /** What holds of the object itself: other fields, number of fields. */
  readonly notes: ReadonlyArray<string>;
  readonly rules: ReadonlyArray<{ readonly about: string; readonly rule: Json }>;
};

export function listFieldGroups(schema: JsonSchema): ReadonlyArray<FieldGroup> {
  const groups: FieldGroup[] = [];
  addGroups(schema, schema, "", groups);
  return groups;
}

const RULES = ["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "contains"];
const COUNTS = ["minContains", "maxContains"];

function addGroups(
  root: JsonSchema,
  given: Json | undefined,
  path: string,
  to: FieldGroup[],
): void {
  if (!isObject(given)) return;
  const node = followReference(root, given);
  const properties = isObject(node["properties"]) ? node["properties"] : {};
  const names = Object.keys(properties);
  if (path === "" || names.length > 0) to.push(toGroup(root, node, path));
  for (const name of names) {
    addGroups(root, properties[name], path === "" ? name : `${path}.${name}`, to);
  }
  addGroups(root, node["items"], `${path}[]`, to);
  addGroups(root, node["additionalProperties"], path === "" ? "*" : `${path}.*`, to);
  for (const [i, item] of listOf(node["prefixItems"]).entries()) {
    addGroups(root, item, `${path}[${i}]`, to);
  }
}

function toGroup(root: JsonSchema, node: JsonSchema, path: string): FieldGroup {
  const properties = isObject(node["properties"]) ? node["properties"] : {};
  const required = listOf(node["required"]);
  const rows = Object.entries(properties).map(([name, field]) =>
    toRow(root, name, field, required.includes(name)),
  );
  const rules = Object.entries(properties).flatMap(([name, field]) =>
    isObject(field) ? rulesOf(name, followReference(root, field)) : [],
  );
  return {
    path,
    description: textOf(node, "description"),
    rows,
    notes: notesOf(root, node, rows),
    rules: [...rulesOf(path === "" ? "the whole" : path, node), ...rules],
  };
}

function toRow(
  root: JsonSchema,
  name: string,
  field: Json | undefined,
  isRequired: boolean,
): FieldRow {
  const node = isObject(field) ? followReference(root, field) : {};
  const inner = isObject(node["items"]) ? followReference(root, node["items"]) : {};
  const ofItems = limitsToWords(inner).map((words) => `each ${words}`);
  return {
    name,
    isRequired,
    description: textOf(node, "description") || textOf(node, "title"),
    type: typeToWords(root, field),
    unit: textOf(node, "unit") || textOf(inner, "unit"),
    denominator: textOf(node, "denominator") || textOf(inner, "denominator"),
    values: valuesOf(node) ?? valuesOf(inner),
    limits: [...limitsToWords(node), ...(isObject(inner["properties"]) ? [] : ofItems)],
    pattern: textOf(node, "pattern") || textOf(inner, "pattern"),
    isDeprecated: node["deprecated"] === true,
  };
}

function notesOf(
  root: JsonSchema,
  node: JsonSchema,
  rows: ReadonlyArray<FieldRow>,
): ReadonlyArray<string> {
  const notes: string[] = [];
  const others = node["additionalProperties"];
  if (others === undefined || others === true) notes.push("Other fields are allowed.");
  else if (isObject(others)) notes.push(`Any other field is ${typeToWords(root, others)}.`);
  else if (rows.length === 0) notes.push("There are no fields.");
  const known = rows.map(({ name }) => name);
  const unlisted = listOf(node["required"]).filter((name) => !known.includes(String(name)));
  if (unlisted.length > 0) notes.push(`Required as well: ${unlisted.join(", ")}.`);
  const counts = limitsToWords({
    ...(node["minProperties"] === undefined ? {} : { minProperties: node["minProperties"] }),
    ...(node["maxProperties"] === undefined ? {} : { maxProperties: node["maxProperties"] }),
  });
  if (counts.length > 0) notes.push(`In all ${counts.join(", ")}.`);
  const dependent = isObject(node["dependentRequired"]) ? node["dependentRequired"] : {};
  for (const [name, needs] of Object.entries(dependent)) {
    const needed = listOf(needs).join(", ");
    if (needed !== "") notes.push(`Where ${name} is given, so must be ${needed}.`);
  }
  return notes;
}

function rulesOf(about: string, node: JsonSchema): FieldGroup["rules"] {
  const found = Object.entries(node).filter(([keyword]) => RULES.includes(keyword));
  if (found.length === 0 || isPlainChoice(node)) return [];
  const counts = Object.entries(node).filter(([keyword]) => COUNTS.includes(keyword));
  return [{ about, rule: Object.fromEntries([...found, ...counts]) }];
}

/** `anyOf` of bare types, which the type's words already say. */
function isPlainChoice(node: JsonSchema): boolean {
  const { anyOf } = node;
  return (
    Array.isArray(anyOf) &&
    node["type"] === undefined &&
    !RULES.some((keyword) => keyword !== "anyOf" && node[keyword] !== undefined) &&
    (anyOf as ReadonlyArray<Json>).every(
      (variant) => isObject(variant) && Object.keys(variant).every((keyword) => keyword === "type"),
    )
  );
}

function textOf(node: JsonSchema, keyword: string): string {
  const value = node[keyword];
  return typeof value === "string" ? value : "";
}

function listOf(value: Json | undefined): ReadonlyArray<Json> {
  return Array.isArray(value) ? (value as ReadonlyArray<Json>) : [];
}
