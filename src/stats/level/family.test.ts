import assert from "node:assert/strict";
import { test } from "node:test";
import { logGamma } from "../detect/beta-binomial.ts";
import { AMOUNTS, chooseFamily, COUNTS, NUMBERS } from "./family.ts";

/** Negative binomial probability of `y` at mean `mu` and variance mu + alpha mu^2, straight from its law. */
function probability(y: number, mu: number, alpha: number): number {
  const r = 1 / alpha;
  return Math.exp(
    logGamma(y + r) -
      logGamma(r) -
      logGamma(y + 1) +
      r * Math.log(r / (r + mu)) +
      y * Math.log(mu / (r + mu)),
  );
}

test("the ratio of counts is that of two negative binomials of one size", () => {
  for (const alpha of [0.02, 0.2, 1.5]) {
    for (const y of [0, 1, 7, 40]) {
      const direct = Math.log(probability(y, 15, alpha) / probability(y, 10, alpha));
      const ratio = COUNTS.logRatio(y, { mean: 10, spread: alpha }, 15);
      assert.ok(Math.abs(ratio - direct) < 1e-9, `${y} at ${alpha}: ${ratio} and ${direct}`);
    }
  }
});

test("without overdispersion it is Poisson's, and becomes it as the overdispersion goes", () => {
  const poisson = COUNTS.logRatio(12, { mean: 8, spread: 0 }, 11);
  assert.ok(Math.abs(poisson - (12 * Math.log(11 / 8) - 3)) < 1e-12);
  assert.ok(Math.abs(COUNTS.logRatio(12, { mean: 8, spread: 2e-6 }, 11) - poisson) < 1e-4);
});

test("the negative binomial's moments are those that the family says", () => {
  const [mu, alpha] = [6, 0.3];
  let [mean, square] = [0, 0];
  for (let y = 0; y < 400; y++) {
    mean += y * probability(y, mu, alpha);
    square += y * y * probability(y, mu, alpha);
  }
  assert.ok(Math.abs(mean - mu) < 1e-9);
  assert.ok(Math.abs(square - mean ** 2 - COUNTS.variance(mu, alpha)) < 1e-7);
});

test("a bet on more counts pays at most 1 on average when nothing has changed, and when they are fewer", () => {
  for (const truth of [10, 9, 5]) {
    let paid = 0;
    for (let y = 0; y < 500; y++) {
      const llr = COUNTS.logRatio(y, { mean: 10, spread: 0.1 }, 16);
      paid += probability(y, truth, 0.1) * Math.exp(llr);
    }
    assert.ok(paid <= 1 + 1e-9, `pays ${paid} at ${truth}`);
  }
});

test("the ratio of numbers is that of two normal densities", () => {
  const density = (x: number, mean: number, sd: number) => -((x - mean) ** 2) / (2 * sd ** 2);
  const ratio = NUMBERS.logRatio(7, { mean: 4, spread: 2.5 }, 9);
  assert.ok(Math.abs(ratio - (density(7, 9, 2.5) - density(7, 4, 2.5))) < 1e-12);
});

test("overdispersion is read from squared misses by moments, never below nothing", () => {
  const means = 100 * 10;
  const meanSquares = 100 * 100;
  assert.equal(COUNTS.spreadOf({ squares: means + 0.2 * meanSquares, means, meanSquares }), 0.2);
  assert.equal(COUNTS.spreadOf({ squares: 0.5 * means, means, meanSquares }), 0);
});

test("whole numbers are counts, long-tailed positive ones amounts, the rest numbers", () => {
  assert.equal(chooseFamily([0, 3, 12]).name, "counts");
  assert.equal(chooseFamily([0.5, 300, 12, 7_000]).name, "amounts");
  assert.equal(chooseFamily([99.5, 101, 100.2]).name, "numbers");
  assert.equal(chooseFamily([-3, 200.5]).name, "numbers");
  assert.ok(Math.abs(AMOUNTS.fromScale(AMOUNTS.toScale(812.5)) - 812.5) < 1e-9);
});
