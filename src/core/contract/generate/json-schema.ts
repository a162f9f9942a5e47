/**
 * The whole signal, and the whole reply, as JSON Schema 2020-12: envelope and content in one document
 * that any validator can use.
 *
 * The fields are those that Interlock's own validators check. What a schema cannot say stays with
 * Interlock: that `expiresAt` lies after `sentAt` and not too far after it, that a proposal's option is
 * one that the signal offered, that currencies agree.
 */
import type { Json } from "../../../std/canonical-json.ts";
import { pointerTokens } from "../../problem.ts";
import { isObject, visitSchema } from "../payload.ts";
import { PROPOSAL_SCHEMA, REPLY_FIELDS } from "../reply-shape.ts";
import { ENVELOPE_SCHEMA } from "../signal.ts";
import type { Contract, JsonSchema, Reply } from "../types.ts";
import { splitDefinitions } from "./schema-form.ts";

const DIALECT = "https://json-schema.org/draft/2020-12/schema";
const INSTANT_PATTERN = "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$";

/** One document with both: the root is the signal, `#/$defs/reply` the reply. */
export function contractToJsonSchema(contract: Contract): JsonSchema {
  const { $defs: signalParts, ...signal } = signalSchema(contract);
  const { $defs: replyParts, ...reply } = replySchema(contract);
  return {
    $schema: DIALECT,
    $id: `urn:interlock:contract:${contract.name}:${contract.version}`,
    ...signal,
    $defs: {
      ...(signalParts as JsonSchema),
      ...(replyParts as JsonSchema),
      [REPLY_NAME]: reply,
    },
  };
}

/** The first word of a definition's name says whose it is, so that none can clash. */
const REPLY_NAME = "reply";
const PARAMETERS = "parameters.";

export function signalSchema(contract: Contract): JsonSchema {
  const { schema: payload, definitions } = splitDefinitions(contract.payload, "payload.");
  const shape = ENVELOPE_SCHEMA.properties;
  const instant = { format: "date-time", pattern: INSTANT_PATTERN };
  const names = contract.options.map(({ name }) => name);
  return {
    title: `A signal of ${contract.name} ${contract.version}`,
    description: contract.description,
    type: "object",
    required: [...ENVELOPE_SCHEMA.required],
    additionalProperties: false,
    properties: {
      id: shape.id,
      source: shape.source,
      contract: { ...shape.contract, const: contract.name },
      version: { ...shape.version, const: contract.version },
      subject: {
        ...shape.subject,
        description: `a ${contract.subject.kind}: ${contract.subject.description}`,
        pattern: contract.subject.pattern,
      },
      sentAt: { ...shape.sentAt, ...instant },
      asOf: { ...shape.asOf, ...instant },
      expiresAt: { ...shape.expiresAt, ...instant },
      confidence: {
        ...shape.confidence,
        description: contract.confidence.meaning,
        minimum: contract.confidence.thresholds.signal,
        unit: "1",
      },
      options: {
        ...shape.options,
        maxItems: names.length,
        items: { type: "string", enum: names },
      },
      payload: withEvidence(payload, contract),
    },
    $defs: definitions,
  };
}

/** Required evidence that the payload's own schema leaves open is asked for here. */
function withEvidence(payload: JsonSchema, contract: Contract): JsonSchema {
  const asked = contract.evidence.required
    .filter(({ path }) => !isGuaranteed(contract.payload, path))
    .map(({ path }) => demand(pointerTokens(path)));
  if (asked.length === 0) return payload;
  const others = Array.isArray(payload["allOf"]) ? (payload["allOf"] as ReadonlyArray<Json>) : [];
  return { ...payload, allOf: [...others, ...asked] };
}

const PRESENT: JsonSchema = { not: { enum: [null, "", [], {}] } };

/** There, and neither null nor empty. A number in a pointer may be an item or a field. */
function demand([token, ...rest]: ReadonlyArray<string>): JsonSchema {
  if (token === undefined) return PRESENT;
  const inner = demand(rest);
  const field = { type: "object", required: [token], properties: { [token]: inner } };
  if (!/^(0|[1-9]\d*)$/.test(token)) return field;
  const index = Number(token);
  const before = Array.from({ length: index }, () => true);
  const item = { type: "array", minItems: index + 1, prefixItems: [...before, inner] };
  return { anyOf: [field, item] };
}

/** Plainly required all the way down to a value that cannot be empty. */
function isGuaranteed(root: JsonSchema, path: string): boolean {
  let node: Json | undefined = root;
  for (const token of pointerTokens(path)) {
    if (!isObject(node) || node["type"] !== "object") return false;
    const { required, properties }: JsonSchema = node;
    if (!Array.isArray(required) || !(required as ReadonlyArray<Json>).includes(token))
      return false;
    node = isObject(properties) && Object.hasOwn(properties, token) ? properties[token] : undefined;
  }
  if (!isObject(node)) return false;
  if (Array.isArray(node["enum"])) {
    return (node["enum"] as ReadonlyArray<Json>).every((one) => one !== "" && !isEmptyThing(one));
  }
  const type = node["type"];
  if (type === "number" || type === "integer" || type === "boolean") return true;
  return type === "string" && Number(node["minLength"] ?? 0) > 0;
}

function isEmptyThing(value: Json): boolean {
  return value === null || (typeof value === "object" && Object.keys(value).length === 0);
}

export function replySchema(contract: Contract): JsonSchema {
  const definitions: { [name: string]: Json } = {};
  const choices = contract.options.map((option) => {
    const own = splitDefinitions(option.parameters, `option.${option.name}.`);
    Object.assign(definitions, own.definitions);
    definitions[`${PARAMETERS}${option.name}`] = {
      title: option.name,
      description: option.description,
      ...own.schema,
    };
    const properties = {
      option: { const: option.name },
      parameters: { $ref: `#/$defs/${PARAMETERS}${option.name}` },
    };
    return { acts: option.kind === "act", schema: { type: "object", properties } };
  });
  const anyOption = { anyOf: choices.map(({ schema }) => schema) };
  const acting = { anyOf: choices.filter(({ acts }) => acts).map(({ schema }) => schema) };
  definitions["scored"] = withItems(REPLY_FIELDS.decline["scored"], anyOption) as JsonSchema;
  const scored = { $ref: "#/$defs/scored" };
  const proposal = { $ref: "#/$defs/proposal" };
  definitions["proposal"] = {
    ...PROPOSAL_SCHEMA,
    description: "what is to be done, and why",
    properties: { ...PROPOSAL_SCHEMA.properties, scored },
    ...(acting.anyOf.length === 0 ? { not: {} } : { allOf: [acting] }),
  } as unknown as JsonSchema;
  const replies = (Object.keys(REPLY_FIELDS) as Array<Reply["kind"]>).map((kind) => {
    const fields = { ...REPLY_FIELDS[kind] };
    if ("scored" in fields) fields["scored"] = scored;
    if ("proposal" in fields) fields["proposal"] = proposal;
    return {
      title: kind,
      type: "object",
      required: ["kind", ...Object.keys(fields)],
      additionalProperties: false,
      properties: { kind: { const: kind }, ...fields },
    };
  });
  const schema = {
    title: `A reply under ${contract.name} ${contract.version}`,
    description: `What ${contract.receiver.department} answers to a signal.`,
    oneOf: replies,
    $defs: definitions,
  };
  return structuredClone(schema);
}

function withItems(list: object | undefined, also: JsonSchema): object {
  const { items, ...rest } = list as { readonly items: object };
  return { ...rest, items: { ...items, allOf: [also] } };
}

/** Does the schema use words that came after draft-07? */
export function isModern(schema: JsonSchema): boolean {
  let found = false;
  visitSchema(schema, "", (node) => {
    found ||= ["prefixItems", "dependentRequired", "minContains", "maxContains"].some(
      (keyword) => node[keyword] !== undefined,
    );
  });
  return found;
}
