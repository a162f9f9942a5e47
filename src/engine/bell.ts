/** A bell with many names: whoever waits for a name is woken when it is rung, in this process. */
export class Bell {
  readonly #waiting = new Map<string, Set<(rung: boolean) => void>>();

  ring(name: string): void {
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) return;
    this.#waiting.delete(name);
    for (const wake of waiting) wake(true);
  }

  /** True when the bell was rung in time, false when the time is over or the waiter is gone. */
  wait(name: string, ms: number, gone?: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(name) ?? new Set();
      this.#waiting.set(name, waiting);
      const wake = (rung: boolean) => {
        clearTimeout(timer);
        gone?.removeEventListener("abort", leave);
        waiting.delete(wake);
        if (waiting.size === 0 && this.#waiting.get(name) === waiting) this.#waiting.delete(name);
        resolve(rung);
      };
      const leave = () => wake(false);
      const timer = setTimeout(leave, ms);
      waiting.add(wake);
      if (gone?.aborted === true) leave();
      else gone?.addEventListener("abort", leave, { once: true });
    });
  }
}
