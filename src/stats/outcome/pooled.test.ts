import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { computeMomentSpread, computeSpread, poolEffects } from "./pooled.ts";

/**
 * Thirteen trials of BCG against tuberculosis (Colditz and others 1994): ill and well, with and
 * without.
 */
const BCG: ReadonlyArray<readonly [number, number, number, number]> = [
  [4, 119, 11, 128],
  [6, 300, 29, 274],
  [3, 228, 11, 209],
  [62, 13536, 248, 12619],
  [33, 5036, 47, 5761],
  [180, 1361, 372, 1079],
  [8, 2537, 10, 619],
  [505, 87886, 499, 87892],
  [29, 7470, 45, 7232],
  [17, 1699, 65, 1600],
  [186, 50448, 141, 27197],
  [5, 2493, 3, 2338],
  [27, 16886, 29, 17825],
];

const LOG_RISK_RATIOS = BCG.map(([a, b, c, d]) => ({
  estimate: Math.log(a / (a + b) / (c / (c + d))),
  variance: 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d),
}));

function assertNear(got: number | undefined, expected: number): void {
  assert.ok(Math.abs((got ?? NaN) - expected) < 6e-5, `${got} ${expected}`);
}

test("the thirteen trials of BCG give the published figures (Viechtbauer 2010)", () => {
  assertNear(computeMomentSpread(LOG_RISK_RATIOS), 0.3088);
  assertNear(computeSpread(LOG_RISK_RATIOS), 0.3132);
  const pooled = poolEffects(LOG_RISK_RATIOS, 0.95);
  assertNear(pooled.mean, -0.7145);
  assertNear(pooled.shareOfSpread, 0.9222);
});

test("the interval is Hartung and Knapp's: the plain error times the scatter that is seen", () => {
  const { mean, spread, standardError, interval } = poolEffects(LOG_RISK_RATIOS, 0.95);
  const weights = LOG_RISK_RATIOS.map(({ variance }) => 1 / (variance + spread ** 2));
  // The plain error is published too.
  const plain = 1 / Math.sqrt(weights.reduce((sum, weight) => sum + weight, 0));
  assertNear(plain, 0.1798);
  const scatter = LOG_RISK_RATIOS.reduce(
    (sum, { estimate }, i) => sum + ((weights[i] ?? 0) * (estimate - mean) ** 2) / 12,
    0,
  );
  assertNear(standardError, plain * Math.sqrt(scatter));
  // Student's t of 12 degrees at 0.975, from the table.
  assertNear((interval[1] - interval[0]) / 2, 2.1788 * standardError);
});

const effects = fc.array(
  fc.record({
    estimate: fc.double({ min: -3, max: 3, noNaN: true }),
    variance: fc.double({ min: 0.01, max: 4, noNaN: true }),
  }),
  { minLength: 3, maxLength: 20 },
);

test("the spread is where the restricted likelihood is highest", () => {
  const likelihood = (rows: ReadonlyArray<{ estimate: number; variance: number }>, t: number) => {
    const weights = rows.map(({ variance }) => 1 / (variance + t));
    const whole = weights.reduce((a, b) => a + b, 0);
    const mean = rows.reduce((a, { estimate }, i) => a + (weights[i] ?? 0) * estimate, 0) / whole;
    return rows.reduce(
      (a, { estimate }, i) =>
        a + Math.log(weights[i] ?? 0) / 2 - ((weights[i] ?? 0) * (estimate - mean) ** 2) / 2,
      -Math.log(whole) / 2,
    );
  };
  fc.assert(
    fc.property(effects, (rows) => {
      const spread2 = computeSpread(rows);
      const best = likelihood(rows, spread2);
      for (const factor of [0.9, 1.1]) {
        assert.ok(likelihood(rows, spread2 * factor) <= best + 1e-7);
      }
    }),
    { numRuns: 200 },
  );
});

test("what is seen with more noise is drawn nearer to the mean, and never past it", () => {
  fc.assert(
    fc.property(effects, (rows) => {
      const { mean, shrunk, spread } = poolEffects(rows);
      rows.forEach(({ estimate, variance }, i) => {
        const share = ((shrunk[i]?.estimate ?? NaN) - mean) / (estimate - mean || 1);
        const expected = estimate === mean ? 0 : spread ** 2 / (spread ** 2 + variance);
        assert.ok(Math.abs(share - expected) < 1e-6);
      });
    }),
    { numRuns: 100 },
  );
});
