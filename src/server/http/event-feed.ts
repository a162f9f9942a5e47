/**
 * The ledger as it grows, for as many watchers as come.
 *
 * Picture a ticker tape: one reader looks at the store and prints the newest entries, and every watcher
 * walks along the tape at its own pace. A watcher is a number, the last entry that it has seen: that is
 * all a slow one costs. One that was away goes on where it stopped; what has left the tape is read from
 * the ledger, which forgets nothing.
 *
 * The rule: a ledger number is given under a lock that is held to the commit, so entries become visible in
 * order and none appears behind a watcher's back.
 */
import type { LedgerDraft } from "../../core/ledger/entry.ts";
import { Bell } from "../../engine/bell.ts";
import { SECOND_MS } from "../../std/time.ts";
import type { Driver } from "../../store/driver/driver.ts";
import { getLedgerHead, listLedger } from "../../store/table/ledger.ts";

/** What is kept for watchers that keep up. */
const TAPE_EVENTS = 5_000;
const PAGE_EVENTS = 500;
/** How often the store is looked at, once for everybody. */
const LOOK_EVERY_MS = 250;
/** So that whoever is between does not take a quiet line for a dead one. */
const HERE_EVERY_MS = 15 * SECOND_MS;
const HERE = ": still here\n\n";
/** Told once to each watcher: come back so many milliseconds after the line broke. */
const COME_BACK = "retry: 2000\n\n";

/** One entry as it goes over the line, written once for all watchers. */
type Frame = { readonly n: number; readonly text: string };

export class EventFeed {
  readonly #driver: Driver;
  readonly #bell = new Bell();
  /** Consecutive, oldest first; empty when nobody watches. */
  #tape: ReadonlyArray<Frame> = [];
  #watchers = 0;
  /** While somebody looks at the store: the entry after which the tape begins. */
  #beginning: Promise<number> | undefined;

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  get watchers(): number {
    return this.#watchers;
  }

  async head(): Promise<number> {
    return (await getLedgerHead(this.#driver)).n;
  }

  /**
   * The entries after `seen`, in order, as text for the line, until `gone`. Nothing is read before the line
   * takes it, so a slow watcher holds one page and no more.
   */
  stream(seen: number, gone: AbortSignal): ReadableStream<Uint8Array> {
    const left = new AbortController();
    const line = this.#watch(seen, AbortSignal.any([gone, left.signal]));
    const encoder = new TextEncoder();
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const { done, value } = await line.next();
          if (done === true) controller.close();
          else controller.enqueue(encoder.encode(value));
        },
        async cancel() {
          left.abort();
          // One that is left between two pages is asked for no more, and ends only when it is told to.
          await line.return();
        },
      },
      { highWaterMark: 0 },
    );
  }

  async *#watch(seen: number, gone: AbortSignal): AsyncGenerator<string, void> {
    this.#watchers += 1;
    if (this.#beginning === undefined) void this.#look((this.#beginning = this.head()));
    try {
      yield COME_BACK;
      // What the ledger is asked for now joins the tape; asked for before, it could leave a gap.
      await this.#beginning;
      while (!gone.aborted) {
        const frames = this.#readTape(seen) ?? (await this.#readLedger(seen));
        const last = frames.at(-1);
        if (last !== undefined) {
          seen = last.n;
          yield frames.map(({ text }) => text).join("");
        } else if (!this.#isBehind(seen) && !(await this.#bell.wait("", HERE_EVERY_MS, gone))) {
          if (!gone.aborted) yield HERE;
        }
      }
    } finally {
      this.#watchers -= 1;
    }
  }

  #isBehind(seen: number): boolean {
    return seen < (this.#tape.at(-1)?.n ?? seen);
  }

  /** Undefined when what comes after `seen` is not on the tape. */
  #readTape(seen: number): ReadonlyArray<Frame> | undefined {
    const first = this.#tape[0];
    if (first === undefined || seen < first.n - 1) return undefined;
    const at = seen - first.n + 1;
    return this.#tape.slice(at, at + PAGE_EVENTS);
  }

  async #readLedger(seen: number): Promise<ReadonlyArray<Frame>> {
    const entries = await listLedger(this.#driver, seen, PAGE_EVENTS);
    return entries.map(({ n, text }) => ({ n, text: toFrame(n, text) }));
  }

  /** Prints what is new for as long as anybody watches; one that fails is tried again. */
  async #look(beginning: Promise<number>): Promise<void> {
    let head = await beginning.catch(() => undefined);
    while (this.#watchers > 0) {
      try {
        head ??= await this.head();
        const fresh = await this.#readLedger(head);
        if (fresh.length > 0) {
          head = fresh.at(-1)?.n ?? head;
          this.#tape = [...this.#tape, ...fresh].slice(-TAPE_EVENTS);
          this.#bell.ring("");
          if (fresh.length === PAGE_EVENTS) continue;
        }
      } catch {
        // The store is away: watchers wait, and miss nothing once it is back.
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    this.#tape = [];
    this.#beginning = undefined;
  }
}

/** What happened, to what, when. Who did it and what it says are asked for with a person's own rights. */
function toFrame(n: number, text: string): string {
  const { at, kind, loop, case: of } = JSON.parse(text) as LedgerDraft;
  return `id: ${n}\nevent: ${kind}\ndata: ${JSON.stringify({ n, at, kind, loop, case: of })}\n\n`;
}
