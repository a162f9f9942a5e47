/**
 * What a cohort's day did to all subjects alike: a festival, a strike, a flood.
 *
 * Each subject's ln L (likelihood.ts) has a slope along the logit of its rate, taken at the rate
 * expected of it. Summed over the OTHER subjects and divided by the information it is one step of
 * Newton's method towards the move that they share; no subject explains its own rise away.
 */
import { clip } from "../detect/beta-binomial.ts";

/** Slope of ln L along the logit of the rate, and its variance (Fisher's information). */
export type DayEffect = { slope: number; information: number };

/** Shares of bad and of good orders that are open at one age. */
export type OpenShares = { readonly bad: number; readonly good: number };

/** Of a cohort that is over. */
export const OVER: OpenShares = { bad: 0, good: 0 };

/** One subject's part, when `p` was expected of it. */
export function readDayEffect(
  counts: { readonly bad: number; readonly good: number; readonly open: number },
  p: number,
  openShares: OpenShares,
): DayEffect {
  const { bad, good, open } = counts;
  const q = 1 - p;
  const isOpen = p * openShares.bad + q * openShares.good;
  const perOpen = isOpen === 0 ? 0 : (p * q * (openShares.bad - openShares.good)) / isOpen;
  const perOrder =
    p * q * (q * (1 - openShares.bad) + p * (1 - openShares.good)) + perOpen ** 2 * isOpen;
  return {
    slope: bad * q - good * p + open * perOpen,
    information: (bad + good + open) * perOrder,
  };
}

export function addDayEffect(sum: DayEffect, more: DayEffect): void {
  sum.slope += more.slope;
  sum.information += more.information;
}

/** Logits that a day may move everyone by, and the information that says it did not. */
export const SHIFT_MAX = 1;
const SHIFT_PRIOR = 25;

/**
 * Logits by which the day moved the others than `own`, at least `least`: shrunk towards none, and
 * of it what is beyond its own standard error; what is within it may be chance.
 */
export function computeShift(all: DayEffect, own: DayEffect, least: number): number {
  const weight = Math.max(0, all.information - own.information) + SHIFT_PRIOR;
  const shift = (all.slope - own.slope) / weight;
  const beyond = Math.max(0, Math.abs(shift) - 1 / Math.sqrt(weight));
  return clip(Math.sign(shift) * beyond, least, SHIFT_MAX);
}
