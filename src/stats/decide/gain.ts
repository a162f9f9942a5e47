/**
 * What each option would gain over doing nothing, as a distribution over what we do not know.
 *
 * Unknown are the failure rate (the signal's posterior), how many failures come back as returns, how
 * orders follow spend, what money earns elsewhere, and how many COD buyers would pay ahead. Each has a
 * range with its source in the settings and is uniform within it, which is the less confident choice;
 * only the failure rate, of which there is evidence, is likelier in the middle.
 */
import { assert } from "../../std/assert.ts";
import { haltonPoints, normalQuantile, type Summary, summarise } from "./draws.ts";
import {
  grossValue,
  type Market,
  type OrderEconomics,
  valueOfCodOff,
  valueOfNothing,
  valueOfSpendCut,
} from "./economics.ts";

/** A uniform prior, low <= high. */
export type Prior = { readonly low: number; readonly high: number };

export type Unknowns = {
  readonly returnsPerFailure: Prior;
  readonly paidShare: Prior;
  readonly spendElasticity: Prior;
  readonly marginalValue: Prior;
  readonly prepaidSwitchShare: Prior;
};

export type Situation = {
  readonly order: OrderEconomics;
  readonly unknowns: Unknowns;
  /** Over the days the action would stand. */
  readonly orders: number;
  readonly spend: number;
  readonly codShare: number;
  /** Failure rate of first attempts: mean and standard deviation of its posterior, 0..1. */
  readonly failureRate: { readonly mean: number; readonly deviation: number };
  /** COD failure rate over prepaid failure rate. */
  readonly codToPrepaidRatio: number;
};

export type Choice =
  | { readonly kind: "spend-cut"; readonly cut: number; readonly switchingCost: number }
  | { readonly kind: "cod-off" };

export const DRAWS = 256;
const DIMENSIONS = 6;
const POINTS = haltonPoints(DRAWS, DIMENSIONS);
const MIDDLE: ReadonlyArray<number> = Array.from({ length: DIMENSIONS }, () => 0.5);

/** Gain over doing nothing in the situation's money unit, one number per possible world. */
export function drawGains(situation: Situation, choice: Choice): ReadonlyArray<number> {
  return drawMarkets(situation).map((market) => gainOf(situation.order, market, choice));
}

export function summariseGain(situation: Situation, choice: Choice): Summary {
  return summarise(drawGains(situation, choice));
}

/**
 * Contribution given up if the failure rate were exactly `rate`, at the middle of every prior: orders
 * that would not come, at what they would have earned. Spend that is saved is not set against it, so
 * this is the most that a wrong choice forgoes. Never negative.
 */
export function forgoneAtRate(situation: Situation, choice: Choice, rate: number): number {
  const { order } = situation;
  const market = marketOf(situation, MIDDLE, rate);
  const gross = grossValue(order, market);
  if (choice.kind === "cod-off") {
    return Math.max(0, gross - market.spend - valueOfCodOff(order, market));
  }
  const { paidShare, spendElasticity } = market;
  return Math.max(0, gross * paidShare * (1 - (1 - choice.cut) ** spendElasticity));
}

/**
 * Which unknown moves the gain most: the spread between its low and high end, all others in the middle.
 * Names are those of `Unknowns`, and `failureRate`.
 */
export function findLargestUnknown(situation: Situation, choice: Choice): string {
  const names = ["failureRate", ...UNKNOWN_NAMES];
  let largest = { name: names[0] ?? "", spread: -1 };
  names.forEach((name, dimension) => {
    const at = (u: number) => {
      const point = names.map((_, d) => (d === dimension ? u : 0.5));
      return gainOf(situation.order, marketOf(situation, point, rateOf(situation, point)), choice);
    };
    const spread = Math.abs(at(0.95) - at(0.05));
    if (spread > largest.spread) largest = { name, spread };
  });
  return largest.name;
}

const UNKNOWN_NAMES = [
  "returnsPerFailure",
  "paidShare",
  "spendElasticity",
  "marginalValue",
  "prepaidSwitchShare",
] as const;

function drawMarkets(situation: Situation): ReadonlyArray<Market> {
  return POINTS.map((point) => marketOf(situation, point, rateOf(situation, point)));
}

/** Normal on the logit scale with the posterior's mean and, by the delta method, its deviation. */
function rateOf({ failureRate }: Situation, point: ReadonlyArray<number>): number {
  const mean = Math.min(0.97, Math.max(0.005, failureRate.mean));
  const deviation = failureRate.deviation / (mean * (1 - mean));
  const x = Math.log(mean / (1 - mean)) + deviation * normalQuantile(point[0] ?? 0.5);
  return 1 / (1 + Math.exp(-x));
}

function marketOf(situation: Situation, point: ReadonlyArray<number>, rate: number): Market {
  const { codShare, codToPrepaidRatio, unknowns, orders, spend } = situation;
  assert(codToPrepaidRatio > 0, "a ratio of rates is above zero");
  const within = (name: (typeof UNKNOWN_NAMES)[number]) => {
    const { low, high } = unknowns[name];
    return low + (high - low) * (point[1 + UNKNOWN_NAMES.indexOf(name)] ?? 0.5);
  };
  // rate = s c + (1-s) c/ratio, solved for the COD rate c.
  const codRate = Math.min(0.97, rate / (codShare + (1 - codShare) / codToPrepaidRatio));
  const returns = within("returnsPerFailure");
  return {
    orders,
    spend,
    codShare,
    paidShare: within("paidShare"),
    spendElasticity: within("spendElasticity"),
    marginalValue: within("marginalValue"),
    prepaidSwitchShare: within("prepaidSwitchShare"),
    codReturns: returns * codRate,
    prepaidReturns: (returns * codRate) / codToPrepaidRatio,
  };
}

function gainOf(order: OrderEconomics, market: Market, choice: Choice): number {
  const nothing = valueOfNothing(order, market);
  return choice.kind === "cod-off"
    ? valueOfCodOff(order, market) - nothing
    : valueOfSpendCut(order, market, choice.cut) - nothing - choice.switchingCost;
}
