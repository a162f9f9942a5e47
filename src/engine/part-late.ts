/**
 * Parts a batch that is under way into those that end together and those that take far longer.
 *
 * How long is long, a batch says itself: once half of it has ended, the others have twice as long again. So
 * a platform that always takes a second has whole batches, and one call in a hundred that nobody answers
 * holds up no other.
 */
import type { EffectRow } from "../store/table/effect.ts";
import { REAL_TIMER, type Timer } from "./deadline.ts";

export type UnderWay<T> = { readonly effect: EffectRow; readonly outcome: Promise<T> };

/** Nobody is late within this. */
const LATE_MS_LEAST = 50;
const LATE_TIMES = 2;

/** Resolves once all have ended, or half have and the rest are late; both parts in the order given. */
export async function partLate<T>(
  underWay: ReadonlyArray<UnderWay<T>>,
  timer: Timer = REAL_TIMER,
): Promise<{
  readonly together: ReadonlyArray<UnderWay<T>>;
  readonly late: ReadonlyArray<UnderWay<T>>;
}> {
  const ended = new Set<UnderWay<T>>();
  const begunAt = timer.now();
  let cancel = (): void => undefined;
  await new Promise<void>((resolve) => {
    const note = (one: UnderWay<T>): void => {
      ended.add(one);
      if (ended.size === underWay.length) resolve();
      if (ended.size !== Math.ceil(underWay.length / 2)) return;
      const tookMs = timer.now() - begunAt;
      cancel = timer.after(Math.max(LATE_MS_LEAST, LATE_TIMES * tookMs), resolve);
    };
    if (underWay.length === 0) resolve();
    for (const one of underWay) {
      void one.outcome.finally(() => note(one)).catch(() => undefined); // told to whoever awaits it
    }
  });
  cancel();
  return {
    together: underWay.filter((one) => ended.has(one)),
    late: underWay.filter((one) => !ended.has(one)),
  };
}
