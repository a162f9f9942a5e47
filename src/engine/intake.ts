/**
 * Intake: the door through which every signal comes, and behind which none is lost.
 *
 * A signal is answered in one of five ways, and an id is answered alike for ever: `admitted`, `parked`
 * (the loop is not live), `quarantined` (it breaks its contract; the sender is told why), `duplicate`
 * (its subject already has an action under way) and, for an id that was seen before, the answer it got
 * then. The same id with other content is refused.
 *
 * INVARIANT (ack-is-durable, conservation): what is answered is committed first, and every accepted
 * signal has exactly one case.
 */
import { openCase } from "../core/case/open.ts";
import type { Case, CaseEvent } from "../core/case/types.ts";
import type { Problem, Signal } from "../core/contract/types.ts";
import { canonicalJson, type Json } from "../std/canonical-json.ts";
import { hashText } from "../std/hash.ts";
import { InterlockError } from "../std/errors.ts";
import { addMs, DAY_MS, type Instant } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import { insertCaseEvents } from "../store/table/case-event.ts";
import { keepLoop, type LoopRow } from "../store/table/loop.ts";
import { insertSignals, listKnownSignals } from "../store/table/signal.ts";
import { listOpenCases } from "../store/table/signal-case.ts";
import { advanceCases, type CaseLetters } from "./advance.ts";
import { writeLoopNews } from "./loop-news.ts";
import { listSpokenVersions, type SpokenSignal } from "./spoken.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

export type IntakeAnswer =
  | { readonly kind: "accepted"; readonly signal: string; readonly caseId: string }
  | { readonly kind: "repeated"; readonly signal: string; readonly caseId: string }
  | { readonly kind: "conflict"; readonly signal: string; readonly caseId: string }
  | { readonly kind: "refused"; readonly signal: string; readonly problem: Problem };

export async function acceptSignals(
  tx: Tx,
  context: EngineContext,
  wiring: LoopWiring,
  signals: ReadonlyArray<unknown>,
  nameOf: (subject: string) => string,
): Promise<ReadonlyArray<IntakeAnswer>> {
  const now = context.clock.now();
  const arrived = signals.map((raw) => readEnvelope(raw));
  const [loop, seen, open, versions] = await Promise.all([
    // Kept as it is, so that no signal is parked behind the back of an activation.
    keepLoop(tx, wiring.name),
    listKnownSignals(tx, arrived.filter(isNamed)),
    openCasesBySubject(tx, wiring.name, arrived.filter(isNamed)),
    listSpokenVersions(tx, wiring, signals),
  ]);
  if (loop === undefined) {
    throw new InterlockError("loop/not-found", `no loop is named \`${wiring.name}\``);
  }
  const known = new Map(seen.map((row) => [`${row.source}\n${row.id}`, row]));
  const answers: IntakeAnswer[] = [];
  const opened: Array<CaseLetters & { readonly hash: string; readonly text: string }> = [];
  const superseded: Array<{ caseId: string; event: CaseEvent }> = [];

  for (const envelope of arrived) {
    if (!isNamed(envelope)) {
      answers.push({ kind: "refused", signal: "", problem: envelope.problem });
      continue;
    }
    const key = `${envelope.source}\n${envelope.id}`;
    const before = known.get(key);
    if (before !== undefined) {
      const kind = before.content_hash === envelope.hash ? "repeated" : "conflict";
      answers.push({ kind, signal: envelope.id, caseId: before.case_id });
      continue;
    }
    const caseId = `case-${hashText(key).slice(0, 16)}`;
    const earlier = open.get(envelope.subject);
    const spoken = versions.read(envelope.raw, now);
    const letter = letterFor(spoken, loop, earlier, now);
    const made = openCase(
      {
        id: caseId,
        loop: loop.name,
        signal: spoken.kind === "valid" ? spoken.signal : toSignal(envelope, now),
        subjectName: nameOf(envelope.subject),
        contractHash: spoken.hash,
        charterHash: loop.charter_hash,
      },
      now,
    );
    if (letter.kind === "signal.admitted" || letter.kind === "signal.parked") {
      if (earlier !== undefined) {
        superseded.push({
          caseId: earlier.id,
          event: { kind: "signal.superseded", at: now, by: caseId },
        });
      }
      // One that was set aside does not stand in the way of the next.
      open.set(envelope.subject, made);
    }
    known.set(key, { ...envelope, content_hash: envelope.hash, case_id: caseId });
    opened.push({
      case: made,
      letters: [letter],
      isNew: true,
      hash: envelope.hash,
      text: envelope.text,
    });
    answers.push({ kind: "accepted", signal: envelope.id, caseId });
  }

  await advanceCases(tx, context, opened, now);
  await context.reached?.("intake/opened");
  // A void has owners who are told, once for as long as the loop stays as it is.
  if (
    loop.state !== "suspended" &&
    opened.some(({ letters }) => letters[0]?.kind === "signal.parked")
  ) {
    const news = { topic: "void", state: loop.state, why: loop.why } as const;
    await writeLoopNews(tx, context, wiring, loop.changed_at, news);
  }
  // After the cases, because one of this very delivery may be among the superseded.
  await Promise.all([
    insertCaseEvents(tx, superseded),
    insertSignals(
      tx,
      opened.map(({ case: made, hash, text }) => ({
        source: made.signal.source,
        id: made.signal.id,
        loop: wiring.name,
        content_hash: hash,
        body: text,
        case_id: made.id,
        accepted_at: now,
      })),
    ),
  ]);
  await context.reached?.("intake/written");
  return answers;
}

function letterFor(
  spoken: SpokenSignal,
  loop: LoopRow,
  earlier: Case | undefined,
  now: Instant,
): CaseEvent {
  if (spoken.kind === "invalid") {
    return { kind: "signal.quarantined", at: now, problems: spoken.problems };
  }
  if (earlier !== undefined && ["executing", "withheld", "watching"].includes(earlier.state)) {
    return { kind: "signal.duplicated", at: now, of: earlier.id };
  }
  const { migratedFrom } = spoken;
  const said = { at: now, ...(migratedFrom === undefined ? {} : { migratedFrom }) };
  if (loop.state !== "live") {
    return { kind: "signal.parked", unmet: [`the loop is ${loop.state}: ${loop.why}`], ...said };
  }
  return { kind: "signal.admitted", ...said };
}

async function openCasesBySubject(
  tx: Tx,
  loop: string,
  envelopes: ReadonlyArray<NamedEnvelope>,
): Promise<Map<string, Case>> {
  const subjects = [...new Set(envelopes.map((envelope) => envelope.subject))];
  const cases = await listOpenCases(tx, loop, subjects);
  return new Map(
    cases.filter((open) => open.state !== "quarantined").map((open) => [open.signal.subject, open]),
  );
}

type NamedEnvelope = {
  readonly source: string;
  readonly id: string;
  readonly subject: string;
  readonly raw: unknown;
  readonly text: string;
  readonly hash: string;
};
type Envelope = NamedEnvelope | { readonly problem: Problem };

function isNamed(envelope: Envelope): envelope is NamedEnvelope {
  return "id" in envelope;
}

const NAME_CHARS_MAX = 200;
/** NUL, or half of a surrogate pair, in JSON text: no database keeps them. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** The least a signal must say to be answered at all: who sends it and what it calls itself. */
function readEnvelope(raw: unknown): Envelope {
  const said = raw as {
    readonly source?: unknown;
    readonly id?: unknown;
    readonly subject?: unknown;
  };
  const isName = (value: unknown): value is string =>
    typeof value === "string" && value.length > 0 && value.length <= NAME_CHARS_MAX;
  if (raw === null || typeof raw !== "object" || !isName(said.source) || !isName(said.id)) {
    return {
      problem: {
        path: "",
        code: "contract/invalid-signal",
        message: "a signal needs a `source` and an `id` of 1 to 200 characters",
      },
    };
  }
  const text = canonicalJson(raw);
  if (UNSTORABLE.test(text)) {
    return {
      problem: {
        path: "",
        code: "contract/invalid-signal",
        message: "a signal holds a NUL or half of a surrogate pair, which cannot be stored",
      },
    };
  }
  const subject = isName(said.subject) ? said.subject : "unknown";
  return { source: said.source, id: said.id, subject, raw, text, hash: hashText(text) };
}

/** A signal as said, with safe stand-ins where a quarantined one says nothing usable. */
function toSignal(envelope: NamedEnvelope, now: Instant): Signal {
  const said = envelope.raw as { readonly [key: string]: Json };
  const text = (value: Json | undefined, otherwise: string) =>
    typeof value === "string" ? value : otherwise;
  const payload = said["payload"];
  return {
    id: envelope.id,
    source: envelope.source,
    contract: text(said["contract"], ""),
    version: text(said["version"], ""),
    subject: envelope.subject,
    sentAt: text(said["sentAt"], now),
    asOf: text(said["asOf"], now),
    expiresAt: text(said["expiresAt"], addMs(now, DAY_MS)),
    confidence: typeof said["confidence"] === "number" ? said["confidence"] : 0,
    options: Array.isArray(said["options"])
      ? said["options"].filter((option): option is string => typeof option === "string")
      : [],
    payload:
      payload !== null && typeof payload === "object" && !Array.isArray(payload)
        ? (payload as Signal["payload"])
        : {},
  };
}
