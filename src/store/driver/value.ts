/**
 * One customs house for values: what a JavaScript value is as SQL text, and back.
 *
 * Both drivers send parameters and read rows as the text that PostgreSQL itself prints, so a value
 * cannot mean one thing embedded and another in production.
 *
 * | SQL                     | in                                | out                              |
 * | ----------------------- | --------------------------------- | -------------------------------- |
 * | text, uuid, enum-like   | string                            | string                           |
 * | timestamptz             | `Instant` text                    | `Instant`, cut to milliseconds   |
 * | date                    | `Day` text                        | `Day`                            |
 * | int2, int4, int8        | number, bigint                    | number; int8 past 2^53 throws    |
 * | float4, float8          | number, NaN and infinities too    | number                           |
 * | numeric                 | number, or text for more digits   | number if exact, else its text   |
 * | json, jsonb             | plain object, or `toJson(value)`  | parsed                           |
 * | bytea                   | Uint8Array                        | Uint8Array                       |
 * | boolean                 | boolean                           | boolean                          |
 * | T[]                     | array of the above, nested too    | array                            |
 * | text[]                  | `toTexts(texts)`, for long ones   | array                            |
 * | null                    | null                              | null                             |
 *
 * An array parameter is always an SQL array; a JSON array, string or null goes in as `toJson(value)`.
 * A numeric is exact as a number when it has at most 15 significant digits or is an integer within
 * 2^53. `undefined`, a `Date`, and text that UTF-8 cannot carry are our bugs and are asserted away:
 * each would otherwise be stored as something else without a word.
 *
 * Left out: timestamp without zone, interval, time and ranges come back as PostgreSQL's text.
 */
import { assert } from "../../std/assert.ts";

const OID = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  oid: 26,
  json: 114,
  float4: 700,
  float8: 701,
  timestamptz: 1184,
  numeric: 1700,
  jsonb: 3802,
} as const;

/** Array type of each element type that has a parser, and of the plain texts. */
const ARRAY_OF: ReadonlyArray<readonly [arrayOid: number, elementOid: number]> = [
  [1000, OID.bool],
  [1001, OID.bytea],
  [1005, OID.int2],
  [1007, OID.int4],
  [1016, OID.int8],
  [1028, OID.oid],
  [199, OID.json],
  [1021, OID.float4],
  [1022, OID.float8],
  [1185, OID.timestamptz],
  [1231, OID.numeric],
  [3807, OID.jsonb],
  [1002, 0], // char
  [1003, 0], // name
  [1009, 0], // text
  [1014, 0], // bpchar
  [1015, 0], // varchar
  [1182, 0], // date
  [2951, 0], // uuid
];

type Parse = (text: string) => unknown;

const asText: Parse = (text) => text;

const PARSERS = new Map<number, Parse>([
  [OID.bool, (text) => text === "t"],
  [OID.bytea, parseBytes],
  [OID.int8, parseInt8],
  [OID.int2, Number],
  [OID.int4, Number],
  [OID.oid, Number],
  [OID.json, (text) => JSON.parse(text) as unknown],
  [OID.float4, Number],
  [OID.float8, Number],
  [OID.timestamptz, parseInstant],
  [OID.numeric, parseNumeric],
  [OID.jsonb, (text) => JSON.parse(text) as unknown],
]);
for (const [arrayOid, elementOid] of ARRAY_OF) {
  const parse = PARSERS.get(elementOid) ?? asText;
  PARSERS.set(arrayOid, (text) => parseArray(text, parse));
}

/** In the shape that `pg` takes per client, so that nothing is set for the whole process. */
export const typeParsers = {
  getTypeParser(oid: number): Parse {
    return PARSERS.get(oid) ?? asText;
  },
};

/** A value as JSON text, for a jsonb parameter that is not a plain object. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  assert(text !== undefined, `JSON cannot carry a ${typeof value}`);
  return text;
}

/** The wire form of an SQL text array: nothing in it is quoted, and nothing has to be read back. */
class TextArray {
  readonly bytes: Buffer;
  readonly length: number;

  constructor(texts: ReadonlyArray<string | null>) {
    this.length = texts.length;
    const lengths = texts.map((text) => (text === null ? 0 : Buffer.byteLength(text)));
    const bytes = Buffer.allocUnsafe(
      HEADER_BYTES + lengths.reduce((sum, length) => sum + 4 + length, 0),
    );
    // Dimensions, whether there are nulls, the type of an element; then the one dimension from 1.
    let at = bytes.writeInt32BE(1, 0);
    at = bytes.writeInt32BE(texts.includes(null) ? 1 : 0, at);
    at = bytes.writeInt32BE(OID.text, at);
    at = bytes.writeInt32BE(texts.length, at);
    at = bytes.writeInt32BE(1, at);
    texts.forEach((text, index) => {
      if (text === null) {
        at = bytes.writeInt32BE(-1, at);
        return;
      }
      assert(text.isWellFormed(), `text ${index} of an array holds half of a surrogate pair`);
      at = bytes.writeInt32BE(lengths[index] ?? 0, at);
      at += bytes.write(text, at);
    });
    this.bytes = bytes;
  }
}

const HEADER_BYTES = 20;

/**
 * A parameter that is `text[]` and nothing else, sent as bytes. For arrays of documents: as array text
 * every quote in them would be escaped here and read again there.
 */
export function toTexts(texts: ReadonlyArray<string | null>): object {
  return new TextArray(texts);
}

/** Elements of an array parameter; 1 for everything else. */
export function lengthOf(value: unknown): number {
  return Array.isArray(value) || value instanceof TextArray ? value.length : 1;
}

/** Throws `AssertionFailed` for a value the table above has no row for. */
export function encodeParameters(params: ReadonlyArray<unknown>): Array<string | Buffer | null> {
  return params.map((value, index) => {
    assert(value !== undefined, `parameter $${index + 1} is undefined`);
    if (value instanceof TextArray) return value.bytes;
    return value === null ? null : encodeValue(value, index + 1);
  });
}

function encodeValue(value: unknown, position: number): string {
  if (typeof value === "string") {
    assert(value.isWellFormed(), `parameter $${position} holds half of a surrogate pair`);
    return value;
  }
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return encodeArray(value, position);
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString("hex")}`;
  assert(isPlainObject(value), `parameter $${position} is of a kind that SQL has no place for`);
  return toJson(value);
}

function encodeArray(values: ReadonlyArray<unknown>, position: number): string {
  const elements = values.map((value) => {
    assert(value !== undefined, `parameter $${position} holds an undefined element`);
    if (value === null) return "NULL";
    const text = encodeValue(value, position);
    if (Array.isArray(value) || typeof value === "number") return text;
    return `"${text.replace(/[\\"]/g, "\\$&")}"`;
  });
  return `{${elements.join(",")}}`;
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function parseBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), "hex"));
}

function parseInt8(text: string): number {
  const value = Number(text);
  assert(Number.isSafeInteger(value), `int8 \`${text}\` is past 2^53 and would lose digits`);
  return value;
}

const EXACT_DIGITS = 15;

function parseNumeric(text: string): number | string {
  const value = Number(text);
  if (!Number.isFinite(value)) return text;
  if (!text.includes(".")) return Number.isSafeInteger(value) ? value : text;
  const digits = text.replace(/0+$/, "").replace(/^-?[0.]*|\./g, "");
  return digits.length <= EXACT_DIGITS ? value : text;
}

/** `2026-01-05 00:30:00.123456+00` as the session's UTC and ISO date style print it. */
function parseInstant(text: string): string {
  if (text.endsWith("infinity")) return text;
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00$/.exec(text);
  assert(match !== null, `timestamptz \`${text}\` is not a UTC instant of the years 1 to 9999`);
  return `${match[1]}T${match[2]}.${(match[3] ?? "").padEnd(3, "0").slice(0, 3)}Z`;
}

/** PostgreSQL's array text: `{1,NULL,"a \"quoted\" one",{nested}}`, with or without bounds. */
function parseArray(text: string, parse: Parse): unknown[] {
  let at = text.startsWith("[") ? text.indexOf("=") + 1 : 0;
  assert(text[at] === "{", `array text \`${text.slice(0, 40)}\` does not open with a brace`);
  return readArray();

  function readArray(): unknown[] {
    const elements: unknown[] = [];
    at++; // the opening brace
    while (text[at] !== "}") {
      assert(at < text.length, "array text ends early");
      if (text[at] === ",") at++;
      elements.push(readElement());
    }
    at++;
    return elements;
  }

  function readElement(): unknown {
    if (text[at] === "{") return readArray();
    if (text[at] === '"') return parse(readQuoted());
    const start = at;
    while (text[at] !== "," && text[at] !== "}") at++;
    const bare = text.slice(start, at);
    return bare === "NULL" ? null : parse(bare);
  }

  function readQuoted(): string {
    let value = "";
    let start = ++at;
    while (text[at] !== '"') {
      if (text[at] === "\\") {
        value += text.slice(start, at);
        start = ++at; // the escaped character stands for itself
      }
      at++;
    }
    value += text.slice(start, at++);
    return value;
  }
}
