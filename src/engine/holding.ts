/**
 * Claims that are held while work on them goes on, and given back where the store failed it.
 *
 * Whoever loses the store in the middle of a batch cannot write down what became of it. The claims would
 * run out by themselves; given back as soon as the store answers again, nobody waits for that. It is safe at
 * any moment: the fence holds, and whoever is next waits for the end of a call that was intended.
 */
import { InterlockError, isStoreError } from "../std/errors.ts";
import { type Claim, releaseClaims, renewLeases } from "../store/table/effect.ts";
import { REAL_TIMER } from "./deadline.ts";
import { keepRenewing } from "./renewing.ts";
import type { EngineContext } from "./wiring.ts";

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1_000;

/** Keeps the claims for as long as `work` on them takes. */
export async function holding<T>(
  context: EngineContext,
  claims: ReadonlyArray<Claim>,
  work: () => Promise<T>,
): Promise<T> {
  const { driver, limits, timer } = context;
  const done = keepRenewing(() => renewLeases(driver, claims, limits.leaseMs), timer);
  try {
    return await work();
  } catch (error) {
    if (isStoreError(error)) await giveBack(context, claims);
    throw error;
  } finally {
    await done();
  }
}

/** Tries until it is done, the store is closed, or the claims have run out. */
export async function giveBack(
  { driver, limits, timer = REAL_TIMER }: EngineContext,
  claims: ReadonlyArray<Claim>,
): Promise<void> {
  if (claims.length === 0) return;
  const until = timer.now() + limits.leaseMs;
  let waitMs = FIRST_WAIT_MS;
  while (timer.now() < until) {
    try {
      await releaseClaims(driver, claims);
      return;
    } catch (error) {
      if (!(error instanceof InterlockError) || error.retry === "never") return;
    }
    const wait = waitMs;
    await new Promise<void>((resolve) => void timer.after(wait, resolve));
    waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
  }
}
