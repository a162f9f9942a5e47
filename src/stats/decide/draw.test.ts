import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { randomFrom } from "../../std/random.ts";
import { quantileOfSorted, summariseValues } from "./distribution.ts";
import { computeNormalQuantile, drawRanks, tabulateBeta, tabulateRange } from "./draw.ts";
import { computeVarianceShares } from "./sensitivity.ts";

test("every slice of every dimension is used exactly once, and the same seed draws the same", () => {
  const ranks = drawRanks(randomFrom(7), 64, 5);
  for (const dimension of ranks) {
    assert.deepEqual(
      [...dimension].sort((a, b) => a - b),
      Array.from({ length: 64 }, (_, i) => i),
    );
  }
  assert.deepEqual(drawRanks(randomFrom(7), 64, 5), ranks);
  assert.notDeepEqual(drawRanks(randomFrom(8), 64, 5), ranks);
});

test("a Beta table has the mean and variance of the Beta", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1, max: 300, noNaN: true }),
      fc.double({ min: 1, max: 300, noNaN: true }),
      (alpha, beta) => {
        const table = tabulateBeta(alpha, beta, 512);
        const mean = table.reduce((sum, p) => sum + p, 0) / 512;
        const variance = table.reduce((sum, p) => sum + (p - mean) ** 2, 0) / 512;
        const whole = alpha + beta;
        assert(Math.abs(mean - alpha / whole) < 2e-3, `mean ${mean}`);
        const expected = (alpha * beta) / (whole ** 2 * (whole + 1));
        assert(Math.abs(Math.sqrt(variance / expected) - 1) < 0.03, `variance ${variance}`);
      },
    ),
    { numRuns: 60 },
  );
});

test("a Beta table agrees with quantiles known in closed form", () => {
  // Beta(1, b) has the quantile 1 - (1-u)^(1/b), Beta(a, 1) has u^(1/a).
  for (const shape of [1, 2, 5, 20]) {
    const falling = tabulateBeta(1, shape, 101);
    const rising = tabulateBeta(shape, 1, 101);
    for (const k of [5, 25, 50, 75, 95]) {
      const u = (k + 0.5) / 101;
      assert(Math.abs(falling[k]! - (1 - (1 - u) ** (1 / shape))) < 2e-3);
      assert(Math.abs(rising[k]! - u ** (1 / shape)) < 2e-3);
    }
  }
});

test("a range table passes through its three points, bends in the middle and stops at the bounds", () => {
  const table = tabulateRange({ value: 0.3, low: 0.2, high: 0.6 }, { min: 0, max: 1 }, 2_000);
  assert(Math.abs(table[1_000]! - 0.3) < 1e-3);
  assert(Math.abs(table[100]! - 0.2) < 2e-3);
  assert(Math.abs(table[1_900]! - 0.6) < 4e-3);
  const bounded = tabulateRange({ value: 0.9, low: 0.5, high: 1 }, { min: 0, max: 1 }, 2_000);
  assert.equal(bounded.at(-1), 1);
  const known = tabulateRange({ value: 5, low: 5, high: 5 }, { min: 0, max: 10 }, 9);
  assert.deepEqual(
    [...known],
    Array.from({ length: 9 }, () => 5),
  );
});

test("normal quantiles are those of the tables", () => {
  for (const [u, z] of [
    [0.5, 0],
    [0.9, 1.28155],
    [0.975, 1.95996],
    [0.01, -2.32635],
  ] as const) {
    assert(Math.abs(computeNormalQuantile(u) - z) < 4.5e-4);
  }
});

test("a summary agrees with counting", () => {
  const summary = summariseValues(Float64Array.from([3, -1, 4, -1, 5]));
  assert.equal(summary.mean, 2);
  assert.equal(summary.p50, 3);
  assert.equal(summary.probabilityBetter, 0.6);
  assert.equal(quantileOfSorted(Float64Array.from([0, 10]), 0.25), 2.5);
});

test("the input that moves the value most comes first, and one that moves nothing is not named", () => {
  const inputs = (["a", "b", "c"] as const).map((name) => ({ name, values: [0, 1, 2] }));
  const shares = computeVarianceShares(inputs, (name, value) => {
    const a = name === "a" ? value : 1;
    const b = name === "b" ? value : 1;
    return 3 * a + b;
  });
  assert.deepEqual(
    shares.map(({ name, share }) => [name, Number(share.toFixed(6))]),
    [
      ["a", 0.9],
      ["b", 0.1],
    ],
  );
  assert.deepEqual(
    computeVarianceShares(inputs, () => 1),
    [],
  );
});
