import assert from "node:assert/strict";
import { test } from "node:test";
import { logistic, logit } from "../detect/beta-binomial.ts";
import { addDayEffect, computeShift, OVER, readDayEffect, SHIFT_MAX } from "./day-effect.ts";
import { computeOpenShare } from "./laws.ts";
import type { DelayLaws } from "./laws.ts";
import { computeLogLikelihood } from "./likelihood.ts";

const LAWS: DelayLaws = { bad: [0, 0.1, 0.3, 0.7, 1], good: [0.2, 0.6, 0.9, 1, 1] };
const near = (actual: number, expected: number, within: number) =>
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected}`);

for (const age of [0, 1, 2, 3]) {
  const shares = {
    bad: computeOpenShare(LAWS.bad, age),
    good: computeOpenShare(LAWS.good, age),
  };

  test(`age ${age}: the slope is that of the likelihood, by finite differences`, () => {
    const tally = { age, bad: 3, good: 7, open: 5 };
    const at = (eta: number) => computeLogLikelihood(tally, LAWS, logistic(eta));
    const slope = (at(logit(0.2) + 1e-5) - at(logit(0.2) - 1e-5)) / 2e-5;
    near(readDayEffect(tally, 0.2, shares).slope, slope, 1e-6);
  });

  test(`age ${age}: at the true rate the slope is 0 on average, and its variance the information`, () => {
    const p = 0.2;
    const one = (bad: number, good: number, open: number) =>
      readDayEffect({ bad, good, open }, p, shares);
    const fates = [
      { chance: p * (1 - shares.bad), effect: one(1, 0, 0) },
      { chance: (1 - p) * (1 - shares.good), effect: one(0, 1, 0) },
      { chance: p * shares.bad + (1 - p) * shares.good, effect: one(0, 0, 1) },
    ];
    near(
      fates.reduce((sum, { chance, effect }) => sum + chance * effect.slope, 0),
      0,
      1e-12,
    );
    const variance = fates.reduce((sum, { chance, effect }) => sum + chance * effect.slope ** 2, 0);
    near(fates[0]!.effect.information, variance, 1e-12);
  });
}

test("the move is that of the others, shrunk by its error, and a subject never moves itself", () => {
  const one = readDayEffect({ bad: 300, good: 700, open: 0 }, 0.2, OVER);
  const all = { slope: 0, information: 0 };
  for (let subject = 0; subject < 20; subject++) addDayEffect(all, one);
  const shift = computeShift(all, one, -SHIFT_MAX);
  const step = (19 * 100) / (19 * 160 + 25);
  near(shift, step - 1 / Math.sqrt(19 * 160 + 25), 1e-9);
  assert.equal(computeShift(one, one, -SHIFT_MAX), 0);
  const wild = { slope: 1e6, information: 1e3 };
  assert.equal(computeShift(wild, NOTHING, -SHIFT_MAX), SHIFT_MAX);
  assert.equal(computeShift({ slope: -1e6, information: 1e3 }, NOTHING, 0), 0);
});

const NOTHING = { slope: 0, information: 0 };
