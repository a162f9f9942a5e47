/**
 * What a cohort alarm says of itself: since which cohort, how much, and how much of it is known.
 */
import { clip, computeDesignEffect, logistic, logit, normalCdf } from "../detect/beta-binomial.ts";
import { shrinkRise } from "../detect/finding.ts";
import type { Interval } from "../detect/finding.ts";
import { DETECTOR_DEFAULTS } from "../detect/settings.ts";
import type { DelayLaws } from "./laws.ts";
import { estimateRate } from "./likelihood.ts";
import type { Tally } from "./likelihood.ts";

const Z95 = 1.96;

export type CohortFinding = {
  readonly subject: string;
  /** First cohort of the change, and the day read last; whole days since 1970. */
  readonly changeDay: number;
  readonly day: number;
  /** Orders since the change; of them bad and good so far. */
  readonly orders: number;
  readonly bad: number;
  readonly good: number;
  /** Failure rate since the change, those still open allowed for, with its 95% interval. */
  readonly rate: Interval;
  /** Rate that was expected of the same orders, with its 95% interval. */
  readonly baseline: Interval;
  /** Rise above the baseline, shrunk, with its 95% interval; rate points 0..1. */
  readonly size: Interval;
  /** Share of the outcomes since the change expected known, and the share that is; 0..1. */
  readonly maturity: number;
  readonly knownShare: number;
  readonly evidence: number;
  readonly bar: number;
  /** 0..1: probability of a change whose lasting rise is material. */
  readonly confidence: number;
};

export type CohortFindingInput = {
  readonly subject: string;
  readonly changeDay: number;
  readonly day: number;
  /** The cohorts since the change. */
  readonly tallies: ReadonlyArray<Tally>;
  /** `undefined` when all the cohorts are over. */
  readonly laws: DelayLaws | undefined;
  /** Failures expected of their orders. */
  readonly expected: number;
  /** Standard error of the baseline's logit. */
  readonly error: number;
  readonly evidence: number;
  readonly bar: number;
  readonly rho: number;
  readonly maturityMin: number;
};

const ALL_KNOWN: DelayLaws = { bad: [1], good: [1] };

/** `undefined` below the maturity that it takes. */
export function computeCohortFinding(input: CohortFindingInput): CohortFinding | undefined {
  const { tallies, laws, maturityMin, changeDay, day, error, evidence, bar } = input;
  const bad = tallies.reduce((sum, tally) => sum + tally.bad, 0);
  const good = tallies.reduce((sum, tally) => sum + tally.good, 0);
  const orders = tallies.reduce((sum, tally) => sum + tally.open, bad + good);
  if (orders === 0) return undefined;
  const perDay = orders / (day - changeDay + 1);
  const designEffect = computeDesignEffect(perDay, input.rho);
  const seen = estimateRate(tallies, laws ?? ALL_KNOWN, { maturityMin, designEffect });
  if (seen.kind === "too-young") return undefined;
  const expected = clip(input.expected / orders, 0.001, 0.999);
  const size = shrinkRise({
    rise: seen.rate - expected,
    variance: ((seen.high - seen.low) / (2 * Z95)) ** 2 + (error * expected * (1 - expected)) ** 2,
    priorDeviation: DETECTOR_DEFAULTS.riseDeviation,
  });
  const odds = DETECTOR_DEFAULTS.breakPerDay * evidence;
  const material = normalCdf((size.mean - DETECTOR_DEFAULTS.materialRise) / size.deviation);
  return {
    subject: input.subject,
    changeDay,
    day,
    orders,
    bad,
    good,
    rate: { mean: seen.rate, low: seen.low, high: seen.high },
    baseline: {
      mean: expected,
      low: logistic(logit(expected) - Z95 * error),
      high: logistic(logit(expected) + Z95 * error),
    },
    size: {
      mean: size.mean,
      low: size.mean - Z95 * size.deviation,
      high: size.mean + Z95 * size.deviation,
    },
    maturity: seen.maturity,
    knownShare: seen.knownShare,
    evidence,
    bar,
    confidence: (odds / (1 + odds)) * material,
  };
}
