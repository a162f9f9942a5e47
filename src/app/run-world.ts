/**
 * Runs the engine against a world on a virtual clock, from wherever the database stands to `until`.
 *
 * Time jumps to the next instant at which anything is due, inside (a letter, a timer, an effect) or
 * outside (a delivery of data, a vote). What is next is read from the database each time and nothing
 * is remembered, so a run that was killed continues as if it had not been.
 *
 * INVARIANT (replay): at one instant the engine settles before the world acts, and settles again after.
 */
import type { Engine } from "../engine/engine.ts";
import type { Instant } from "../std/time.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export type World = {
  /** The next instant at which the world does something, if it ever does again. */
  findNextAct(): Promise<Instant | undefined>;
  /** Does what is due now, and only that. */
  act(now: Instant): Promise<void>;
};

export async function runWorld(
  engine: Engine,
  clock: VirtualClock,
  world: World,
  until: Instant,
): Promise<void> {
  for (;;) {
    const inside = await engine.findNextDue();
    const outside = await world.findNextAct();
    const next = earlier(inside, outside);
    if (next === undefined || next > until) break;
    clock.moveTo(next);
    if (inside !== undefined && inside <= clock.now()) {
      await engine.settle();
    } else {
      await world.act(clock.now());
      await engine.settle();
    }
  }
  clock.moveTo(until);
}

function earlier(a: Instant | undefined, b: Instant | undefined): Instant | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}
