import assert from "node:assert/strict";
import { test } from "node:test";
import { computeDesignEffect, computeLogMarginal, raiseRate } from "../detect/beta-binomial.ts";
import { closeCohort, computeBar, newClosedEvidence, startWalk, walkCohort } from "./evidence.ts";
import { COHORT_DEFAULTS, parseCohortSettings } from "./settings.ts";

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= 1e-9 * Math.abs(expected), `${actual}: ${expected}`);

const cohort = (day: number, ratio: number) => ({
  day,
  ratios: [ratio],
  orders: 20,
  bad: 5,
  expected: 3.6,
});

test("evidence is the sum over every first cohort of the product of all ratios from it on", () => {
  const ratios = [0.4, -1.2, 0.9, 2.5, -0.3, 1.1];
  let sum = 0;
  for (let first = 0; first < ratios.length; first++) {
    sum += Math.exp(ratios.slice(first).reduce((all, ratio) => all + ratio, 0));
  }
  const closed = newClosedEvidence(1);
  ratios.slice(0, 4).forEach((ratio, day) => closeCohort(closed, cohort(day, ratio)));
  const walk = startWalk(closed, 0);
  ratios.slice(4).forEach((ratio, at) => walkCohort(walk, 4 + at, ratio));
  near(walk.evidence, sum);
});

test("the change is dated to the first cohort of the likeliest run, closed or open", () => {
  const run = (ratios: ReadonlyArray<number>, closedCount: number) => {
    const closed = newClosedEvidence(1);
    ratios.slice(0, closedCount).forEach((ratio, day) => closeCohort(closed, cohort(day, ratio)));
    const walk = startWalk(closed, 0);
    ratios.slice(closedCount).forEach((r, at) => walkCohort(walk, closedCount + at, r));
    return { since: walk.sinceDay, orders: closed.sinceOrders[0] };
  };
  assert.deepEqual(run([1, -2, 1, 1], 4), { since: 2, orders: 40 });
  assert.deepEqual(run([1, -2, 1, 1], 3), { since: 2, orders: 20 });
  assert.deepEqual(run([1, -2, 1, 1], 1), { since: 2, orders: 20 });
  assert.deepEqual(run([1, -2], 1), { since: -1, orders: 20 });
});

test("three cohorts can never alarm from nothing, whatever they hold", () => {
  const closed = newClosedEvidence(1);
  for (let day = 0; day < 3; day++) closeCohort(closed, cohort(day, COHORT_DEFAULTS.cap));
  assert.ok(closed.evidence[0]! < COHORT_DEFAULTS.evidenceFloor);
  assert.throws(() => parseCohortSettings({ cap: 4 }));
});

test("a bet is worth at most 1 on average under the null, days as different as rho allows", () => {
  const { rho, cap, rises } = COHORT_DEFAULTS;
  const logChoose = (n: number, k: number) => {
    let sum = 0;
    for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i);
    return sum;
  };
  let worst = 0;
  for (const n of [1, 2, 5, 10, 20, 50, 100, 200]) {
    const effect = computeDesignEffect(n, rho);
    for (const p of [0.03, 0.07, 0.18, 0.3, 0.5]) {
      for (const rise of rises) {
        const p1 = raiseRate(p, rise);
        let mean = 0;
        for (let k = 0; k <= n; k++) {
          const ratio = k * Math.log(p1 / p) + (n - k) * Math.log((1 - p1) / (1 - p));
          const chance = logChoose(n, k) + computeLogMarginal(n, k, p, (1 - rho) / rho);
          mean += Math.exp(chance + Math.min(ratio / effect, cap));
        }
        worst = Math.max(worst, mean);
      }
    }
  }
  // Dividing by the design effect is exact to second order only; the third is worth under 1%.
  assert.ok(worst < 1.01, String(worst));
  assert.ok(worst > 0.99, String(worst));
});

test("e-BH: the bar falls as more stand together, and never below the floor", () => {
  const alpha = 0.01;
  assert.equal(computeBar([1, 2, 3], alpha, 1), Infinity);
  assert.equal(computeBar([1, 1, 400], alpha, 1), 300);
  // Alone 200 is short of 300; two of 200 pass at 150.
  assert.equal(computeBar([1, 1, 200], alpha, 1), Infinity);
  assert.equal(computeBar([1, 200, 200], alpha, 1), 150);
  assert.equal(computeBar([1, 200, 200], alpha, 180), 180);
});
