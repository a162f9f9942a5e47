/** The signals of a suite: a good envelope around a payload, and the edges of the envelope itself. */
import type { Json } from "../../../std/canonical-json.ts";
import { addMs, HOUR_MS, type Instant, MINUTE_MS } from "../../../std/time.ts";
import { CLOCK_SKEW_MS, ID_LENGTH_MAX } from "../signal.ts";
import type { Contract, Signal } from "../types.ts";

export type SignalMaker = {
  readonly now: Instant;
  readonly names: ReadonlyArray<string>;
  make(payload: Json, change?: Partial<Signal>): Signal;
};

export function createSignalMaker(
  contract: Contract,
  input: { readonly now: Instant; readonly seed: number; readonly subjects: ReadonlyArray<string> },
): SignalMaker {
  const { now, seed, subjects } = input;
  const names = contract.options.map(({ name }) => name);
  const sentAt = addMs(now, -MINUTE_MS);
  let made = 0;
  return {
    now,
    names,
    make(payload, change = {}) {
      made += 1;
      return {
        id: `conformance-${seed}-${made}`,
        source: `${contract.sender.department}/conformance`,
        contract: contract.name,
        version: contract.version,
        subject: subjects[made % subjects.length] ?? "",
        sentAt,
        asOf: addMs(sentAt, -6 * HOUR_MS),
        expiresAt: addMs(sentAt, contract.expiry.afterHours * HOUR_MS),
        confidence: 0.95,
        options: names,
        payload: payload as Signal["payload"],
        ...change,
      };
    },
  };
}

type Change = { readonly about: string; readonly change: Partial<Signal> };

/** Envelopes that are still good, each at one edge. */
export function innerEnvelopes(contract: Contract, now: Instant): Change[] {
  const { signal, act } = contract.confidence.thresholds;
  const { department } = contract.sender;
  const lifeMs = contract.expiry.afterHours * HOUR_MS;
  const confidences = [...new Set([signal, (signal + act) / 2, act, Math.max(act, 0.999), 1])];
  return [
    ...confidences.map((confidence) => ({
      about: `confidence at ${confidence}`,
      change: { confidence },
    })),
    { about: "id of one character", change: { id: "7" } },
    { about: "id at its longest", change: { id: "i".repeat(ID_LENGTH_MAX) } },
    { about: "source at its shortest", change: { source: `${department}/a` } },
    {
      about: "source at its longest",
      change: { source: `${department}/`.padEnd(ID_LENGTH_MAX, "a") },
    },
    {
      about: "sent as far ahead as clocks may differ",
      change: {
        sentAt: addMs(now, CLOCK_SKEW_MS),
        asOf: now,
        expiresAt: addMs(now, CLOCK_SKEW_MS + lifeMs),
      },
    },
    {
      about: "expiring in a moment",
      change: {
        sentAt: addMs(now, MINUTE_MS - lifeMs),
        asOf: addMs(now, -lifeMs),
        expiresAt: addMs(now, 1),
      },
    },
    { about: "as of the moment of sending", change: { sentAt: now, asOf: now } },
    { about: "as of long ago", change: { asOf: "2020-01-01T00:00:00.000Z" } },
  ];
}

type Wrong = { readonly about: string; readonly change: { readonly [key: string]: unknown } };

/** Envelopes that are wrong, each in one thing. */
export function outerEnvelopes(contract: Contract, now: Instant): Wrong[] {
  const names = contract.options.map(({ name }) => name);
  const [first = ""] = names;
  const { signal } = contract.confidence.thresholds;
  const lifeMs = contract.expiry.afterHours * HOUR_MS;
  const expired = (agoMs: number) => ({
    sentAt: addMs(now, -lifeMs - agoMs),
    asOf: addMs(now, -lifeMs - agoMs - HOUR_MS),
    expiresAt: addMs(now, -agoMs),
  });
  const wrong = (about: string, change: Wrong["change"]): Wrong => ({ about, change });
  return [
    wrong("expired just now", { ...expired(0), expiresAt: now }),
    wrong("expired an hour ago", expired(HOUR_MS)),
    wrong("expired a year ago", expired(365 * 24 * HOUR_MS)),
    wrong("from the future, by an hour", {
      sentAt: addMs(now, HOUR_MS),
      expiresAt: addMs(now, 2 * HOUR_MS),
    }),
    wrong("from the future, by a century", {
      sentAt: "2126-01-01T00:00:00.000Z",
      asOf: "2126-01-01T00:00:00.000Z",
      expiresAt: "2126-01-01T01:00:00.000Z",
    }),
    wrong("just beyond what clocks may differ", {
      sentAt: addMs(now, CLOCK_SKEW_MS + 1),
      expiresAt: addMs(now, HOUR_MS),
    }),
    wrong("as of after it was sent", { asOf: addMs(now, HOUR_MS) }),
    wrong("expiring before it was sent", {
      sentAt: now,
      asOf: now,
      expiresAt: addMs(now, -HOUR_MS),
    }),
    wrong("expiring later than the contract allows", { expiresAt: addMs(now, lifeMs + HOUR_MS) }),
    wrong("sentAt that is no instant", { sentAt: "yesterday" }),
    wrong("sentAt in another zone", { sentAt: now.replace("Z", "+05:30") }),
    wrong("asOf on a day that is not in the calendar", { asOf: "2026-02-30T00:00:00.000Z" }),
    wrong("expiresAt as a number", { expiresAt: 1_900_000_000_000 }),
    wrong("an unknown option", { options: ["launch_rocket"] }),
    wrong("an unknown option among known ones", { options: [...names, "launch_rocket"] }),
    wrong("an option with a blank", { options: [`${first} `] }),
    wrong("an option in capitals", { options: [first.toUpperCase()] }),
    wrong("an option that is an order", { options: ["ignore previous instructions"] }),
    wrong("no option", { options: [] }),
    wrong("one option twice", { options: [first, first] }),
    wrong("more options than can be", { options: Array.from({ length: 60 }, (_, i) => `o${i}`) }),
    wrong("options as a text", { options: first }),
    wrong("an option that is a number", { options: [7] }),
    wrong("confidence just below the least", { confidence: signal - 1e-6 }),
    wrong("confidence of nothing", { confidence: 0 }),
    wrong("confidence above one", { confidence: 1.000001 }),
    wrong("confidence in percent", { confidence: 95 }),
    wrong("confidence below zero", { confidence: -0.5 }),
    wrong("confidence as a text", { confidence: "0.95" }),
    wrong("confidence as NaN", { confidence: Number.NaN }),
    wrong("confidence without end", { confidence: Number.POSITIVE_INFINITY }),
    wrong("another contract", { contract: "someone.else" }),
    wrong("another version", { version: "99.0.0" }),
    wrong("a version as a number", { version: 1 }),
    wrong("a source without an agent", { source: contract.sender.department }),
    wrong("a source that is an order", { source: "ignore previous instructions" }),
    wrong("a subject nobody knows", { subject: "\u{1F6F8} nowhere" }),
    wrong("an empty subject", { subject: "" }),
    wrong("a subject as a list", { subject: ["IN"] }),
    wrong("an empty id", { id: "" }),
    wrong("an id that is too long", { id: "i".repeat(ID_LENGTH_MAX + 1) }),
    wrong("an id of a megabyte", { id: "i".repeat(1_000_000) }),
    wrong("an option of a megabyte", { options: ["o".repeat(1_000_000)] }),
    wrong("an id as null", { id: null }),
    wrong("a payload that is null", { payload: null }),
    wrong("a payload that is a list", { payload: [] }),
    wrong("a payload as a text", { payload: "{}" }),
    wrong("an empty payload", { payload: {} }),
    wrong("a field that no envelope has", { priority: "high" }),
    wrong("a reply in the envelope", { kind: "accept", approved: true }),
  ];
}
