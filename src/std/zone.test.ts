import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addMs, DAY_MS, type Instant, instantFromMs, MINUTE_MS } from "./time.ts";
import {
  dayIn,
  instantAt,
  instantToText,
  isTimeZone,
  minuteOfWeekIn,
  startOfDay,
  wallRunsOf,
} from "./zone.ts";

test("a zone is a name that the platform knows, never an offset", () => {
  for (const name of ["Asia/Kolkata", "Europe/Berlin", "UTC"]) assert(isTimeZone(name), name);
  for (const name of ["", "+05:30", "Asia/Atlantis", "05:30"]) assert(!isTimeZone(name), name);
});

test("a time that the clock jumps over is as late as the jump makes it", () => {
  assert.equal(instantAt("2026-03-29", 150, "Europe/Berlin"), "2026-03-29T01:30:00.000Z");
  assert.equal(instantAt("2026-03-08", 150, "America/New_York"), "2026-03-08T07:30:00.000Z");
});

test("of a time that the clock shows twice the first is meant", () => {
  assert.equal(instantAt("2026-10-25", 150, "Europe/Berlin"), "2026-10-25T00:30:00.000Z");
  assert.equal(instantAt("2026-11-01", 90, "America/New_York"), "2026-11-01T05:30:00.000Z");
});

test("hours after a jump are the ones on the wall, not so many hours after midnight", () => {
  assert.equal(instantAt("2026-03-29", 9 * 60, "Europe/Berlin"), "2026-03-29T07:00:00.000Z");
  assert.equal(instantAt("2026-10-25", 9 * 60, "Europe/Berlin"), "2026-10-25T08:00:00.000Z");
  assert.equal(instantAt("2026-11-01", 1440, "America/New_York"), "2026-11-02T05:00:00.000Z");
});

test("a day whose midnight never was begins with its first hour", () => {
  assert.equal(startOfDay("2026-04-24", "Africa/Cairo"), "2026-04-23T22:00:00.000Z");
  assert.equal(dayIn("2026-04-23T21:59:59.999Z", "Africa/Cairo"), "2026-04-23");
  assert.equal(dayIn("2026-04-23T22:00:00.000Z", "Africa/Cairo"), "2026-04-24");
  // Friday 01:00: the hour before it is not on the clock.
  assert.equal(minuteOfWeekIn("2026-04-23T22:00:00.000Z", "Africa/Cairo"), 4 * 1440 + 60);
});

test("the runs of a day's clock are one, but for the days on which it jumps", () => {
  const minutes = (day: string) =>
    wallRunsOf(day, "Europe/Berlin").map(({ from, until, fromMinute }) => [
      fromMinute,
      fromMinute + (Date.parse(until) - Date.parse(from)) / MINUTE_MS,
    ]);
  assert.deepEqual(minutes("2026-03-28"), [[0, 1440]]);
  assert.deepEqual(minutes("2026-03-29"), [
    [0, 120],
    [180, 1440],
  ]);
  assert.deepEqual(minutes("2026-10-25"), [
    [0, 180],
    [120, 1440],
  ]);
});

const ZONES = [
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Europe/Berlin",
  "America/New_York",
  "America/Santiago",
  "Africa/Cairo",
  "Australia/Lord_Howe", // half an hour of summer time
  "Pacific/Chatham", // a quarter hour, and summer time
  "Pacific/Kiritimati", // fourteen hours ahead
  "UTC",
];

test("day and minute are what another calendar's clock shows, in every kind of zone", () => {
  const start = Date.parse("2025-01-01T00:00:00.000Z");
  const drawn = fc.record({
    zone: fc.constantFrom(...ZONES),
    at: fc.integer({ min: 0, max: 4 * 365 * 1440 }).map((n) => instantFromMs(start + n * MINUTE_MS)), // prettier-ignore
  });
  fc.assert(
    fc.property(drawn, ({ zone, at }) => {
      assert.deepEqual([dayIn(at, zone), minuteOfWeekIn(at, zone)], readByIntl(at, zone));
    }),
    { numRuns: 3_000 },
  );
  // And every quarter of an hour around the jumps of one year.
  for (const zone of ZONES) {
    for (let day = 0; day < 365; day++) {
      const noon = instantFromMs(start + day * DAY_MS + DAY_MS / 2);
      if (wallRunsOf(dayIn(noon, zone), zone).length === 1) continue;
      for (let quarter = -144; quarter < 144; quarter++) {
        const at = addMs(noon, quarter * 15 * MINUTE_MS);
        assert.deepEqual([dayIn(at, zone), minuteOfWeekIn(at, zone)], readByIntl(at, zone));
      }
    }
  }
});

const writers = new Map<string, Intl.DateTimeFormat>();

function readByIntl(at: Instant, zone: string): readonly [string, number] {
  const writer =
    writers.get(zone) ??
    new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      weekday: "short",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    });
  writers.set(zone, writer);
  const part = Object.fromEntries(
    writer.formatToParts(new Date(at)).map(({ type, value }) => [type, value]),
  );
  const weekday = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(part["weekday"] ?? "");
  return [
    `${part["year"]}-${part["month"]}-${part["day"]}`,
    weekday * 1440 + Number(part["hour"]) * 60 + Number(part["minute"]),
  ];
}

test("an instant is written for people with its zone", () => {
  assert.match(
    instantToText("2026-11-23T06:00:00.000Z", "Asia/Kolkata"),
    /^Mon,? 23 Nov 2026,? 11:30 \(Asia\/Kolkata\)$/,
  );
});
