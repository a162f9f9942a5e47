/**
 * Payloads at the edges of a contract: one for every enumerated value, every end of a range, every
 * optional field left out. A migration that mends all of these has seen each corner of the old
 * version once; combinations of corners are not tried.
 */
import type { Json } from "../../../std/canonical-json.ts";
import { isObject } from "../payload.ts";
import type { Contract, JsonSchema } from "../types.ts";
import { payloadThing } from "./judge.ts";
import { NodeTable } from "./keyword.ts";
import { Solver } from "./solve.ts";

/** Edges of one contract that are tried. */
const EDGES_MAX = 500;
const DEPTH_MAX = 32;

export function listEdgePayloads(contract: Contract): ReadonlyArray<Json> {
  const { schema, also, accepts } = payloadThing(contract);
  const table = new NodeTable();
  const solver = new Solver(table);
  const base = [schema, ...also.map((demand) => demand.schema)];
  const literals = base.map((part) => ({ node: table.read(part, part), holds: true }));
  const edges: JsonSchema[] = [{}];
  collectEdges(schema, (inner) => inner, edges, 0);
  return edges.slice(0, EDGES_MAX).flatMap((edge) => {
    const answer = solver.ask([...literals, { node: table.read(edge, edge), holds: true }]);
    return answer.kind === "found" && accepts(answer.value) ? [answer.value] : [];
  });
}

/** Wraps a demand on a value into the demand on the whole payload. */
type Wrap = (inner: JsonSchema) => JsonSchema;

function collectEdges(schema: JsonSchema, wrap: Wrap, edges: JsonSchema[], depth: number): void {
  if (depth > DEPTH_MAX || edges.length > EDGES_MAX) return;
  for (const value of edgeValues(schema)) edges.push(wrap({ const: value }));
  for (const keyword of ["minItems", "maxItems"]) {
    const count = schema[keyword];
    if (typeof count === "number")
      edges.push(wrap({ type: "array", minItems: count, maxItems: count }));
  }
  for (const keyword of ["minLength", "maxLength"]) {
    const count = schema[keyword];
    if (typeof count === "number")
      edges.push(wrap({ type: "string", minLength: count, maxLength: count }));
  }
  for (const keyword of ["allOf", "anyOf", "oneOf", "then", "else"]) {
    for (const part of [schema[keyword]].flat()) {
      if (isObject(part)) collectEdges(part, wrap, edges, depth + 1);
    }
  }
  const fields = isObject(schema["properties"]) ? schema["properties"] : {};
  for (const [name, field] of Object.entries(fields)) {
    const inField: Wrap = (inner) =>
      wrap({ type: "object", required: [name], properties: { [name]: inner } });
    edges.push(wrap({ type: "object", not: { required: [name] } }), inField({}));
    if (isObject(field)) collectEdges(field, inField, edges, depth + 1);
  }
  const places = Array.isArray(schema["prefixItems"]) ? schema["prefixItems"] : [];
  const items = [...places, schema["items"]] as ReadonlyArray<Json | undefined>;
  for (const [i, item] of items.entries()) {
    if (!isObject(item)) continue;
    const before = Array.from({ length: i }, () => true);
    const inItem: Wrap = (inner) =>
      wrap({ type: "array", minItems: i + 1, prefixItems: [...before, inner] });
    collectEdges(item, inItem, edges, depth + 1);
  }
}

function edgeValues(schema: JsonSchema): ReadonlyArray<Json> {
  const { enum: values, const: value, minimum, maximum } = schema;
  const types = [schema["type"]].flat();
  return [
    ...(Array.isArray(values) ? (values as ReadonlyArray<Json>) : []),
    ...[value, minimum, maximum].filter((one) => one !== undefined),
    ...(types.includes("boolean") ? [true, false] : []),
    ...(types.includes("null") ? [null] : []),
  ];
}
