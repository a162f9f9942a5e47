/**
 * One OpenTelemetry trace for each case, read from the ledger: a span for the whole case, and under it one for
 * each thing that happened, from what happened before it until then. Waiting for a vote is a long span, and
 * looks like one.
 *
 * Nothing in the engine knows of it. Whichever process wrote an entry, its span hangs in the case's trace;
 * ids are made of the case's id and the entry's number, so an entry that is told twice is one span.
 */
import { caseSpanIdOf, traceIdOf } from "../../core/case/trace.ts";
import type { LedgerDraft, LedgerEntry } from "../../core/ledger/entry.ts";
import { hashText } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";
import { attributesOf, KIND_INTERNAL, type Span, SpanPost, STATUS_ERROR } from "./span-post.ts";

/** Open cases whose last entry is remembered; one that is forgotten has a span of no length. */
const CASES_MAX = 100_000;
const SPAN_CHARS = 16;
/** Endings after which somebody should look. */
const BAD_ENDINGS = ["failed", "harmed-undone", "expired", "quarantined"];

type Step = Pick<LedgerDraft, "at" | "kind" | "loop" | "case" | "actor"> & {
  readonly body: { readonly from?: unknown; readonly to?: unknown; readonly closeReason?: unknown };
};

export class CaseTraces {
  readonly #post: SpanPost;
  /** When a case was opened, and when its last entry was written. */
  readonly #cases = new Map<string, { readonly openedAt: Instant; readonly lastAt: Instant }>();

  /** `url` takes spans as OTLP over HTTP, `http://localhost:4318/v1/traces`; `headers` let us in there. */
  constructor(url: string, version: string, headers: { readonly [name: string]: string } = {}) {
    const resource = { "service.name": "interlock", "service.version": version };
    this.#post = new SpanPost(url, resource, headers);
  }

  take(entries: ReadonlyArray<LedgerEntry>): void {
    for (const { n, text } of entries) {
      const step = JSON.parse(text) as Step;
      if (step.case !== null) this.#takeStep(n, step.case, step);
    }
  }

  /** Sends what has not gone yet. */
  close(): Promise<void> {
    return this.#post.close();
  }

  #takeStep(n: number, caseId: string, { at, kind, loop, actor, body }: Step): void {
    const { openedAt, lastAt } = this.#cases.get(caseId) ?? { openedAt: at, lastAt: at };
    const attributes = {
      "interlock.case": caseId,
      ...(loop === null ? {} : { "interlock.loop": loop }),
    };
    const traceId = traceIdOf(caseId);
    const whole = caseSpanIdOf(caseId);
    this.#post.add({
      ...{ traceId, parentSpanId: whole, name: kind, status: {} },
      spanId: hashText(`entry ${n}`).slice(0, SPAN_CHARS),
      ...between(lastAt < at ? lastAt : at, at),
      attributes: attributesOf({
        ...attributes,
        "interlock.actor": actor,
        "interlock.ledger.entry": n,
        ...(typeof body.to === "string" ? { "interlock.case.state": body.to } : {}),
      }),
    });
    if (body.to !== "closed" || body.from === "closed") {
      this.#remember(caseId, openedAt, at);
      return;
    }
    this.#cases.delete(caseId);
    const reason = String(body.closeReason);
    this.#post.add({
      ...{ traceId, spanId: whole, name: `case ${reason}` },
      ...between(openedAt, at),
      attributes: attributesOf({ ...attributes, "interlock.case.close_reason": reason }),
      status: BAD_ENDINGS.includes(reason) ? { code: STATUS_ERROR, message: reason } : {},
    });
  }

  #remember(caseId: string, openedAt: Instant, lastAt: Instant): void {
    this.#cases.delete(caseId);
    this.#cases.set(caseId, { openedAt, lastAt });
    const [oldest] = this.#cases.keys();
    if (this.#cases.size > CASES_MAX && oldest !== undefined) this.#cases.delete(oldest);
  }
}

function between(
  from: Instant,
  to: Instant,
): Pick<Span, "kind" | "startTimeUnixNano" | "endTimeUnixNano"> {
  const nanoOf = (at: Instant): string => `${Date.parse(at)}000000`;
  return { kind: KIND_INTERNAL, startTimeUnixNano: nanoOf(from), endTimeUnixNano: nanoOf(to) };
}
