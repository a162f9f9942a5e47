/**
 * The bound: a CUSUM that is told everything but when, so that nothing can be much faster.
 *
 * It knows each unit's true rate of the day (festivals, weekday, mix, wandering and all), its true
 * day-to-day variation, and by how much it will rise if it ever does. Capped as the product is, because
 * without a cap spikes undo even an oracle, and with a threshold that falls as volume grows.
 */
import { computeLogLikelihoodRatio } from "../../src/stats/detect/beta-binomial.ts";
import { forUnitAndAbove, type World } from "./world.ts";

export const ORACLE_THRESHOLDS = Array.from({ length: 40 }, (_, i) => 3 + (36 * i) / 39);
const RATE_MAX = 0.97;
const RHO_MIN = 1e-4;

export type OracleSettings = {
  /** Nats of one day at most; Infinity for none. */
  readonly cap: number;
  /** Whether busy units get a lower threshold. */
  readonly weighted: boolean;
};

/** Per day: the statistic of every unit that had orders. */
export function createOracle(world: World, { cap, weighted }: OracleSettings) {
  const units = world.parent.length;
  const cusum = new Float64Array(units);
  const trials = new Float64Array(units);
  const events = new Float64Array(units);
  const expected = new Float64Array(units);
  const pairs = new Float64Array(units);
  const bonus = computeBonus(world, weighted);
  return (day: number, visit: (unit: number, statistic: number) => void): void => {
    for (const sum of [trials, events, expected, pairs]) sum.fill(0);
    for (let leaf = 0; leaf < world.leaves; leaf++) {
      const at = day * world.leaves + leaf;
      const n = world.cashTrials[at]! + world.prepaidTrials[at]!;
      if (n === 0) continue;
      const y = world.cashEvents[at]! + world.prepaidEvents[at]!;
      forUnitAndAbove(world.parent, leaf, (unit) => {
        trials[unit]! += n;
        events[unit]! += y;
        expected[unit]! += n * world.usualRate[at]!;
        pairs[unit]! += n * (n - 1) * world.rho[leaf]!;
      });
    }
    for (let unit = 0; unit < units; unit++) {
      const n = trials[unit]!;
      if (n === 0) continue;
      const p = Math.min(Math.max(expected[unit]! / n, 0.002), 0.95);
      const rho = n > 1 ? Math.max(RHO_MIN, pairs[unit]! / (n * (n - 1))) : RHO_MIN;
      const p1 = Math.min(p + world.rise[unit]!, RATE_MAX);
      const llr = Math.min(computeLogLikelihoodRatio(n, events[unit]!, p, p1, rho), cap);
      const next = Math.max(0, cusum[unit]! + llr);
      cusum[unit] = next;
      visit(unit, next + bonus[unit]!);
    }
  };
}

/** ln of weights that grow as the root of volume, mean 1 over the pincodes. */
function computeBonus({ volume, leaves }: World, weighted: boolean): Float64Array {
  if (!weighted) return new Float64Array(volume.length);
  const roots = Float64Array.from(volume, Math.sqrt);
  const sorted = roots.slice(0, leaves).sort();
  const [low, high] = [sorted[Math.floor(leaves * 0.05)]!, sorted[Math.floor(leaves * 0.95)]!];
  const clipped = roots.map((root) => Math.min(Math.max(root, low), high));
  const mean = clipped.subarray(0, leaves).reduce((sum, root) => sum + root, 0) / leaves;
  return clipped.map((root) => Math.log(root / mean));
}
