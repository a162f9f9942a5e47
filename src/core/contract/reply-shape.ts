/**
 * The shapes of replies and proposals, the same under every contract: fields, ranges and lengths.
 * What depends on the contract and the signal is in `proposal.ts`.
 */
import { compileSchema, type SchemaCheck } from "../schema.ts";
import type { Reply } from "./types.ts";

export const REASON_LENGTH_MAX = 2_000;
export const REASONS_MAX = 50;
export const SCORED_MAX = 200;
export const STANDING_DAYS_MAX = 366;

const reason = { type: "string", minLength: 1, maxLength: REASON_LENGTH_MAX };
const name = { type: "string", minLength: 1, maxLength: 200 };
const share = { type: "number", minimum: 0, maximum: 1 };
const parameters = { type: "object" };

const money = (minimum: number): object => ({
  type: "object",
  required: ["amountMinor", "currency"],
  additionalProperties: false,
  properties: {
    amountMinor: {
      type: "integer",
      minimum,
      maximum: Number.MAX_SAFE_INTEGER,
      description: "a whole number of minor units, such as paise",
    },
    currency: {
      type: "string",
      pattern: "^[A-Z]{3}$",
      description: "an ISO 4217 code such as INR",
    },
  },
});
const anyMoney = money(Number.MIN_SAFE_INTEGER);

const value = {
  type: "object",
  required: ["mean", "p10", "p50", "p90", "probabilityBetter"],
  additionalProperties: false,
  properties: {
    mean: anyMoney,
    p10: anyMoney,
    p50: anyMoney,
    p90: anyMoney,
    probabilityBetter: { ...share, description: "probability of being better than doing nothing" },
  },
};

const scored = {
  type: "array",
  maxItems: SCORED_MAX,
  items: {
    type: "object",
    required: ["option", "parameters", "value", "feasible", "reason"],
    additionalProperties: false,
    properties: { option: name, parameters, value, feasible: { type: "boolean" }, reason },
  },
};

/** What every proposal has; its `parameters` keep the schema of its option. */
export const PROPOSAL_SCHEMA = {
  type: "object",
  required: [
    "option",
    "parameters",
    "resource",
    "value",
    "valueAtStake",
    "blastRadius",
    "standingDays",
    "scored",
    "reasons",
  ],
  additionalProperties: false,
  properties: {
    option: name,
    parameters,
    resource: { type: "string", maxLength: 500, description: "what would be changed" },
    value,
    valueAtStake: money(0),
    blastRadius: {
      type: "object",
      required: ["subjects", "shareOfOrders", "shareOfSpend"],
      additionalProperties: false,
      properties: {
        subjects: { type: "integer", minimum: 0 },
        shareOfOrders: share,
        shareOfSpend: share,
      },
    },
    standingDays: { type: "integer", minimum: 0, maximum: STANDING_DAYS_MAX, unit: "days" },
    scored,
    reasons: { type: "array", maxItems: REASONS_MAX, items: reason },
  },
};

/** Fields of each kind of reply beside `kind`. */
export const REPLY_FIELDS: Readonly<Record<Reply["kind"], Readonly<Record<string, object>>>> = {
  accept: { proposal: { type: "object" } },
  modify: { proposal: { type: "object" }, changed: reason },
  decline: { reason, scored },
  bounce: { to: name, reason, scored },
  "need-more": { missing: { type: "array", minItems: 1, maxItems: 50, items: name }, reason },
};

type ShapeChecks = {
  readonly proposal: SchemaCheck;
  readonly replies: ReadonlyMap<string, SchemaCheck>;
};
let checks: ShapeChecks | undefined;

/** The shapes are the same for every contract and compiled at first use. */
export function getShapeChecks(): ShapeChecks {
  checks ??= {
    proposal: compileSchema(PROPOSAL_SCHEMA, "contract"),
    replies: new Map(
      Object.entries(REPLY_FIELDS).map(([kind, fields]) => [
        kind,
        compileSchema(
          {
            type: "object",
            required: ["kind", ...Object.keys(fields)],
            additionalProperties: false,
            properties: { kind: { const: kind }, ...fields },
          },
          "contract",
        ),
      ]),
    ),
  };
  return checks;
}
