/** A clock that stands still until somebody moves it, and never moves back. */
import type { Clock } from "../core/port/types.ts";
import type { Instant } from "../std/time.ts";

export class VirtualClock implements Clock {
  #now: Instant;

  constructor(start: Instant) {
    this.#now = start;
  }

  now(): Instant {
    return this.#now;
  }

  moveTo(at: Instant): void {
    if (at > this.#now) this.#now = at;
  }
}
