/**
 * Days that differ: weekdays, festivals of the nation or of one region, and sales.
 *
 * Festivals and sales lie at fixed shares of the run, so that any start day and any length has them;
 * they are no almanac of a real year.
 */
import { type Day, dayToNumber, weekdayOf } from "../../src/std/time.ts";
import type { Region } from "./place-names.ts";
import type { CompanySettings } from "./settings.ts";

export type DayMood = {
  /** Multiplies the orders of an ordinary day. */
  readonly orders: number;
  /** Added to the logit of the first-attempt failure rate. */
  readonly failureLogit: number;
};

/** Monday first. Fewer people are at home to receive on weekends; fewer order on Sundays. */
const WEEKDAY_ORDERS = [1.04, 1.0, 0.99, 1.0, 1.02, 1.05, 0.9];
const WEEKDAY_LOGITS = [0.06, 0.0, -0.02, 0.0, 0.03, 0.1, 0.16];

type SpecialDays = DayMood & {
  /** Where in the run they begin, 0..1, and for how many days. */
  readonly at: number;
  readonly days: number;
  readonly regions: ReadonlyArray<Region> | "all";
};

export const SPECIAL_DAYS: ReadonlyArray<SpecialDays> = [
  { at: 0.18, days: 2, orders: 0.8, failureLogit: 0.25, regions: "all" },
  { at: 0.49, days: 3, orders: 0.75, failureLogit: 0.3, regions: "all" },
  { at: 0.79, days: 2, orders: 0.8, failureLogit: 0.25, regions: "all" },
  { at: 0.1, days: 3, orders: 0.75, failureLogit: 0.35, regions: ["south"] },
  { at: 0.4, days: 3, orders: 0.7, failureLogit: 0.35, regions: ["east", "north-east"] },
  { at: 0.6, days: 2, orders: 0.8, failureLogit: 0.3, regions: ["west"] },
  { at: 0.88, days: 2, orders: 0.8, failureLogit: 0.3, regions: ["north"] },
  // Sales: twice the orders, and couriers a little behind.
  { at: 0.3, days: 3, orders: 2, failureLogit: 0.06, regions: "all" },
  { at: 0.67, days: 3, orders: 2, failureLogit: 0.06, regions: "all" },
];

/** The mood of a day in a region. */
export type Calendar = (day: Day, region: Region) => DayMood;

export function createCalendar(settings: CompanySettings): Calendar {
  const start = dayToNumber(settings.startDay);
  const known = new Map<Day, Map<Region, DayMood>>();
  const compute = (day: Day, region: Region): DayMood => {
    const sinceStart = dayToNumber(day) - start;
    const weekday = weekdayOf(day);
    let orders = WEEKDAY_ORDERS[weekday] ?? 1;
    let failureLogit = WEEKDAY_LOGITS[weekday] ?? 0;
    for (const special of SPECIAL_DAYS) {
      const first = Math.floor(special.at * settings.days);
      if (sinceStart < first || sinceStart >= first + special.days) continue;
      if (special.regions !== "all" && !special.regions.includes(region)) continue;
      orders *= special.orders;
      failureLogit += special.failureLogit;
    }
    return { orders, failureLogit };
  };
  return (day, region) => {
    const ofDay = known.get(day) ?? new Map<Region, DayMood>();
    known.set(day, ofDay);
    const mood = ofDay.get(region) ?? compute(day, region);
    ofDay.set(region, mood);
    return mood;
  };
}
