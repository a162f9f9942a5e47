/** Schemas brought into the form that a target needs: references renamed, or written out. */
import type { Json } from "../../../std/canonical-json.ts";
import { isObject, resolveReference, visitSchema } from "../payload.ts";
import type { JsonSchema } from "../types.ts";

type Draft = { [keyword: string]: Json };

/** A copy without its `$defs`, and these under names that begin with `prefix`. */
export function splitDefinitions(
  schema: JsonSchema,
  prefix: string,
): { readonly schema: JsonSchema; readonly definitions: JsonSchema } {
  const copy: Draft = structuredClone(schema);
  visitSchema(copy, "", (visited) => {
    const node: Draft = visited;
    const reference = node["$ref"];
    if (typeof reference !== "string") return;
    node["$ref"] = reference.replace("#/$defs/", `#/$defs/${prefix}`);
  });
  const { $defs, ...rest } = copy;
  const definitions = Object.entries(isObject($defs) ? $defs : {});
  return {
    schema: rest,
    definitions: Object.fromEntries(
      definitions.map(([name, definition]) => [`${prefix}${name}`, definition ?? {}]),
    ),
  };
}

/** A copy with every reference replaced by what it stands for; contracts have no circles. */
export function writeOut(schema: JsonSchema): JsonSchema {
  const copy: Draft = structuredClone(schema);
  visitSchema(copy, "", (visited) => {
    const node: Draft = visited;
    while (node["$ref"] !== undefined) {
      const target = resolveReference(schema, node);
      delete node["$ref"];
      if (target === undefined || target === true) continue;
      if (isObject(target) && Object.keys(node).every(isNote)) {
        Object.assign(node, { ...structuredClone(target), ...node });
      } else {
        const others = Array.isArray(node["allOf"]) ? (node["allOf"] as ReadonlyArray<Json>) : [];
        node["allOf"] = [...others, structuredClone(target)];
      }
    }
  });
  const { $defs: _, ...rest } = copy;
  return rest;
}

const NOTES = ["title", "description", "$comment", "unit", "denominator", "examples", "default"];

function isNote(keyword: string): boolean {
  return NOTES.includes(keyword) || keyword === "deprecated" || keyword === "$defs";
}
