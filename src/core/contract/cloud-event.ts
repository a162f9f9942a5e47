/**
 * A signal as a CloudEvent 1.0, and back: the same facts in an envelope that queues, gateways and
 * every language already know how to address.
 *
 *   attribute      of the signal              attribute        of the signal
 *   id, source     id, source                 dataschema       urn:interlock:contract:NAME:VERSION
 *   type           contract                   asof             asOf       (extension)
 *   subject        subject                    expirytime       expiresAt  (documented extension)
 *   time           sentAt                     data             confidence, options, payload
 *
 * Reading is strict about what it needs (every attribute above, `specversion` 1.0, JSON data) and
 * ignores other extensions, as CloudEvents wants it. A CloudEvents timestamp may be any RFC 3339 text;
 * it is brought into our one form, so that two spellings of one instant are one signal.
 *
 * This only translates. What comes out is untyped on purpose: `createSignalValidator` decides whether
 * it keeps its contract, and `toEventProblem` leads its complaints back to the attribute.
 *
 * Source: CloudEvents 1.0.2, its JSON format 1.0.2, and its expiry time extension.
 */
import type { Json } from "../../std/canonical-json.ts";
import { instantFromMs, isInstant } from "../../std/time.ts";
import { type PlainLimits, toPlainJson } from "../plain.ts";
import { listWords, pointerToken, problem, quote, suggestion } from "../problem.ts";
import { matchesFormat } from "../schema.ts";
import { isObject } from "./payload.ts";
import { SIGNAL_LIMITS } from "./signal.ts";
import type { Problem, Signal } from "./types.ts";

export type CloudEvent = {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly dataschema: string;
  readonly datacontenttype: "application/json";
  readonly asof: string;
  readonly expirytime: string;
  readonly data: Pick<Signal, "confidence" | "options" | "payload">;
};

/** One event read: a signal still to be validated, or why it is none. */
export type EventReading =
  | { readonly ok: true; readonly signal: { readonly [field: string]: unknown } }
  | { readonly ok: false; readonly problems: ReadonlyArray<Problem> };

const SCHEMA_PREFIX = "urn:interlock:contract:";

/** Attribute -> field of the signal, and what it is for. All are texts, and required. */
export const EVENT_ATTRIBUTES = {
  id: { field: "id", about: "unique for ever together with source" },
  source: { field: "source", about: "department/agent, such as logistics/ndr-watch" },
  type: { field: "contract", about: "the contract's name" },
  subject: { field: "subject", about: "the id of what the signal is about" },
  time: { field: "sentAt", about: "the instant of sending" },
  dataschema: { field: "version", about: `${SCHEMA_PREFIX}NAME:VERSION` },
  asof: { field: "asOf", about: "the data behind the signal is complete up to here" },
  expirytime: { field: "expiresAt", about: "after this instant it must not be acted on" },
} as const;

type AttributeName = keyof typeof EVENT_ATTRIBUTES;
const ATTRIBUTE_NAMES = Object.keys(EVENT_ATTRIBUTES) as ReadonlyArray<AttributeName>;
const DATA_FIELDS = ["confidence", "options", "payload"] as const;
const DATA_HELP = "data is { confidence, options, payload }";

/** The envelope has one level more than a signal: `data`. */
const EVENT_LIMITS: PlainLimits = { ...SIGNAL_LIMITS, depthMax: SIGNAL_LIMITS.depthMax + 1 };

export function signalToCloudEvent(signal: Signal): CloudEvent {
  const { confidence, options, payload } = signal;
  return {
    specversion: "1.0",
    id: signal.id,
    source: signal.source,
    type: signal.contract,
    subject: signal.subject,
    time: signal.sentAt,
    dataschema: `${SCHEMA_PREFIX}${signal.contract}:${signal.version}`,
    datacontenttype: "application/json",
    asof: signal.asOf,
    expirytime: signal.expiresAt,
    data: { confidence, options, payload },
  };
}

/** Never throws, whatever `event` is. */
export function cloudEventToSignal(event: unknown): EventReading {
  const plain = toPlainJson(event, EVENT_LIMITS, "contract");
  if (plain.kind === "refused") return { ok: false, problems: plain.problems };
  const given = plain.value;
  if (!isObject(given)) return refuse("wrong-type", "", `${quote(given)} is not a CloudEvent`);
  const problems = [
    ...findVersionProblems(given),
    ...ATTRIBUTE_NAMES.flatMap((name) => findAttributeProblems(given, name)),
    ...findDataProblems(given),
    ...findExtensionProblems(given),
  ];
  if (problems.length > 0) return { ok: false, problems };

  const text = given as { readonly [name: string]: string };
  const [name, version] = (text["dataschema"] ?? "").slice(SCHEMA_PREFIX.length).split(":");
  if (name !== text["type"]) {
    const message = `the dataschema is of contract ${quote(name)}, the type is ${quote(text["type"])}`;
    return refuse("inconsistent", "/dataschema", message);
  }
  const data = given["data"] as { readonly [field: string]: Json };
  const signal: { [field: string]: Json } = {
    id: text["id"] ?? "",
    source: text["source"] ?? "",
    contract: text["type"] ?? "",
    version: version ?? "",
    subject: text["subject"] ?? "",
    sentAt: readInstant(text["time"]) ?? "",
    asOf: readInstant(text["asof"]) ?? "",
    expiresAt: readInstant(text["expirytime"]) ?? "",
  };
  for (const field of DATA_FIELDS) {
    const value = data[field];
    if (value !== undefined) signal[field] = value;
  }
  return { ok: true, signal };
}

/** The same problem, at the attribute that carried the signal's field: `/sentAt` is `/time`. */
export function toEventProblem(found: Problem): Problem {
  const [, field = "", rest = ""] = /^\/([^/]+)(.*)$/s.exec(found.path) ?? [];
  if (DATA_FIELDS.some((name) => name === field)) return { ...found, path: `/data${found.path}` };
  const name = ATTRIBUTE_NAMES.find((known) => EVENT_ATTRIBUTES[known].field === field);
  return name === undefined ? found : { ...found, path: `/${name}${rest}` };
}

type Event = { readonly [name: string]: Json | undefined };

function findVersionProblems(event: Event): Problem[] {
  const version = event["specversion"];
  if (version === "1.0") return [];
  const help = "specversion is 1.0";
  if (isUnset(version)) {
    const message = "the attribute `specversion` is missing";
    return [problem("contract", "missing-field", "/specversion", message, help)];
  }
  const message = `specversion ${quote(version)} is not one that is read here`;
  return [problem("contract", "wrong-value", "/specversion", message, help)];
}

function findAttributeProblems(event: Event, name: AttributeName): Problem[] {
  const value = event[name];
  const { about } = EVENT_ATTRIBUTES[name];
  const at = `/${name}`;
  if (isUnset(value)) {
    return [
      problem("contract", "missing-field", at, `the attribute \`${name}\` is missing`, about),
    ];
  }
  if (typeof value !== "string") {
    return [problem("contract", "wrong-type", at, `${quote(value)} is not text`, about)];
  }
  if (value === "") return [problem("contract", "wrong-format", at, "the text is empty", about)];
  if (hasForbiddenCharacter(value)) return [forbiddenCharacter(at, value)];
  if (name === "dataschema" && !/^urn:interlock:contract:[^:]+:[^:]+$/.test(value)) {
    const message = `${quote(value)} does not name a contract and its version`;
    return [problem("contract", "wrong-format", at, message, `write ${about}`)];
  }
  const isTime = name === "time" || name === "asof" || name === "expirytime";
  if (isTime && readInstant(value) === undefined) {
    const message = `${quote(value)} is not an instant`;
    const help = "write RFC 3339, such as 2026-01-05T00:30:00.000Z";
    return [problem("contract", "wrong-format", at, message, help)];
  }
  return [];
}

function findDataProblems(event: Event): Problem[] {
  const type = event["datacontenttype"];
  if (!isUnset(type) && (typeof type !== "string" || !isJsonMediaType(type))) {
    const message = `${quote(type)} is not a JSON content type`;
    return [problem("contract", "wrong-value", "/datacontenttype", message, "application/json")];
  }
  if (event["data_base64"] !== undefined) {
    const message = "binary data was sent where a signal's JSON is expected";
    return [problem("contract", "wrong-type", "/data_base64", message, DATA_HELP)];
  }
  const { data } = event;
  if (data === undefined) {
    return [problem("contract", "missing-field", "/data", "`data` is missing", DATA_HELP)];
  }
  if (!isObject(data)) {
    return [problem("contract", "wrong-type", "/data", `${quote(data)} is no object`, DATA_HELP)];
  }
  return Object.keys(data).flatMap((name) => {
    if (DATA_FIELDS.some((field) => field === name)) return [];
    const message = `${quote(name)} is not a field here${suggestion(name, DATA_FIELDS)}`;
    const path = `/data/${pointerToken(name)}`;
    return [problem("contract", "unknown-field", path, message, DATA_HELP)];
  });
}

const OWN_NAMES = ["specversion", ...ATTRIBUTE_NAMES, "datacontenttype", "data", "data_base64"];

/** What we do not know is ignored, but it must be what CloudEvents calls an extension attribute. */
function findExtensionProblems(event: Event): Problem[] {
  return Object.entries(event).flatMap(([name, value]) => {
    if (OWN_NAMES.includes(name)) return [];
    const at = `/${pointerToken(name)}`;
    if (!isAttributeName(name)) {
      const near = suggestion(name, OWN_NAMES);
      const message = `${quote(name)} cannot be an attribute's name${near}`;
      const help = `names are lower-case letters and digits; read are ${listWords(OWN_NAMES, "and")}`;
      return [problem("contract", "unknown-field", at, message, help)];
    }
    if (typeof value === "object" && value !== null) {
      const help = "an attribute is text, a whole number, true or false";
      return [problem("contract", "wrong-type", at, `${quote(value)} is no attribute`, help)];
    }
    return typeof value === "string" && hasForbiddenCharacter(value)
      ? [forbiddenCharacter(at, value)]
      : [];
  });
}

export function isAttributeName(name: string): boolean {
  return /^[a-z0-9]+$/.test(name) && name !== "data";
}

/** A `json` subtype or one that ends in `+json`, in UTF-8 where a charset is named. */
export function isJsonMediaType(text: string): boolean {
  const [type = "", ...parameters] = text.toLowerCase().split(";");
  const charset = parameters.map((one) => one.trim()).find((one) => one.startsWith("charset="));
  return (
    /^[a-z0-9!#$&^_.+-]+\/(?:[a-z0-9!#$&^_.+-]*\+)?json$/.test(type.trim()) &&
    (charset === undefined || /^charset="?utf-?8"?$/.test(charset))
  );
}

/** CloudEvents strings hold no control characters and no noncharacters. */
function hasForbiddenCharacter(text: string): boolean {
  return /[\p{Cc}\p{Noncharacter_Code_Point}]/u.test(text);
}

function forbiddenCharacter(at: string, value: string): Problem {
  const message = `${quote(value)} holds a character that CloudEvents does not allow`;
  return problem(
    "contract",
    "wrong-format",
    at,
    message,
    "no control characters, no noncharacters",
  );
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** Any RFC 3339 date and time as our one form, cut to milliseconds; undefined when it is none. */
function readInstant(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (isInstant(text)) return text;
  if (!RFC_3339.test(text) || !matchesFormat("date-time", text)) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return undefined;
  const instant = instantFromMs(ms);
  return isInstant(instant) ? instant : undefined;
}

/** In CloudEvents' JSON format a null attribute is one that is not there. */
function isUnset(value: Json | undefined): value is null | undefined {
  return value === undefined || value === null;
}

function refuse(kind: Parameters<typeof problem>[1], path: string, message: string): EventReading {
  return { ok: false, problems: [problem("contract", kind, path, message)] };
}
