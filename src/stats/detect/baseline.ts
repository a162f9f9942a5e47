/**
 * What a unit's rate usually is: its own discounted counts, leaning on its parent's where they are few.
 *
 * Like a new shop assistant judged at first by how the whole shop does and, sale after sale, by their
 * own figures. Counts enter only after `lagDays`, whatever they show: a baseline that waits for calm
 * days drifts down and finds changes in its own drift. A day enters without what the day did to
 * everyone, and with its spike cut off.
 *
 * m = (kappa m_parent + Y) / (kappa + N), an empirical-Bayes mean, one step ahead.
 */
import { clip, computeDesignEffect, logistic, logit } from "./beta-binomial.ts";
import type { DayCounts } from "./day-counts.ts";
import { NONE } from "./units.ts";
import type { Units } from "./units.ts";

/** Rates are kept off 0 and 1, where logits end. */
export const RATE_MIN = 0.005;
export const RATE_MAX = 0.995;
/** A day's events are cut off this many standard deviations above the expected. */
const SPIKE_DEVIATIONS = 2.5;

/** Ages the baseline by one day and lets the day of `lagDays` ago enter it. */
export function advanceBaseline(units: Units, day: number): void {
  const { baselineEvents, baselineTrials, ringEvents, ringTrials } = units.columns;
  const { lagDays, halfLifeDays } = units.settings;
  const keep = 2 ** (-1 / halfLifeDays);
  const slot = slotOf(day, lagDays);
  for (let unit = 0; unit < units.count; unit++) {
    const at = unit * lagDays + slot;
    baselineEvents[unit] = baselineEvents[unit]! * keep + ringEvents[at]!;
    baselineTrials[unit] = baselineTrials[unit]! * keep + ringTrials[at]!;
    ringEvents[at] = 0;
    ringTrials[at] = 0;
  }
}

/** Fills `counts.rate` and `counts.error` from the top of the tree down. */
export function readBaseline(units: Units, counts: DayCounts, kappa: ReadonlyArray<number>): void {
  const { parent, level, baselineEvents, baselineTrials } = units.columns;
  const { priorRate, priorCounts } = units.settings;
  const { rate, error } = counts;
  for (const unit of units.topDown) {
    const above = parent[unit]!;
    const weight = above === NONE ? priorCounts : kappa[level[unit]!]!;
    const mean = above === NONE ? priorRate : rate[above]!;
    const trials = baselineTrials[unit]!;
    const m = clip((weight * mean + baselineEvents[unit]!) / (weight + trials), RATE_MIN, RATE_MAX);
    rate[unit] = m;
    error[unit] = 1 / Math.sqrt(m * (1 - m) * (weight + trials + 1));
  }
}

/** Puts today's counts of one unit on the ring, from where they enter the baseline later. */
export function rememberDay(units: Units, counts: DayCounts, unit: number, isFirst: boolean): void {
  const { ringEvents, ringTrials, level } = units.columns;
  const { lagDays } = units.settings;
  const n = counts.trials[unit]!;
  const y = counts.events[unit]!;
  const at = unit * lagDays + slotOf(counts.day, lagDays);
  const effect = computeDesignEffect(n, counts.rho[level[unit]!]!);
  ringTrials[at] = n / effect;
  if (isFirst) {
    // Nothing is expected yet of anyone but what its mix does.
    const usual = counts.rate[unit]!;
    const mixed = logistic(logit(usual) + counts.mix[unit]!);
    ringEvents[at] = (y - n * (mixed - usual)) / effect;
    return;
  }
  const p = counts.expected[unit]!;
  const spike = Math.max(1, n * p + SPIKE_DEVIATIONS * Math.sqrt(n * p * (1 - p) * effect) + 0.5);
  // Left below zero where it falls there: cutting it off would lift the baseline.
  ringEvents[at] = (Math.min(y, spike) - n * (p - counts.rate[unit]!)) / effect;
}

function slotOf(day: number, lagDays: number): number {
  return ((day % lagDays) + lagDays) % lagDays;
}
