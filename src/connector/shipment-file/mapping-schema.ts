/** The shape of a shipment mapping as JSON Schema 2020-12; `mapping.ts` adds what a schema cannot say. */
import { OUTCOMES } from "./types.ts";

/** Reason codes of a failed attempt that agents know (see the geo-risk contract). */
export const ATTEMPT_REASONS = [
  "customer_unavailable",
  "customer_unreachable",
  "refused",
  "address_issue",
  "payment_not_ready",
  "courier_no_attempt",
  "misroute_or_delay",
  "out_of_delivery_area",
  "weather_or_strike",
  "unknown",
] as const;

const text = { type: "string", minLength: 1, maxLength: 200 } as const;
const spellings = { type: "array", maxItems: 200, items: { ...text, type: ["string", "boolean"] } };
const day = { type: "string", format: "date" } as const;
const outcome = { enum: [...OUTCOMES] };

export const MAPPING_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: [
    "interlock",
    "name",
    "metric",
    "currency",
    "maturityDays",
    "columns",
    "dates",
    "statuses",
  ],
  properties: {
    interlock: { const: "shipment-mapping/1" },
    name: { type: "string", pattern: "^[a-z0-9][a-z0-9-]{0,62}$" },
    description: { type: "string", maxLength: 4000 },
    metric: { type: "string", pattern: "^[a-z][a-z0-9_]{0,62}$" },
    country: {
      type: "object",
      additionalProperties: false,
      required: ["code", "name"],
      properties: { code: { type: "string", pattern: "^[A-Z]{2}$" }, name: text },
    },
    currency: { type: "string", pattern: "^[A-Z]{3}$" },
    maturityDays: { type: "integer", minimum: 0, maximum: 120 },
    delimiter: { enum: [",", ";", "\t", "|"] },
    utcOffsetMinutes: { type: "integer", minimum: -840, maximum: 840 },
    columns: {
      type: "object",
      additionalProperties: false,
      required: ["orderDate", "status"],
      properties: {
        orderDate: text,
        status: text,
        postalCode: text,
        state: text,
        city: text,
        amount: text,
        currency: text,
        quantity: text,
        courier: text,
        payment: text,
      },
    },
    dates: {
      type: "object",
      additionalProperties: false,
      required: ["formats"],
      properties: {
        formats: { type: "array", minItems: 1, maxItems: 20, uniqueItems: true, items: text },
        earliest: day,
        latest: day,
      },
    },
    statuses: {
      type: "object",
      minProperties: 1,
      additionalProperties: {
        if: { type: "string" },
        then: outcome,
        else: {
          type: "object",
          additionalProperties: false,
          required: ["outcome"],
          properties: { outcome, reason: { enum: [...ATTEMPT_REASONS] } },
        },
      },
    },
    filters: {
      type: "array",
      maxItems: 50,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["column", "keep", "reason"],
        properties: {
          column: text,
          keep: { ...spellings, minItems: 1 },
          reason: { type: "string", pattern: "^[a-z][a-z0-9-]{0,62}$" },
        },
      },
    },
    postalCode: {
      type: "object",
      additionalProperties: false,
      properties: {
        pattern: text,
        districtPrefix: { type: "integer", minimum: 1, maximum: 9 },
        whenMissing: { enum: ["count-at-state", "skip"] },
      },
    },
    states: { type: "object", additionalProperties: spellings },
    payments: {
      type: "object",
      propertyNames: { pattern: "^[a-z][a-z0-9-]{0,30}$" },
      additionalProperties: { ...spellings, minItems: 1 },
    },
  },
} as const;
