/** A watcher of `GET /v1/events`, as a browser's EventSource would be one. */
import { assert } from "../../src/std/assert.ts";

export type Seen = {
  readonly id: number;
  readonly kind: string;
  readonly data: {
    readonly n: number;
    readonly at: string;
    readonly kind: string;
    readonly loop: string | null;
    readonly case: string | null;
  };
};

export class EventLine {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #away: AbortController;
  readonly #decoder = new TextDecoder();
  #text = "";

  private constructor(reader: ReadableStreamDefaultReader<Uint8Array>, away: AbortController) {
    this.#reader = reader;
    this.#away = away;
  }

  static async open(url: string, headers: Record<string, string>): Promise<EventLine> {
    const away = new AbortController();
    const response = await fetch(url, { headers, signal: away.signal });
    assert(response.body, "the line has a body");
    assert(response.headers.get("content-type") === "text/event-stream", `${response.status}`);
    return new EventLine(response.body.getReader(), away);
  }

  /** What comes next, at least one event; undefined once the other side has closed. */
  async next(): Promise<ReadonlyArray<Seen> | undefined> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#text += this.#decoder.decode(value, { stream: true });
      const end = this.#text.lastIndexOf("\n\n");
      if (end < 0) continue;
      const seen = this.#text.slice(0, end).split("\n\n").flatMap(readFrame);
      this.#text = this.#text.slice(end + 2);
      if (seen.length > 0) return seen;
    }
  }

  /** Everything up to and with the entry `n`. */
  async until(n: number): Promise<ReadonlyArray<Seen>> {
    const seen: Seen[] = [];
    while ((seen.at(-1)?.id ?? 0) < n) {
      const more = await this.next();
      assert(more, `the line ended at ${seen.at(-1)?.id ?? 0}, before ${n}`);
      seen.push(...more);
    }
    return seen;
  }

  /** Gone without a word, as when a laptop is closed. */
  leave(): void {
    this.#away.abort();
  }
}

function readFrame(frame: string): ReadonlyArray<Seen> {
  const fields = new Map(
    frame.split("\n").map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 2)] as const;
    }),
  );
  const [id, kind, data] = [fields.get("id"), fields.get("event"), fields.get("data")];
  if (id === undefined || kind === undefined || data === undefined) return [];
  return [{ id: Number(id), kind, data: JSON.parse(data) as Seen["data"] }];
}
