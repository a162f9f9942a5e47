/**
 * Which of all the units may speak today: weighted e-BH.
 *
 * Sort the weighted evidence; the k-th largest must reach U / (alpha k). The more units alarm together,
 * the lower the bar, and still the expected share of false ones stays below alpha for any dependence
 * (Wang and Ramdas 2022; weights with mean 1 that are fixed before the day). alpha is the tolerated
 * share divided by the patience in days: it is spent anew each day, and 5% per DAY would be 70% false
 * signals. Busy units weigh more, because there a rise both costs more and shows sooner.
 */
import type { DayCounts } from "./day-counts.ts";
import { readEvidence } from "./evidence.ts";
import { computeDivergence, raiseRate } from "./beta-binomial.ts";
import { LEVELS } from "./settings.ts";
import type { Units } from "./units.ts";

/** One false alarm per 1,000 unit-months: what "visible" is measured against. */
const LOG_BAR_TYPICAL = Math.log(30_000);
const WEIGHT_QUANTILES = [0.05, 0.95] as const;

export type Decision = {
  /** Number of monitored units: the multiplicity that is paid for. */
  readonly monitored: number;
  /** Monitored units whose weighted evidence reaches the bar. */
  readonly rejected: ReadonlySet<number>;
  /** The bar on a unit's own evidence, today; infinite when it is not monitored. */
  barOf(unit: number): number;
};

/** Orders per day at which the unit's largest rise can be seen in time. */
export function computeVolumeNeeded(rate: number, largestRise: number, days: number): number {
  const high = raiseRate(rate, largestRise);
  return LOG_BAR_TYPICAL / (computeDivergence(high, rate) * days);
}

export function readVolume(units: Units, unit: number): number {
  const { volume, volumeDays } = units.columns;
  return volumeDays[unit] === 0 ? 0 : volume[unit]! / volumeDays[unit]!;
}

export function isVisible(units: Units, counts: DayCounts, unit: number): boolean {
  const { rises, visibleWithinDays } = units.settings;
  const needed = computeVolumeNeeded(counts.rate[unit]!, Math.max(...rises), visibleWithinDays);
  return readVolume(units, unit) >= needed;
}

export function decide(units: Units, monitored: ReadonlyArray<number>): Decision {
  const { falseSignalShare, patienceDays, evidenceFloor } = units.settings;
  const alphaPerDay = falseSignalShare / patienceDays;
  const weights = computeWeights(units, monitored);
  const scored: Array<{ readonly unit: number; readonly score: number }> = [];
  for (const unit of monitored) {
    const evidence = readEvidence(units, unit);
    // Counting evidence below the floor as none keeps it an e-value, and spikes out.
    if (evidence < evidenceFloor) continue;
    scored.push({ unit, score: weights.get(unit)! * evidence });
  }
  scored.sort((a, b) => b.score - a.score || a.unit - b.unit);
  let passed = 0;
  scored.forEach(({ score }, at) => {
    if (score >= monitored.length / (alphaPerDay * (at + 1))) passed = at + 1;
  });
  const rejected = new Set(scored.slice(0, passed).map(({ unit }) => unit));
  return {
    monitored: monitored.length,
    rejected,
    barOf(unit) {
      const weight = weights.get(unit);
      if (weight === undefined) return Infinity;
      const rank = rejected.has(unit) ? passed : passed + 1;
      return Math.max(evidenceFloor, monitored.length / (alphaPerDay * rank * weight));
    },
  };
}

/** sqrt of volume, clipped within the level, scaled to the level's budget; mean 1 over all. */
function computeWeights(units: Units, monitored: ReadonlyArray<number>): Map<number, number> {
  const { level } = units.columns;
  const groups = LEVELS.map((name, at) => ({
    budget: units.settings.budget[name],
    members: monitored.filter((unit) => level[unit] === at),
  })).filter(({ members }) => members.length > 0);
  const budgets = groups.reduce((sum, { budget }) => sum + budget, 0);
  const weights = new Map<number, number>();
  for (const { budget, members } of groups) {
    const roots = members.map((unit) => Math.sqrt(readVolume(units, unit)));
    const sorted = Float64Array.from(roots).sort();
    const [low, high] = WEIGHT_QUANTILES.map((q) => sorted[Math.floor(q * (sorted.length - 1))]!);
    const clipped = roots.map((root) => Math.min(Math.max(root, low!), high!));
    const sum = clipped.reduce((total, root) => total + root, 0);
    const scale = ((budget / budgets) * monitored.length) / sum;
    members.forEach((unit, at) => weights.set(unit, clipped[at]! * scale));
  }
  return weights;
}
