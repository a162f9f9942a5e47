import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addMs, type Day, HOUR_MS, type Instant, MINUTE_MS } from "../../std/time.ts";
import { dayIn, instantAt, minuteOfWeekIn } from "../../std/zone.ts";
import {
  addOpenMs,
  findLongestClosure,
  findOpening,
  isOpen,
  minuteOfDay,
  openMsBetween,
  openStretches,
} from "./calendar.ts";
import { type Calendar, type WeekWindow, WEEKDAYS } from "./types.ts";

const WORKDAYS = ["mon", "tue", "wed", "thu", "fri"] as const;

function calendar(timeZone: string, open: ReadonlyArray<WeekWindow>, ...days: Day[]): Calendar {
  return { timeZone, open, holidays: days.map((day) => ({ day, name: "a holiday" })) };
}

const india = calendar(
  "Asia/Kolkata",
  [
    { days: WORKDAYS, from: "09:30", until: "18:30" },
    { days: ["sat"], from: "10:00", until: "14:00" },
  ],
  "2026-11-23",
);
const always = calendar("Europe/Berlin", [{ days: WEEKDAYS, from: "00:00", until: "24:00" }]);

test("hours are counted over a week-end and a holiday", () => {
  // Friday 20 November 2026, 17:30 in India; Monday is a holiday.
  const asked = "2026-11-20T12:00:00.000Z";
  assert.equal(addOpenMs(india, asked, HOUR_MS), "2026-11-20T13:00:00.000Z");
  assert.equal(addOpenMs(india, asked, 5 * HOUR_MS), "2026-11-21T08:30:00.000Z");
  assert.equal(addOpenMs(india, asked, 6 * HOUR_MS), "2026-11-24T05:00:00.000Z");
  assert.equal(openMsBetween(india, asked, "2026-11-24T05:00:00.000Z"), 6 * HOUR_MS);
});

test("no time to wait is now, even while it is closed", () => {
  const night = "2026-11-22T20:00:00.000Z";
  assert.equal(addOpenMs(india, night, 0), night);
  assert.equal(findOpening(india, night), "2026-11-24T04:00:00.000Z");
});

test("an opening includes its first instant and not its last", () => {
  assert(isOpen(india, "2026-11-24T04:00:00.000Z"));
  assert(!isOpen(india, "2026-11-24T13:00:00.000Z"));
});

test("the longest closure is from the last open instant to the next", () => {
  assert.deepEqual(
    findLongestClosure(india, "2026-11-16T05:00:00.000Z", "2026-11-28T05:00:00.000Z"),
    { from: "2026-11-21T08:30:00.000Z", until: "2026-11-24T04:00:00.000Z" },
  );
});

test("a calendar that is open day and night has no closure, on days of 23 and 25 hours too", () => {
  const [from, until] = ["2026-03-28T00:00:00.000Z", "2026-10-31T00:00:00.000Z"];
  assert.equal(findLongestClosure(always, from, until), undefined);
  assert.equal(addOpenMs(always, from, 5_000 * HOUR_MS), addMs(from, 5_000 * HOUR_MS));
});

test("a calendar that never opens gives no instant", () => {
  const never = calendar("UTC", [{ days: ["mon"], from: "09:00", until: "10:00" }], ...mondays());
  assert.equal(addOpenMs(never, "2026-01-01T00:00:00.000Z", 1), undefined);
  assert.equal(findOpening(never, "2026-01-01T00:00:00.000Z"), undefined);
});

function mondays(): ReadonlyArray<Day> {
  return Array.from({ length: 120 }, (_, week) =>
    dayIn(addMs("2026-01-05T00:00:00.000Z", week * 168 * HOUR_MS), "UTC"),
  );
}

test("where the clock jumps over an hour, the window is shorter; where it repeats one, longer", () => {
  const nights = [{ days: WEEKDAYS, from: "01:00", until: "04:00" }];
  const berlin = calendar("Europe/Berlin", nights);
  const hours = (zone: Calendar, from: Instant, until: Instant) =>
    openMsBetween(zone, from, until) / HOUR_MS;
  assert.equal(hours(berlin, "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"), 2);
  assert.equal(hours(berlin, "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"), 4);
  const newYork = calendar("America/New_York", nights);
  assert.equal(hours(newYork, "2026-03-08T05:00:00.000Z", "2026-03-09T04:00:00.000Z"), 2);
});

test("a window that ends or begins in a jumped hour is cut at the jump; in a repeated one it is open twice", () => {
  const stretches = (from: string, until: string, day: Day) =>
    openStretches(calendar("Europe/Berlin", [{ days: WEEKDAYS, from, until }]), day).map(
      (stretch) => `${stretch.from.slice(11, 16)}-${stretch.until.slice(11, 16)}`,
    );
  assert.deepEqual(stretches("01:00", "02:30", "2026-03-29"), ["00:00-01:00"]);
  assert.deepEqual(stretches("02:30", "04:00", "2026-03-29"), ["01:00-02:00"]);
  assert.deepEqual(stretches("02:00", "03:00", "2026-03-29"), []);
  assert.deepEqual(stretches("02:15", "02:45", "2026-10-25"), ["00:15-00:45", "01:15-01:45"]);
  assert.deepEqual(stretches("01:00", "03:30", "2026-10-25"), ["23:00-02:30"]);
});

test("windows that touch or overlap are one stretch, and a night shift of two goes on over midnight", () => {
  const shift = calendar("Asia/Kathmandu", [
    { days: ["mon"], from: "20:00", until: "24:00" },
    { days: ["tue"], from: "00:00", until: "03:00" },
    { days: ["tue"], from: "03:00", until: "04:00" },
    { days: ["tue"], from: "02:00", until: "03:30" },
  ]);
  const begin = instantAt("2026-11-23", 20 * 60, shift.timeZone);
  assert.equal(begin, "2026-11-23T14:15:00.000Z");
  assert.deepEqual(openStretches(shift, "2026-11-24"), [
    { from: "2026-11-23T18:15:00.000Z", until: "2026-11-23T22:15:00.000Z" },
  ]);
  assert.equal(addOpenMs(shift, begin, 8 * HOUR_MS), "2026-11-23T22:15:00.000Z");
  assert.equal(addOpenMs(shift, begin, 8 * HOUR_MS + 1), "2026-11-30T14:15:00.001Z");
  assert.equal(
    findLongestClosure(shift, begin, "2026-11-23T22:00:00.000Z"),
    undefined,
    "midnight is no closure",
  );
});

test("a zone of a quarter hour, and the first minute of its week", () => {
  assert.equal(instantAt("2026-11-23", 0, "Asia/Kathmandu"), "2026-11-22T18:15:00.000Z");
  assert.equal(minuteOfWeekIn("2026-11-22T18:15:00.000Z", "Asia/Kathmandu"), 0);
  assert.equal(minuteOfWeekIn("2026-11-22T18:14:59.999Z", "Asia/Kathmandu"), 7 * 24 * 60 - 1);
});

test("stepping through a calendar minute by minute finds the same hours", () => {
  const time = fc.integer({ min: 0, max: 95 }).map((quarter) => quarter * 15);
  const text = (minute: number) =>
    `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  const window = fc
    .tuple(fc.subarray([...WEEKDAYS], { minLength: 1 }), time, time)
    .map(([days, a, b]): WeekWindow => ({
      days,
      from: text(Math.min(a, b)),
      until: text(Math.max(a, b) + 15),
    }));
  const drawn = fc.record({
    zone: fc.constantFrom("Asia/Kolkata", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"),
    open: fc.array(window, { minLength: 1, maxLength: 3 }),
    // Three days around both changes of the clock in Europe, and around the end of a year.
    start: fc.constantFrom("2026-03-28T11:10:00.000Z", "2026-10-24T03:25:00.000Z", "2026-12-30T20:00:00.000Z"), // prettier-ignore
    ms: fc.integer({ min: 1, max: 30 }).map((halves) => halves * 30 * MINUTE_MS),
  });
  fc.assert(
    fc.property(drawn, ({ zone, open, start, ms }) => {
      const one = calendar(zone, open, "2026-03-30", "2026-12-31");
      const isOpenAt = (at: Instant): boolean => {
        if (["2026-03-30", "2026-12-31"].includes(dayIn(at, zone))) return false;
        const minute = minuteOfWeekIn(at, zone);
        return open.some(
          ({ days, from, until }) =>
            days.includes(WEEKDAYS[Math.floor(minute / 1440)] ?? "mon") &&
            minute % 1440 >= minuteOfDay(from) &&
            minute % 1440 < minuteOfDay(until),
        );
      };
      let counted = 0;
      let opening: Instant | undefined;
      let reached: Instant | undefined;
      for (let step = 0; step < 4 * 24 * 12 && reached === undefined; step++) {
        const at = addMs(start, step * 5 * MINUTE_MS);
        assert.equal(isOpen(one, at), isOpenAt(at), `${zone} ${at} ${JSON.stringify(open)}`);
        if (opening === undefined && isOpenAt(at)) opening = at;
        if (isOpenAt(at)) counted += 5 * MINUTE_MS;
        if (counted >= ms) reached = addMs(at, 5 * MINUTE_MS);
      }
      if (opening !== undefined) assert.equal(findOpening(one, start), opening);
      if (reached === undefined) return;
      assert.equal(addOpenMs(one, start, ms), reached);
      assert.equal(openMsBetween(one, start, reached), ms);
    }),
    { numRuns: 60 },
  );
});
