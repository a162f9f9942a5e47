/**
 * The life of an alarm: raised once, then silent until it is over.
 *
 * It is over when the unit is confirmed to be back ("recovered": the mirrored bet, whose null is that
 * the rise still stands, reaches `recoveryEvidence`), when the evidence itself has melted because the
 * lagged baseline now contains the rise ("absorbed": the new normal, and no good news), or when an
 * action of ours that covered the unit has ended ("released"), after which it starts afresh.
 * Recovery is judged on all counts, those under an action too: probe traffic is what is left of them.
 */
import { clip, computeLogLikelihoodRatio, logistic, logit } from "./beta-binomial.ts";
import { RATE_MAX, RATE_MIN } from "./baseline.ts";
import type { DayCounts } from "./day-counts.ts";
import { readEvidence, resetEvidence } from "./evidence.ts";
import { NONE } from "./units.ts";
import type { Units } from "./units.ts";
import { LEVELS } from "./settings.ts";

export type AlarmEnd = "recovered" | "absorbed" | "released";

export function isAlarmed(units: Units, unit: number): boolean {
  return units.columns.alarm[unit] === 1;
}

/** Freezes what the unit was before, so that a recovery has something to return to. */
export function raiseAlarm(units: Units, counts: DayCounts, unit: number, size: number): void {
  const columns = units.columns;
  columns.alarm[unit] = 1;
  columns.alarmDay[unit] = counts.day;
  columns.alarmRate[unit] = counts.rate[unit]!;
  columns.alarmSize[unit] = Math.max(size, 0.02);
  columns.recovery[unit] = 0;
  columns.heldSince[unit] = NONE;
}

/**
 * The unit starts afresh, and so do the units above it if they are not in alarm themselves: their
 * evidence was its evidence, and with it gone there would be nobody left to explain it.
 */
export function clearAlarm(units: Units, unit: number): void {
  const columns = units.columns;
  if (isAlarmed(units, unit)) {
    for (let at = columns.parent[unit]!; at !== NONE; at = columns.parent[at]!) {
      if (!isAlarmed(units, at)) resetEvidence(units, at);
    }
  }
  columns.alarm[unit] = 0;
  columns.alarmDay[unit] = NONE;
  columns.recovery[unit] = 0;
  columns.heldSince[unit] = NONE;
  resetEvidence(units, unit);
}

/** Adds the day to a standing alarm's recovery; says how it ended, if it did. */
export function followAlarm(units: Units, counts: DayCounts, unit: number): AlarmEnd | undefined {
  const { alarmRate, alarmSize, recovery, acted, level } = units.columns;
  const { cap, recoveryEvidence, absorbedEvidence } = units.settings;
  const under = acted[unit] === 1;
  const n = under ? counts.allTrials[unit]! : counts.trials[unit]!;
  const y = under ? counts.allEvents[unit]! : counts.events[unit]!;
  if (n > 0) {
    const name = LEVELS[level[unit]!]!;
    const rho = counts.rho[level[unit]!]!;
    const back = clip(logistic(logit(alarmRate[unit]!) + counts.shift[unit]!), RATE_MIN, RATE_MAX);
    const high = Math.min(back + alarmSize[unit]!, RATE_MAX);
    const llr = Math.min(computeLogLikelihoodRatio(n, y, high, back, rho), cap[name]);
    recovery[unit] = (1 + recovery[unit]!) * Math.exp(llr);
    if (recovery[unit] >= recoveryEvidence) return "recovered";
  }
  if (!under && readEvidence(units, unit) <= absorbedEvidence) return "absorbed";
  return undefined;
}
