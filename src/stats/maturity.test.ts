import assert from "node:assert/strict";
import { test } from "node:test";
import {
  computeCompleteness,
  computeHorizon,
  isMature,
  lastMatureDay,
  learnOutcomeAges,
  readCohort,
} from "./maturity.ts";

const rule = { horizonDays: 14, knownShareMin: 0.95 };

test("a cohort is mature from exactly the horizon on", () => {
  assert.equal(isMature("2022-06-13", "2022-06-26", 14), false);
  assert.equal(isMature("2022-06-13", "2022-06-27", 14), true);
  assert.equal(lastMatureDay("2022-06-27", 14), "2022-06-13");
});

test("a young cohort is not read even when all that is open looks closed", () => {
  assert.deepEqual(readCohort({ day: "2022-06-20", known: 10, total: 10 }, "2022-06-27", rule), {
    kind: "too-young",
    knownShare: 1,
    readableFrom: "2022-07-04",
  });
});

test("an old cohort whose feed is late is not read", () => {
  const reading = readCohort({ day: "2022-05-01", known: 94, total: 100 }, "2022-06-27", rule);
  assert.deepEqual(reading, { kind: "too-few-known", knownShare: 0.94 });
  const complete = readCohort({ day: "2022-05-01", known: 95, total: 100 }, "2022-06-27", rule);
  assert.equal(complete.kind, "readable");
});

test("completeness at an age is the share of outcomes that mature cohorts knew by then", () => {
  const ages = learnOutcomeAges([0, 10, 40, 30, 15, 5], 100);
  assert.ok(ages);
  assert.equal(computeCompleteness(ages, -1), 0);
  assert.equal(computeCompleteness(ages, 2), 0.5);
  assert.equal(computeCompleteness(ages, 2.9), 0.5);
  assert.equal(computeCompleteness(ages, 40), 1);
  assert.equal(computeHorizon(ages, 0.95), 4);
  assert.equal(computeHorizon(ages, 1), 5);
});

test("too few outcomes teach no age distribution", () => {
  assert.equal(learnOutcomeAges([3, 4, 5]), undefined);
});
