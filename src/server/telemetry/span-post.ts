/**
 * Spans on their way to a collector: OTLP over HTTP, as JSON. They wait a few seconds for each other, and go
 * together.
 *
 * A collector that is down or busy is tried again at the next round; what does not fit meanwhile is let go,
 * newest first, because a trace is a convenience and the ledger is the record.
 */
import { SECOND_MS } from "../../std/time.ts";

export type Span = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: ReadonlyArray<Attribute>;
  readonly status: { readonly code?: number; readonly message?: string };
};
type Attribute = {
  readonly key: string;
  readonly value: { readonly stringValue: string } | { readonly intValue: number };
};

/** Numbers of the protocol. */
export const KIND_INTERNAL = 1;
export const STATUS_ERROR = 2;

const EVERY_MS = 5 * SECOND_MS;
const ANSWER_MS = 10 * SECOND_MS;
const SENT_AT_ONCE = 512;
const WAITING_MAX = 2_048;
/** Answers after which the protocol lets a sender try again. */
const LATER = [429, 502, 503, 504];

export class SpanPost {
  readonly #url: string;
  readonly #resource: ReadonlyArray<Attribute>;
  readonly #headers: { readonly [name: string]: string };
  readonly #waiting: Span[] = [];
  readonly #beat: NodeJS.Timeout;
  #sending: Promise<void> | undefined;

  constructor(
    url: string,
    resource: { readonly [name: string]: string },
    headers: { readonly [name: string]: string },
  ) {
    this.#url = url;
    this.#headers = headers;
    this.#resource = attributesOf(resource);
    this.#beat = setInterval(() => void this.#send(), EVERY_MS).unref();
  }

  add(span: Span): void {
    if (this.#waiting.length >= WAITING_MAX) return;
    this.#waiting.push(span);
    if (this.#waiting.length === SENT_AT_ONCE) void this.#send();
  }

  /** Sends what has not gone yet; what is refused now is let go. */
  async close(): Promise<void> {
    clearInterval(this.#beat);
    await this.#sending;
    await this.#send();
  }

  #send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const spans = this.#waiting.slice(0, SENT_AT_ONCE);
      if (!(await this.#post(spans))) return;
      this.#waiting.splice(0, spans.length);
    }
  }

  /** False where the same may be sent again later. */
  async #post(spans: ReadonlyArray<Span>): Promise<boolean> {
    const scopeSpans = [{ scope: { name: "interlock" }, spans }];
    const body = { resourceSpans: [{ resource: { attributes: this.#resource }, scopeSpans }] };
    try {
      const answer = await fetch(this.#url, {
        method: "POST",
        headers: { ...this.#headers, "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      await answer.arrayBuffer();
      return !LATER.includes(answer.status);
    } catch {
      return false;
    }
  }
}

export function attributesOf(said: {
  readonly [name: string]: string | number;
}): ReadonlyArray<Attribute> {
  return Object.entries(said).map(([key, value]) => ({
    key,
    value: typeof value === "string" ? { stringValue: value } : { intValue: value },
  }));
}
