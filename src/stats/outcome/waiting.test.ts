import assert from "node:assert/strict";
import { test } from "node:test";
import { DAY_MS, HOUR_MS } from "../../std/time.ts";
import { computeWaiting, type WaitRow } from "./waiting.ts";

const ROW: WaitRow = {
  party: "marketing",
  waitedMs: DAY_MS,
  waitedOpenMs: 9 * HOUR_MS,
  answered: true,
  valueMinor: 10_000,
  standingDays: 10,
};

test("a day's wait costs a day's worth of what was agreed to, and never more than all of it", () => {
  const costOf = (change: Partial<WaitRow>) =>
    computeWaiting([{ ...ROW, ...change }])[0]?.costMinor;
  assert.equal(costOf({}), 1_000);
  assert.equal(costOf({ waitedMs: 40 * DAY_MS }), 10_000);
  assert.equal(costOf({ valueMinor: null }), 0);
  assert.equal(costOf({ valueMinor: -500 }), 0);
});

test("where nobody answered, all that was expected is gone, however short the wait", () => {
  const [cost] = computeWaiting([{ ...ROW, waitedMs: HOUR_MS, answered: false }]);
  assert.deepEqual([cost?.costMinor, cost?.unanswered], [10_000, 1]);
});

test("each party's waits are its own, the dearest first", () => {
  const costs = computeWaiting([
    ROW,
    { ...ROW, waitedMs: 3 * DAY_MS },
    { ...ROW, party: "logistics", waitedMs: 5 * DAY_MS },
  ]);
  assert.deepEqual(
    costs.map(({ party, asked, medianMs, slowestMs, costMinor }) => [
      party,
      asked,
      medianMs / DAY_MS,
      slowestMs / DAY_MS,
      costMinor,
    ]),
    [
      ["logistics", 1, 5, 5, 5_000],
      ["marketing", 2, 1, 3, 4_000],
    ],
  );
});
