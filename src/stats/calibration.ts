/**
 * Is a confidence honest? Of everything said with 0.8, about 80 in 100 must have come true.
 *
 * As with a weather forecaster: group the forecasts by what was said, and compare with how often it
 * rained. Three views of the same pairs of (confidence, came true):
 *
 *   reliability   per band of confidence: its mean, the share that came true, with Wilson's interval
 *   ECE           the bands' distances, weighted by their counts (Naeini, Cooper and Hauskrecht 2015)
 *   Brier score   mean of (confidence - truth) squared (Brier 1950); lower is better
 *
 * A band is called off only when its interval lies beyond the tolerance altogether: with twenty
 * signals a share of 0.7 does not refute a confidence of 0.85.
 * Left out: the ECE of few pairs is biased upwards (noise adds up, it does not cancel); its interval,
 * by bootstrap, carries the same bias. It is reported; the verdict rests on the bands.
 */
import { assert } from "../std/assert.ts";
import { integerBetween, type Random } from "../std/random.ts";

/** What was said, 0..1, and whether it came true. */
export type Scored = { readonly confidence: number; readonly cameTrue: boolean };

export type Band = {
  /** `from <= confidence < to`; the last one includes its end. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mean confidence in the band. */
  readonly confidence: number;
  /** Share that came true, with its 95% interval. */
  readonly share: number;
  readonly low: number;
  readonly high: number;
};

export type Estimate = { readonly mean: number; readonly low: number; readonly high: number };

export type Calibration = {
  readonly scored: number;
  /** Bands that hold anything, in rising order. */
  readonly bands: ReadonlyArray<Band>;
  readonly expectedError: Estimate;
  readonly brier: Estimate;
};

export type BandVerdict = "within" | "too-few" | "overconfident" | "underconfident";

const BANDS = 10;
const Z95 = 1.96;
const RESAMPLES = 400;
/** Below this, a band that is not refuted is not called good either. */
export const BAND_COUNT_MIN = 20;

export function computeCalibration(pairs: ReadonlyArray<Scored>, random: Random): Calibration {
  for (const { confidence } of pairs) {
    assert(confidence >= 0 && confidence <= 1, "a confidence lies between 0 and 1");
  }
  if (pairs.length === 0) return { scored: 0, bands: [], expectedError: NONE, brier: NONE };
  const errors: number[] = [];
  const briers: number[] = [];
  for (let i = 0; i < RESAMPLES; i++) {
    const again = pairs.map(() => pairs[integerBetween(random, 0, pairs.length)]!);
    errors.push(computeExpectedError(again));
    briers.push(computeBrier(again));
  }
  return {
    scored: pairs.length,
    bands: computeBands(pairs),
    expectedError: { mean: computeExpectedError(pairs), ...intervalOf(errors) },
    brier: { mean: computeBrier(pairs), ...intervalOf(briers) },
  };
}

const NONE: Estimate = { mean: 0, low: 0, high: 0 };

export function computeBands(pairs: ReadonlyArray<Scored>): ReadonlyArray<Band> {
  const groups = Array.from({ length: BANDS }, (): Scored[] => []);
  for (const pair of pairs) groups[bandOf(pair.confidence)]!.push(pair);
  return groups.flatMap((group, i) => {
    if (group.length === 0) return [];
    const came = group.filter(({ cameTrue }) => cameTrue).length;
    return [
      {
        from: i / BANDS,
        to: (i + 1) / BANDS,
        count: group.length,
        confidence: meanOf(group.map(({ confidence }) => confidence)),
        share: came / group.length,
        ...computeWilson(came, group.length),
      },
    ];
  });
}

/** The epsilon keeps 0.7 in the band from 0.7, whatever 0.7 * 10 is in binary. */
function bandOf(confidence: number): number {
  return Math.min(BANDS - 1, Math.floor(confidence * BANDS + 1e-9));
}

/** Wilson's 95% score interval for `came` of `count` (Wilson 1927); count > 0. */
export function computeWilson(
  came: number,
  count: number,
): { readonly low: number; readonly high: number } {
  assert(count > 0 && came >= 0 && came <= count, "a share of something");
  const share = came / count;
  const z2 = Z95 ** 2 / count;
  const middle = (share + z2 / 2) / (1 + z2);
  const half = (Z95 * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count))) / (1 + z2);
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

function computeExpectedError(pairs: ReadonlyArray<Scored>): number {
  return computeBands(pairs).reduce(
    (sum, { count, share, confidence }) =>
      sum + (count / pairs.length) * Math.abs(share - confidence),
    0,
  );
}

function computeBrier(pairs: ReadonlyArray<Scored>): number {
  return meanOf(pairs.map(({ confidence, cameTrue }) => (confidence - Number(cameTrue)) ** 2));
}

function meanOf(values: ReadonlyArray<number>): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function intervalOf(values: ReadonlyArray<number>): Omit<Estimate, "mean"> {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  return { low: at(0.025), high: at(0.975) };
}

/** Is the band off by more than `tolerance`, as far as its count can tell? */
export function judgeBand(band: Band, tolerance: number): BandVerdict {
  if (band.high < band.confidence - tolerance) return "overconfident";
  if (band.low > band.confidence + tolerance) return "underconfident";
  const isNear = Math.abs(band.share - band.confidence) <= tolerance;
  return band.count >= BAND_COUNT_MIN && isNear ? "within" : "too-few";
}
