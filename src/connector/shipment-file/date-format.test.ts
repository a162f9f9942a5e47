import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addDays } from "../../std/time.ts";
import {
  compileDateFormat,
  createDateReader,
  findAmbiguity,
  type DateFormat,
} from "./date-format.ts";

function compiled(text: string): DateFormat {
  const format = compileDateFormat(text);
  assert.ok(typeof format !== "string", String(format));
  return format;
}

const KNOWN = [
  "MM-DD-YY",
  "MM-DD-YYYY",
  "DD-MM-YY",
  "DD/MM/YYYY",
  "D/M/YYYY",
  "M/D/YYYY",
  "YYYY-MM-DD",
  "YY-MM-DD",
  "YYYYMMDD",
  "DDMMYYYY",
  "D MMM YYYY",
  "YYYY-MM-DDTHH:mm:ss",
  "DD.MM.YY HH:mm",
].map(compiled);

test("what a format writes it reads back as the same day", () => {
  fc.assert(
    fc.property(fc.constantFrom(...KNOWN), fc.nat(36_523), (format, n) => {
      const day = addDays("2000-01-01", n);
      assert.equal(format.parse(format.write(day)), day);
    }),
  );
});

test("no two formats that pass the check read one text as two days", () => {
  const format = fc.constantFrom(...KNOWN);
  const pairs = new Set<string>();
  fc.assert(
    fc.property(format, format, fc.nat(36_523), (a, b, n) => {
      if (findAmbiguity([a, b]) !== undefined) return;
      pairs.add(`${a.text} ${b.text}`);
      const day = addDays("2000-01-01", n);
      assert.ok([undefined, day].includes(b.parse(a.write(day))));
    }),
    { numRuns: 2000 },
  );
  assert.ok(pairs.size > 20);
});

test("month-first beside day-first is ambiguous, two lengths of year are not", () => {
  assert.equal(findAmbiguity([compiled("MM-DD-YY"), compiled("MM-DD-YYYY")]), undefined);
  const found = findAmbiguity([compiled("MM-DD-YY"), compiled("DD-MM-YY")]);
  assert.ok(found !== undefined);
  assert.notEqual(found.dayA, found.dayB);
});

test("a day that the calendar lacks is not a date", () => {
  const read = createDateReader([compiled("MM-DD-YY"), compiled("MM-DD-YYYY")]);
  assert.deepEqual(read("02-29-24"), { day: "2024-02-29", format: "MM-DD-YY" });
  assert.equal(read("02-29-2023"), undefined);
  assert.equal(read("2-9-23"), undefined);
  assert.equal(read("02-28-23 "), undefined);
  assert.equal(compiled("YYYY-MM-DDTHH:mm:ss").parse("2022-04-30T24:00:00"), undefined);
});

test("a format without a day, with a zone or with digits that run together is refused in words", () => {
  assert.equal(
    compileDateFormat("MM-YYYY"),
    "date format `MM-YYYY` needs one year, one month and one day",
  );
  assert.equal(compileDateFormat("YYYY-MM-DDZ"), "`Z` in date format `YYYY-MM-DDZ` has no meaning");
  assert.equal(
    compileDateFormat("DMYYYY"),
    "`DM` in date format `DMYYYY` does not say where one ends",
  );
});
