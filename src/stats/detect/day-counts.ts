/**
 * One day, worked out for every unit: what was counted, what was expected, what may be read.
 *
 * Scratch memory that is overwritten each day; nothing in it is part of the state. Counts are summed
 * from the observed units up to all their ancestors. Two sums are kept: `trials` leaves out every
 * unit under an action of ours (its customers, and so its rate, are no longer those of before),
 * `allTrials` does not and serves only to see a recovery.
 */
import { NONE } from "./units.ts";
import type { Units } from "./units.ts";

/** One subject's count for a day: `k` events in `n` trials, both whole. */
export type Count = {
  readonly subject: string;
  readonly n: number;
  readonly k: number;
  /** What kind of trials these were, as `courier=ekart|payment=cod`; see `mix`. */
  readonly stratum?: string;
};

export class DayCounts {
  day = 0;
  /** Overdispersion per level, in the order of LEVELS. */
  rho: ReadonlyArray<number> = [];
  /** Counts that were reported for the unit itself, not through a child; without acted units. */
  ownTrials = new Float64Array(0);
  ownEvents = new Float64Array(0);
  trials = new Float64Array(0);
  events = new Float64Array(0);
  allTrials = new Float64Array(0);
  allEvents = new Float64Array(0);
  /** Baseline rate and its standard error in logits. */
  rate = new Float64Array(0);
  error = new Float64Array(0);
  /** What the day's mix of strata does to the unit, in logits. */
  mix = new Float64Array(0);
  /** What the day does to the unit, in logits: mix, weekday and what its surroundings share. */
  shift = new Float64Array(0);
  /** The rate expected of the day, and the highest that counts as expected. */
  expected = new Float64Array(0);
  upper = new Float64Array(0);
  /** Scratch of the day's adjustment: residuals and their variances, summed up the tree. */
  residual = new Float64Array(0);
  variance = new Float64Array(0);

  begin(day: number, count: number, rho: ReadonlyArray<number>): void {
    this.day = day;
    this.rho = rho;
    if (this.trials.length < count) {
      const length = Math.max(count, this.trials.length * 2);
      for (const name of SCRATCH) this[name] = new Float64Array(length);
    } else {
      for (const name of SCRATCH) this[name].fill(0);
    }
  }

  add(units: Units, unit: number, n: number, k: number): void {
    const { parent, acted } = units.columns;
    const clean = acted[unit] === 0;
    if (clean) {
      this.ownTrials[unit]! += n;
      this.ownEvents[unit]! += k;
    }
    for (let at = unit; at !== NONE; at = parent[at]!) {
      this.allTrials[at]! += n;
      this.allEvents[at]! += k;
      if (!clean) continue;
      this.trials[at]! += n;
      this.events[at]! += k;
    }
  }
}

const SCRATCH = [
  "ownTrials",
  "ownEvents",
  "trials",
  "events",
  "allTrials",
  "allEvents",
  "rate",
  "error",
  "mix",
  "shift",
  "expected",
  "upper",
  "residual",
  "variance",
] as const;
