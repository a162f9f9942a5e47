/**
 * A contract that is allowed and that no generator may stumble over: names that are no identifiers,
 * names that are reserved words, names that meet after they are made safe, text that ends comments,
 * tables, tags and strings, nested lists, tuples, unions, definitions, conditions.
 */
import { parseContract } from "../parse.ts";
import type { Contract } from "../types.ts";

const HOSTILE =
  'ends */ a comment | a cell </td><script>alert(1)</script> `code` """ \\ $& \u2028 # {x}';

export function oddContract(): Contract {
  return parseContract({
    interlock: "contract/1",
    name: "odd.class-3d",
    version: "2.1.0-rc.1+build.5",
    title: `Odd "title" ${HOSTILE}`,
    description: HOSTILE,
    sender: { department: "odd" },
    receiver: { department: "even" },
    subject: {
      kind: "thing </p>",
      description: `*/ """ ${HOSTILE}`,
      pattern: "^(?:[A-Z]{2}|\\p{Lu}\\d+/\\w-[\\]x.]{1,3})$",
    },
    payload: {
      type: "object",
      additionalProperties: false,
      required: ["class", "a-b", "line", "matrix", "pair", "kind", "", "数量", "__init__"],
      properties: {
        class: { type: "string", maxLength: 9, description: HOSTILE },
        "a-b": { type: "number", unit: "1", minimum: 0, exclusiveMaximum: 1.5 },
        a_b: { type: "integer", unit: "days", multipleOf: 2, minimum: -4, maximum: 40 },
        aB: { type: ["integer", "null"], unit: "none", minimum: 1 },
        "3d": { type: "boolean" },
        "": { const: "" },
        数量: { type: "number", unit: "個" },
        __init__: {
          enum: [1, "1", null, true, [1, "x"], { k: 0 }],
          description: "mixed */ values",
        },
        from_json: { type: "string", format: "date" },
        self: { type: "string", format: "date-time" },
        None: { type: "string", pattern: "^[a-z\\d]+(?:\\.[^\\]/]{2})?$", maxLength: 20 },
        line: { $ref: "#/$defs/Line", description: "one line" },
        lines: { type: "array", items: { $ref: "#/$defs/Line" }, maxItems: 3, uniqueItems: true },
        "maybe line": { anyOf: [{ $ref: "#/$defs/Line" }, { type: "null" }] },
        matrix: {
          type: "array",
          minItems: 1,
          items: { type: "array", items: { type: "array", items: { type: "number", unit: "x" } } },
        },
        pair: {
          type: "array",
          minItems: 2,
          prefixItems: [{ type: "string" }, { type: "integer", unit: "x" }],
          items: false,
        },
        open: { type: "object", additionalProperties: true },
        map: {
          type: "object",
          additionalProperties: { type: "array", items: { type: "integer", unit: "x" } },
          minProperties: 1,
          maxProperties: 3,
        },
        kind: {
          oneOf: [
            {
              type: "object",
              additionalProperties: false,
              required: ["is", "x"],
              properties: { is: { const: "a" }, x: { type: "integer", unit: "x" } },
            },
            {
              type: "object",
              additionalProperties: false,
              required: ["is"],
              properties: { is: { const: "b" }, x: { type: "string", minLength: 2 } },
            },
          ],
        },
        scalar: { anyOf: [{ type: "string", minLength: 3 }, { type: "integer" }] },
        empty: { type: "object", additionalProperties: false, properties: {} },
        bare: { description: "any JSON at all" },
        inner: {
          type: "object",
          additionalProperties: false,
          minProperties: 1,
          properties: {
            class: {
              type: "object",
              additionalProperties: false,
              properties: { "x y": { type: "boolean", deprecated: true } },
            },
            n: { type: "integer", minimum: 0 },
          },
          anyOf: [{ required: ["n"] }, { required: ["class"] }],
          dependentRequired: { n: ["class"] },
        },
        chosen: {
          type: "array",
          items: { type: "integer" },
          contains: { const: 7 },
          minContains: 1,
          maxContains: 2,
        },
        conditional: {
          type: "object",
          required: ["mode"],
          properties: { mode: { enum: ["x", "y"] }, value: { type: "integer" } },
          if: { type: "object", properties: { mode: { const: "x" } } },
          then: { type: "object", required: ["value"] },
          not: { type: "object", required: ["never"] },
        },
      },
      $defs: {
        Line: {
          type: "object",
          additionalProperties: false,
          required: ["sku"],
          properties: {
            sku: { type: "string", minLength: 1, maxLength: 8 },
            parts: { type: "array", items: { $ref: "#/$defs/a~1b part" } },
          },
        },
        "a/b part": {
          type: "object",
          additionalProperties: false,
          required: ["import"],
          properties: { import: { type: "number", exclusiveMinimum: 0, unit: "kg" } },
        },
      },
    },
    options: [
      {
        name: "def",
        description: HOSTILE,
        reversible: false,
        kind: "act",
        parameters: {
          type: "object",
          additionalProperties: false,
          required: ["line"],
          properties: { line: { $ref: "#/$defs/Line" } },
          $defs: { Line: { type: "string", enum: ["x|y", "*/", '"""'] } },
        },
      },
      {
        name: "payload",
        description: "an option that is called like a field of the envelope",
        reversible: true,
        kind: "hand-back",
        parameters: { type: "object", properties: {}, additionalProperties: false },
      },
      {
        name: "signal",
        description: "and another that does nothing",
        reversible: true,
        kind: "none",
        parameters: { type: "object", properties: { ok: { type: "boolean" } } },
      },
    ],
    confidence: {
      meaning: HOSTILE,
      calibration: HOSTILE,
      thresholds: { signal: 0.25, act: 0.25 },
    },
    evidence: {
      required: [
        { name: "Lines | all", path: "/lines", why: "an optional list that must not be empty */" },
        { name: "First part", path: "/line/parts/0/import", why: "deep inside" },
        { name: "Pair", path: "/pair/0", why: "a tuple's item" },
      ],
    },
    expiry: { afterHours: 0.5 },
  });
}
