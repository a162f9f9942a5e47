/**
 * Does this signal keep its contract? Compiled once per contract, then asked about every arrival.
 *
 * The order is that of a post office: is it a parcel at all (plain JSON within limits), is the label
 * filled in (envelope), is it meant for us and still fresh (meaning), and is the content as agreed
 * (payload, evidence). Every mistake of a stage is reported with its JSON Pointer; a later stage is not
 * tried on what an earlier one refused, because its complaints would only repeat the first.
 *
 * The validator never throws and hands back a copy of its own making, so that nothing can change a
 * signal after it was found good. Whether sender and receiver may speak at all (loop state, sender's
 * key, duplicates) is the intake's business, not the contract's.
 */
import { assert } from "../../std/assert.ts";
import {
  diffMs,
  HOUR_MS,
  type Instant,
  instantFromMs,
  isInstant,
  MINUTE_MS,
} from "../../std/time.ts";
import { type PlainLimits, toPlainJson } from "../plain.ts";
import { listWords, problem, quote, suggestion } from "../problem.ts";
import { compileSchema } from "../schema.ts";
import { valueAt } from "./evidence.ts";
import { isObject } from "./payload.ts";
import type { Contract, Problem, Signal } from "./types.ts";

/** Characters of an id, a source, a subject. */
export const ID_LENGTH_MAX = 200;
/** How far the sender's clock may run ahead of ours. */
export const CLOCK_SKEW_MS = 5 * MINUTE_MS;

/** A signal carries figures, not archives. */
export const SIGNAL_LIMITS: PlainLimits = {
  depthMax: 32,
  textMax: 2_000,
  itemsMax: 1_000,
  valuesMax: 20_000,
  bytesMax: 256 * 1024,
};

export type SignalCheck =
  | { readonly ok: true; readonly signal: Signal }
  | { readonly ok: false; readonly problems: ReadonlyArray<Problem> };

export type SignalValidator = (signal: unknown, at: { readonly now: Instant }) => SignalCheck;

const id = { type: "string", minLength: 1, maxLength: ID_LENGTH_MAX };
const instant = { type: "string" };

/** The label of every signal, the same under every contract. */
export const ENVELOPE_SCHEMA = {
  type: "object",
  required: [
    "id",
    "source",
    "contract",
    "version",
    "subject",
    "sentAt",
    "asOf",
    "expiresAt",
    "confidence",
    "options",
    "payload",
  ],
  additionalProperties: false,
  properties: {
    id: { ...id, description: "unique for ever together with source" },
    source: {
      ...id,
      pattern: "^[a-z][a-z0-9-]*/[A-Za-z0-9][A-Za-z0-9._-]*$",
      description: "department/agent, such as logistics/ndr-watch",
    },
    contract: { ...id, description: "the contract's name" },
    version: { ...id, description: "the contract's version" },
    subject: { ...id, description: "the id of what the signal is about" },
    sentAt: { ...instant, description: "the instant of sending, such as 2026-01-05T00:30:00.000Z" },
    asOf: { ...instant, description: "the data behind the signal is complete up to here" },
    expiresAt: { ...instant, description: "after this instant the signal must not be acted on" },
    confidence: {
      type: "number",
      minimum: 0,
      maximum: 1,
      description: "0 to 1, with the meaning that the contract gives it",
    },
    options: {
      type: "array",
      minItems: 1,
      maxItems: 50,
      uniqueItems: true,
      items: { type: "string", minLength: 1, maxLength: ID_LENGTH_MAX },
      description: "the answers that the sender can live with",
    },
    payload: { type: "object", description: "what the contract's payload schema describes" },
  },
};

/** Throws only for a contract that `parseContract` would refuse. */
export function createSignalValidator(
  contract: Contract,
  limits: PlainLimits = SIGNAL_LIMITS,
): SignalValidator {
  const checkEnvelope = compileSchema(ENVELOPE_SCHEMA, "contract");
  const checkPayload = compileSchema(contract.payload, "contract");
  const subjectPattern = new RegExp(contract.subject.pattern, "u");

  return (given, { now }) => {
    assert(isInstant(now), "the validator is told the present instant");
    const plain = toPlainJson(given, limits, "contract");
    if (plain.kind === "refused") return { ok: false, problems: plain.problems };
    const shape = checkEnvelope(plain.value);
    if (shape.length > 0) {
      const payload = valueAt(plain.value, "/payload");
      const inside = isObject(payload) ? checkPayload(payload, "/payload") : [];
      return { ok: false, problems: [...shape, ...inside] };
    }
    const signal = plain.value as unknown as Signal;
    const content = checkPayload(signal.payload, "/payload");
    const problems = [
      ...findLabelProblems(contract, subjectPattern, signal),
      ...findTimeProblems(contract, signal, now),
      ...findOfferProblems(contract, signal),
      ...content,
      ...(content.length > 0 ? [] : findMissingEvidence(contract, signal)),
    ];
    return problems.length > 0 ? { ok: false, problems } : { ok: true, signal };
  };
}

function findLabelProblems(contract: Contract, pattern: RegExp, signal: Signal): Problem[] {
  const problems: Problem[] = [];
  if (signal.contract !== contract.name) {
    const message = `${quote(signal.contract)} is not the contract ${contract.name}`;
    problems.push(problem("contract", "wrong-contract", "/contract", message));
  }
  if (signal.version !== contract.version) {
    problems.push(
      problem(
        "contract",
        "wrong-contract",
        "/version",
        `version ${quote(signal.version)} is not ${contract.version}, the version in force`,
      ),
    );
  }
  if (!pattern.test(signal.subject)) {
    problems.push(
      problem(
        "contract",
        "wrong-format",
        "/subject",
        `${quote(signal.subject)} is not a ${contract.subject.kind} of this contract`,
        contract.subject.description,
      ),
    );
  }
  const { signal: threshold } = contract.confidence.thresholds;
  if (signal.confidence < threshold) {
    problems.push(
      problem(
        "contract",
        "low-confidence",
        "/confidence",
        `confidence \`${signal.confidence}\` is below ${threshold}, the least for a signal`,
        "the sender stays silent below it",
      ),
    );
  }
  return problems;
}

function findTimeProblems(contract: Contract, signal: Signal, now: Instant): Problem[] {
  const problems: Problem[] = [];
  for (const field of ["sentAt", "asOf", "expiresAt"] as const) {
    if (isInstant(signal[field])) continue;
    problems.push(
      problem(
        "contract",
        "wrong-format",
        `/${field}`,
        `${quote(signal[field])} is not an instant`,
        "write UTC with milliseconds, such as 2026-01-05T00:30:00.000Z",
      ),
    );
  }
  if (problems.length > 0) return problems;

  const { sentAt, asOf, expiresAt } = signal;
  const outOfRange = (path: string, message: string): void => {
    problems.push(problem("contract", "out-of-range", path, message));
  };
  if (diffMs(sentAt, now) > CLOCK_SKEW_MS) {
    outOfRange("/sentAt", `${quote(sentAt)} lies in the future; it is now ${now}`);
  }
  if (asOf > sentAt) outOfRange("/asOf", `${quote(asOf)} is after sentAt, ${sentAt}`);
  if (expiresAt <= sentAt) {
    outOfRange("/expiresAt", `${quote(expiresAt)} is not after sentAt, ${sentAt}`);
  } else if (expiresAt <= now) {
    problems.push(
      problem("contract", "expired", "/expiresAt", `${quote(expiresAt)} is past; it is now ${now}`),
    );
  }
  const { afterHours } = contract.expiry;
  if (diffMs(expiresAt, sentAt) > afterHours * HOUR_MS) {
    const latest = instantFromMs(Date.parse(sentAt) + afterHours * HOUR_MS);
    outOfRange(
      "/expiresAt",
      `${quote(expiresAt)} is more than ${afterHours} hours after sentAt; at most ${latest}`,
    );
  }
  return problems;
}

function findOfferProblems(contract: Contract, signal: Signal): Problem[] {
  const names = contract.options.map(({ name }) => name);
  return signal.options.flatMap((name, i) =>
    names.includes(name) ? [] : [unknownOption(contract, name, `/options/${i}`)],
  );
}

export function unknownOption(contract: Contract, name: string, path: string): Problem {
  const names = contract.options.map((option) => option.name);
  return problem(
    "contract",
    "unknown-option",
    path,
    `option ${quote(name)} is not in contract ${contract.name} ${contract.version}` +
      suggestion(name, names),
    `the contract's options are ${listWords(names, "and")}`,
  );
}

/** Present means: there, not null, and not an empty text, list or object. */
export function findMissingEvidence(
  contract: Contract,
  signal: Pick<Signal, "payload">,
): Problem[] {
  return contract.evidence.required.flatMap((item) => {
    const value = valueAt(signal.payload, item.path);
    const isEmpty =
      value === undefined ||
      value === null ||
      value === "" ||
      (typeof value === "object" && Object.keys(value).length === 0);
    if (!isEmpty) return [];
    const path = `/payload${item.path}`;
    const message = `the required evidence ${quote(item.name)} is missing`;
    return [problem("contract", "missing-evidence", path, message, item.why)];
  });
}
