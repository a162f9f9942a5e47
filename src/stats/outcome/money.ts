/**
 * What an effect is worth, with its interval. Amounts are in minor units of one currency.
 *
 * An RTO that is avoided on an order that still ships saves its cost and earns the margin of a
 * delivery. An order that is no longer taken saves the cost of the RTO that it might have been, and
 * loses the margin of the delivery that it might have been. So leaving orders out pays only where the
 * RTO rate is above margin / (margin + cost): 54% at a cost of 210 and a margin of 250, 32% at a
 * margin of 100. The rate meant is that of RTO, never of NDR.
 *
 * Products of two uncertain numbers take their variance exactly, for independent ones (Goodman 1960,
 * eq. 2).
 */
import { assert } from "../../std/assert.ts";

export type Uncertain = { readonly mean: number; readonly deviation: number };

export type OrderEconomics = {
  /** Freight both ways, packing, damage: what one RTO costs. */
  readonly costOfRtoMinor: number;
  /** What one delivered order leaves, before marketing. */
  readonly marginMinor: number;
};

export type MoneyEffect = {
  readonly amountMinor: number;
  /** 90%. */
  readonly interval: readonly [lowMinor: number, highMinor: number];
};

const Z_90 = 1.6448536269514722;

/** `rateChange` is the change of the RTO rate (-0.03: three points fewer) on `orders` that shipped. */
export function valueRateChange(
  rateChange: Uncertain,
  orders: number,
  { costOfRtoMinor, marginMinor }: OrderEconomics,
): MoneyEffect {
  assert(orders >= 0, "orders are not negative");
  const each = orders * (costOfRtoMinor + marginMinor);
  return toMoney({ mean: -rateChange.mean * each, deviation: rateChange.deviation * each });
}

/**
 * `ordersLost` were not taken because of the action; `rtoRate` is what they would have had (probes).
 */
export function valueOrdersLost(
  ordersLost: Uncertain,
  rtoRate: Uncertain,
  { costOfRtoMinor, marginMinor }: OrderEconomics,
): MoneyEffect {
  const each = {
    mean: rtoRate.mean * costOfRtoMinor - (1 - rtoRate.mean) * marginMinor,
    deviation: rtoRate.deviation * (costOfRtoMinor + marginMinor),
  };
  return toMoney(multiply(ordersLost, each));
}

/** RTO rate above which an order is better not taken, 0..1. */
export function computeBreakEvenRate({ costOfRtoMinor, marginMinor }: OrderEconomics): number {
  assert(costOfRtoMinor + marginMinor > 0, "an order has a cost or a margin");
  return marginMinor / (marginMinor + costOfRtoMinor);
}

/** Effects on different orders, measured apart. */
export function addMoney(parts: ReadonlyArray<MoneyEffect>): MoneyEffect {
  const half = Math.sqrt(
    parts.reduce((sum, { interval: [low, high] }) => sum + ((high - low) / 2) ** 2, 0),
  );
  const amountMinor = parts.reduce((sum, part) => sum + part.amountMinor, 0);
  return {
    amountMinor,
    interval: [Math.round(amountMinor - half), Math.round(amountMinor + half)],
  };
}

function multiply(a: Uncertain, b: Uncertain): Uncertain {
  const variance =
    (a.mean * b.deviation) ** 2 + (b.mean * a.deviation) ** 2 + (a.deviation * b.deviation) ** 2;
  return { mean: a.mean * b.mean, deviation: Math.sqrt(variance) };
}

function toMoney({ mean, deviation }: Uncertain): MoneyEffect {
  const round = (amount: number) => Math.round(amount) + 0;
  return {
    amountMinor: round(mean),
    interval: [round(mean - Z_90 * deviation), round(mean + Z_90 * deviation)],
  };
}
