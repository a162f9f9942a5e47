/**
 * An alarm for those who sleep until there is work: rung while one is at work, it does not let him lie down.
 *
 * Whoever looks for work reads `rings` first, looks, and sleeps with the number that he read: a ring in
 * between ends the sleep before it begins, so none is missed and nothing is kept for anybody.
 */
export class Alarm {
  #rings = 0;
  readonly #asleep = new Set<() => void>();

  get rings(): number {
    return this.#rings;
  }

  ring(): void {
    this.#rings += 1;
    for (const wake of [...this.#asleep]) wake();
  }

  /** Until it is rung again after `heard` rings, `ms` are over, or the sleeper is called away. */
  sleep(heard: number, ms: number, away: AbortSignal): Promise<void> {
    if (this.#rings !== heard || away.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        away.removeEventListener("abort", wake);
        this.#asleep.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#asleep.add(wake);
      away.addEventListener("abort", wake, { once: true });
    });
  }
}
