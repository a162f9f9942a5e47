/**
 * A department's working hours, and time counted in them.
 *
 * A calendar is laid out day by day in its own zone: the windows of that weekday, none on a holiday. All
 * questions are answered by walking those stretches. The wall clock says when a window is open: hours
 * that it jumps over are not there, hours that it shows twice are open twice.
 */
import {
  addDays,
  addMs,
  type Day,
  DAY_MS,
  diffMs,
  type Instant,
  MINUTE_MS,
  weekdayOf,
} from "../../std/time.ts";
import { dayIn, type WallRun, wallRunsOf } from "../../std/zone.ts";
import { type Calendar, type WeekWindow, WEEKDAYS } from "./types.ts";

/** A calendar that does not open for so long counts as one that never does. */
export const CLOSED_DAYS_MAX = 400;

/** Half-open, as all ranges here. */
export type Stretch = { readonly from: Instant; readonly until: Instant };

/** Minutes since midnight of `09:30`; `24:00` is 1440. */
export function minuteOfDay(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

/** The open stretches of one day, in order, none touching the next. */
export function openStretches(calendar: Calendar, day: Day): ReadonlyArray<Stretch> {
  if (calendar.holidays.some((holiday) => holiday.day === day)) return [];
  const weekday = WEEKDAYS[weekdayOf(day)];
  const runs = wallRunsOf(day, calendar.timeZone);
  const stretches = calendar.open
    .filter(({ days }) => weekday !== undefined && days.includes(weekday))
    .flatMap((window) => runs.flatMap((run) => stretchOf(window, run)))
    .sort((a, b) => diffMs(a.from, b.from));
  const merged: Stretch[] = [];
  for (const stretch of stretches) {
    const last = merged.at(-1);
    if (last === undefined || stretch.from > last.until) merged.push(stretch);
    else if (stretch.until > last.until) {
      merged[merged.length - 1] = { from: last.from, until: stretch.until };
    }
  }
  return merged;
}

/** When the wall clock shows the window's hours in this run of it; nowhere, if it jumps over them. */
function stretchOf(window: WeekWindow, run: WallRun): ReadonlyArray<Stretch> {
  const endMinute = run.fromMinute + diffMs(run.until, run.from) / MINUTE_MS;
  const from = Math.max(minuteOfDay(window.from), run.fromMinute);
  const until = Math.min(minuteOfDay(window.until), endMinute);
  if (from >= until) return [];
  const at = (minute: number): Instant => addMs(run.from, (minute - run.fromMinute) * MINUTE_MS);
  return [{ from: at(from), until: at(until) }];
}

export function isOpen(calendar: Calendar, at: Instant): boolean {
  return openStretches(calendar, dayIn(at, calendar.timeZone)).some(
    ({ from, until }) => from <= at && at < until,
  );
}

/** The first open instant at or after `at`; undefined when it stays closed. */
export function findOpening(calendar: Calendar, at: Instant): Instant | undefined {
  for (const { from } of stretchesFrom(calendar, at)) return from;
  return undefined;
}

/**
 * The first instant by which the calendar was open for `ms` since `from`; undefined when it stays closed
 * before that. Nothing to wait for is `from` itself.
 */
export function addOpenMs(calendar: Calendar, from: Instant, ms: number): Instant | undefined {
  if (ms <= 0) return from;
  let left = ms;
  for (const stretch of stretchesFrom(calendar, from)) {
    const length = diffMs(stretch.until, stretch.from);
    if (left <= length) return addMs(stretch.from, left);
    left -= length;
  }
  return undefined;
}

export function openMsBetween(calendar: Calendar, from: Instant, until: Instant): number {
  let open = 0;
  for (const stretch of stretchesFrom(calendar, from)) {
    if (stretch.from >= until) break;
    open += diffMs(stretch.until < until ? stretch.until : until, stretch.from);
  }
  return open;
}

/** The longest stretch without an open instant that touches [from, until); it may reach beyond both. */
export function findLongestClosure(
  calendar: Calendar,
  from: Instant,
  until: Instant,
): Stretch | undefined {
  let longest: Stretch | undefined;
  let closedSince = from;
  const note = (end: Instant): void => {
    if (end <= closedSince) return;
    const closure = { from: closedSince, until: end };
    if (longest === undefined || lengthOf(closure) > lengthOf(longest)) longest = closure;
  };
  for (const stretch of stretchesFrom(calendar, from)) {
    note(stretch.from);
    closedSince = stretch.until;
    if (closedSince >= until) return longest;
  }
  // It never opens again: as long as anybody looks.
  note(addMs(closedSince, CLOSED_DAYS_MAX * DAY_MS));
  return longest;
}

function lengthOf({ from, until }: Stretch): number {
  return diffMs(until, from);
}

/**
 * Open stretches from an instant on, the first cut to it, until none comes for `CLOSED_DAYS_MAX`. Two may
 * touch at midnight.
 */
function* stretchesFrom(calendar: Calendar, at: Instant): Generator<Stretch> {
  let day = dayIn(at, calendar.timeZone);
  for (let closedDays = 0; closedDays < CLOSED_DAYS_MAX; closedDays += 1, day = addDays(day, 1)) {
    for (const { from, until } of openStretches(calendar, day)) {
      closedDays = 0;
      if (until > at) yield { from: from < at ? at : from, until };
    }
  }
}
