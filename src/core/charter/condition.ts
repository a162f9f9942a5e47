/**
 * The conditions of a rule as plain numbers, and whether they hold at a point.
 *
 * A point is everything that a rule can ask about one proposal. Ranges are half-open; NaN, which
 * compares false with everything, is in no stated range.
 */
import type { Instant } from "../../std/time.ts";
import { minuteOfWeekIn } from "../../std/zone.ts";
import type { Proposal } from "../contract/types.ts";
import { minuteOfDay } from "./calendar.ts";
import { amountOf } from "./money-text.ts";
import { type Range, type RuleConditions, type WeekWindow, WEEKDAYS } from "./types.ts";

/** The axes that are numbers, in the order of the document. */
export const AXES = [
  "valueAtStake",
  "confidence",
  "subjects",
  "shareOfOrders",
  "shareOfSpend",
] as const;
export type Axis = (typeof AXES)[number];

export const MINUTES_A_DAY = 24 * 60;
export const MINUTES_A_WEEK = 7 * MINUTES_A_DAY;

export type Point = {
  readonly option: string;
  readonly reversible: boolean;
  /** Minute of the week in the charter's time zone, from Monday 00:00. */
  readonly time: number;
} & {
  /** Value at stake in minor units. */
  readonly [axis in Axis]: number;
};

/** What a rule sees of a proposal at an instant. */
export function pointOf(
  { timeZone }: { readonly timeZone: string },
  { option, valueAtStake, blastRadius }: Proposal,
  facts: { readonly reversible: boolean; readonly confidence: number; readonly now: Instant },
): Point {
  return {
    option,
    reversible: facts.reversible,
    time: minuteOfWeekIn(facts.now, timeZone),
    valueAtStake: valueAtStake.amountMinor,
    confidence: facts.confidence,
    subjects: blastRadius.subjects,
    shareOfOrders: blastRadius.shareOfOrders,
    shareOfSpend: blastRadius.shareOfSpend,
  };
}

export function isInRange(value: number, { atLeast, below }: Range): boolean {
  return (atLeast === undefined || value >= atLeast) && (below === undefined || value < below);
}

/** A condition on one axis in numbers, money in minor units; undefined where the rule states none. */
export function rangeOn(when: RuleConditions, axis: Axis): Range | undefined {
  if (axis !== "valueAtStake") return when[axis];
  const { atLeast, below } = when.valueAtStake ?? {};
  if (atLeast === undefined && below === undefined) return undefined;
  return {
    ...(atLeast === undefined ? {} : { atLeast: amountOf(atLeast) }),
    ...(below === undefined ? {} : { below: amountOf(below) }),
  };
}

/** Windows as stretches of minutes of the week, half-open, in no order. */
export function minutesOf(
  windows: ReadonlyArray<WeekWindow>,
): ReadonlyArray<{ readonly atLeast: number; readonly below: number }> {
  return windows.flatMap(({ days, from, until }) =>
    days.map((day) => {
      const midnight = WEEKDAYS.indexOf(day) * MINUTES_A_DAY;
      return { atLeast: midnight + minuteOfDay(from), below: midnight + minuteOfDay(until) };
    }),
  );
}

export function isInWindows(minuteOfWeek: number, windows: ReadonlyArray<WeekWindow>): boolean {
  return minutesOf(windows).some((stretch) => isInRange(minuteOfWeek, stretch));
}

export function holdsAt(when: RuleConditions, point: Point): boolean {
  if (when.option !== undefined && !when.option.includes(point.option)) return false;
  if (when.reversible !== undefined && when.reversible !== point.reversible) return false;
  if (when.time !== undefined && !isInWindows(point.time, when.time)) return false;
  return AXES.every((axis) => {
    const range = rangeOn(when, axis);
    return range === undefined || isInRange(point[axis], range);
  });
}
