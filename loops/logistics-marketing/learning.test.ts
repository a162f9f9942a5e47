import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case } from "../../src/core/case/types.ts";
import type { Json } from "../../src/std/canonical-json.ts";
import { ECONOMICS } from "../../test/kit/marketing.ts";
import { leftAfterConfirmation } from "../../twin/company/failure.ts";
import { TRUTH } from "../../twin/company/settings.ts";
import { createLearning } from "./learning.ts";

const { inputs } = ECONOMICS;
const learning = createLearning({
  ...ECONOMICS,
  inputs: {
    ...inputs,
    confirmationReduction: { ...inputs.confirmationReduction, value: TRUTH.confirmationReduction },
    confirmationCancelled: { ...inputs.confirmationCancelled, value: TRUTH.confirmationCancelled },
  },
});

function foretell(option: string, payload: Json, parameters: Json = {}) {
  const of = { signal: { payload }, action: { intervention: { option, parameters } } };
  return learning.foretellEffect(of as unknown as Case);
}

const near = (seen: number | undefined, wanted: number) => {
  assert(Math.abs((seen ?? NaN) - wanted) < 1e-12, `${seen} is not ${wanted}`);
};

test("a confirmation is foretold as the simulated company has it", () => {
  for (const rate of [0.12, 0.3, 0.5]) {
    const returned = rate * (1 - inputs.recovery.value);
    const left = (1 - TRUTH.confirmationCancelled) * rate * leftAfterConfirmation(returned);
    const foretold = foretell("confirm_orders", { measure: { rate }, exposure: { codShare: 1 } });
    near(foretold?.effect, left - rate);
    near((foretold?.effect ?? 0) - (foretold?.fixed ?? 0), -rate * TRUTH.confirmationReduction);
  }
});

test("more is not foretold than fails: all of it where hardly anything comes back", () => {
  const payload = { measure: { rate: 0.03 }, exposure: { codShare: 1 } };
  const foretold = foretell("confirm_orders", payload);
  near(foretold?.effect, -0.03);
  near(foretold?.fixed, -0.03);
});

test("cash orders fail more than those paid in advance, and only they are confirmed", () => {
  const payload = { measure: { rate: 0.2 }, exposure: { codShare: 0.5 } };
  const cash = (0.2 * 2 * inputs.codRateRatio.value) / (1 + inputs.codRateRatio.value);
  const { effect = 0, fixed = 0 } = foretell("confirm_orders", payload) ?? {};
  near(effect - fixed, -0.5 * cash * TRUTH.confirmationReduction);
});

test("less advertising takes its share of the failures away; an option without a formula says nothing", () => {
  const payload = { measure: { rate: 0.3 }, exposure: { codShare: 0.6 } };
  const { paidShare, spendElasticity } = inputs;
  const lost = paidShare.value * (1 - 0.1 ** spendElasticity.value);
  const foretold = foretell("exclude_geo", payload, { probeShare: 0.1 });
  near(foretold?.effect, -0.3 * lost);
  assert.equal(foretold?.fixed, 0);
  assert.equal(foretell("prepaid_only", payload), undefined);
  assert.equal(foretell("lower_bid", payload), undefined);
});
