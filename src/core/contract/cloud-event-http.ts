/**
 * CloudEvents over HTTP (binding 1.0.2), as plain values: a content type, headers, a parsed body.
 *
 *   structured   application/cloudevents+json          one event, everything in the body
 *   batched      application/cloudevents-batch+json    a list of such events
 *   binary       any JSON, with `ce-*` headers         attributes in the headers, `data` in the body
 *
 * A batch is read event by event: one that is no signal takes no other with it. Sockets, bytes and
 * limits of size are the server's business.
 */
import { problem, quote } from "../problem.ts";
import {
  type CloudEvent,
  cloudEventToSignal,
  type EventReading,
  isAttributeName,
  isJsonMediaType,
  signalToCloudEvent,
} from "./cloud-event.ts";
import type { Problem, Signal } from "./types.ts";

export const STRUCTURED_TYPE = "application/cloudevents+json";
export const BATCHED_TYPE = "application/cloudevents-batch+json";
export const BINARY_TYPE = "application/json";

/** Events in one batch. */
export const BATCH_EVENTS_MAX = 1_000;

export type EventMode = "structured" | "batched" | "binary";

export type HttpSignals =
  | {
      readonly ok: true;
      readonly mode: EventMode;
      /** One for each event, in the order in which they were sent. */
      readonly readings: ReadonlyArray<EventReading>;
    }
  | { readonly ok: false; readonly problems: ReadonlyArray<Problem> };

export type HttpMessage = {
  readonly headers: Readonly<Record<string, string>>;
  /** To be written as JSON. */
  readonly body: unknown;
};

/** Never throws. `body` is the parsed JSON; names of headers may be in any case. */
export function readHttpSignal(message: {
  readonly contentType: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}): HttpSignals {
  const mode = findMode(message.contentType);
  switch (mode) {
    case "structured":
      return { ok: true, mode, readings: [cloudEventToSignal(message.body)] };
    case "batched":
      return readBatch(message.body);
    case "binary":
      return readBinary(message.contentType ?? "", message.headers, message.body);
    case undefined: {
      const said = message.contentType === undefined ? "none" : quote(message.contentType);
      const help = `send ${STRUCTURED_TYPE}, ${BATCHED_TYPE}, or JSON with ce- headers, in UTF-8`;
      const text = `the content type, ${said}, carries no signal`;
      return refuse(problem("contract", "wrong-value", "/headers/content-type", text, help));
    }
  }
}

/** Binary mode carries one signal, batched mode any number. */
export function writeHttpSignal(signal: Signal, mode: "structured" | "binary"): HttpMessage {
  const event = signalToCloudEvent(signal);
  if (mode === "structured") return { headers: { "content-type": STRUCTURED_TYPE }, body: event };
  const { data, datacontenttype, ...attributes } = event;
  const headers: Record<string, string> = { "content-type": datacontenttype };
  for (const [name, value] of Object.entries(attributes)) {
    headers[`ce-${name}`] = encodeHeaderValue(value);
  }
  return { headers, body: data };
}

export function writeHttpBatch(signals: ReadonlyArray<Signal>): HttpMessage {
  const body: ReadonlyArray<CloudEvent> = signals.map(signalToCloudEvent);
  return { headers: { "content-type": BATCHED_TYPE }, body };
}

/** How the events come, or undefined for a content type that carries none. */
export function findMode(contentType: string | undefined): EventMode | undefined {
  if (contentType === undefined || !isJsonMediaType(contentType)) return undefined;
  const type = (contentType.split(";")[0] ?? "").trim().toLowerCase();
  if (type === STRUCTURED_TYPE) return "structured";
  if (type === BATCHED_TYPE) return "batched";
  return type.startsWith("application/cloudevents") ? undefined : "binary";
}

function readBatch(body: unknown): HttpSignals {
  if (!Array.isArray(body)) {
    const text = `${quote(body)} is not a batch of CloudEvents`;
    return refuse(problem("contract", "wrong-type", "", text, "a batch is a list of events"));
  }
  if (body.length > BATCH_EVENTS_MAX) {
    const text = `the batch has ${body.length} events, more than ${BATCH_EVENTS_MAX}`;
    return refuse(problem("contract", "too-large", "", text, "send it in parts"));
  }
  return { ok: true, mode: "batched", readings: body.map(cloudEventToSignal) };
}

function readBinary(
  contentType: string,
  headers: Readonly<Record<string, string>>,
  data: unknown,
): HttpSignals {
  const event: Record<string, unknown> = { datacontenttype: contentType };
  const problems: Problem[] = [];
  for (const [header, value] of Object.entries(headers)) {
    if (!/^ce-/i.test(header)) continue;
    const name = header.slice("ce-".length).toLowerCase();
    const found = findHeaderProblem(event, name, value);
    if (found !== undefined) problems.push(found);
    else event[name] = decodeHeaderValue(value);
  }
  if (problems.length > 0) return { ok: false, problems };
  if (Object.keys(event).length === 1) {
    const help = `send the attributes as ce- headers, or the whole event as ${STRUCTURED_TYPE}`;
    const text = "the JSON came without the `ce-` headers of a CloudEvent";
    return refuse(problem("contract", "missing-field", "/specversion", text, help));
  }
  return { ok: true, mode: "binary", readings: [cloudEventToSignal({ ...event, data })] };
}

function findHeaderProblem(event: object, name: string, value: unknown): Problem | undefined {
  const at = `/${name}`;
  const header = quote(`ce-${name}`);
  if (name === "datacontenttype") {
    const help = "in binary mode the content-type header says it";
    return problem("contract", "unknown-field", at, `${header} must not be sent`, help);
  }
  if (!isAttributeName(name)) {
    const help = "after ce- come lower-case letters and digits";
    return problem("contract", "unknown-field", at, `${header} names no attribute`, help);
  }
  if (Object.hasOwn(event, name)) {
    return problem("contract", "duplicate", at, `the header ${header} is there twice`);
  }
  if (typeof value === "string" && decodeHeaderValue(value) !== undefined) return undefined;
  const help = "write UTF-8, percent-encoded, such as Euro%20%E2%82%AC";
  return problem("contract", "wrong-format", at, `the header ${header} is not encoded text`, help);
}

/**
 * Section 3.1.3.2 of the binding: space, `"`, `%` and whatever is not printable ASCII, as the bytes of
 * its UTF-8. A lone surrogate has no UTF-8; no valid signal holds one.
 */
export function encodeHeaderValue(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\u0021-\u007e]|["%]/gu, (character) => encodeURIComponent(character));
}

/** Quotes are taken off, then one round of percent-decoding; undefined when that is not UTF-8. */
export function decodeHeaderValue(value: string): string | undefined {
  const trimmed = value.replaceAll(/^[ \t]+|[ \t]+$/g, "");
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(trimmed)?.[1];
  const bare = quoted === undefined ? trimmed : quoted.replaceAll(/\\(.)/g, "$1");
  if (/[^\u0020-\u007e\t]/.test(bare)) return undefined;
  try {
    return decodeURIComponent(bare);
  } catch {
    return undefined;
  }
}

function refuse(found: Problem): HttpSignals {
  return { ok: false, problems: [found] };
}
