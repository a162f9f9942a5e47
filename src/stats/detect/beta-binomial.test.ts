import assert from "node:assert/strict";
import { test } from "node:test";
import {
  computeLogLikelihoodRatio,
  computeLogMarginal,
  logGamma,
  normalCdf,
} from "./beta-binomial.ts";

test("the logarithm of the gamma function is that of the factorial", () => {
  let log = 0;
  for (let n = 1; n < 200; n++) {
    assert.ok(Math.abs(logGamma(n) - log) < 1e-12 * Math.max(1, log), `at ${n}`);
    log += Math.log(n);
  }
  assert.ok(Math.abs(logGamma(0.5) - 0.5 * Math.log(Math.PI)) < 1e-14);
});

test("one day's capped likelihood ratio is an e-value under every rate up to the null's", () => {
  let largest = 0;
  for (const n of [1, 2, 7, 25, 80]) {
    for (const p0 of [0.03, 0.1, 0.18, 0.3, 0.5]) {
      for (const rise of [0.05, 0.12, 0.25]) {
        for (const rho of [0.002, 0.01]) {
          for (const truth of [p0, p0 * 0.7]) {
            let expected = 0;
            for (let y = 0; y <= n; y++) {
              const ratio = Math.exp(computeLogLikelihoodRatio(n, y, p0, p0 + rise, rho));
              expected += probability(n, y, truth, rho) * Math.min(ratio, Math.exp(2.5));
            }
            largest = Math.max(largest, expected);
            assert.ok(expected <= 1 + 1e-9, `${expected} at n=${n} p0=${p0} rise=${rise}`);
          }
        }
      }
    }
  }
  // It is spent, not wasted: where the cap does not bite the mean is exactly 1.
  assert.ok(largest > 0.999);
});

test("without the null's overdispersion the ratio is no e-value, which is why rho is rounded up", () => {
  const [n, p0] = [80, 0.18];
  let expected = 0;
  for (let y = 0; y <= n; y++) {
    const ratio = Math.exp(computeLogLikelihoodRatio(n, y, p0, p0 + 0.12, 0.01));
    expected += probability(n, y, p0, 0.05) * ratio;
  }
  assert.ok(expected > 1.2, `${expected}`);
});

test("the normal distribution function is right to seven digits at its landmarks", () => {
  for (const [x, p] of [
    [0, 0.5],
    [1.959964, 0.975],
    [-1.644854, 0.05],
    [3, 0.9986501],
  ] as const) {
    assert.ok(Math.abs(normalCdf(x) - p) < 1e-6);
  }
});

/** P(y) by the definition. */
function probability(n: number, y: number, p: number, rho: number): number {
  const choose = logGamma(n + 1) - logGamma(y + 1) - logGamma(n - y + 1);
  return Math.exp(choose + computeLogMarginal(n, y, p, (1 - rho) / rho));
}
