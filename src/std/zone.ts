/**
 * Instants on the wall clocks of named time zones.
 *
 * Where a zone's clock jumps over an hour, a time that never was is taken as late as the jump makes it;
 * where it repeats one, the first is meant. Days are asked for again and again, so their beginnings are
 * kept; nothing else is.
 */
import { Temporal } from "temporal-polyfill";
import { assert } from "./assert.ts";
import {
  addDays,
  type Day,
  DAY_MS,
  diffMs,
  type Instant,
  instantFromMs,
  MINUTE_MS,
  weekdayOf,
} from "./time.ts";

const KEPT_MAX = 20_000;
const dayStarts = new Map<string, Instant>();
const zones = new Map<string, boolean>();

/** Is it an IANA name, such as `Asia/Kolkata`, that this platform knows? Offsets are no names. */
export function isTimeZone(name: string): boolean {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const is = /^[A-Za-z]/.test(name) && isKnown(name);
  if (zones.size < KEPT_MAX) zones.set(name, is);
  return is;
}

function isKnown(name: string): boolean {
  try {
    Temporal.Now.zonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** The first instant of a day; not always midnight where the clock jumps at night. */
export function startOfDay(day: Day, zone: string): Instant {
  const key = `${zone} ${day}`;
  const known = dayStarts.get(key);
  if (known !== undefined) return known;
  const { epochMilliseconds } = Temporal.PlainDate.from(day).toZonedDateTime(zone).startOfDay();
  const start = instantFromMs(epochMilliseconds);
  if (dayStarts.size >= KEPT_MAX) dayStarts.clear();
  dayStarts.set(key, start);
  return start;
}

/** The day that a zone's calendar shows. */
export function dayIn(at: Instant, zone: string): Day {
  // No zone is more than a day from UTC: the day is one of three, found by their kept beginnings.
  const day = at.slice(0, 10);
  if (at >= startOfDay(addDays(day, 1), zone)) return addDays(day, 1);
  return at < startOfDay(day, zone) ? addDays(day, -1) : day;
}

/** The instant at which `day` reaches `minuteOfDay` on the zone's wall clock; 1440 is the next day. */
export function instantAt(day: Day, minuteOfDay: number, zone: string): Instant {
  if (minuteOfDay === 0) return startOfDay(day, zone);
  if (minuteOfDay >= MINUTES_A_DAY) return startOfDay(addDays(day, 1), zone);
  const [start, end] = [
    Date.parse(startOfDay(day, zone)),
    Date.parse(startOfDay(addDays(day, 1), zone)),
  ];
  // Most days have no jump, and then a minute is a minute.
  if (end - start === MINUTES_A_DAY * MINUTE_MS)
    return instantFromMs(start + minuteOfDay * MINUTE_MS);
  const wall = Temporal.PlainDate.from(day).toPlainDateTime({
    hour: Math.floor(minuteOfDay / 60),
    minute: minuteOfDay % 60,
  });
  return instantFromMs(wall.toZonedDateTime(zone).epochMilliseconds);
}

const MINUTES_A_DAY = 24 * 60;

/** A stretch of a day in which the wall clock runs without a jump, from `fromMinute` of the day on. */
export type WallRun = {
  readonly from: Instant;
  readonly until: Instant;
  readonly fromMinute: number;
};

/** One run on most days; another after each jump. Two of them show the same minutes where one repeats. */
export function wallRunsOf(day: Day, zone: string): ReadonlyArray<WallRun> {
  const [from, until] = [startOfDay(day, zone), startOfDay(addDays(day, 1), zone)];
  if (diffMs(until, from) === DAY_MS) return [{ from, until, fromMinute: 0 }];
  const key = `${zone} ${day}`;
  let runs = jumpedDays.get(key);
  if (runs === undefined) {
    runs = cutAtJumps(from, until, zone);
    if (jumpedDays.size >= KEPT_MAX) jumpedDays.clear();
    jumpedDays.set(key, runs);
  }
  return runs;
}

const jumpedDays = new Map<string, ReadonlyArray<WallRun>>();

function cutAtJumps(from: Instant, until: Instant, zone: string): ReadonlyArray<WallRun> {
  const runs: WallRun[] = [];
  for (let start = from; start < until;) {
    const wall = Temporal.Instant.from(start).toZonedDateTimeISO(zone);
    const jump = wall.getTimeZoneTransition("next");
    const end = jump === null ? until : instantFromMs(jump.epochMilliseconds);
    const fromMinute = wall.hour * 60 + wall.minute;
    runs.push({ from: start, until: end < until ? end : until, fromMinute });
    start = end;
  }
  return runs;
}

/** Minutes since Monday 00:00 by the zone's wall clock, 0 to 10,079. */
export function minuteOfWeekIn(at: Instant, zone: string): number {
  const day = dayIn(at, zone);
  const run = wallRunsOf(day, zone).find(({ until }) => at < until);
  assert(run, "an instant is within its day");
  const minuteOfDay = run.fromMinute + Math.floor(diffMs(at, run.from) / MINUTE_MS);
  return weekdayOf(day) * MINUTES_A_DAY + minuteOfDay;
}

const writers = new Map<string, Intl.DateTimeFormat>();

/** For people, with the zone named: `Mon, 23 Nov 2026, 11:30 (Asia/Kolkata)`. */
export function instantToText(at: Instant, zone: string): string {
  let writer = writers.get(zone);
  if (writer === undefined) {
    writer = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      weekday: "short",
      day: "numeric",
      month: "short",
      year: "numeric",
      hour: "2-digit",
      minute: "2-digit",
    });
    writers.set(zone, writer);
  }
  return `${writer.format(new Date(at))} (${zone})`;
}
