/**
 * Evidence that a unit's rate has risen and stayed up.
 *
 * For each possible rise, a bet that pays the day's likelihood ratio, but never more than the cap: a
 * single wild day can then only buy so much, and four to five bad days in a row are what "structural"
 * means. A new bet of 1 is opened each day (Shiryaev-Roberts): R <- (1 + R) exp(min(llr, cap)), and M
 * is the mean over rises. Under the null R_t - t is a supermartingale (Shin, Ramdas, Rinaldo,
 * "E-detectors"), so M needs A days on average to reach A by chance, whatever the units have in
 * common. A day without trials changes nothing.
 *
 * Beside it a CUSUM per rise, whose last reset dates the change, with the counts since then.
 */
import { computeLogLikelihoodRatio, raiseRate } from "./beta-binomial.ts";
import type { DayCounts } from "./day-counts.ts";
import { LEVELS } from "./settings.ts";
import type { Units } from "./units.ts";
import { NONE } from "./units.ts";

/** Far above any bar and far below overflow. */
const EVIDENCE_MAX = 1e100;

export function addEvidence(units: Units, counts: DayCounts, unit: number): void {
  const { evidence, cusum, sinceDay, sinceTrials, sinceEvents, sinceExpected, level } =
    units.columns;
  const { rises, cap } = units.settings;
  const name = LEVELS[level[unit]!]!;
  const rho = counts.rho[level[unit]!]!;
  const n = counts.trials[unit]!;
  const y = counts.events[unit]!;
  const p0 = counts.upper[unit]!;
  const evidenceBefore = sumEvidence(units, unit);
  for (let rise = 0; rise < rises.length; rise++) {
    const at = unit * rises.length + rise;
    const p1 = raiseRate(p0, rises[rise]!);
    const llr = Math.min(computeLogLikelihoodRatio(n, y, p0, p1, rho), cap[name]);
    evidence[at] = Math.min((1 + evidence[at]!) * Math.exp(llr), EVIDENCE_MAX);
    const before = cusum[at]!;
    cusum[at] = Math.max(0, before + llr);
    if (cusum[at] === 0) {
      sinceDay[at] = NONE;
      sinceTrials[at] = sinceEvents[at] = sinceExpected[at] = 0;
      continue;
    }
    if (before === 0) sinceDay[at] = counts.day;
    sinceTrials[at]! += n;
    sinceEvents[at]! += y;
    sinceExpected[at]! += n * counts.expected[unit]!;
  }
  noteBestDays(units, unit, evidenceBefore);
}

/** Below this mean evidence nothing is under suspicion, and the best days are forgotten. */
const AT_REST = 1;

function noteBestDays(units: Units, unit: number, before: number): void {
  const { bestDay, secondDay } = units.columns;
  const after = sumEvidence(units, unit);
  if (after <= AT_REST) {
    bestDay[unit] = secondDay[unit] = 0;
    return;
  }
  const gained = Math.log(after / Math.max(before, AT_REST));
  if (gained > bestDay[unit]!) {
    secondDay[unit] = bestDay[unit]!;
    bestDay[unit] = gained;
  } else if (gained > secondDay[unit]!) {
    secondDay[unit] = gained;
  }
}

/**
 * M: the mean evidence over the rises, of which the two best days together count `pairCap` nats at most.
 * That only takes away, so what is promised of M holds; and no spike of two days can buy more.
 */
export function readEvidence(units: Units, unit: number): number {
  const { bestDay, secondDay } = units.columns;
  const beyond = bestDay[unit]! + secondDay[unit]! - units.settings.pairCap;
  const whole = sumEvidence(units, unit);
  return beyond > 0 ? whole * Math.exp(-beyond) : whole;
}

function sumEvidence(units: Units, unit: number): number {
  const { evidence } = units.columns;
  const rises = units.settings.rises.length;
  let sum = 0;
  for (let rise = 0; rise < rises; rise++) sum += evidence[unit * rises + rise]!;
  return sum / rises;
}

/** The row of the rise whose CUSUM is largest, or `undefined` when all are at rest. */
export function findChange(units: Units, unit: number): number | undefined {
  const { cusum } = units.columns;
  const rises = units.settings.rises.length;
  let best: number | undefined;
  for (let rise = 0; rise < rises; rise++) {
    const at = unit * rises + rise;
    if (cusum[at]! > (best === undefined ? 0 : cusum[best]!)) best = at;
  }
  return best;
}

/** Events beyond the expected since the change; 0 when there is none. */
export function readExcess(units: Units, unit: number): number {
  const at = findChange(units, unit);
  if (at === undefined) return 0;
  return Math.max(0, units.columns.sinceEvents[at]! - units.columns.sinceExpected[at]!);
}

/** Forgets all evidence of the unit, as on its first day. */
export function resetEvidence(units: Units, unit: number): void {
  const { evidence, cusum, sinceDay, sinceTrials, sinceEvents, sinceExpected } = units.columns;
  const from = unit * units.settings.rises.length;
  const to = from + units.settings.rises.length;
  for (const column of [evidence, cusum, sinceTrials, sinceEvents, sinceExpected]) {
    column.fill(0, from, to);
  }
  sinceDay.fill(NONE, from, to);
  units.columns.bestDay[unit] = units.columns.secondDay[unit] = 0;
}
