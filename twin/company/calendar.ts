/** Days that differ: weekdays, festivals and sales. What they do to orders and to failures. */
import { addDays, type Day, weekdayOf } from "../../src/std/time.ts";
import type { CompanySettings } from "./settings.ts";

export type DayMood = {
  /** Multiplies the orders of an ordinary day. */
  readonly orders: number;
  /** Added to the logit of the first-attempt failure rate, everywhere. */
  readonly failureLogit: number;
};

/** Monday first. Fewer people are at home on working days; fewer deliveries run on Sundays. */
const WEEKDAY_ORDERS = [1.04, 1.0, 0.99, 1.0, 1.02, 1.05, 0.9];
const WEEKDAY_LOGITS = [0.06, 0.0, -0.02, 0.0, 0.03, 0.1, 0.16];

/** Day of the run, as a share of it, on which each begins; length in days; orders; failures. */
const FESTIVALS: ReadonlyArray<readonly [number, number, number, number]> = [
  [0.18, 2, 0.8, 0.25],
  [0.49, 3, 0.75, 0.3],
  [0.79, 2, 0.8, 0.25],
];
const SALES: ReadonlyArray<readonly [number, number, number]> = [
  [0.3, 3, 2.0],
  [0.67, 3, 2.0],
];

export function createCalendar(settings: CompanySettings): (day: Day) => DayMood {
  const moods = new Map<Day, { orders: number; failureLogit: number }>();
  const touch = (
    share: number,
    length: number,
    change: (mood: { orders: number; failureLogit: number }) => void,
  ) => {
    for (let i = 0; i < length; i++) {
      const day = addDays(settings.startDay, Math.floor(share * settings.days) + i);
      const mood = moods.get(day) ?? { orders: 1, failureLogit: 0 };
      change(mood);
      moods.set(day, mood);
    }
  };
  for (const [share, length, orders, logits] of FESTIVALS) {
    touch(share, length, (mood) => {
      mood.orders *= orders;
      mood.failureLogit += logits;
    });
  }
  for (const [share, length, orders] of SALES) {
    touch(share, length, (mood) => {
      mood.orders *= orders;
    });
  }
  return (day) => {
    const weekday = weekdayOf(day);
    const mood = moods.get(day);
    return {
      orders: (WEEKDAY_ORDERS[weekday] ?? 1) * (mood?.orders ?? 1),
      failureLogit: (WEEKDAY_LOGITS[weekday] ?? 0) + (mood?.failureLogit ?? 0),
    };
  };
}
