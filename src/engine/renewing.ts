/** Signs again every few seconds for as long as something takes, so that nobody takes it over meanwhile. */
import { SECOND_MS } from "../std/time.ts";
import { REAL_TIMER, type Timer } from "./deadline.ts";

/** Three in a lease of fifteen seconds: one may fail. */
export const RENEW_EVERY_MS = 5 * SECOND_MS;

/** A renewal that fails is not told: if the next ones fail too, the lease runs out, and a fence guards. */
export function keepRenewing(
  renew: () => Promise<unknown>,
  timer: Timer = REAL_TIMER,
): () => Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  const ring = () => {
    last = last.then(renew).catch(() => undefined);
    cancel = timer.after(RENEW_EVERY_MS, ring);
  };
  let cancel = timer.after(RENEW_EVERY_MS, ring);
  return async () => {
    cancel();
    await last;
  };
}
