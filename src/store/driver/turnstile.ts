/**
 * A queue for one: whoever came first is let in, the next when the one inside says `done`.
 *
 * Waiting is bounded. A queue past its limit refuses at once with `store/unavailable`, which an
 * HTTP caller is told as "try again later", rather than growing until memory ends.
 */
import { InterlockError } from "../../std/errors.ts";
import { closedError } from "./postgres.ts";

export const QUEUE_MAX = 10_000;

type Waiting = { readonly admit: (done: () => void) => void; readonly refuse: (e: Error) => void };

export class Turnstile {
  readonly #queue: Waiting[] = [];
  readonly #queueMax: number;
  #occupied = false;
  #closed = false;
  #whenEmpty: (() => void) | undefined;

  constructor(queueMax = QUEUE_MAX) {
    this.#queueMax = queueMax;
  }

  /** Resolves with `done`, to be called exactly once. */
  enter(): Promise<() => void> {
    if (this.#closed) return Promise.reject(closedError());
    if (!this.#occupied) {
      this.#occupied = true;
      return Promise.resolve(() => this.#next());
    }
    if (this.#queue.length >= this.#queueMax) return Promise.reject(busyError(this.#queueMax));
    return new Promise((admit, refuse) => this.#queue.push({ admit, refuse }));
  }

  /** Refuses whoever waits and resolves when the one inside is done. */
  close(): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#queue.splice(0)) waiting.refuse(closedError());
    if (!this.#occupied) return Promise.resolve();
    return new Promise((resolve) => (this.#whenEmpty = resolve));
  }

  #next(): void {
    const waiting = this.#queue.shift();
    if (waiting !== undefined) {
      waiting.admit(() => this.#next());
      return;
    }
    this.#occupied = false;
    this.#whenEmpty?.();
  }
}

function busyError(waiting: number): InterlockError {
  return new InterlockError("store/unavailable", `${waiting} transactions are waiting already`, {
    retry: "later",
    help: "send less at once, or use a PostgreSQL server",
  });
}
