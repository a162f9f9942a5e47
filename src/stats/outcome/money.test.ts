import assert from "node:assert/strict";
import { test } from "node:test";
import { normal, randomFrom } from "../../std/random.ts";
import { addMoney, computeBreakEvenRate, valueOrdersLost, valueRateChange } from "./money.ts";

const ECONOMICS = { costOfRtoMinor: 21_000, marginMinor: 25_000 };

test("an order is better not taken above an RTO rate of 54% at 210 and 250, of 32% at 210 and 100", () => {
  assert.equal(computeBreakEvenRate(ECONOMICS).toFixed(2), "0.54");
  assert.equal(
    computeBreakEvenRate({ costOfRtoMinor: 21_000, marginMinor: 10_000 }).toFixed(2),
    "0.32",
  );
  const exact = { mean: computeBreakEvenRate(ECONOMICS), deviation: 0 };
  assert.deepEqual(valueOrdersLost({ mean: 300, deviation: 0 }, exact, ECONOMICS), {
    amountMinor: 0,
    interval: [0, 0],
  });
});

test("three points fewer RTO on a thousand orders save thirty times cost and margin", () => {
  const { amountMinor, interval } = valueRateChange(
    { mean: -0.03, deviation: 0.01 },
    1000,
    ECONOMICS,
  );
  assert.equal(amountMinor, 30 * 46_000);
  assert.deepEqual(interval, [
    Math.round((30 - 16.448536269514722) * 46_000),
    Math.round((30 + 16.448536269514722) * 46_000),
  ]);
});

test("what orders lost are worth strays as draws of both numbers do", () => {
  const random = randomFrom(3, "money");
  const [lost, rate] = [
    { mean: 400, deviation: 60 },
    { mean: 0.6, deviation: 0.05 },
  ];
  const draws = Array.from({ length: 40_000 }, () => {
    const p = rate.mean + rate.deviation * normal(random);
    return (lost.mean + lost.deviation * normal(random)) * (p * 21_000 - (1 - p) * 25_000);
  });
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
  const deviation = Math.sqrt(
    draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length,
  );
  const { amountMinor, interval } = valueOrdersLost(lost, rate, ECONOMICS);
  assert.ok(Math.abs(amountMinor / mean - 1) < 0.02);
  assert.ok(Math.abs((interval[1] - interval[0]) / 2 / 1.645 / deviation - 1) < 0.02);
});

test("parts measured apart add up, and their intervals by squares", () => {
  const part = { amountMinor: 100, interval: [70, 130] } as const;
  assert.deepEqual(addMoney([part, part]), { amountMinor: 200, interval: [158, 242] });
});
