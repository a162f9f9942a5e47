/**
 * What an alarm says of itself: since when, how much, how sure.
 *
 * The size is shrunk, because a unit is reported exactly when its counts look worst (winner's curse):
 * a rise is normal around 0 with `riseDeviation` before anything is seen, and the counts since the
 * change and the baseline's own error speak against that. The confidence is a posterior probability:
 * that the unit did break (Shiryaev's odds: chance of a break per day times M) AND that its lasting
 * rise exceeds `materialRise`. M itself is never a probability and is not sent as one.
 */
import { clip, computeDesignEffect, logistic, logit, normalCdf } from "./beta-binomial.ts";
import type { DayCounts } from "./day-counts.ts";
import { findChange, readEvidence } from "./evidence.ts";
import { readVolume } from "./decision.ts";
import { LEVELS } from "./settings.ts";
import type { Level } from "./settings.ts";
import type { Units } from "./units.ts";

/** Intervals hold 95%. */
const Z95 = 1.96;
/** By what the size is less certain than its counts say, because the change's day is estimated too. */
const DATED_BY_EYE = 1.25;

export type Finding = {
  readonly subject: string;
  readonly level: Level;
  /** First day of the change, and the day read last; whole days since 1970. */
  readonly changeDay: number;
  readonly day: number;
  /** Counts since the change, and the events that were expected of them. */
  readonly trials: number;
  readonly events: number;
  readonly expected: number;
  /** Expected rate since the change with its 95% interval. */
  readonly baseline: Interval;
  /** Rise above the baseline, shrunk, with its 95% interval; rate points 0..1. */
  readonly size: Interval;
  /** M, and the M that was needed; compare their logarithms. */
  readonly evidence: number;
  readonly bar: number;
  /** 0..1: probability of a break whose lasting rise is material. */
  readonly confidence: number;
  readonly ordersPerDay: number;
};

export type Interval = { readonly mean: number; readonly low: number; readonly high: number };

/** `undefined` when the evidence points to no change. */
export function computeFinding(
  units: Units,
  counts: DayCounts,
  unit: number,
  bar: number,
): Finding | undefined {
  const at = findChange(units, unit);
  if (at === undefined) return undefined;
  const { sinceDay, sinceTrials, sinceEvents, sinceExpected, level } = units.columns;
  const trials = sinceTrials[at]!;
  const expectedRate = clip(sinceExpected[at]! / trials, 0.001, 0.999);
  const error = counts.error[unit]!;
  const name = LEVELS[level[unit]!]!;
  const perDay = trials / (counts.day - sinceDay[at]! + 1);
  const rate = sinceEvents[at]! / trials;
  const size = shrinkRise({
    rise: rate - expectedRate,
    variance:
      (clip(rate, 0.01, 0.99) *
        (1 - clip(rate, 0.01, 0.99)) *
        computeDesignEffect(perDay, counts.rho[level[unit]!]!)) /
        trials +
      (error * expectedRate * (1 - expectedRate)) ** 2,
    priorDeviation: units.settings.riseDeviation,
  });
  const evidence = readEvidence(units, unit);
  const odds = units.settings.breakPerDay * evidence;
  const material = normalCdf((size.mean - units.settings.materialRise) / size.deviation);
  return {
    subject: units.ids[unit]!,
    level: name,
    changeDay: sinceDay[at]!,
    day: counts.day,
    trials,
    events: sinceEvents[at]!,
    expected: sinceExpected[at]!,
    baseline: {
      mean: expectedRate,
      low: logistic(logit(expectedRate) - Z95 * error),
      high: logistic(logit(expectedRate) + Z95 * error),
    },
    size: {
      mean: size.mean,
      low: size.mean - Z95 * size.deviation,
      high: size.mean + Z95 * size.deviation,
    },
    evidence,
    bar,
    confidence: (odds / (1 + odds)) * material,
    ordersPerDay: readVolume(units, unit),
  };
}

/** Normal rise around 0 seen with `variance`: its posterior mean and deviation. */
export function shrinkRise(seen: {
  readonly rise: number;
  readonly variance: number;
  readonly priorDeviation: number;
}): { readonly mean: number; readonly deviation: number } {
  const prior = seen.priorDeviation ** 2;
  const share = prior / (prior + seen.variance);
  return { mean: seen.rise * share, deviation: DATED_BY_EYE * Math.sqrt(seen.variance * share) };
}
