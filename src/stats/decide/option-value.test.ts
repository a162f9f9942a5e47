import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  computeBreakEvenReturnRate,
  computeContribution,
  computeLossPerReturn,
  computeReturnRate,
  type OrderEconomics,
} from "./contribution.ts";
import {
  type AdResponse,
  computeBudgetValue,
  computeCodOffValue,
  computeConfirmationValue,
  computeExclusionValue,
  computeNetAcquisitionCost,
  computeNothingValue,
  computeRedirectedReturn,
  type Geography,
} from "./option-value.ts";

/** The worked example of the domain note, in rupees. */
const ORDER: OrderEconomics = {
  netPrice: 1_000,
  goods: 350,
  forwardFreight: 75,
  reverseFreight: 75,
  packing: 20,
  receipt: 15,
  writeDownShare: 0.1,
  codFee: 40,
  gatewayFee: 20,
};
const RESPONSE: AdResponse = { paidShare: 0.8, spendElasticity: 0.7, redirectedReturn: 1.15 };
const CONFIRMATION = { reduction: 0.25, cancelledShare: 0.05, costPerOrder: 8 };

function geography(codReturnRate: number): Geography {
  return {
    orders: 1_000,
    codShare: 0.65,
    codContribution: computeContribution(ORDER, "cod", codReturnRate),
    prepaidContribution: computeContribution(ORDER, "prepaid", 0.06),
    spend: 220_000,
  };
}

test("contribution per order, loss per return and break-even are those of the worked example", () => {
  assert.equal(computeContribution(ORDER, "prepaid", 0.06).toFixed(2), "489.70");
  assert.equal(computeContribution(ORDER, "cod", 0.28).toFixed(2), "309.20");
  assert.equal(computeContribution(ORDER, "cod", 0.45).toFixed(2), "184.25");
  assert.equal(computeContribution(ORDER, "cod", 0.65).toFixed(2), "37.25");
  assert.equal(computeLossPerReturn(ORDER), 220);
  assert.equal(computeBreakEvenReturnRate(ORDER, 220).toFixed(5), "0.40136");
});

test("every option of the worked example is worth what the table says, to the rupee", () => {
  const table = [
    {
      cod: 0.28,
      none: 152_375,
      off25: 30_971,
      off40: 78_717,
      out: 107_475,
      cut: 164_017,
      call: 187_767,
    },
    {
      cod: 0.45,
      none: 71_158,
      off25: 30_971,
      off40: 78_717,
      out: 91_231,
      cut: 102_333,
      call: 126_854,
    },
    {
      cod: 0.65,
      none: -24_393,
      off25: 30_971,
      off40: 78_717,
      out: 72_121,
      cut: 29_763,
      call: 55_192,
    },
  ];
  for (const row of table) {
    const at = geography(row.cod);
    assertRupees(computeNothingValue(at), row.none);
    assertRupees(computeCodOffValue(at, 0.25), row.off25);
    assertRupees(computeCodOffValue(at, 0.4), row.off40);
    assertRupees(computeExclusionValue(at, RESPONSE), row.out);
    assertRupees(computeBudgetValue(at, RESPONSE, 0.4), row.cut);
    assertRupees(computeConfirmationValue(at, ORDER, row.cod, CONFIRMATION), row.call);
  }
});

/** The table is printed without paise, and halves were rounded either way. */
function assertRupees(value: number, published: number): void {
  assert(Math.abs(value - published) <= 0.5 + 1e-6, `${value} is not ${published}`);
}

test("at the break-even return rate an order leaves exactly what it cost to win", () => {
  const rate = computeBreakEvenReturnRate(ORDER, 220);
  assert(Math.abs(computeContribution(ORDER, "cod", rate) - 220) < 1e-9);
});

test("COD off beats nothing exactly when the switch share is above CM_c / CM_p", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.9, noNaN: true }), (rate) => {
      const at = geography(rate);
      const border = at.codContribution / at.prepaidContribution;
      assert(computeCodOffValue(at, border + 0.001) > computeNothingValue(at));
      assert(computeCodOffValue(at, border - 0.001) < computeNothingValue(at));
    }),
  );
});

test("a cut of nothing is nothing, and a discount costs what it costs", () => {
  const at = geography(0.45);
  assert.equal(computeBudgetValue(at, RESPONSE, 0), computeNothingValue(at));
  assert.equal(computeCodOffValue(at, 0.3) - computeCodOffValue(at, 0.3, 500), 500);
});

test("moved money earns less the more is moved, never more than kappa nor less than keeping it", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.5, max: 1.5, noNaN: true }),
      fc.double({ min: 0.1, max: 1, noNaN: true }),
      fc.double({ min: 1, max: 1e6, noNaN: true }),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      (redirectedReturn, spendElasticity, moved, elsewhere) => {
        const response = { paidShare: 0.8, spendElasticity, redirectedReturn };
        const earned = computeRedirectedReturn(response, moved, elsewhere);
        assert(earned <= redirectedReturn * moved * (1 + 1e-9));
        assert(earned >= Math.min(redirectedReturn, 1) * moved * (1 - 1e-9));
        const twice = computeRedirectedReturn(response, 2 * moved, elsewhere);
        assert(twice <= 2 * earned * (1 + 1e-9));
      },
    ),
  );
  assert.equal(computeRedirectedReturn(RESPONSE, 100, Infinity).toFixed(9), "115.000000000");
  assert.equal(computeRedirectedReturn(RESPONSE, 100, 0), 100);
});

test("NDR is not RTO: recovered attempts are not returns", () => {
  assert.equal(computeReturnRate(0.4, 0.5), 0.2);
  assert.equal(computeReturnRate(0.4, 1), 0);
});

test("returns make each order that stays sold dearer to win", () => {
  const at = { orders: 1_000, codShare: 0.5, spend: 200_000 };
  assert.equal(computeNetAcquisitionCost(at, 0, 0), 200);
  assert.equal(computeNetAcquisitionCost(at, 0.4, 0.1).toFixed(4), (200_000 / 750).toFixed(4));
  assert.equal(computeNetAcquisitionCost(at, 1, 1), Infinity);
});
