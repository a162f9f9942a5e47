/**
 * The backlog: what is due and not done. Above a stated limit no more signals are let in, so that what was
 * accepted is done before what was not, and whoever sends hears it at once and not by silence.
 *
 * The count is read at most once a second and shared, so that asking costs nothing in a flood, which is
 * when it is asked. It lifts by itself. Reading, voting and stopping are never refused.
 */
import { InterlockError } from "../std/errors.ts";
import { SECOND_MS } from "../std/time.ts";
import { countWaiting } from "../store/table/waiting.ts";
import type { EngineContext } from "./wiring.ts";

const LOOK_EVERY_MS = SECOND_MS;
const RETRY_AFTER_MS = 5 * SECOND_MS;

export class Backlog {
  readonly #context: EngineContext;
  #readAt = -Infinity;
  #waiting: Promise<number> = Promise.resolve(0);

  constructor(context: EngineContext) {
    this.#context = context;
  }

  async isFull(): Promise<boolean> {
    const { driver, clock, limits } = this.#context;
    const now = performance.now();
    if (now - this.#readAt >= LOOK_EVERY_MS) {
      this.#readAt = now;
      this.#waiting = countWaiting(driver, clock.now(), limits.waitingMax + 1);
      // One that fails is not kept.
      this.#waiting.catch(() => (this.#readAt = -Infinity));
    }
    return (await this.#waiting) > limits.waitingMax;
  }

  async refuseIfFull(): Promise<void> {
    if (!(await this.isFull())) return;
    const { waitingMax } = this.#context.limits;
    throw new InterlockError(
      "engine/backlog-full",
      `more than ${waitingMax} things wait to be done`,
      {
        retry: "later",
        retryAfterMs: RETRY_AFTER_MS,
        help: "send it again later; nothing was taken in, and what was before is being done",
      },
    );
  }
}
