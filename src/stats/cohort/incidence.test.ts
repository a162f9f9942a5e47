import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFrom } from "../../std/random.ts";
import { computeIncidence, tabulateAges } from "./incidence.ts";
import type { SeenCohort } from "./incidence.ts";

const near = (actual: number | undefined, expected: number, within = 1e-12) => {
  assert.ok(Math.abs(actual! - expected) <= within, `${actual} is not ${expected}`);
};

test("a hand-worked example: two cohorts, one of them cut off at age 1", () => {
  // 10 orders seen to age 2 and 10 to age 1; outcome 0 is failed, outcome 1 delivered.
  const rows = tabulateAges(
    [
      {
        age: 2,
        size: 10,
        ended: [
          [1, 2, 1],
          [2, 1, 2],
        ],
      },
      {
        age: 1,
        size: 10,
        ended: [
          [1, 0],
          [2, 3],
        ],
      },
    ],
    2,
  );
  assert.deepEqual(rows, [
    { atRisk: 20, ended: [2, 4] },
    { atRisk: 14, ended: [2, 4] },
    { atRisk: 4, ended: [1, 2] },
  ]);
  const { open, ended } = computeIncidence(rows);
  // S: 14/20; x 8/14; x 1/4. F_failed: 2/20; + 0.7 x 2/14; + 0.4 x 1/4.
  [0.7, 0.4, 0.1].forEach((value, age) => near(open[age], value));
  [0.1, 0.2, 0.3].forEach((value, age) => near(ended[0]![age], value));
  [0.2, 0.4, 0.6].forEach((value, age) => near(ended[1]![age], value));
  // Among the ended, 6 of 15 failed; of all, once the young cohort is over, 30% will have.
  near(rows.reduce((sum, row) => sum + row.ended[0]!, 0) / 15, 1 / 3);
});

test("where nothing is cut off it is the plain share, with the binomial's deviation", () => {
  const size = 50;
  const ended = [
    [3, 0, 7, 2],
    [10, 8, 0, 15],
  ];
  const {
    open,
    ended: curves,
    deviation,
  } = computeIncidence(tabulateAges([{ age: 3, size, ended }], 2));
  for (const [j, curve] of curves.entries()) {
    let count = 0;
    for (const [age, share] of curve.entries()) {
      count += ended[j]![age]!;
      near(share, count / size);
      near(deviation[j]![age], Math.sqrt(((count / size) * (1 - count / size)) / size));
    }
  }
  near(open.at(-1), 5 / 50);
});

test("outcomes and open orders always sum to one, also where nobody is at risk", () => {
  const { open, ended } = computeIncidence([
    { atRisk: 4, ended: [1, 1] },
    { atRisk: 0, ended: [0, 0] },
    { atRisk: 2, ended: [1, 1] },
  ]);
  open.forEach((share, age) => near(share + ended[0]![age]! + ended[1]![age]!, 1));
});

test("young cohorts pooled with old ones bias neither share, and the deviation is the real one", () => {
  // 20% fail, at ages 0 to 2; deliveries take 2 to 6 days. Cohorts of every age from 0 to 9 are seen.
  const random = randomFrom(11, "incidence");
  const estimates: number[] = [];
  let claimed = 0;
  for (let round = 0; round < 400; round++) {
    const cohorts: SeenCohort[] = [];
    for (let age = 0; age < 10; age++) {
      const ended = [new Array<number>(10).fill(0), new Array<number>(10).fill(0)];
      for (let order = 0; order < 30; order++) {
        const failed = random.next() < 0.2;
        const at = failed ? Math.floor(random.next() * 3) : 2 + Math.floor(random.next() * 5);
        if (at <= age) ended[failed ? 0 : 1]![at]! += 1;
      }
      cohorts.push({ age, size: 30, ended });
    }
    const { ended, deviation } = computeIncidence(tabulateAges(cohorts, 2));
    estimates.push(ended[0]!.at(-1)!);
    claimed += deviation[0]!.at(-1)! / 400;
  }
  const mean = estimates.reduce((sum, value) => sum + value, 0) / 400;
  const spread = Math.sqrt(estimates.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 399);
  near(mean, 0.2, 0.003);
  near(claimed / spread, 1, 0.1);
});

test("a cohort cannot end more orders than it had", () => {
  assert.throws(() => tabulateAges([{ age: 0, size: 1, ended: [[1], [1]] }], 2));
});
