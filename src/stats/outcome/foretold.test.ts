import assert from "node:assert/strict";
import { test } from "node:test";
import { compareForetold, shrinkRatio } from "./foretold.ts";

const row = (foretold: number, estimate: number, variance = 1) => ({
  foretold,
  seen: { estimate, variance },
});

function near(seen: number, wanted: number, within = 1e-3): void {
  assert(Math.abs(seen - wanted) <= within, `${seen} is not ${wanted}`);
}

test("two actions by hand: the ratio, its error and its bands", () => {
  const { ratio, standardError, bands } = compareForetold([row(-2, -1.5), row(-1, -0.5)]);
  near(ratio, 0.7);
  near(standardError, Math.sqrt(1 / 5));
  assert.deepEqual(bands, [
    { count: 1, foretold: -2, seen: -1.5 },
    { count: 1, foretold: -1, seen: -0.5 },
  ]);
});

test("rows that scatter more than their variances widen the interval, as Birge has it", () => {
  // ratio 0, scatter 8 over one degree, whole 2
  near(compareForetold([row(1, 2), row(1, -2)]).standardError, Math.sqrt(8 / 2));
});

test("a ratio is drawn half way to 1 where the prior knows as much as the rows", () => {
  const { mean, low, high, evidence } = shrinkRatio({ ratio: 0.7, standardError: 0.1 }, 0.1);
  near(mean, 0.85);
  near(high - mean, 0.1386);
  near(mean - low, 0.1386);
  near(evidence, Math.SQRT1_2 * Math.exp(2.25));
});
