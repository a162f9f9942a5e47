/**
 * Daily series of acted and untouched subjects, summed over the days before and after.
 *
 * A day is a numerator over a denominator: failed deliveries over attempts for a rate; rupees, or failed
 * deliveries, over the subject's ordinary orders a day for a level, so that large and small subjects can
 * be compared. An exclusion leaves few attempts behind, so its effect shows in a level, never in a rate.
 */
import { assert } from "../../std/assert.ts";
import type { Day } from "../../std/time.ts";

/** Absence of a day is "no data", never 0. */
export type Point = { readonly day: Day; readonly numerator: number; readonly denominator: number };

export type Series = { readonly id: string; readonly points: ReadonlyArray<Point> };

/** Half-open: `from <= day < until`. */
export type Window = { readonly from: Day; readonly until: Day };

/** One subject (or several taken together) before and after, in units of the outcome. */
export type Change = {
  readonly before: number;
  readonly after: number;
  readonly daysBefore: number;
  readonly daysAfter: number;
  /** 1/denominators before + 1/denominators after: how noisy the change is, up to a factor. */
  readonly noise: number;
};

/** A level per day as points over a constant `scale`, such as the ordinary orders a day. */
export function levelPoints(
  days: ReadonlyArray<{ readonly day: Day; readonly value: number }>,
  scale = 1,
): ReadonlyArray<Point> {
  assert(scale > 0, "a scale is above zero");
  return days.map(({ day, value }) => ({ day, numerator: value, denominator: scale }));
}

/** Undefined when there is nothing to divide by in one of the windows. */
export function computeChange(
  series: ReadonlyArray<Series>,
  before: Window,
  after: Window,
): Change | undefined {
  const first = sumWindow(series, before);
  const second = sumWindow(series, after);
  if (first.denominator <= 0 || second.denominator <= 0) return undefined;
  return {
    before: first.numerator / first.denominator,
    after: second.numerator / second.denominator,
    daysBefore: first.days,
    daysAfter: second.days,
    noise: 1 / first.denominator + 1 / second.denominator,
  };
}

function sumWindow(series: ReadonlyArray<Series>, { from, until }: Window) {
  let numerator = 0;
  let denominator = 0;
  const days = new Set<Day>();
  for (const { points } of series) {
    for (const point of points) {
      if (point.day < from || point.day >= until || point.denominator <= 0) continue;
      numerator += point.numerator;
      denominator += point.denominator;
      days.add(point.day);
    }
  }
  return { numerator, denominator, days: days.size };
}
