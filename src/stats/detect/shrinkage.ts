/**
 * How much a child leans on its parent, learned from how far apart children really are.
 *
 * For each level the kappa of the grid under which the children's baselines are likeliest
 * (beta-binomial around their parents' rates). Where children are alike it is large.
 */
import { clip, computeLogMarginal } from "./beta-binomial.ts";
import type { DayCounts } from "./day-counts.ts";
import { NONE } from "./units.ts";
import type { Units } from "./units.ts";
import { LEVELS } from "./settings.ts";

export const KAPPA_GRID: ReadonlyArray<number> = [15, 25, 40, 60, 90, 140, 220, 400];
/** Days between two looks. */
export const KAPPA_EVERY_DAYS = 30;
/** Baseline trials below which a unit says nothing of spread, and units that it takes. */
const TRIALS_MIN = 2;
const UNITS_MIN = 10;

/** New kappas per level; a level with too few units keeps its old one. */
export function learnKappa(
  units: Units,
  counts: DayCounts,
  kappa: ReadonlyArray<number>,
): number[] {
  const { parent, level, baselineEvents, baselineTrials } = units.columns;
  const voters = LEVELS.map(() => 0);
  const likelihoods = LEVELS.map(() => KAPPA_GRID.map(() => 0));
  for (let unit = 0; unit < units.count; unit++) {
    const above = parent[unit]!;
    const trials = baselineTrials[unit]!;
    if (above === NONE || trials < TRIALS_MIN) continue;
    const events = clip(baselineEvents[unit]!, 0, trials);
    const sums = likelihoods[level[unit]!]!;
    voters[level[unit]!]! += 1;
    KAPPA_GRID.forEach((k, at) => {
      sums[at]! += computeLogMarginal(trials, events, counts.rate[above]!, k);
    });
  }
  return kappa.map((old, at) => {
    if (voters[at]! < UNITS_MIN) return old;
    const sums = likelihoods[at]!;
    return KAPPA_GRID[sums.indexOf(Math.max(...sums))]!;
  });
}
