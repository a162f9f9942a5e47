/**
 * What a cohort says of its failure rate before all its outcomes are known.
 *
 * Of a young cohort the quick outcomes are known, and the rate among them is wrong in whichever
 * direction the quick ones lie. But each order still open speaks too: at an age by which nearly all
 * deliveries are known it is probably a failure. With failure rate p and laws G1 (bad), G0 (good)
 * an order is, at age a: known to be bad with p G1(a), known to be good with (1-p) G0(a), open with
 * p S1(a) + (1-p) S0(a), S = 1 - G. Hence for `bad`, `good` and `open` orders
 *
 *   ln L(p) = bad ln p + good ln (1-p) + open ln (p S1(a) + (1-p) S0(a)) + terms without p.
 *
 * It is the product over days of the steps P(bad at a | open at a-1) = p f1(a) / Z and so on, whose
 * denominators cancel; so it matters what is known, not in which order or how late it came.
 *
 * Left out: that laws are learned, not known. Delays that change are looked for apart (delays.ts).
 */
import { assert } from "../../std/assert.ts";
import { clip } from "../detect/beta-binomial.ts";
import { computeOpenShare, readLaw } from "./laws.ts";
import type { DelayLaws } from "./laws.ts";

/** Orders of one cohort at the end of the day on which it is `age` days old. */
export type Tally = {
  readonly age: number;
  readonly bad: number;
  readonly good: number;
  readonly open: number;
};

export function computeLogLikelihood(tally: Tally, laws: DelayLaws, p: number): number {
  const { age, bad, good, open } = tally;
  const open1 = computeOpenShare(laws.bad, age);
  const open0 = computeOpenShare(laws.good, age);
  return bad * Math.log(p) + good * Math.log(1 - p) + open * Math.log(p * open1 + (1 - p) * open0);
}

/** 0..1: share of a cohort's outcomes to be expected known at `age`, if `rate` of them are bad. */
export function computeMaturity(laws: DelayLaws, age: number, rate: number): number {
  return rate * readLaw(laws.bad, age) + (1 - rate) * readLaw(laws.good, age);
}

export type RateReading =
  | {
      readonly kind: "rate";
      readonly rate: number;
      readonly low: number;
      readonly high: number;
      /** Share of the outcomes expected known, and the share that is. */
      readonly maturity: number;
      readonly knownShare: number;
    }
  /** Too little can be known yet for any rate to be stated. */
  | { readonly kind: "too-young"; readonly maturity: number; readonly knownShare: number };

export type RateOptions = {
  /** Below this maturity nothing is said, 0..1. */
  readonly maturityMin?: number;
  /** By what orders of a day count less than independent ones (1 + (n-1) rho), 1 or more. */
  readonly designEffect?: number;
};

/** Below it the answer rests on the laws more than on the orders. */
export const MATURITY_MIN = 0.6;
/** Half of the 95% point of chi-squared with one degree of freedom. */
const INTERVAL_DROP = 1.920729;
const RATE_EDGE = 1e-9;

/**
 * The rate under which what is known is likeliest, with its 95% likelihood interval (Wilks): all
 * rates whose ln L is within 1.92 of the best. ln L is concave in p, so both are found by halving.
 */
export function estimateRate(
  tallies: ReadonlyArray<Tally>,
  laws: DelayLaws,
  options: RateOptions = {},
): RateReading {
  const { maturityMin = MATURITY_MIN, designEffect = 1 } = options;
  const orders = tallies.reduce((sum, { bad, good, open }) => sum + bad + good + open, 0);
  assert(orders > 0, "a rate is of at least one order");
  const logLikelihood = (p: number) =>
    tallies.reduce((sum, tally) => sum + computeLogLikelihood(tally, laws, p), 0) / designEffect;
  const slope = (p: number) =>
    tallies.reduce((sum, { age, bad, good, open }) => {
      const open1 = computeOpenShare(laws.bad, age);
      const open0 = computeOpenShare(laws.good, age);
      return (
        sum + bad / p - good / (1 - p) + (open * (open1 - open0)) / (p * open1 + (1 - p) * open0)
      );
    }, 0);
  const rate = halve((p) => slope(p) < 0, RATE_EDGE, 1 - RATE_EDGE);
  const known = tallies.reduce((sum, { bad, good }) => sum + bad + good, 0);
  const expected = tallies.reduce(
    (sum, { age, bad, good, open }) => sum + (bad + good + open) * computeMaturity(laws, age, rate),
    0,
  );
  const [maturity, knownShare] = [expected / orders, known / orders];
  if (maturity < maturityMin) return { kind: "too-young", maturity, knownShare };
  const floor = logLikelihood(rate) - INTERVAL_DROP;
  return {
    kind: "rate",
    rate: clip(rate, 0, 1),
    low: halve((p) => logLikelihood(p) > floor, RATE_EDGE, rate),
    high: halve((p) => logLikelihood(p) < floor, rate, 1 - RATE_EDGE),
    maturity,
    knownShare,
  };
}

/** Where `isBeyond` turns true between `low` and `high`. */
function halve(isBeyond: (p: number) => boolean, low: number, high: number): number {
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (isBeyond(middle)) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}
