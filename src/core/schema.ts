/**
 * JSON Schema 2020-12, checked by Ajv, answered in sentences.
 *
 * Ajv does the checking because writing a second validator would only add mistakes; this file is the
 * one place that knows it. Strict mode: a schema with a misspelt keyword does not compile. Two extra
 * keywords are notes for readers and change nothing: `unit` ("INR", "days", "1" for a plain rate, "none") and
 * `denominator` (what a rate is a share of).
 *
 * Left out: Ajv generates code, which a page under a strict content security policy may not run.
 */
import { type AnySchemaObject, type ErrorObject, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { Problem } from "./contract/types.ts";
import {
  listWords,
  pointerToken,
  problem,
  type ProblemKind,
  type ProblemPrefix,
  PROBLEMS_MAX,
  quote,
  suggestion,
} from "./problem.ts";

/** The formats that a schema may name. */
export const FORMATS = ["date", "date-time", "email", "uri", "uuid"] as const;

const FORMAT_WORDS: Record<(typeof FORMATS)[number], string> = {
  date: "a calendar day such as 2026-01-31",
  "date-time": "an instant such as 2026-01-31T06:30:00Z",
  email: "an email address",
  uri: "a URI",
  uuid: "a UUID",
};

export type SchemaCheck = (value: unknown, at?: string) => ReadonlyArray<Problem>;

/**
 * Compiles once, when the check is first called, with any plain JSON value and the JSON Pointer it sits at:
 * most of what a command reads is never checked by it. Throws whatever Ajv throws for a schema that is
 * wrong; `findSchemaMistake` tells without throwing.
 */
export function compileSchema(schema: unknown, prefix: ProblemPrefix): SchemaCheck {
  let validate: ValidateFunction | undefined;
  return (value, at = "") => {
    validate ??= compileWithAjv(schema);
    if (validate(value)) return [];
    return (validate.errors ?? [])
      .filter((error) => error.keyword !== "if")
      .slice(0, PROBLEMS_MAX)
      .map((error) => errorToProblem(error, prefix, at));
  };
}

/** Why the schema does not compile, or undefined. */
export function findSchemaMistake(schema: unknown): string | undefined {
  try {
    compileWithAjv(schema);
    return undefined;
  } catch (thrown) {
    return (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 500);
  }
}

const formatChecks = new Map<string, ValidateFunction>();

/** Does the text keep one of `FORMATS`? */
export function matchesFormat(format: string, text: string): boolean {
  let check = formatChecks.get(format);
  if (check === undefined) {
    check = compileWithAjv({ type: "string", format });
    formatChecks.set(format, check);
  }
  return check(text);
}

let shared: Ajv2020 | undefined;

/** One Ajv, because compiling its own meta-schema is most of the work; it keeps no schema of ours. */
function compileWithAjv(schema: unknown): ValidateFunction {
  shared ??= createAjv();
  try {
    return shared.compile(schema as AnySchemaObject);
  } finally {
    shared.removeSchema(schema as AnySchemaObject);
  }
}

function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    allErrors: true,
    verbose: true,
    ownProperties: true,
    validateFormats: true,
    logger: false,
    // Optimising costs as much as compiling, and checks are no faster for it.
    code: { optimize: false },
  });
  ajv.addKeyword({ keyword: "unit", schemaType: "string" });
  ajv.addKeyword({ keyword: "denominator", schemaType: "string" });
  addFormats.default(ajv, [...FORMATS]);
  return ajv;
}

type Said = { kind: ProblemKind; path?: string; message: string; help?: string };

function errorToProblem(error: ErrorObject, prefix: ProblemPrefix, at: string): Problem {
  const said = sayError(error);
  const path = `${at}${error.instancePath}${said.path ?? ""}`;
  return problem(prefix, said.kind, path, said.message, said.help);
}

/** One sentence per keyword; anything rarer keeps Ajv's own words. */
function sayError(error: ErrorObject): Said {
  const params = error.params as Record<string, unknown>;
  const parent = (error.parentSchema ?? {}) as Record<string, unknown>;
  const value = quote(error.data);
  const limit = `${String(params["limit"])}${unitOf(parent)}`;
  switch (error.keyword) {
    case "required": {
      const name = String(params["missingProperty"]);
      const field = propertiesOf(parent)[name] as { description?: unknown } | undefined;
      const said: Said = {
        kind: "missing-field",
        path: `/${pointerToken(name)}`,
        message: `${quote(name)} is missing`,
      };
      if (typeof field?.description === "string") said.help = `it is: ${field.description}`;
      return said;
    }
    case "additionalProperties":
    case "unevaluatedProperties": {
      const name = String(params["additionalProperty"] ?? params["unevaluatedProperty"]);
      const known = Object.keys(propertiesOf(parent));
      return {
        kind: "unknown-field",
        path: `/${pointerToken(name)}`,
        message: `${quote(name)} is not a field here${suggestion(name, known)}`,
        help:
          known.length === 0
            ? "no fields are allowed here"
            : `the fields are ${listWords(known, "and")}`,
      };
    }
    case "type": {
      const types = [params["type"]].flat().map((type) => TYPE_WORDS[String(type)] ?? String(type));
      return { kind: "wrong-type", message: `${value} is not ${listWords(types)}` };
    }
    case "enum": {
      const allowed = (params["allowedValues"] as ReadonlyArray<unknown>).map(String);
      const near = typeof error.data === "string" ? suggestion(error.data, allowed) : "";
      return {
        kind: "wrong-value",
        message: `${value} is not one of ${listWords(allowed)}${near}`,
        ...helpOf(parent),
      };
    }
    case "const":
      return { kind: "wrong-value", message: `${value} is not ${quote(params["allowedValue"])}` };
    case "minimum":
      return { kind: "out-of-range", message: `${value} is below ${limit}, the least allowed` };
    case "maximum":
      return { kind: "out-of-range", message: `${value} is above ${limit}, the most allowed` };
    case "exclusiveMinimum":
      return { kind: "out-of-range", message: `${value} is not above ${limit}` };
    case "exclusiveMaximum":
      return { kind: "out-of-range", message: `${value} is not below ${limit}` };
    case "multipleOf":
      return {
        kind: "out-of-range",
        message: `${value} is not a multiple of ${String(params["multipleOf"])}`,
      };
    case "minLength":
      return {
        kind: "out-of-range",
        message:
          params["limit"] === 1
            ? "the text is empty"
            : `${value} is shorter than ${limit} characters`,
      };
    case "maxLength":
      return { kind: "out-of-range", message: `${value} is longer than ${limit} characters` };
    case "minItems":
      return { kind: "out-of-range", message: `the list has fewer than ${limit} items` };
    case "maxItems":
      return { kind: "out-of-range", message: `the list has more than ${limit} items` };
    case "minProperties":
      return { kind: "missing-field", message: `fewer than ${limit} fields are given` };
    case "maxProperties":
      return { kind: "unknown-field", message: `more than ${limit} fields are given` };
    case "uniqueItems": {
      const [first, second] = [Number(params["i"]), Number(params["j"])].sort((a, b) => a - b);
      const message = `items ${first} and ${second} of the list are the same`;
      return { kind: "duplicate", message };
    }
    case "pattern":
      return {
        kind: "wrong-format",
        message: `${value} does not match ${quote(params["pattern"])}`,
        ...helpOf(parent),
      };
    case "format": {
      const words = FORMAT_WORDS[String(params["format"]) as (typeof FORMATS)[number]];
      return { kind: "wrong-format", message: `${value} is not ${words}` };
    }
    case "dependentRequired":
      return {
        kind: "missing-field",
        path: `/${pointerToken(String(params["missingProperty"]))}`,
        message: `${quote(params["missingProperty"])} is missing; ${quote(params["property"])} needs it`,
      };
    default:
      return { kind: "wrong-shape", message: `${value} ${error.message ?? "does not fit"}` };
  }
}

const TYPE_WORDS: Record<string, string> = {
  number: "a number",
  integer: "a whole number",
  string: "text",
  boolean: "true or false",
  object: "an object",
  array: "a list",
  null: "null",
};

function propertiesOf(schema: Record<string, unknown>): Record<string, unknown> {
  return (schema["properties"] ?? {}) as Record<string, unknown>;
}

function unitOf(schema: Record<string, unknown>): string {
  const unit = schema["unit"];
  return typeof unit === "string" && unit !== "1" && unit !== "none" ? ` ${unit}` : "";
}

function helpOf(schema: Record<string, unknown>): { help?: string } {
  const description = schema["description"];
  return typeof description === "string" ? { help: description } : {};
}
