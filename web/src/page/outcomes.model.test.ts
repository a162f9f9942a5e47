import assert from "node:assert/strict";
import { test } from "node:test";
import type { OptionLesson } from "../../../src/stats/outcome/lesson.ts";
import { sumWorth } from "./outcomes.model.ts";

const OPTION: OptionLesson = {
  option: "lower_bid",
  verdicts: { helped: 1, "no-effect": 0, harmed: 0, undetermined: 0 },
  pooled: null,
  avoided: { count: 100, interval: [40, 160] },
  worth: { amountMinor: 50_000, interval: [20_000, 80_000] },
  waiting: { days5: 30, days14: 80 },
  foretold: null,
};

test("worth of options is added up with its interval, and a wait loses its share of failures in money", () => {
  const worth = sumWorth([OPTION, { ...OPTION, option: "exclude_geo" }]);
  assert.equal(worth?.amountMinor, 100_000);
  const [low, high] = worth?.interval ?? [0, 0];
  // Apart from each other, so narrower than twice as wide.
  assert(low > 40_000 && high < 160_000 && Math.abs(low + high - 200_000) < 1);
  assert.deepEqual(worth?.lost, { days5Minor: 30_000, days14Minor: 80_000 });
});

test("what could not be priced is left out, and nothing priced is nothing told", () => {
  const unpriced = { ...OPTION, worth: null };
  assert.equal(sumWorth([unpriced]), undefined);
  assert.equal(sumWorth([OPTION, unpriced])?.amountMinor, 50_000);
  assert.equal(sumWorth([{ ...OPTION, waiting: null }])?.lost, null);
});
