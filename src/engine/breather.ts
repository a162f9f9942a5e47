/** Lets everything else in the process have its turn during long work, a few times a second. */
import { setImmediate } from "node:timers/promises";

const HOLD_MS = 25;

export function createBreather(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < HOLD_MS) return;
    await setImmediate();
    since = performance.now();
  };
}
