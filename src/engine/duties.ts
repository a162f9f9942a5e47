/**
 * Duties: what needs one worker at a time, whichever it is.
 *
 * Picture a list on the wall of the station: who folds the day, who looks at the gates. Whoever comes by
 * and finds a duty free puts their name there and does it, and signs again every few seconds; a name that
 * was not signed for a while is crossed out by the next who comes by. There is no leader: each duty is
 * somebody's, and any worker may be gone at any time.
 *
 * The rule: a duty saves work, it protects nothing. Whoever was held up and wakes to find another at it
 * writes nothing wrong, because what a duty writes is checked where it is written (`observe.ts` compares
 * the day that it continues from; a loop's row is locked by whoever moves it).
 *
 * The embedded store admits one process, so there the list is kept in its memory.
 */
import { randomUUID } from "node:crypto";
import { SECOND_MS } from "../std/time.ts";
import type { Driver } from "../store/driver/driver.ts";
import { claimDuty, updateDuty } from "../store/table/duty.ts";
import { keepRenewing } from "./renewing.ts";

/** A name that was not signed for so long is crossed out. */
export const DUTY_LEASE_MS = 15 * SECOND_MS;

export class Duties {
  readonly #driver: Driver;
  readonly #holder = randomUUID();
  /** Of this process: a duty that takes long is not begun twice. */
  readonly #underWay = new Set<string>();

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  /**
   * Does `work` unless somebody else is at it, or was less than `restMs` ago. Undefined when it was not
   * done here.
   */
  async take<T>(name: string, restMs: number, work: () => Promise<T>): Promise<T | undefined> {
    if (this.#underWay.has(name)) return undefined;
    this.#underWay.add(name);
    try {
      return this.#driver.kind === "pglite" ? await work() : await this.#share(name, restMs, work);
    } finally {
      this.#underWay.delete(name);
    }
  }

  async #share<T>(name: string, restMs: number, work: () => Promise<T>): Promise<T | undefined> {
    const driver = this.#driver;
    const held = { name, holder: this.#holder };
    if (!(await claimDuty(driver, held, DUTY_LEASE_MS))) return undefined;
    const done = keepRenewing(() => updateDuty(driver, held, DUTY_LEASE_MS));
    try {
      return await work();
    } finally {
      await done();
      // Where the store is away just now, the lease runs out by itself.
      await updateDuty(driver, held, restMs).catch(() => undefined);
    }
  }
}
