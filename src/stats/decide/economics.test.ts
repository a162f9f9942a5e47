import assert from "node:assert/strict";
import { test } from "node:test";
import {
  breakEvenReturns,
  contributionPerOrder,
  type Market,
  type OrderEconomics,
  valueOfCodOff,
  valueOfNothing,
  valueOfSpendCut,
} from "./economics.ts";

const order: OrderEconomics = {
  netPrice: 1000,
  goods: 350,
  forward: 75,
  reverse: 75,
  packing: 20,
  receipt: 15,
  writeDownShare: 0.1,
  codFee: 40,
  gatewayFee: 20,
};

function market(codReturns: number, prepaidSwitchShare = 0.25): Market {
  return {
    orders: 1000,
    codShare: 0.65,
    spend: 220_000,
    paidShare: 0.8,
    spendElasticity: 0.7,
    marginalValue: 1.15,
    prepaidSwitchShare,
    codReturns,
    prepaidReturns: 0.06,
  };
}

test("the published contribution per order is reproduced to the paisa", () => {
  assert.equal(contributionPerOrder(order, "prepaid", 0.06).toFixed(2), "489.70");
  assert.equal(contributionPerOrder(order, "cod", 0.28).toFixed(2), "309.20");
  assert.equal(contributionPerOrder(order, "cod", 0.45).toFixed(2), "184.25");
  assert.equal(contributionPerOrder(order, "cod", 0.65).toFixed(2), "37.25");
  assert.equal(breakEvenReturns(order, 220).toFixed(5), "0.40136");
});

test("the published table of options is reproduced to the rupee", () => {
  const table: ReadonlyArray<readonly [number, number, number, number, number, number]> = [
    [0.28, 152_375, 30_971, 78_717, 107_475, 164_017],
    [0.45, 71_158, 30_971, 78_717, 91_231, 102_333],
    [0.65, -24_393, 30_971, 78_717, 72_121, 29_763],
  ];
  for (const [returns, none, off25, off40, exclude, cut40] of table) {
    assertRupees(valueOfNothing(order, market(returns)), none);
    assertRupees(valueOfCodOff(order, market(returns)), off25);
    assertRupees(valueOfCodOff(order, market(returns, 0.4)), off40);
    assertRupees(valueOfSpendCut(order, market(returns), 1), exclude);
    assertRupees(valueOfSpendCut(order, market(returns), 0.4), cut40);
  }
});

function assertRupees(value: number, published: number): void {
  assert(Math.abs(value - published) <= 0.5 + 1e-6, `${value} is not ${published}`);
}

test("a cut of nothing is worth exactly doing nothing", () => {
  const here = market(0.4);
  assert.equal(valueOfSpendCut(order, here, 0), valueOfNothing(order, here));
});
