/** Requests drawn from an OpenAPI document: good ones, and the same with one thing wrong. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { JsonSchema } from "../../src/core/contract/types.ts";
import { compileSchema, type SchemaCheck } from "../../src/core/schema.ts";
import { integerBetween, type Random } from "../../src/std/random.ts";
import { arbitraryOf, type Known } from "./schema-arbitrary.ts";

export type Described = {
  readonly operationId: string;
  readonly security: ReadonlyArray<{ readonly [scheme: string]: unknown }>;
  readonly parameters?: ReadonlyArray<{
    readonly name: string;
    readonly in: "path" | "query" | "header";
    readonly schema: JsonSchema;
  }>;
  readonly requestBody?: { readonly content: Content };
  readonly responses: { readonly [status: string]: DescribedAnswer };
};
export type Content = { readonly [type: string]: { readonly schema: JsonSchema } };
export type DescribedAnswer = { readonly $ref?: string; readonly content?: Content };
/** Whoever calls: by which security scheme of the document, with which headers. */
export type Pass = {
  readonly name: string;
  readonly scheme: "departmentKey" | "operatorToken" | "monitorToken" | "session" | undefined;
  readonly headers: Readonly<Record<string, string>>;
};

export type Asked = {
  readonly values: { readonly [parameter: string]: unknown };
  readonly type: string | undefined;
  readonly body: unknown;
  /** Sent as it is, in place of the body. */
  readonly raw?: string;
  /** Does it break what the document says of parameters or body? */
  readonly isBad: boolean;
};

export function drawGood(
  { parameters = [], requestBody }: Described,
  known: Known,
  count: number,
  random: Random,
): ReadonlyArray<Asked> {
  const seed = integerBetween(random, 0, 2 ** 31);
  const values = fc.record(
    Object.fromEntries(
      parameters.map(({ name, schema }) => [
        name,
        name === "wait" ? fc.constant(0) : arbitraryOf(schema, known, name),
      ]),
    ),
    // What is in the path has to be there; the rest may be left out.
    { requiredKeys: parameters.flatMap((one) => (one.in === "path" ? [one.name] : [])) },
  );
  const types = Object.keys(requestBody?.content ?? {});
  return Array.from({ length: count }, (_, n): Asked => {
    const type = types[n % Math.max(1, types.length)];
    const schema = type === undefined ? undefined : requestBody?.content[type]?.schema;
    const drawn = fc.sample(
      fc.record({ values, body: schema ? arbitraryOf(schema, known) : fc.constant(undefined) }),
      { numRuns: 1, seed: seed + n },
    )[0];
    assert(drawn);
    return { values: drawn.values, type, body: drawn.body, isBad: false };
  });
}

/** Of address and headers; past some kilobytes Node answers 431 by itself. */
const TEXT_CHARS_MAX = 500;

const ODD: ReadonlyArray<unknown> = [
  null,
  [],
  {},
  -1,
  1e400,
  "",
  "\u0000",
  "\ud800",
  "x".repeat(70_000),
  "../../etc/passwd",
  "' or 1=1 --",
  "<script>alert(1)</script>",
  { __proto__: { isAdmin: true } },
];

/** The same request with one thing wrong; whether that breaks the document is for its schema to say. */
export function spoil(of: Described, pass: Pass, asked: Asked, random: Random): Asked {
  const odd = ODD[integerBetween(random, 0, ODD.length)];
  const fields = Object.keys((asked.body ?? {}) as object);
  const kinds = asked.type === undefined ? 1 : 6;
  switch (integerBetween(random, 0, kinds)) {
    case 1:
      return { ...asked, raw: JSON.stringify(asked.body).slice(0, -1), isBad: true };
    case 2:
      return checked(of, pass, { ...asked, body: odd });
    case 3: {
      const name = fields[integerBetween(random, 0, Math.max(1, fields.length))] ?? "name";
      return checked(of, pass, { ...asked, body: { ...(asked.body as object), [name]: odd } });
    }
    case 4:
      return checked(of, pass, { ...asked, body: { ...(asked.body as object), unheardOf: odd } });
    case 5: {
      const name = fields[integerBetween(random, 0, Math.max(1, fields.length))] ?? "name";
      const { [name]: _left, ...rest } = asked.body as Record<string, unknown>;
      return checked(of, pass, { ...asked, body: rest });
    }
    default: {
      const names = Object.keys(asked.values);
      const name = names[integerBetween(random, 0, Math.max(1, names.length))];
      if (name === undefined) return asked;
      return checked(of, pass, { ...asked, values: { ...asked.values, [name]: odd } });
    }
  }
}

const checks = new WeakMap<JsonSchema, SchemaCheck>();

export function breaks(schema: JsonSchema, value: unknown): boolean {
  let check = checks.get(schema);
  if (check === undefined) {
    check = compileSchema(schema, "request");
    checks.set(schema, check);
  }
  return check(value).length > 0;
}

/**
 * Bodies alone: a parameter travels as text, and what it then is the reader's to say. Who does it is filled in
 * for a person who signed in, so that may be left out.
 */
function checked({ requestBody }: Described, { scheme }: Pass, asked: Asked): Asked {
  const schema = asked.type === undefined ? undefined : requestBody?.content[asked.type]?.schema;
  const text = asked.body === undefined ? undefined : JSON.stringify(asked.body);
  if (schema === undefined || text === undefined) return asked;
  const sent: unknown = JSON.parse(text);
  if (scheme !== "session" || sent === null || typeof sent !== "object" || Array.isArray(sent)) {
    return { ...asked, isBad: breaks(schema, sent) };
  }
  const fields = (schema as { readonly properties?: object }).properties ?? {};
  const actor = ["by", "person"].find((name) => Object.hasOwn(fields, name));
  const filled = actor === undefined ? sent : { [actor]: "somebody@example.com", ...sent };
  return { ...asked, isBad: breaks(schema, filled) };
}

export function toRequest(
  path: string,
  { parameters = [] }: Described,
  { values, type, body, raw }: Asked,
): {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
} {
  const headers: Record<string, string> = type === undefined ? {} : { "content-type": type };
  const query = new URLSearchParams();
  let filled = path;
  for (const { name, in: where } of parameters) {
    const value = values[name];
    if (value === undefined) continue;
    const text = typeof value === "string" ? value : JSON.stringify(value);
    if (where === "path") filled = filled.replace(`{${name}}`, toSegment(text));
    if (where === "query") query.set(name, text.slice(0, TEXT_CHARS_MAX));
    if (where === "header") headers[name] = toHeader(text);
  }
  const search = query.size === 0 ? "" : `?${query.toString()}`;
  const text = raw ?? (body === undefined || type === undefined ? undefined : JSON.stringify(body));
  return { path: `${filled}${search}`, headers, body: text };
}

/** An empty segment would be another address, and half a surrogate pair is no text. */
function toSegment(text: string): string {
  const segment = encodeURIComponent(text.slice(0, TEXT_CHARS_MAX).toWellFormed());
  return ["", ".", ".."].includes(segment) ? "%20" : segment;
}

/** What a header can carry at all. */
function toHeader(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "").slice(0, TEXT_CHARS_MAX);
}
