/**
 * One thing that is said under a contract (a payload, an option's parameters, a subject) in two
 * versions: is all that the old one allows allowed by the new one, and the other way round?
 */
import type { Json } from "../../../std/canonical-json.ts";
import { pointerTokens } from "../../problem.ts";
import { compileSchema } from "../../schema.ts";
import { findMissingEvidence } from "../signal.ts";
import type { Contract, JsonSchema, Signal } from "../types.ts";
import { type Inclusion, Includer } from "./include.ts";
import type { Node } from "./keyword.ts";
import { inlineReferences, listSchemaEdits, type SchemaEdit } from "./schema-edit.ts";

/** The two directions of one question. */
export type Directions = { readonly oldInNew: Inclusion; readonly newInOld: Inclusion };

export type EditJudgement = { readonly edit: SchemaEdit; readonly directions: Directions };

/** Something that must be there although no schema says so: a piece of required evidence. */
export type Demand = { readonly path: string; readonly name: string; readonly schema: JsonSchema };

export type DemandJudgement = {
  readonly demand: Demand;
  readonly isNew: boolean;
  readonly directions: Directions;
};

export type Thing = {
  readonly schema: JsonSchema;
  /** What is asked beyond the schema. */
  readonly also: ReadonlyArray<Demand>;
  /** The ordinary validator's word. */
  accepts(value: Json): boolean;
};

export type ThingJudgement = {
  readonly whole: Directions;
  readonly edits: ReadonlyArray<EditJudgement>;
  readonly demands: ReadonlyArray<DemandJudgement>;
};

export function payloadThing(contract: Contract): Thing {
  const check = compileSchema(contract.payload, "contract");
  return {
    schema: inlineReferences(contract.payload),
    also: contract.evidence.required.map(({ path, name }) => ({
      path,
      name,
      schema: evidenceSchema(path),
    })),
    accepts: (value) =>
      check(value).length === 0 &&
      findMissingEvidence(contract, { payload: value as Signal["payload"] }).length === 0,
  };
}

export function schemaThing(schema: JsonSchema): Thing {
  const check = compileSchema(schema, "contract");
  return {
    schema: inlineReferences(schema),
    also: [],
    accepts: (value) => check(value).length === 0,
  };
}

/** There, not null and not empty, as `findMissingEvidence` has it. */
function evidenceSchema(path: string): JsonSchema {
  const empty: JsonSchema = {
    anyOf: [
      { enum: [null, ""] },
      { type: "object", maxProperties: 0 },
      { type: "array", maxItems: 0 },
    ],
  };
  return pointerTokens(path).reduceRight<JsonSchema>(
    (inner, token) => {
      const field = { type: "object", required: [token], properties: { [token]: inner } };
      if (!/^(?:0|[1-9]\d{0,3})$/.test(token)) return field;
      const before = Array.from({ length: Number(token) }, () => true);
      const item = { type: "array", minItems: Number(token) + 1, prefixItems: [...before, inner] };
      return { anyOf: [field, item] };
    },
    { not: empty },
  );
}

/** Each change alone, and all together, which is what decides. */
export function judgeThing(before: Thing, after: Thing): ThingJudgement {
  const includer = new Includer();
  const read = (schema: JsonSchema, also: ReadonlyArray<Demand>): Node => {
    const parts = [schema, ...also.map((demand) => demand.schema)];
    return includer.table.make([
      { k: "all", nodes: parts.map((part) => includer.table.read(part, part)) },
    ]);
  };
  const old = read(before.schema, before.also);
  const now = read(after.schema, after.also);
  const whole = {
    oldInNew: includer.includes(old, now, {
      keepsFirst: (value) => before.accepts(value),
      keepsSecond: (value) => after.accepts(value),
    }),
    newInOld: includer.includes(now, old, {
      keepsFirst: (value) => after.accepts(value),
      keepsSecond: (value) => before.accepts(value),
    }),
  };
  const edits = listSchemaEdits(before.schema, after.schema).map((edit) => ({
    edit,
    directions:
      edit.kind === "note"
        ? SAME
        : alone(includer, old, read(edit.apply(before.schema), before.also)),
  }));
  const demands = [
    ...without(after.also, before.also).map((demand) => ({
      demand,
      isNew: true,
      directions: alone(includer, old, read(before.schema, [...before.also, demand])),
    })),
    ...without(before.also, after.also).map((demand) => ({
      demand,
      isNew: false,
      directions: alone(includer, old, read(before.schema, without(before.also, [demand]))),
    })),
  ];
  return { whole, edits, demands };
}

function without(list: ReadonlyArray<Demand>, other: ReadonlyArray<Demand>): Demand[] {
  return list.filter(({ path }) => !other.some((demand) => demand.path === path));
}

const SAME: Directions = { oldInNew: { kind: "yes" }, newInOld: { kind: "yes" } };

function alone(includer: Includer, old: Node, edited: Node): Directions {
  return {
    oldInNew: includer.includes(old, edited),
    newInOld: includer.includes(edited, old),
  };
}
