import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { computeOpenShare, readLaw } from "./laws.ts";
import type { DelayLaws } from "./laws.ts";
import { computeLogLikelihood, computeMaturity, estimateRate } from "./likelihood.ts";
import type { Tally } from "./likelihood.ts";

/** Failures come late: what RTO scans do. */
const LATE_FAILURES: DelayLaws = {
  bad: [0, 0, 0.05, 0.15, 0.35, 0.6, 0.8, 0.92, 1, 1],
  good: [0, 0.2, 0.5, 0.75, 0.9, 0.97, 1, 1, 1, 1],
};
/** Failures come first: what the public file does. */
const EARLY_FAILURES: DelayLaws = { bad: LATE_FAILURES.good, good: LATE_FAILURES.bad };

type End = { readonly kind: "bad" | "good" | "open"; readonly chance: number };

/** All that one order can have become by `age`, walked day by day with the hazards of the day. */
function walkOrder(laws: DelayLaws, p: number, until: number): End[] {
  const ends: End[] = [];
  let isOpen = 1;
  for (let age = 0; age <= until; age++) {
    const open1 = computeOpenShare(laws.bad, age - 1);
    const open0 = computeOpenShare(laws.good, age - 1);
    const z = p * open1 + (1 - p) * open0;
    const bad = (p * (open1 - computeOpenShare(laws.bad, age))) / z;
    const good = ((1 - p) * (open0 - computeOpenShare(laws.good, age))) / z;
    ends.push({ kind: "bad", chance: isOpen * bad }, { kind: "good", chance: isOpen * good });
    isOpen *= 1 - bad - good;
  }
  return [...ends, { kind: "open", chance: isOpen }];
}

describe("the likelihood of a cohort under way", () => {
  for (const [name, laws] of [
    ["failures late", LATE_FAILURES],
    ["failures first", EARLY_FAILURES],
  ] as const) {
    test(`${name}: it is what enumerating every fate of every order gives, day by day`, () => {
      const [p0, p1, age] = [0.2, 0.35, 3];
      const fates0 = walkOrder(laws, p0, age);
      const fates1 = walkOrder(laws, p1, age);
      const chances = new Map<string, [number, number, Tally]>();
      // Three orders, each through all of its fates; fates of one tally are added up.
      const visit = (orders: number, a: number, b: number, tally: Tally) => {
        if (orders === 0) {
          const key = `${tally.bad}/${tally.good}`;
          const so = chances.get(key) ?? [0, 0, tally];
          chances.set(key, [so[0] + a, so[1] + b, tally]);
          return;
        }
        fates0.forEach(({ kind, chance }, at) => {
          const next = { ...tally, [kind]: tally[kind] + 1 };
          visit(orders - 1, a * chance, b * fates1[at]!.chance, next);
        });
      };
      visit(3, 1, 1, { age, bad: 0, good: 0, open: 0 });
      assert.equal(chances.size, 10);
      let mean = 0;
      for (const [chance0, chance1, tally] of chances.values()) {
        const ratio = Math.exp(
          computeLogLikelihood(tally, laws, p1) - computeLogLikelihood(tally, laws, p0),
        );
        mean += chance0 * ratio;
        if (chance0 < 1e-12) continue;
        assert.ok(Math.abs(chance1 / chance0 / ratio - 1) < 1e-9, JSON.stringify(tally));
      }
      assert.ok(Math.abs(mean - 1) < 1e-9, `under the null the ratio is ${mean} on average`);
    });
  }

  test("when all is known the delays do not matter: it is the binomial's", () => {
    const tally = { age: 4, bad: 3, good: 9, open: 0 };
    const expected = 3 * Math.log(0.3) + 9 * Math.log(0.7);
    for (const laws of [LATE_FAILURES, EARLY_FAILURES]) {
      assert.ok(Math.abs(computeLogLikelihood(tally, laws, 0.3) - expected) < 1e-12);
    }
  });

  test("an order of which nothing is ever heard speaks for no rate", () => {
    const tally = { age: 40, bad: 0, good: 0, open: 5 };
    const [low, high] = [0.1, 0.5].map((p) => computeLogLikelihood(tally, LATE_FAILURES, p));
    assert.ok(Math.abs(low! - high!) < 1e-12);
  });
});

/** What is to be expected of 1,000 orders at a rate, at an age. */
function expectTally(laws: DelayLaws, rate: number, age: number): Tally {
  const bad = Math.round(1_000 * rate * readLaw(laws.bad, age));
  const good = Math.round(1_000 * (1 - rate) * readLaw(laws.good, age));
  return { age, bad, good, open: 1_000 - bad - good };
}

describe("the rate of cohorts under way", () => {
  test("failures that close first: the naive rate reads 39%, the estimate the true 20%", () => {
    const tally = expectTally(EARLY_FAILURES, 0.2, 4);
    assert.equal((tally.bad / (tally.bad + tally.good)).toFixed(2), "0.39");
    const reading = estimateRate([tally], EARLY_FAILURES, { maturityMin: 0.4 });
    assert.equal(reading.kind, "rate");
    if (reading.kind !== "rate") return;
    assert.ok(Math.abs(reading.rate - 0.2) < 0.01, String(reading.rate));
    assert.ok(reading.low < 0.2 && reading.high > 0.2);
  });

  test("failures whose scans come last: the naive rate reads 9%, the estimate the true 20%", () => {
    const tally = expectTally(LATE_FAILURES, 0.2, 4);
    assert.equal((tally.bad / (tally.bad + tally.good)).toFixed(2), "0.09");
    const reading = estimateRate([tally], LATE_FAILURES);
    assert.equal(reading.kind, "rate");
    if (reading.kind !== "rate") return;
    assert.ok(Math.abs(reading.rate - 0.2) < 0.02, String(reading.rate));
  });

  test("below the maturity asked for no rate is stated, however many orders there are", () => {
    const reading = estimateRate([expectTally(EARLY_FAILURES, 0.2, 2)], EARLY_FAILURES);
    assert.equal(reading.kind, "too-young");
    assert.ok(reading.maturity < 0.2 && reading.knownShare < 0.2);
  });

  test("the interval is the likelihood's: 1.92 nats below the best on both sides, by a slow search", () => {
    const tallies = [
      { age: 9, bad: 2, good: 16, open: 0 },
      { age: 3, bad: 1, good: 9, open: 8 },
    ];
    const logLikelihood = (p: number) =>
      tallies.reduce((sum, tally) => sum + computeLogLikelihood(tally, LATE_FAILURES, p), 0);
    const grid = Array.from({ length: 99_999 }, (_, at) => (at + 1) / 100_000);
    const best = grid.reduce((a, b) => (logLikelihood(b) > logLikelihood(a) ? b : a));
    const inside = grid.filter((p) => logLikelihood(p) > logLikelihood(best) - 1.920729);
    const reading = estimateRate(tallies, LATE_FAILURES);
    assert.equal(reading.kind, "rate");
    if (reading.kind !== "rate") return;
    for (const [value, expected] of [
      [reading.rate, best],
      [reading.low, inside[0]!],
      [reading.high, inside.at(-1)!],
    ] as const) {
      assert.ok(Math.abs(value - expected) < 2e-5, `${value} is not ${expected}`);
    }
  });

  test("of a complete cohort with 1 failure in 10 it is the textbook's likelihood interval", () => {
    // Likelihood-ratio interval of 1 success in 10: 0.006 to 0.372.
    const reading = estimateRate([{ age: 9, bad: 1, good: 9, open: 0 }], LATE_FAILURES);
    assert.equal(reading.kind, "rate");
    if (reading.kind !== "rate") return;
    assert.deepEqual(
      [reading.low, reading.rate, reading.high].map((value) => value.toFixed(3)),
      ["0.006", "0.100", "0.372"],
    );
  });

  test("no failure at all still has an upper end, and a design effect widens it", () => {
    const tally = { age: 9, bad: 0, good: 30, open: 0 };
    const plain = estimateRate([tally], LATE_FAILURES);
    const wide = estimateRate([tally], LATE_FAILURES, { designEffect: 2 });
    assert.ok(plain.kind === "rate" && wide.kind === "rate");
    assert.ok(plain.low < 1e-6 && Math.abs(plain.high - (1 - Math.exp(-1.920729 / 30))) < 1e-6);
    assert.ok(wide.high > plain.high * 1.8);
  });

  test("maturity is the share of outcomes that the laws expect known", () => {
    assert.equal(computeMaturity(LATE_FAILURES, -1, 0.2), 0);
    assert.ok(Math.abs(computeMaturity(LATE_FAILURES, 3, 0.2) - (0.2 * 0.15 + 0.8 * 0.75)) < 1e-12);
    assert.equal(computeMaturity(LATE_FAILURES, 30, 0.2), 1);
  });
});
