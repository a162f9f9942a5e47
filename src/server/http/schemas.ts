/** JSON Schemas that several routes share, each with a description for the document. */
import type { JsonSchema } from "../../core/contract/types.ts";

export const NAME_CHARS_MAX = 200;

export function object(
  properties: { readonly [name: string]: JsonSchema },
  optional: ReadonlyArray<string> = [],
): JsonSchema {
  return {
    type: "object",
    additionalProperties: false,
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
    properties,
  };
}

export function text(description: string, charsMax = NAME_CHARS_MAX): JsonSchema {
  return { type: "string", minLength: 1, maxLength: charsMax, description };
}

export function listOf(items: JsonSchema, description: string): JsonSchema {
  return { type: "array", items, description };
}

/** UTC with milliseconds; what exactly is wrong with one is said by whoever reads it. */
export function instant(description: string): JsonSchema {
  return {
    type: "string",
    maxLength: 40,
    description: `${description}; UTC, 2026-01-05T00:30:00.000Z`,
  };
}

export const LOOP_PARAM: JsonSchema = text("the loop's name, such as logistics-marketing");
export const SIDE_PARAM: JsonSchema = {
  enum: ["sender", "receiver"],
  description: "the end of the loop at which the agent stands",
};

export const PROBLEM_SCHEMA: JsonSchema = object(
  {
    code: text("which kind of mistake; stable"),
    path: { type: "string", description: "where: a JSON Pointer into what was sent" },
    message: text("what is wrong, in a sentence", 4_000),
    help: text("what to do", 4_000),
  },
  ["help"],
);

export const REFUSAL_SCHEMA: JsonSchema = object(
  {
    error: PROBLEM_SCHEMA,
    problems: listOf(PROBLEM_SCHEMA, "every problem, where there may be several"),
    requestId: text("names the request in the server's log"),
  },
  ["problems"],
);

/** Where something is found: a path on this server. */
export function link(description: string): JsonSchema {
  return text(`${description}; a path on this server`, 2_000);
}
