/**
 * What a day does to everyone, so that nobody is blamed for it: weekdays, festivals, strikes, a feed
 * that hiccups.
 *
 * If all the neighbours were late too, it was the rain. Each unit is judged against its surroundings
 * WITHOUT itself (leave one out), first the whole, then each closer ancestor, each with a ridge so
 * that few neighbours say little. One Newton step around a common estimate makes that exact to first
 * order in one pass over the units; the twin in the test sums over the neighbours one by one.
 * The coarsest unit has no surroundings: for it only the weekday is known.
 */
import { clip, computeDesignEffect, logistic, logit } from "./beta-binomial.ts";
import type { DayCounts } from "./day-counts.ts";
import { NONE } from "./units.ts";
import type { Units } from "./units.ts";

/** Ridge of the whole's day, in units of variance (about 170 orders at 18%). */
export const WHOLE_RIDGE = 25;
/** Bounds of the shifts, logits. */
export const WHOLE_SHIFT_MAX = 1;
export const SHIFT_MAX = 1.2;
/** One unit pulls at most this many standard deviations. */
const RESIDUAL_DEVIATIONS = 3;

/** Sums of residuals and variances over everything that was observed, at `weekday` alone. */
export type WholeDay = { readonly residual: number; readonly variance: number };

/** Fills `counts.shift` (weekday and surroundings) for every unit with trials; gives the whole's sums. */
export function adjustDay(units: Units, counts: DayCounts, weekday: number): WholeDay {
  const { parent } = units.columns;
  const { residual, variance, ownTrials, shift } = counts;
  const whole = sumResiduals(units, counts, (unit) => usualOf(counts, unit) + weekday);
  const common = clip(
    whole.residual / (whole.variance + WHOLE_RIDGE),
    -WHOLE_SHIFT_MAX,
    WHOLE_SHIFT_MAX,
  );
  residual.fill(0);
  variance.fill(0);
  let allResidual = 0;
  let allVariance = 0;
  for (let unit = 0; unit < units.count; unit++) {
    if (ownTrials[unit] === 0) continue;
    const l = usualOf(counts, unit) + weekday + common;
    const v = varianceOf(units, counts, unit, l);
    const r = residualOf(units, counts, unit, l, v);
    allResidual += r;
    allVariance += v;
    for (let at = unit; at !== NONE; at = parent[at]!) {
      residual[at]! += r;
      variance[at]! += v;
    }
  }
  for (let unit = 0; unit < units.count; unit++) {
    if (counts.allTrials[unit] === 0) continue;
    shift[unit] = counts.mix[unit]! + weekday;
    if (parent[unit] === NONE) continue;
    const others = allVariance - variance[unit]! + WHOLE_RIDGE;
    let a = common + (allResidual - residual[unit]! - WHOLE_RIDGE * common) / others;
    a = addCloserAncestors(units, counts, unit, parent[unit]!, a, common);
    shift[unit]! += clip(a, -SHIFT_MAX, SHIFT_MAX);
  }
  return whole;
}

/** From the second-coarsest ancestor down to the parent; the root is the whole. */
function addCloserAncestors(
  units: Units,
  counts: DayCounts,
  unit: number,
  ancestor: number,
  whole: number,
  common: number,
): number {
  const above = units.columns.parent[ancestor]!;
  if (above === NONE) return whole;
  const a = addCloserAncestors(units, counts, unit, above, whole, common);
  const r = counts.residual[ancestor]! - counts.residual[unit]!;
  const v = counts.variance[ancestor]! - counts.variance[unit]!;
  return a + (r - v * (a - common)) / (v + 1 / units.settings.dayVariance);
}

/** The logit of the baseline at the mix of the day. */
function usualOf(counts: DayCounts, unit: number): number {
  return logit(counts.rate[unit]!) + counts.mix[unit]!;
}

function sumResiduals(
  units: Units,
  counts: DayCounts,
  logitOf: (unit: number) => number,
): WholeDay {
  let residual = 0;
  let variance = 0;
  for (let unit = 0; unit < units.count; unit++) {
    if (counts.ownTrials[unit] === 0) continue;
    const l = logitOf(unit);
    const v = varianceOf(units, counts, unit, l);
    residual += residualOf(units, counts, unit, l, v);
    variance += v;
  }
  return { residual, variance };
}

function varianceOf(units: Units, counts: DayCounts, unit: number, l: number): number {
  const p = logistic(l);
  return (counts.ownTrials[unit]! * p * (1 - p)) / effectOf(units, counts, unit);
}

function residualOf(units: Units, counts: DayCounts, unit: number, l: number, v: number): number {
  const bound = RESIDUAL_DEVIATIONS * Math.sqrt(v + 0.2);
  const excess = counts.ownEvents[unit]! - counts.ownTrials[unit]! * logistic(l);
  return clip(excess / effectOf(units, counts, unit), -bound, bound);
}

function effectOf(units: Units, counts: DayCounts, unit: number): number {
  return computeDesignEffect(counts.ownTrials[unit]!, counts.rho[units.columns.level[unit]!]!);
}
