import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  addDays,
  addMs,
  dayFromNumber,
  dayOf,
  dayToNumber,
  DAY_MS,
  diffMs,
  HOUR_MS,
  instantFromMs,
  instantOn,
  instantToMs,
  isDay,
  isInstant,
  weekdayOf,
} from "./time.ts";

const INDIA = 330;
/** Years 1900 to 2199: whatever a business writes. */
const someMs = fc.integer({ min: -2_208_988_800_000, max: 7_258_118_399_999 });
const someDay = fc.integer({ min: -25_567, max: 84_005 }).map(dayFromNumber);

test("instants compare as text exactly as they do in time", () => {
  fc.assert(
    fc.property(someMs, someMs, (a, b) => {
      assert.equal(instantFromMs(a) < instantFromMs(b), a < b);
      assert.equal(instantToMs(instantFromMs(a)), a);
      assert.equal(diffMs(addMs(instantFromMs(a), b - a), instantFromMs(a)), b - a);
    }),
  );
});

test("only an instant as we write it is one", () => {
  assert.ok(isInstant("2026-03-02T06:00:00.000Z"));
  assert.ok(isInstant("2024-02-29T23:59:59.999Z"));
  for (const text of [
    "2026-03-02T06:00:00Z",
    "2026-03-02T06:00:00.000+05:30",
    "2026-03-02 06:00:00.000Z",
    "2026-02-30T06:00:00.000Z",
    "2026-13-01T00:00:00.000Z",
    "2026-03-02T24:00:00.000Z",
    "2026-03-02T06:00:00.000Z\n",
    "",
    20260302,
    null,
    undefined,
  ]) {
    assert.ok(!isInstant(text), String(text));
  }
});

test("only a real calendar day is a day", () => {
  for (const text of ["2026-03-02", "2024-02-29", "2000-02-29", "1969-12-31"]) {
    assert.ok(isDay(text), text);
  }
  for (const text of [
    "2026-02-29",
    "2100-02-29",
    "2026-04-31",
    "2026-00-10",
    "2026-3-2",
    "2026-03-02T00",
    "2026-03-02\n",
    "",
    7,
    null,
  ]) {
    assert.ok(!isDay(text), String(text));
  }
});

test("day numbers count every day once, across years, leap days and the epoch", () => {
  assert.equal(dayToNumber("1970-01-01"), 0);
  assert.equal(dayToNumber("1969-12-31"), -1);
  assert.equal(addDays("2024-02-28", 1), "2024-02-29");
  assert.equal(addDays("2026-02-28", 1), "2026-03-01");
  assert.equal(addDays("2026-01-01", -1), "2025-12-31");
  fc.assert(
    fc.property(someDay, fc.integer({ min: -400, max: 400 }), (day, days) => {
      assert.ok(isDay(day));
      assert.equal(dayToNumber(addDays(day, days)) - dayToNumber(day), days);
      assert.equal(addDays(addDays(day, days), -days), day);
    }),
  );
});

test("Monday is 0 and Sunday is 6, before the epoch too", () => {
  assert.equal(weekdayOf("2026-03-02"), 0);
  assert.equal(weekdayOf("2026-03-08"), 6);
  assert.equal(weekdayOf("1970-01-01"), 3);
  assert.equal(weekdayOf("1969-12-29"), 0);
  fc.assert(
    fc.property(someDay, (day) => {
      assert.equal(weekdayOf(addDays(day, 1)), (weekdayOf(day) + 1) % 7);
    }),
  );
});

test("the business day turns at its own midnight, not at UTC's", () => {
  assert.equal(dayOf("2026-03-01T18:29:59.999Z", INDIA), "2026-03-01");
  assert.equal(dayOf("2026-03-01T18:30:00.000Z", INDIA), "2026-03-02");
  assert.equal(dayOf("2026-03-02T04:59:59.999Z", -300), "2026-03-01");
  assert.equal(instantOn("2026-03-02", 0, INDIA), "2026-03-01T18:30:00.000Z");
  assert.equal(instantOn("2026-03-02", 9 * 60 + 15, INDIA), "2026-03-02T03:45:00.000Z");
});

test("a minute of a day lies in that day, in every zone", () => {
  const offset = fc.integer({ min: -12 * 60, max: 14 * 60 });
  fc.assert(
    fc.property(someDay, fc.integer({ min: 0, max: 1439 }), offset, (day, minute, zone) => {
      assert.equal(dayOf(instantOn(day, minute, zone), zone), day);
      assert.equal(
        diffMs(instantOn(addDays(day, 1), minute, zone), instantOn(day, minute, zone)),
        DAY_MS,
      );
    }),
  );
  assert.equal(DAY_MS, 24 * HOUR_MS);
});
