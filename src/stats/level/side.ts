/**
 * Evidence that a unit's level has changed in one direction, as for rates (`detect/evidence.ts`): a capped bet for
 * each size of change, a CUSUM beside it that dates it, and the two best days that together count little.
 */
import type { Expected, Family } from "./family.ts";
import type { LevelSettings } from "./settings.ts";

export type Direction = "up" | "down";
export const DIRECTIONS: ReadonlyArray<Direction> = ["up", "down"];

export type Side = {
  readonly evidence: Float64Array;
  readonly cusum: Float64Array;
  readonly since: Array<Since | undefined>;
  /** The two days since the evidence was at rest that raised it most, nats. */
  best: number;
  second: number;
  /** The alarm: the usual level before, by how many steps it changed, the evidence that it is back. */
  alarm: { readonly usual: number; readonly step: number; back: number } | undefined;
};

/** What was seen since the change that a CUSUM points to. */
export type Since = {
  readonly day: number;
  days: number;
  values: number;
  means: number;
  information: number;
};

/** How an alarm ended: the level is back, or the baseline has come to contain the change. */
export type End = "back" | "absorbed";

const EVIDENCE_MAX = 1e100;
const ABSORBED_EVIDENCE = 10;

export function newSide(steps: number): Side {
  return {
    evidence: new Float64Array(steps),
    cusum: new Float64Array(steps),
    since: Array.from({ length: steps }, () => undefined),
    best: 0,
    second: 0,
    alarm: undefined,
  };
}

/** One value, what was expected of it, and the standard error of that in steps. */
export function addEvidence(
  side: Side,
  family: Family,
  { cap, caution }: LevelSettings,
  seen: {
    readonly direction: Direction;
    readonly day: number;
    readonly value: number;
    readonly expected: Expected;
    readonly error: number;
  },
): void {
  const { direction, day, value, expected, error } = seen;
  const sign = direction === "up" ? 1 : -1;
  const { spread } = expected;
  const from = family.move(expected.mean, spread, sign * caution * error);
  const before = mean(side.evidence);
  family.steps.forEach((step, at) => {
    const to = family.move(from, spread, sign * step);
    const llr = Math.min(family.logRatio(value, { mean: from, spread }, to), cap);
    side.evidence[at] = Math.min((1 + side.evidence[at]!) * Math.exp(llr), EVIDENCE_MAX);
    const next = Math.max(0, side.cusum[at]! + llr);
    side.cusum[at] = next;
    if (next === 0) {
      side.since[at] = undefined;
      return;
    }
    const since = (side.since[at] ??= { day, days: 0, values: 0, means: 0, information: 0 });
    since.days += 1;
    since.values += value;
    since.means += expected.mean;
    since.information += family.information(expected);
  });
  noteBestDays(side, before);
}

function noteBestDays(side: Side, before: number): void {
  const after = mean(side.evidence);
  if (after <= 1) {
    side.best = side.second = 0;
    return;
  }
  const gained = Math.log(after / Math.max(before, 1));
  if (gained > side.best) {
    side.second = side.best;
    side.best = gained;
  } else if (gained > side.second) {
    side.second = gained;
  }
}

export function readEvidence(side: Side, pairCap: number): number {
  const beyond = side.best + side.second - pairCap;
  return mean(side.evidence) * (beyond > 0 ? Math.exp(-beyond) : 1);
}

/** What the largest CUSUM has seen; undefined when all are at rest. */
export function findSince({ cusum, since }: Side): Since | undefined {
  let best: number | undefined;
  cusum.forEach((value, at) => {
    if (value > (best === undefined ? 0 : cusum[best]!)) best = at;
  });
  return best === undefined ? undefined : since[best];
}

/** Adds the day to a standing alarm; says how it ended, if it did, and starts afresh then. */
export function followAlarm(
  side: Side,
  family: Family,
  { cap, pairCap, recoveryEvidence }: LevelSettings,
  seen: { readonly value: number; readonly spread: number; readonly shift: number },
): End | undefined {
  const { alarm } = side;
  if (alarm === undefined) return undefined;
  const { value, spread, shift } = seen;
  const was = family.move(alarm.usual, spread, shift);
  const stands = family.move(was, spread, alarm.step);
  const llr = family.logRatio(value, { mean: stands, spread }, was);
  alarm.back = (1 + alarm.back) * Math.exp(Math.min(llr, cap));
  const isBack = alarm.back >= recoveryEvidence;
  if (!isBack && readEvidence(side, pairCap) > ABSORBED_EVIDENCE) return undefined;
  side.evidence.fill(0);
  side.cusum.fill(0);
  side.since.fill(undefined);
  side.best = side.second = 0;
  side.alarm = undefined;
  return isBack ? "back" : "absorbed";
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
