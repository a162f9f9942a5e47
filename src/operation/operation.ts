/**
 * What an operation is: one thing that a person or a program can ask of Interlock.
 *
 * Every way in (command line today; HTTP, MCP and A2A are the same list seen through other windows)
 * calls these and nothing deeper. `access` is the role that the caller needs.
 */
import type { JsonSchema } from "../core/contract/types.ts";
import type { Engine } from "../engine/engine.ts";
import type { LoopWiring } from "../engine/wiring.ts";
import type { OperationAccess } from "../core/people/role.ts";
import type { SignedIn } from "../engine/people.ts";
import { type ErrorCode, InterlockError } from "../std/errors.ts";

export type OperationContext = {
  readonly engine: Engine;
  /** Who asks, where a person signed in; whoever else asks says so in the input. */
  readonly signedIn?: SignedIn;
  /** Where somebody watches: how far a long piece of work has come. */
  readonly onProgress?: OnProgress;
};

export type OnProgress = (label: string, done: number, total: number) => void;

export type Operation<Input, Output> = {
  /** Noun, then verb: `case.vote`. */
  readonly name: string;
  readonly summary: string;
  readonly access: OperationAccess;
  /** Codes it may throw besides those of the store. */
  readonly errors: ReadonlyArray<ErrorCode>;
  /** What a caller from outside may send; in this process the types say it. */
  readonly input: JsonSchema;
  handler(context: OperationContext, input: Input): Promise<Output>;
};

/** A way to call operations, here or at a server. */
export type CallOperation = <Input, Output>(
  operation: Operation<Input, Output>,
  input: Input,
  onProgress?: OnProgress,
) => Promise<Output>;

/** The schema of an input: every field is required unless it is named in `optional`. */
export function inputSchema(
  fields: { readonly [name: string]: JsonSchema },
  optional: ReadonlyArray<string> = [],
): JsonSchema {
  return {
    type: "object",
    additionalProperties: false,
    required: Object.keys(fields).filter((name) => !optional.includes(name)),
    properties: fields,
  };
}

/** Characters of a name, an id, an address, and of a sentence somebody says. */
const NAME_CHARS_MAX = 200;
const SENTENCE_CHARS_MAX = 2_000;

/** A field that holds a name or an id. */
export function nameField(description: string): JsonSchema {
  return { type: "string", minLength: 1, maxLength: NAME_CHARS_MAX, description };
}

/** A field that holds what a person says in a sentence or two. */
export function sentenceField(description: string): JsonSchema {
  return { type: "string", minLength: 1, maxLength: SENTENCE_CHARS_MAX, description };
}

/** A field that holds an instant of ours, of a century in which calendars agree. */
export function instantField(description: string): JsonSchema {
  return {
    type: "string",
    format: "date-time",
    pattern: "^(19|20|21)\\d\\d-.{5}T.{8}\\.\\d{3}Z$",
    description: `${description}; UTC, 2026-01-05T00:30:00.000Z`,
  };
}

/** A calendar day, 2026-01-05. */
export const DAY_FIELD: JsonSchema = {
  type: "string",
  format: "date",
  pattern: "^(19|20|21)",
  description: "a calendar day such as 2026-01-05",
};

export const LOOP_FIELD = nameField("the loop's name, such as logistics-marketing");
export const CASE_FIELD = nameField("the case's id, such as case-0123456789abcdef");

/** What a vote is bound to. */
export const DIGEST_FIELD: JsonSchema = {
  type: "string",
  pattern: "^[0-9a-f]{64}$",
  description: "of the action as shown",
};

/** A signed statement; its own reader says what is wrong with it. */
export const ENVELOPE_FIELD: JsonSchema = {
  type: "object",
  additionalProperties: false,
  required: ["payloadType", "payload", "signatures"],
  description: "a DSSE envelope with one signature",
  properties: {
    payloadType: { type: "string", maxLength: 200 },
    payload: { type: "string", maxLength: 100_000, description: "base64 of canonical JSON" },
    signatures: {
      type: "array",
      maxItems: 20,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["keyid", "sig"],
        properties: {
          keyid: { type: "string", maxLength: 200 },
          sig: { type: "string", maxLength: 200 },
        },
      },
    },
  },
};

export function getWiring({ engine }: OperationContext, loop: string): LoopWiring {
  const wiring = engine.wiringOf(loop);
  if (wiring !== undefined) return wiring;
  const known = [...engine.context.loops.keys()];
  throw new InterlockError("loop/not-found", `no loop is named \`${loop}\``, {
    help: known.length === 0 ? "no loop is set up here" : `the loops here are ${known.join(", ")}`,
  });
}
