/**
 * The places of a schema: every field that a value can have, with the JSON Pointer at which it
 * stands. Items of a list stand at index 0; positions given one by one stand at their own.
 */
import type { Json } from "../../../std/canonical-json.ts";
import { pointerToken } from "../../problem.ts";
import { isObject, resolveReference, unfold } from "../payload.ts";
import type { JsonSchema } from "../types.ts";

export type Field = {
  readonly path: string;
  /** Every schema that speaks of this place, references followed. */
  readonly schemas: ReadonlyArray<JsonSchema>;
  /** True of a member of an object that may be left out as far as the object's own schema goes. */
  readonly mayBeAbsent: boolean;
  readonly parent: string;
  readonly key: string;
};

const FIELDS_MAX = 2_000;
const DEPTH_MAX = 24;

/** The root itself is the first, at the empty path. */
export function listFields(root: JsonSchema): ReadonlyArray<Field> {
  const fields = new Map<string, Field>();
  const visit = (given: ReadonlyArray<JsonSchema>, path: string, depth: number): void => {
    if (depth > DEPTH_MAX || fields.size >= FIELDS_MAX) return;
    const nodes = given.flatMap((node) => unfold(root, node));
    const members = new Map<string, JsonSchema[]>();
    const add = (key: string, child: Json | undefined): void => {
      if (isObject(child)) members.set(key, [...(members.get(key) ?? []), child]);
    };
    const required = new Set(given.flatMap((node) => listRequired(root, node, 0)));
    for (const node of nodes) {
      const properties = node["properties"];
      if (isObject(properties)) {
        for (const [name, child] of Object.entries(properties)) add(pointerToken(name), child);
      }
      const prefix = node["prefixItems"];
      if (Array.isArray(prefix)) {
        for (const [i, child] of (prefix as ReadonlyArray<Json>).entries()) add(String(i), child);
      } else {
        add("0", node["items"]);
      }
    }
    const isList = nodes.some((node) => node["items"] !== undefined || node["prefixItems"]);
    for (const [key, children] of members) {
      const at = `${path}/${key}`;
      if (fields.has(at)) continue;
      const schemas = children.flatMap((child) => unfold(root, child));
      const mayBeAbsent = !isList && !required.has(key);
      fields.set(at, { path: at, schemas, mayBeAbsent, parent: path, key });
      visit(children, at, depth + 1);
    }
  };
  const top = unfold(root, root);
  fields.set("", { path: "", schemas: top, mayBeAbsent: false, parent: "", key: "" });
  visit([root], "", 0);
  return [...fields.values()];
}

/** Members that are required whatever the rest of the value is: no alternative, no condition. */
function listRequired(root: JsonSchema, node: JsonSchema, depth: number): ReadonlyArray<string> {
  if (depth > DEPTH_MAX) return [];
  const parts: Array<Json | undefined> = [];
  if (node["$ref"] !== undefined) parts.push(resolveReference(root, node));
  if (Array.isArray(node["allOf"])) parts.push(...(node["allOf"] as ReadonlyArray<Json>));
  const own = ((node["required"] ?? []) as ReadonlyArray<string>).map((name) => pointerToken(name));
  const inner = parts.filter((part) => isObject(part));
  return [...own, ...inner.flatMap((part) => listRequired(root, part, depth + 1))];
}

/** The JSON types that a field may have, as far as its schemas say; undefined when they do not. */
export function typesOf({ schemas }: Field): ReadonlySet<string> | undefined {
  let allowed: Set<string> | undefined;
  for (const schema of schemas) {
    const given = schema["type"];
    if (given === undefined) continue;
    allowed ??= new Set();
    for (const type of [given].flat() as ReadonlyArray<string>) allowed.add(type);
  }
  return allowed;
}

/** True of a text that may be anything: no list of values, no format. */
export function isFreeText(field: Field): boolean {
  const types = typesOf(field);
  if (types?.has("string") !== true) return false;
  return !field.schemas.some(
    (schema) => "enum" in schema || "const" in schema || "format" in schema,
  );
}

/** The tightest limit of a keyword over all schemas of the field. */
export function limitOf(field: Field, keyword: string): number | undefined {
  const isLeast = keyword.startsWith("min") || keyword === "exclusiveMinimum";
  const limits = field.schemas
    .map((schema) => schema[keyword])
    .filter((limit) => typeof limit === "number");
  if (limits.length === 0) return undefined;
  return isLeast ? Math.max(...limits) : Math.min(...limits);
}

/** A copy of `value` with `at` put to `to`, or taken out; undefined when nothing stands there. */
export function putAt(value: Json, pointer: string, to: unknown): unknown {
  const tokens = pointer.split("/").slice(1);
  const put = (node: unknown, depth: number): unknown => {
    if (depth === tokens.length) return to;
    if (typeof node !== "object" || node === null) return undefined;
    const key = (tokens[depth] ?? "").replaceAll("~1", "/").replaceAll("~0", "~");
    const isLast = depth === tokens.length - 1;
    if (!isLast && !Object.hasOwn(node, key)) return undefined;
    const inner = put((node as Record<string, unknown>)[key], depth + 1);
    if (inner === undefined && !(isLast && to === undefined)) return undefined;
    if (Array.isArray(node)) {
      const list = [...(node as ReadonlyArray<unknown>)];
      if (inner === undefined) list.splice(Number(key), 1);
      else list[Number(key)] = inner;
      return list;
    }
    const copy: Record<string, unknown> = { ...node };
    if (inner === undefined) delete copy[key];
    else copy[key] = inner;
    return copy;
  };
  return put(value, 0);
}
