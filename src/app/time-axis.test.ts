import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseTimeFormat, TIME_FORMATS } from "./time-axis.ts";

function read(...labels: string[]): ReadonlyArray<number | undefined> | undefined {
  const format = chooseTimeFormat(labels);
  return format === undefined ? undefined : labels.map((label) => format.parse(label));
}

test("days, weeks, months, quarters and numbers become numbers one step apart, also over a year's end", () => {
  const pairs: ReadonlyArray<[string, string]> = [
    ["2026-12-31", "2027-01-01"],
    ["20261231", "20270101"],
    ["2026/12/31", "2027/01/01"],
    ["2026-12-31T00:00:00Z", "2027-01-01 00:00"],
    ["2026-W53", "2027-W01"],
    ["2025W52", "2026W01"],
    ["2026-12", "2027-01"],
    ["2026-Q4", "2027Q1"],
    ["-1", "0"],
    ["104", "105"],
  ];
  for (const [earlier, later] of pairs) {
    const [a, b] = read(earlier, later) ?? [];
    assert.equal((b ?? NaN) - (a ?? NaN), 1, `${earlier} ${later}`);
  }
});

test("what may be read in two ways, or is no time, is refused", () => {
  for (const label of [
    "05/06/2026",
    "1.2.2026",
    "monday",
    "2026-13",
    "2026-02-30",
    "2025-W53",
    "1e3",
  ]) {
    assert.equal(read(label), undefined, label);
  }
});

test("eight figures are days only where all of them can be", () => {
  assert.equal(chooseTimeFormat(["20260131", "20260201"])?.name, "YYYYMMDD");
  assert.equal(chooseTimeFormat(["20269931", "20269932"])?.name, "whole numbers");
});

test("one label in twenty that is no time does not hide what the others are", () => {
  const labels = Array.from({ length: 19 }, (_, i) => `2026-01-${String(i + 1).padStart(2, "0")}`);
  assert.equal(chooseTimeFormat([...labels, "total"])?.name, TIME_FORMATS[0]?.name);
});
