import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { randomFrom } from "../../src/std/random.ts";
import { binomial, normalQuantile, pick, poissonAt } from "./draw.ts";

const uniform = fc.double({ min: 0.001, max: 0.999, noNaN: true });
const mean = fc.double({ min: 0.01, max: 400, noNaN: true });

describe("draws", () => {
  it("give no smaller a Poisson count for more luck or a larger mean, but for one at rounding", () => {
    fc.assert(
      fc.property(uniform, uniform, mean, mean, (u1, u2, m1, m2) => {
        const [low, high] = [Math.min(u1, u2), Math.max(u1, u2)];
        const [small, large] = [Math.min(m1, m2), Math.max(m1, m2)];
        return (
          poissonAt(low, small) <= poissonAt(high, small) &&
          poissonAt(low, small) <= poissonAt(low, large) + 1
        );
      }),
    );
  });

  it("have the mean and the variance of a Poisson below and above the approximation's border", () => {
    for (const expected of [0.4, 7, 59, 61, 200]) {
      const counts = Array.from({ length: 10_000 }, (_, i) =>
        poissonAt((i + 0.5) / 10_000, expected),
      );
      const average = counts.reduce((sum, count) => sum + count, 0) / counts.length;
      const variance =
        counts.reduce((sum, count) => sum + (count - average) ** 2, 0) / counts.length;
      assert.ok(
        Math.abs(average - expected) < 0.01 * expected + 0.01,
        `mean ${average} of ${expected}`,
      );
      assert.ok(
        Math.abs(variance - expected) < 0.03 * expected + 0.02,
        `variance ${variance} of ${expected}`,
      );
    }
  });

  it("know the normal quantiles to three digits", () => {
    for (const [u, z] of [
      [0.5, 0],
      [0.9, 1.2816],
      [0.975, 1.96],
      [0.001, -3.0902],
    ] as const) {
      assert.ok(Math.abs(normalQuantile(u) - z) < 5e-4, `${u}`);
    }
  });

  it("keep the luck of the first trials when there are fewer of them", () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(40), fc.nat(40), uniform, (seed, few, more, p) => {
        const k = binomial(randomFrom(seed), few, p);
        const all = binomial(randomFrom(seed), few + more, p);
        return k <= all && all <= k + more;
      }),
    );
  });

  it("pick in proportion to weights, and never what weighs nothing", () => {
    const random = randomFrom(1);
    const counts = [0, 0, 0];
    for (let i = 0; i < 9_000; i++) {
      const index = pick(random, [2, 0, 1]);
      counts[index] = (counts[index] ?? 0) + 1;
    }
    assert.equal(counts[1], 0);
    assert.ok(Math.abs((counts[0] ?? 0) - 6_000) < 200, `${counts[0]}`);
  });
});
