import assert from "node:assert/strict";
import { test } from "node:test";
import {
  computeEnds,
  computeLogMarginal,
  computeOpenShare,
  learnLaneLaws,
  learnLaneWeight,
  learnWholeLaws,
  readLaw,
  stretchLaw,
  WEIGHT_GRID,
} from "./laws.ts";
import type { DelayLaws } from "./laws.ts";

const LAW = [0.1, 0.4, 0.8, 1];
const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);

test("a law is 0 before age 0, 1 from its last age on, and a line between days", () => {
  near(readLaw(LAW, -1), 0);
  near(readLaw(LAW, -0.5), 0.05);
  near(readLaw(LAW, 1), 0.4);
  near(readLaw(LAW, 1.5), 0.6);
  near(readLaw(LAW, 99), 1);
});

test("one in a hundred orders stays open for ever, in either law", () => {
  near(computeOpenShare(LAW, -1), 1);
  near(computeOpenShare(LAW, 1), 0.01 + 0.99 * 0.6);
  near(computeOpenShare(LAW, 99), 0.01);
});

test("a law stretched by two is known half as soon", () => {
  const slow = stretchLaw(LAW, 2);
  near(slow[1]!, LAW[0]!);
  near(slow[3]!, LAW[1]!);
  stretchLaw(LAW, 1).forEach((share, age) => near(share, LAW[age]!));
});

test("too few ends teach no law", () => {
  assert.equal(learnWholeLaws({ bad: [20, 29], good: [100, 300] }), undefined);
  assert.equal(learnWholeLaws({ bad: [20, 40], good: [100, 99] }), undefined);
  assert.deepEqual(learnWholeLaws({ bad: [20, 60], good: [100, 300] }), {
    bad: [0.25, 1],
    good: [0.25, 1],
  });
});

test("a lane with no ends has the whole's laws, one with many its own, one between lies between", () => {
  const whole: DelayLaws = { bad: LAW, good: LAW };
  const none = { bad: [0, 0, 0, 0], good: [0, 0, 0, 0] };
  learnLaneLaws(none, whole, 100).good.forEach((share, age) => near(share, LAW[age]!));
  const many = { bad: [0, 0, 0, 1e9], good: [1e9, 0, 0, 0] };
  assert.ok(learnLaneLaws(many, whole, 100).good[0]! > 0.999);
  const some = { bad: [0, 0, 0, 0], good: [100, 0, 0, 0] };
  near(learnLaneLaws(some, whole, 100).good[0]!, (100 + 10) / 200);
});

test("orders lost from sight leave a law as it is", () => {
  // 100 orders; half of those open after age 0 are seen no more; the rest end as before.
  const seen = computeEnds([
    { atRisk: 100, ended: [10, 30] },
    { atRisk: 30, ended: [10, 20] },
  ]);
  near(seen.bad[0]! / (seen.bad[0]! + seen.bad[1]!), 10 / 30);
  near(seen.good[0]! / (seen.good[0]! + seen.good[1]!), 30 / 70);
});

test("the likelihood of lanes is Polya's urn, drawn ball by ball", () => {
  const counts = [2, 0, 3, 1];
  const weight = 30;
  let [drawn, expected] = [0, 0];
  counts.forEach((count, age) => {
    const share = LAW[age]! - (LAW[age - 1] ?? 0);
    for (let ball = 0; ball < count; ball++) {
      expected += Math.log((weight * share + ball) / (weight + drawn));
      drawn += 1;
    }
  });
  near(computeLogMarginal(counts, LAW, weight), expected);
});

test("lanes that move alike lean on the whole as far as they can, lanes that differ hardly", () => {
  const alike = { bad: [10, 30, 40, 20], good: [40, 120, 160, 80] };
  const whole = learnWholeLaws(alike)!;
  assert.equal(learnLaneWeight([alike, alike, alike], whole), WEIGHT_GRID.at(-1));
  const fast = { bad: [80, 20, 0, 0], good: [320, 80, 0, 0] };
  const slow = { bad: [0, 0, 20, 80], good: [0, 0, 80, 320] };
  assert.equal(learnLaneWeight([fast, slow, fast, slow], whole), WEIGHT_GRID[0]);
});
