/**
 * How much days really vary, per level, so that the null is never sharper than the world.
 *
 * The guarantee holds only while the true overdispersion stays at or below the assumed one, so the
 * assumption is learned from each day's misses (squared, cut off as spikes are) and rounded up; it
 * never falls below the setting. The baseline's own error makes misses too and is taken out first.
 *
 * For counts of mean np: E[z^2] = 1 + (n-1)(rho + error^2 p(1-p)), z the Pearson residual; rho is
 * the weighted regression of what is left on n-1.
 */
import { clip, computeDesignEffect } from "./beta-binomial.ts";
import type { DayCounts } from "./day-counts.ts";
import { isAlarmed } from "./alarm.ts";
import { LEVELS } from "./settings.ts";
import type { DetectorSettings } from "./settings.ts";
import type { Units } from "./units.ts";

const HALF_LIFE_DAYS = 60;
/** Unit-days, discounted, before which the setting stands. */
const UNIT_DAYS_MIN = 60;
const ROUND_UP = 1.25;
const RHO_MAX = 0.1;
/** A day counts as at most this many standard deviations off. */
const DEVIATIONS_MAX = 3;

/** Sums per level. */
export type Dispersion = {
  readonly excess: number[];
  readonly scale: number[];
  readonly unitDays: number[];
};

export function newDispersion(): Dispersion {
  const zeros = () => LEVELS.map(() => 0);
  return { excess: zeros(), scale: zeros(), unitDays: zeros() };
}

/** rho per level, to be used today. */
export function readDispersion(dispersion: Dispersion, settings: DetectorSettings): number[] {
  return LEVELS.map((level, at) => {
    if (dispersion.unitDays[at]! < UNIT_DAYS_MIN) return settings.rho[level];
    const learned = dispersion.excess[at]! / dispersion.scale[at]!;
    return clip(learned * ROUND_UP, settings.rho[level], RHO_MAX);
  });
}

/** Takes in the day's misses of every unit that is not in alarm. */
export function learnDispersion(units: Units, counts: DayCounts, dispersion: Dispersion): void {
  const { level } = units.columns;
  const { excess, scale, unitDays } = dispersion;
  const keep = 2 ** (-1 / HALF_LIFE_DAYS);
  for (const sums of [excess, scale, unitDays]) sums.forEach((sum, at) => (sums[at] = sum * keep));
  for (let unit = 0; unit < units.count; unit++) {
    const n = counts.trials[unit]!;
    if (n < 2 || isAlarmed(units, unit)) continue;
    const at = level[unit]!;
    const p = counts.expected[unit]!;
    const v = p * (1 - p);
    const effect = computeDesignEffect(n, counts.rho[at]!);
    const squared = (counts.events[unit]! - n * p) ** 2 / (n * v);
    const left =
      Math.min(squared, DEVIATIONS_MAX ** 2 * effect) - 1 - (n - 1) * counts.error[unit]! ** 2 * v;
    const weight = (n - 1) / effect ** 2;
    excess[at]! += weight * left;
    scale[at]! += weight * (n - 1);
    unitDays[at]! += 1;
  }
}
