/**
 * Signals as CloudEvents 1.0 over HTTP, in the three modes of its HTTP binding:
 *
 *   structured   application/cloudevents+json          one event, everything in the body
 *   batch        application/cloudevents-batch+json    a list of such events
 *   binary       application/json and `ce-*` headers   attributes in the headers, `data` in the body
 *
 *   attribute         of the signal
 *   id, source        id, source: together unique for ever
 *   type              always `interlock.signal`
 *   subject, time     subject, sentAt
 *   contract          contract                    an extension, as are the next three
 *   contractversion   version
 *   asof, expiresat   asOf, expiresAt
 *   data              { confidence, options, payload }
 *
 * Instants may be written as RFC 3339 allows; they are kept in one form. Other attributes are allowed, as
 * CloudEvents wants it, and dropped. This file only translates: whether the signal is any good is the
 * contract's to say, and what it says is led back to the attribute that was meant.
 */
import { isObject } from "../../core/contract/payload.ts";
import type { Problem } from "../../core/contract/types.ts";
import { problem, quote } from "../../core/problem.ts";
import { instantFromMs } from "../../std/time.ts";

export const EVENT_TYPE = "interlock.signal";
export const STRUCTURED_TYPE = "application/cloudevents+json";
export const BATCH_TYPE = "application/cloudevents-batch+json";
export const BINARY_TYPE = "application/json";

/** Attribute -> field of the signal. */
const ATTRIBUTES = {
  id: "id",
  source: "source",
  subject: "subject",
  time: "sentAt",
  contract: "contract",
  contractversion: "version",
  asof: "asOf",
  expiresat: "expiresAt",
} as const;

const INSTANTS: ReadonlyArray<string> = ["time", "asof", "expiresat"];
const DATA_FIELDS = ["confidence", "options", "payload"] as const;

export type EventReading =
  | { readonly kind: "signal"; readonly signal: { readonly [field: string]: unknown } }
  | { readonly kind: "refused"; readonly problems: ReadonlyArray<Problem> };

/** One structured event. */
export function readEvent(event: unknown): EventReading {
  if (!isObject(event)) return refuse("wrong-type", "", `${quote(event)} is not a CloudEvent`);
  const { specversion, type, data } = event;
  const problems: Problem[] = [];
  if (specversion !== "1.0") {
    const said = specversion === undefined ? "nothing" : quote(specversion);
    problems.push(
      problem("contract", "wrong-value", "/specversion", `specversion is ${said}, not 1.0`),
    );
  }
  if (type !== EVENT_TYPE) {
    const said = type === undefined ? "nothing" : quote(type);
    problems.push(
      problem("contract", "wrong-value", "/type", `the type is ${said}, not ${EVENT_TYPE}`),
    );
  }
  for (const name of Object.keys(ATTRIBUTES)) {
    const value = event[name];
    if (value === undefined || typeof value === "string") continue;
    problems.push(
      problem("contract", "wrong-type", `/${name}`, `the attribute ${name} is not text`),
    );
  }
  if (!isObject(data)) {
    problems.push(
      problem("contract", "missing-field", "/data", "`data` is no JSON object", DATA_HELP),
    );
  } else {
    for (const name of Object.keys(data)) {
      if (DATA_FIELDS.some((field) => field === name)) continue;
      const message = `${quote(name)} is not a field of a signal's data`;
      problems.push(problem("contract", "unknown-field", `/data/${name}`, message, DATA_HELP));
    }
  }
  if (problems.length > 0 || !isObject(data)) return { kind: "refused", problems };
  const signal: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(ATTRIBUTES)) {
    const value = event[name];
    if (value !== undefined) signal[field] = INSTANTS.includes(name) ? toInstant(value) : value;
  }
  for (const field of DATA_FIELDS) if (data[field] !== undefined) signal[field] = data[field];
  return { kind: "signal", signal };
}

/** One event whose attributes are headers; they are percent-encoded where they are not plain text. */
export function readBinaryEvent(headers: Headers, data: unknown): EventReading {
  const event: Record<string, unknown> = { data };
  for (const [name, value] of headers) {
    if (!name.startsWith("ce-")) continue;
    const decoded = decodeHeader(value);
    if (decoded === undefined) {
      const message = `the header ${name} is not percent-encoded UTF-8`;
      return refuse("wrong-format", `/headers/${name}`, message);
    }
    event[name.slice("ce-".length)] = decoded;
  }
  return readEvent(event);
}

/** Where a problem with a field of the signal is in the event that carried it. */
export function placeInEvent(found: Problem): Problem {
  const [, field = "", rest = ""] = /^\/([^/]+)(.*)$/.exec(found.path) ?? [];
  if (DATA_FIELDS.some((name) => name === field)) {
    return { ...found, path: `/data/${field}${rest}` };
  }
  const name = Object.entries(ATTRIBUTES).find(([, of]) => of === field)?.[0];
  return name === undefined ? found : { ...found, path: `/${name}${rest}` };
}

const DATA_HELP = "data is { confidence, options, payload }";

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;

/** In our one form, or as it was said, for the validator to refuse in its words. */
function toInstant(value: unknown): unknown {
  if (typeof value !== "string" || !RFC_3339.test(value)) return value;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? value : instantFromMs(ms);
}

/** Node gives header bytes as Latin-1; CloudEvents percent-encodes what is not printable ASCII. */
function decodeHeader(value: string): string | undefined {
  const bare = /^"(.*)"$/.exec(value)?.[1]?.replaceAll(/\\(.)/g, "$1") ?? value;
  try {
    return decodeURIComponent(bare);
  } catch {
    return undefined;
  }
}

function refuse(kind: Parameters<typeof problem>[1], path: string, message: string): EventReading {
  return { kind: "refused", problems: [problem("contract", kind, path, message)] };
}
