import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CONTRACT,
  createFacts,
  createSignal,
  ECONOMICS,
  paymentRows,
  type Rise,
} from "../../../test/kit/marketing.ts";
import { computeGrossValue } from "../../stats/decide/option-value.ts";
import { computeHandBackGain, listCandidates } from "./candidate.ts";
import { type GeoRisk, readRisk } from "./risk.ts";
import { DRAWS, drawBeliefs, drawWorlds, ratesOf, tabulateRates } from "./world.ts";

const BELIEFS = drawBeliefs(ECONOMICS);

function riskOf(rise: Rise): GeoRisk {
  const reading = readRisk(createSignal(rise));
  assert(reading.kind === "read");
  return reading.risk;
}

function meanOf(values: Iterable<number>): number {
  const all = [...values];
  return all.reduce((sum, value) => sum + value, 0) / all.length;
}

test("the rise is real in as many worlds as the signal is confident", () => {
  for (const confidence of [0.7, 0.9, 1]) {
    const worlds = drawWorlds(BELIEFS, riskOf({ rate: 0.5, confidence }), createFacts());
    const real = worlds.filter(({ now, usual }) => now.codContribution !== usual.codContribution);
    assert(Math.abs(real.length / DRAWS - confidence) < 0.01, `${real.length / DRAWS}`);
  }
});

test("rates lean on the expected rate by the weight of the prior, and less the more is counted", () => {
  const meanAt = (trials: number, prior: number) => {
    const { now } = tabulateRates(riskOf({ trials, rate: 0.5, baseline: 0.1 }), prior);
    assert(now.kind === "whole");
    return meanOf(now.whole);
  };
  // (50 + 40 x 0.1) / (95 + 40): 5 of 100 outcomes are not known yet.
  assert(Math.abs(meanAt(100, 40) - 54 / 135) < 2e-3, `${meanAt(100, 40)}`);
  assert(meanAt(1_000, 40) > meanAt(100, 40));
  assert(meanAt(100, 1) > meanAt(100, 40));
});

test("shipments whose outcome is not known are not counted as delivered", () => {
  assert.equal(riskOf({ trials: 100, rate: 0.2 }).whole.trials, 95);
  // Never fewer than have failed.
  assert.equal(riskOf({ trials: 100, rate: 1 }).whole.trials, 100);
});

test("a payment mode that is there twice is not believed", () => {
  const rows = paymentRows(
    { trials: 200, rate: 0.45, baselineRate: 0.24 },
    { trials: 120, rate: 0.1, baselineRate: 0.09 },
  );
  assert(riskOf({ split: rows }).byPayment);
  assert.equal(riskOf({ split: [...rows, ...rows.slice(0, 1)] }).byPayment, undefined);
});

test("a split by payment moves the rate that it says, and leaves the other as usual", () => {
  const split = paymentRows(
    { trials: 400, rate: 0.5, baselineRate: 0.24 },
    { trials: 400, rate: 0.08, baselineRate: 0.08 },
  );
  const worlds = drawWorlds(BELIEFS, riskOf({ split, confidence: 1 }), createFacts());
  const fall = (of: "codContribution" | "prepaidContribution") =>
    meanOf(worlds.map(({ now, usual }) => usual[of] - now[of]));
  assert(fall("codContribution") > 8_000, `${fall("codContribution")}`);
  assert(Math.abs(fall("prepaidContribution")) < 1_000, `${fall("prepaidContribution")}`);
});

test("without a split the COD rate is the prepaid rate times the ratio, and both make the whole", () => {
  const table = { kind: "whole", whole: Float64Array.from([0.2]) } as const;
  const { cod, prepaid } = ratesOf(table, 0, 0, 0.6, 3);
  assert(Math.abs(cod - 3 * prepaid) < 1e-12);
  assert(Math.abs(0.6 * cod + 0.4 * prepaid - 0.2) < 1e-12);
});

test("money moved out of a place that has most of the spend earns less than out of a small one", () => {
  const [candidate] = listCandidates("exclude_geo", CONTRACT, riskOf({ rate: 0.5 }), ECONOMICS);
  assert(candidate);
  const gainWhen = (all: number) => {
    const facts = createFacts({ spendPerDayAll: { amountMinor: all, currency: "INR" } });
    const worlds = drawWorlds(BELIEFS, riskOf({ rate: 0.5 }), facts);
    return meanOf(worlds.map((world) => candidate.gainPerDay(world, world.now)));
  };
  assert(gainWhen(20 * 19_000 * 1.5) < gainWhen(20_000 * 19_000));
});

test("handing back is worth the mended share of the loss, from the day it is mended", () => {
  const risk = riskOf({ rate: 0.4, owner: "address", confidence: 1 });
  const worlds = drawWorlds(BELIEFS, risk, createFacts());
  const { standingDays, mendDays } = ECONOMICS.decision;
  for (const world of worlds.slice(0, 20)) {
    const lost = Math.max(0, computeGrossValue(world.usual) - computeGrossValue(world.now));
    const expected = world.inputs.mendShare * lost * (standingDays - mendDays);
    assert(Math.abs(computeHandBackGain(world, risk, ECONOMICS) - expected) < 1e-6);
    assert.equal(computeHandBackGain(world, { ...risk, owner: "demand" }, ECONOMICS), 0);
  }
});
