/**
 * One OpenTelemetry trace for each case, read from the ledger: a span for the whole case, and under it one for
 * each thing that happened, from what happened before it until then. Waiting for a vote is a long span, and
 * looks like one.
 *
 * Nothing in the engine knows of it. Whichever process wrote an entry, its span hangs in the case's trace;
 * ids are made of the case's id and the entry's number, so an entry that is told twice is one span.
 */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type IdGenerator,
} from "@opentelemetry/sdk-trace-base";
import { caseSpanIdOf, traceIdOf } from "../../core/case/trace.ts";
import type { LedgerDraft, LedgerEntry } from "../../core/ledger/entry.ts";
import { hashText } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";

/** Open cases whose last entry is remembered; one that is forgotten has a span of no length. */
const CASES_MAX = 100_000;
const SPAN_CHARS = 16;
/** Endings after which somebody should look. */
const BAD_ENDINGS = ["failed", "harmed-undone", "expired", "quarantined"];

type Step = Pick<LedgerDraft, "at" | "kind" | "loop" | "case" | "actor"> & {
  readonly body: { readonly from?: unknown; readonly to?: unknown; readonly closeReason?: unknown };
};

/** Says which ids the next span has. */
class NamedIds implements IdGenerator {
  traceId = "";
  spanId = "";

  generateTraceId(): string {
    return this.traceId;
  }

  generateSpanId(): string {
    return this.spanId;
  }
}

export class CaseTraces {
  readonly #ids = new NamedIds();
  readonly #provider: BasicTracerProvider;
  /** When a case was opened, and when its last entry was written. */
  readonly #cases = new Map<string, { readonly openedAt: Instant; readonly lastAt: Instant }>();

  /** `url` takes spans as OTLP over HTTP, `http://localhost:4318/v1/traces`. */
  constructor(url: string, version: string) {
    this.#provider = new BasicTracerProvider({
      idGenerator: this.#ids,
      resource: resourceFromAttributes({ "service.name": "interlock", "service.version": version }),
      spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url }))],
    });
  }

  take(entries: ReadonlyArray<LedgerEntry>): void {
    for (const { n, text } of entries) {
      const step = JSON.parse(text) as Step;
      if (step.case !== null) this.#takeStep(n, step.case, step);
    }
  }

  /** Sends what has not gone yet. */
  close(): Promise<void> {
    return this.#provider.shutdown();
  }

  #takeStep(n: number, caseId: string, { at, kind, loop, actor, body }: Step): void {
    const { openedAt, lastAt } = this.#cases.get(caseId) ?? { openedAt: at, lastAt: at };
    const attributes = {
      "interlock.case": caseId,
      ...(loop === null ? {} : { "interlock.loop": loop }),
    };
    this.#ids.traceId = traceIdOf(caseId);
    this.#ids.spanId = hashText(`entry ${n}`).slice(0, SPAN_CHARS);
    const tracer = this.#provider.getTracer("interlock");
    const whole = trace.setSpanContext(ROOT_CONTEXT, {
      traceId: this.#ids.traceId,
      spanId: caseSpanIdOf(caseId),
      traceFlags: TraceFlags.SAMPLED,
    });
    tracer
      .startSpan(
        kind,
        {
          kind: SpanKind.INTERNAL,
          startTime: new Date(lastAt < at ? lastAt : at),
          attributes: {
            ...attributes,
            "interlock.actor": actor,
            "interlock.ledger.entry": n,
            ...(typeof body.to === "string" ? { "interlock.case.state": body.to } : {}),
          },
        },
        whole,
      )
      .end(new Date(at));
    if (body.to !== "closed" || body.from === "closed") {
      this.#remember(caseId, openedAt, at);
      return;
    }
    this.#cases.delete(caseId);
    this.#ids.spanId = caseSpanIdOf(caseId);
    const reason = String(body.closeReason);
    const span = tracer.startSpan(
      `case ${reason}`,
      {
        kind: SpanKind.INTERNAL,
        startTime: new Date(openedAt),
        attributes: { ...attributes, "interlock.case.close_reason": reason },
      },
      ROOT_CONTEXT,
    );
    if (BAD_ENDINGS.includes(reason)) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: reason });
    }
    span.end(new Date(at));
  }

  #remember(caseId: string, openedAt: Instant, lastAt: Instant): void {
    this.#cases.delete(caseId);
    this.#cases.set(caseId, { openedAt, lastAt });
    const [oldest] = this.#cases.keys();
    if (this.#cases.size > CASES_MAX && oldest !== undefined) this.#cases.delete(oldest);
  }
}
