/** A contract as unlike the reference as may be: references, alternatives, conditions, optional fields. */
import { parseContract } from "../parse.ts";
import type { Contract } from "../types.ts";

export function stockContract(): Contract {
  return parseContract({
    interlock: "contract/1",
    name: "inventory.stock-short",
    version: "2.3.1",
    title: "An article runs out",
    description: "Inventory sends this when an article will run out before its next delivery.",
    sender: { department: "inventory" },
    receiver: { department: "purchasing" },
    subject: {
      kind: "article",
      description: "The article's number, such as SKU-000123",
      pattern: "^SKU-[0-9]{6}(?:-[A-Z]{2})?$",
    },
    payload: {
      type: "object",
      additionalProperties: false,
      required: ["onHand", "unitCost", "warehouse", "suppliers", "urgency", "demand"],
      $defs: {
        amount: {
          type: "object",
          additionalProperties: false,
          required: ["amountMinor", "currency"],
          properties: {
            amountMinor: { type: "integer", minimum: 1, maximum: 9_000_000, unit: "paise" },
            currency: { enum: ["INR", "USD"] },
          },
        },
        supplier: {
          type: "object",
          additionalProperties: false,
          required: ["id", "leadDays"],
          properties: {
            id: { type: "string", format: "uuid" },
            leadDays: { type: "integer", exclusiveMinimum: 0, exclusiveMaximum: 120, unit: "days" },
            contact: { type: "string", format: "email" },
            remark: { type: "string", maxLength: 300 },
          },
        },
      },
      properties: {
        onHand: { type: "integer", minimum: -5, unit: "pieces" },
        unitCost: { $ref: "#/$defs/amount" },
        promised: { anyOf: [{ $ref: "#/$defs/amount" }, { type: "null" }] },
        packSize: { type: "number", minimum: 0.5, maximum: 50, multipleOf: 0.5, unit: "kg" },
        warehouse: { type: "string", pattern: "^WH-[A-Z]{3}[0-9]{2}$" },
        suppliers: {
          type: "array",
          minItems: 1,
          maxItems: 4,
          uniqueItems: true,
          items: { $ref: "#/$defs/supplier" },
        },
        urgency: { type: "string", enum: ["low", "high"] },
        deadline: { type: "string", format: "date-time" },
        isPerishable: { type: "boolean" },
        demand: {
          oneOf: [
            {
              type: "object",
              additionalProperties: false,
              required: ["kind", "perDay"],
              properties: {
                kind: { const: "steady" },
                perDay: { type: "number", minimum: 0, maximum: 10_000, unit: "pieces per day" },
              },
            },
            {
              type: "object",
              additionalProperties: false,
              required: ["kind", "peak", "onDay"],
              properties: {
                kind: { const: "seasonal" },
                peak: { type: "number", exclusiveMinimum: 0, unit: "pieces per day" },
                onDay: { type: "string", format: "date" },
              },
            },
          ],
        },
        place: {
          type: "array",
          prefixItems: [
            { type: "number", minimum: -90, maximum: 90, unit: "degrees" },
            { type: "number", minimum: -180, maximum: 180, unit: "degrees" },
          ],
          items: false,
          minItems: 2,
        },
        note: { type: "string", minLength: 3, maxLength: 800 },
      },
      if: { properties: { urgency: { const: "high" } }, required: ["urgency"] },
      then: { required: ["deadline"] },
    },
    options: [
      {
        name: "reorder",
        kind: "act",
        reversible: false,
        description: "Order more",
        parameters: {
          type: "object",
          additionalProperties: false,
          required: ["pieces"],
          properties: { pieces: { type: "integer", minimum: 1, maximum: 5_000, unit: "pieces" } },
        },
      },
      {
        name: "wait",
        kind: "none",
        reversible: true,
        description: "Do nothing",
        parameters: { type: "object", additionalProperties: false, properties: {} },
      },
      {
        name: "return_case",
        kind: "hand-back",
        reversible: true,
        description: "Give it back",
        parameters: {
          type: "object",
          additionalProperties: false,
          required: ["reason"],
          properties: { reason: { type: "string", minLength: 1, maxLength: 200 } },
        },
      },
    ],
    confidence: {
      meaning: "The probability that the article runs out before the next delivery",
      calibration: "Scored when the delivery arrived, per band of 0.1",
      thresholds: { signal: 0.5, act: 0.8 },
    },
    evidence: {
      required: [
        { name: "On hand", path: "/onHand", why: "what is left" },
        { name: "Note", path: "/note", why: "what the counting clerk wrote" },
      ],
    },
    expiry: { afterHours: 24 },
  });
}
