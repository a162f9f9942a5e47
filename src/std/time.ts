/**
 * Instants and days, as text that sorts.
 *
 * An `Instant` is UTC with milliseconds (`2026-01-05T00:30:00.000Z`), a `Day` is a calendar day of
 * the business time zone (`2026-01-05`). Both compare with `<` as text, which is why they are text.
 */
export type Instant = string;
export type Day = string;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export function instantFromMs(epochMs: number): Instant {
  return new Date(epochMs).toISOString();
}

export function instantToMs(at: Instant): number {
  return Date.parse(at);
}

export function addMs(at: Instant, ms: number): Instant {
  return instantFromMs(Date.parse(at) + ms);
}

export function diffMs(later: Instant, earlier: Instant): number {
  return Date.parse(later) - Date.parse(earlier);
}

export function isInstant(text: unknown): text is Instant {
  return (
    typeof text === "string" &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text) &&
    !Number.isNaN(Date.parse(text)) &&
    new Date(text).toISOString() === text
  );
}

export function isDay(text: unknown): text is Day {
  if (typeof text !== "string" || !/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00.000Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** Whole days since 1970-01-01; the arithmetic form of a `Day`. */
export function dayToNumber(day: Day): number {
  return Date.parse(`${day}T00:00:00.000Z`) / DAY_MS;
}

export function dayFromNumber(dayNumber: number): Day {
  return new Date(dayNumber * DAY_MS).toISOString().slice(0, 10);
}

export function addDays(day: Day, days: number): Day {
  return dayFromNumber(dayToNumber(day) + days);
}

/** 0 is Monday, 6 is Sunday. */
export function weekdayOf(day: Day): number {
  return (((dayToNumber(day) + 3) % 7) + 7) % 7;
}

/** The calendar day at `at` in a zone with a fixed offset, e.g. +330 minutes for India. */
export function dayOf(at: Instant, offsetMinutes: number): Day {
  return instantFromMs(Date.parse(at) + offsetMinutes * MINUTE_MS).slice(0, 10);
}

/** The instant at which `day` reaches `minuteOfDay` on that zone's wall clock. */
export function instantOn(day: Day, minuteOfDay: number, offsetMinutes: number): Instant {
  return instantFromMs(dayToNumber(day) * DAY_MS + (minuteOfDay - offsetMinutes) * MINUTE_MS);
}

/** A month of the calendar, `2026-01`; of instants in UTC. Sorts as text, like the rest. */
export type Month = string;

export function isMonth(text: unknown): text is Month {
  return typeof text === "string" && /^\d{4}-(0[1-9]|1[0-2])$/.test(text);
}

/** Of a day or an instant. */
export function monthOf(at: Day | Instant): Month {
  return at.slice(0, 7);
}

export function addMonths(month: Month, months: number): Month {
  const [year = 0, of = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, of - 1 + months, 1)).toISOString().slice(0, 7);
}

export function firstDayOf(month: Month): Day {
  return `${month}-01`;
}

export function startOf(month: Month): Instant {
  return `${firstDayOf(month)}T00:00:00.000Z`;
}
