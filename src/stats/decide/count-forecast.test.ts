import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Random, randomFrom } from "../../std/random.ts";
import { computeCountInterval, estimateSwing, forecastCount } from "./count-forecast.ts";

/** Poisson by counting exponential waits; slow and plain. */
function drawPoisson(random: Random, mean: number): number {
  let waited = 0;
  for (let k = 0; ; k++) {
    waited -= Math.log(1 - random.next());
    if (waited > mean) return k;
  }
}

/** A rate factor of mean 1 that is low or high by the same share: its swing is the share squared. */
function drawFactor(random: Random, share: number): number {
  return random.next() < 0.5 ? 1 - share : 1 + share;
}

type Shop = { readonly seen: { count: number; windows: number }; readonly came: number };

function drawShops(seed: number, share: number, shops = 4_000): ReadonlyArray<Shop> {
  const random = randomFrom(seed);
  return Array.from({ length: shops }, () => {
    const rate = 3 + 60 * random.next() ** 2;
    const count = drawPoisson(random, 2 * rate);
    return {
      seen: { count, windows: 2 },
      came: drawPoisson(random, rate * drawFactor(random, share)),
    };
  });
}

test("the interval holds at least the coverage asked for, and one count less holds too little", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.2, max: 400, noNaN: true }),
      fc.double({ min: 1.01, max: 20, noNaN: true }),
      fc.double({ min: 0.5, max: 0.98, noNaN: true }),
      (mean, ratio, coverage) => {
        const variance = mean * ratio;
        const { low, high, mass } = computeCountInterval({ mean, variance }, coverage);
        const chances = tabulate(mean, variance, high + 1);
        const sum = (from: number, to: number) =>
          chances.slice(from, to + 1).reduce((total, chance) => total + chance, 0);
        assert.ok(Math.abs(sum(low, high) - mass) < 1e-9);
        assert.ok(mass >= coverage - 1e-9);
        const tail = (1 - coverage) / 2;
        assert.ok(sum(0, low) > tail - 1e-9, "the lower end is not too low");
        assert.ok(high === 0 || sum(0, high - 1) < 1 - tail + 1e-9, "nor the upper end too high");
      },
    ),
    { seed: 7, numRuns: 300 },
  );
});

/** The textbook way: every chance from the Gamma function, by its logarithm's recursion. */
function tabulate(mean: number, variance: number, length: number): ReadonlyArray<number> {
  const shape = mean ** 2 / (variance - mean);
  const p = shape / (shape + mean);
  const chances: number[] = [];
  let logBinomial = 0;
  for (let k = 0; k < length; k++) {
    chances.push(Math.exp(logBinomial + shape * Math.log(p) + k * Math.log(1 - p)));
    logBinomial += Math.log((shape + k) / (k + 1));
  }
  return chances;
}

test("intervals cover as often as they claim, with luck alone and with swing", () => {
  for (const share of [0, 0.2, 0.4]) {
    const swing = estimateSwing(drawShops(1, share));
    assert.ok(Math.abs(swing - share ** 2) < 0.02, `swing ${swing} where ${share ** 2} is true`);
    let covered = 0;
    let claimed = 0;
    const shops = drawShops(2, share);
    for (const { seen, came } of shops) {
      const { low, high, mass } = computeCountInterval(forecastCount(seen, swing), 0.8);
      if (low <= came && came <= high) covered += 1;
      claimed += mass;
    }
    const off = (covered - claimed) / shops.length;
    assert.ok(Math.abs(off) < 0.03, `off by ${off} with a swing of ${share}`);
  }
});

test("a forecast that ignores a swing covers less often than it claims", () => {
  let covered = 0;
  const shops = drawShops(3, 0.4);
  for (const { seen, came } of shops) {
    const { low, high } = computeCountInterval(forecastCount(seen, 0), 0.8);
    if (low <= came && came <= high) covered += 1;
  }
  assert.ok(covered / shops.length < 0.7);
});

test("nothing seen is not never, and the longer nothing was seen the less is expected", () => {
  const short = forecastCount({ count: 0, windows: 1 }, 0);
  const long = forecastCount({ count: 0, windows: 4 }, 0);
  assert.ok(short.mean > long.mean && long.mean > 0);
  const { low, high, mass } = computeCountInterval(long, 0.8);
  assert.deepEqual([low, high], [0, 1]);
  assert.ok(mass > 0.95);
});

test("a large count is forecast without running out of numbers", () => {
  const { low, high, mass } = computeCountInterval(
    forecastCount({ count: 200_000, windows: 2 }, 0),
    0.8,
  );
  const deviation = Math.sqrt(150_000);
  assert.ok(Math.abs(low - (100_000 - 1.2816 * deviation)) < 10, String(low));
  assert.ok(Math.abs(high - (100_000 + 1.2816 * deviation)) < 10, String(high));
  assert.ok(Math.abs(mass - 0.8) < 0.001);
});
