/**
 * What is remembered of one unit: its usual level, how much its days vary, its weekdays. Nothing in it grows
 * with history.
 *
 * A day enters the level and the spread after the lag, set straight (as if it had been an ordinary day) and with
 * its spike cut off; it enters the weekdays at once, because those are centred and a lasting change leaves no
 * trace in them. A unit's weekdays lean on everybody's, and so does its spread where it can.
 */
import { clip } from "../detect/beta-binomial.ts";
import type { Expected, Family } from "./family.ts";
import type { LevelSettings } from "./settings.ts";
import { type Direction, newSide, type Side } from "./side.ts";

export type Unit = {
  /** Index of the unit that sums this one, or -1. */
  readonly parent: number;
  days: number;
  /** Discounted days, values (set straight) and, for the spread, squared misses and means. */
  weight: number;
  sum: number;
  squares: number;
  means: number;
  meanSquares: number;
  readonly ringValue: Float64Array;
  readonly ringSquare: Float64Array;
  readonly ringMean: Float64Array;
  readonly weekdaySum: Float64Array;
  readonly weekdayWeight: Float64Array;
  readonly sides: { readonly [D in Direction]: Side };
};

/** One unit's day, worked out. */
export type Today = {
  readonly unit: Unit;
  readonly value: number;
  readonly expected: Expected;
  /** Standard error of the baseline, in steps; infinite on a unit's first day. */
  readonly error: number;
  /** What weekday and surroundings do to the day, in steps. */
  readonly shift: number;
};

/** Days before a unit's own mean and spread are believed. */
export const FIRST_DAYS = 7;
/** Days that the others' weekday counts for in a unit's own, and the memory of both in days. */
const WEEKDAY_LEAN = 4;
const WEEKDAY_KEEP = 2 ** (-7 / 60);
/** One day says at most so many steps of its weekday. */
const WEEKDAY_MAX = 2;
/** Standard deviations at which a day is cut off, and what is added so that one sale in a quiet place is none. */
const SPIKE_DEVIATIONS = 3;
const SPIKE_SLACK = 0.5;
/** Days that the others' spread counts for in a unit's own. */
const SPREAD_LEAN = 20;

export function newUnit(parent: number, lagDays: number, steps: number): Unit {
  return {
    parent,
    days: 0,
    weight: 0,
    sum: 0,
    squares: 0,
    means: 0,
    meanSquares: 0,
    ringValue: new Float64Array(lagDays),
    ringSquare: new Float64Array(lagDays),
    ringMean: new Float64Array(lagDays),
    weekdaySum: new Float64Array(7),
    weekdayWeight: new Float64Array(7),
    sides: { up: newSide(steps), down: newSide(steps) },
  };
}

/** The usual level: of the first days, all there is; then what has come through the lag. */
export function readBase(unit: Unit, { meanMin }: Family, lagDays: number) {
  if (unit.days >= lagDays + FIRST_DAYS) {
    return { mean: Math.max(meanMin, unit.sum / unit.weight), weight: unit.weight };
  }
  const days = Math.min(unit.days, lagDays);
  return { mean: Math.max(meanMin, mean(unit.ringValue.subarray(0, days))), weight: days };
}

/** Counts lean on what all units have in common; amounts and numbers have a size of their own. */
export function createSpreads(
  units: ReadonlyArray<Unit>,
  family: Family,
  lagDays: number,
): (unit: Unit) => number {
  if (family.name !== "counts") {
    return (unit) => {
      if (unit.weight < FIRST_DAYS) return readFirstSpread(unit, lagDays);
      // One standard error above what was seen: a spread that is told too small finds changes.
      const deviation =
        Math.sqrt(unit.squares / unit.weight) * (1 + 1 / Math.sqrt(2 * unit.weight));
      return Math.max(family.spreadMin, deviation);
    };
  }
  const sums = { squares: 0, means: 0, meanSquares: 0 };
  for (const { weight, squares, means, meanSquares } of units) {
    if (weight < FIRST_DAYS) continue;
    sums.squares += squares;
    sums.means += means;
    sums.meanSquares += meanSquares;
  }
  const ofAll = family.spreadOf(sums);
  return (unit) =>
    (family.spreadOf(unit) * unit.weight + ofAll * SPREAD_LEAN) / (unit.weight + SPREAD_LEAN);
}

/** Of a unit's first days: their own standard deviation. */
function readFirstSpread({ ringValue, days }: Unit, lagDays: number): number {
  const values = ringValue.subarray(0, Math.min(days, lagDays));
  if (values.length < 2) return 1;
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1)) || 1e-9;
}

/** What a weekday (0 is Monday) does, in steps: the unit's own habit leaning on everybody's, centred. */
export function createWeekdays(
  units: ReadonlyArray<Unit>,
): (unit: Unit, weekday: number) => number {
  const all = Array.from({ length: 7 }, (_, w) => {
    let [sum, weight] = [0, 0];
    for (const unit of units) {
      sum += unit.weekdaySum[w]!;
      weight += unit.weekdayWeight[w]!;
    }
    return weight === 0 ? undefined : sum / weight;
  });
  return (unit, weekday) => {
    // A habit is told against the whole week, so all of it must have been seen.
    if (all.includes(undefined)) return 0;
    const own = all.map(
      (habit, w) =>
        (unit.weekdaySum[w]! + WEEKDAY_LEAN * habit!) / (unit.weekdayWeight[w]! + WEEKDAY_LEAN),
    );
    return own[weekday]! - own.reduce((sum, habit) => sum + habit, 0) / 7;
  };
}

/** Lets the day into the memory. */
export function rememberDay(
  { unit, value, expected, shift }: Today,
  family: Family,
  { lagDays, halfLifeDays }: LevelSettings,
  weekday: number,
): void {
  const keep = 2 ** (-1 / halfLifeDays);
  const slot = unit.days % lagDays;
  if (unit.days >= lagDays) {
    unit.weight = unit.weight * keep + 1;
    unit.sum = unit.sum * keep + unit.ringValue[slot]!;
    unit.squares = unit.squares * keep + unit.ringSquare[slot]!;
    unit.means = unit.means * keep + unit.ringMean[slot]!;
    unit.meanSquares = unit.meanSquares * keep + unit.ringMean[slot]! ** 2;
  }
  // Until there is a spread to tell a spike by, nothing is cut off.
  const deviation = Math.sqrt(family.variance(expected.mean, expected.spread));
  const bound = unit.days < FIRST_DAYS ? Infinity : SPIKE_DEVIATIONS * deviation + SPIKE_SLACK;
  const miss = clip(value - expected.mean, -bound, bound);
  unit.ringValue[slot] = family.straighten(expected.mean + miss, expected.spread, shift);
  unit.ringSquare[slot] = miss * miss;
  unit.ringMean[slot] = expected.mean;
  if (unit.days > 0) {
    const { mean: base } = readBase(unit, family, lagDays);
    const steps = family.stepsBetween(base, value, expected.spread);
    unit.weekdaySum[weekday] =
      unit.weekdaySum[weekday]! * WEEKDAY_KEEP + clip(steps, -WEEKDAY_MAX, WEEKDAY_MAX);
    unit.weekdayWeight[weekday] = unit.weekdayWeight[weekday]! * WEEKDAY_KEEP + 1;
  }
  unit.days += 1;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
