/**
 * Made-up pasts for testing the sender of this loop, each with its truth.
 *
 * Small worlds in which something breaks for good, or only seems to. Breaks come as often as the sender
 * assumes and are of every size, those below three points included, so that a confidence can be honest
 * or not. The first pasts are the odd ones of `trial-odd.ts`, of which no confidence is scored.
 *
 * Not the simulated company of the demo: that one is for showing, this one for asking a question whose
 * answer is known.
 */
import type { SenderHistory } from "../../src/core/contract/suite/types.ts";
import { integerBetween, normal } from "../../src/std/random.ts";
import { listOddHistories } from "./trial-odd.ts";
import { COURIERS, type Draw, makeWorld, type Rise, toHistory } from "./trial-world.ts";

export const TRIAL_WORDS =
  "made-up networks of 4 to 24 pincodes over 100 to 130 days, in which 1.7% of the places a month get " +
  "worse for good, by sizes drawn from a half-normal of 10 points, beside spikes, weekdays and day noise";

/** The detector's own warm-up; nothing breaks before it is over. */
const QUIET_DAYS = 50;
const BREAK_PER_DAY = 0.00057;
const BREAK_DEVIATION = 0.1;

export function* listHistories(draw: Draw): Generator<SenderHistory> {
  yield* listOddHistories(draw);
  for (let i = 0; ; i++) yield usualHistory(draw, i);
}

function usualHistory(draw: Draw, index: number): SenderHistory {
  const key = `usual-${index}`;
  const random = draw(key);
  const world = makeWorld(random, integerBetween(random, 4, 25));
  const length = integerBetween(random, 100, 131);
  const rises: Rise[] = [];
  const breakAt = (at: string, courier?: string): void => {
    for (let day = QUIET_DAYS; day < length; day++) {
      if (random.next() >= BREAK_PER_DAY) continue;
      const size = Math.abs(normal(random)) * BREAK_DEVIATION;
      rises.push({
        at,
        from: day,
        until: Infinity,
        size,
        ...(courier === undefined ? {} : { courier }),
      });
      return;
    }
  };
  for (const { id } of world.subjects.values()) {
    const isCouriers = random.next() < 0.15;
    breakAt(id, isCouriers ? COURIERS[integerBetween(random, 0, COURIERS.length)] : undefined);
  }
  const spikes = integerBetween(random, 0, 3);
  for (let i = 0; i < spikes; i++) {
    const ids = [...world.subjects.keys()];
    const from = integerBetween(random, QUIET_DAYS, length);
    const at = ids[integerBetween(random, 0, ids.length)] ?? "IN";
    rises.push({
      at,
      from,
      until: from + integerBetween(random, 1, 5),
      size: 0.05 + 0.2 * random.next(),
    });
  }
  const about = `${world.pins.length} pincodes, ${length} days, ${rises.length} rises`;
  return toHistory({ kind: "golden", about, world, length, rises, key, isScored: true }, draw);
}
