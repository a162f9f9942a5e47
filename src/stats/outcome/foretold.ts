/**
 * What was foretold of an action against what was seen: 0.8 means that four fifths of it came.
 *
 *   seen_i ~ Normal(ratio * foretold_i, variance_i)
 *
 * by weighted least squares through the origin. Where the rows scatter more than their variances say,
 * the interval widens by Birge's ratio (1932); it never narrows. A setting behind what was foretold has
 * a range of its own, which is the prior of the ratio: Normal(1, deviation^2), so the posterior is drawn
 * towards what stands. `evidence` is that prior against a ratio of exactly 1.
 *
 * Left out: a part of the effect that does not grow with what was foretold.
 */
import { assert } from "../../std/assert.ts";
import type { SeenEffect } from "./pooled.ts";
import { computeStudentQuantile } from "./student.ts";

export type ForetoldRow = { readonly foretold: number; readonly seen: SeenEffect };

export type ForetoldBand = {
  readonly count: number;
  /** Means over the band, weighted by how well each was seen. */
  readonly foretold: number;
  readonly seen: number;
};

export type ForetoldRatio = {
  readonly actions: number;
  readonly ratio: number;
  readonly standardError: number;
  /** 90%. */
  readonly interval: readonly [low: number, high: number];
  /** The rows in up to three groups of like size, by what was foretold. */
  readonly bands: ReadonlyArray<ForetoldBand>;
};

const BANDS = 3;

/** Two rows or more; what is foretold is not 0 in all of them. */
export function compareForetold(rows: ReadonlyArray<ForetoldRow>): ForetoldRatio {
  assert(rows.length >= 2, "two actions or more are compared");
  const sum = (read: (row: ForetoldRow) => number) =>
    rows.reduce((total, row) => total + read(row) / row.seen.variance, 0);
  const whole = sum(({ foretold }) => foretold ** 2);
  assert(whole > 0, "something was foretold");
  const ratio = sum(({ foretold, seen }) => foretold * seen.estimate) / whole;
  const scatter = sum(({ foretold, seen }) => (seen.estimate - ratio * foretold) ** 2);
  const degrees = rows.length - 1;
  const standardError = Math.sqrt(Math.max(1, scatter / degrees) / whole);
  const reach = computeStudentQuantile(0.95, degrees) * standardError;
  return {
    actions: rows.length,
    ratio,
    standardError,
    interval: [ratio - reach, ratio + reach],
    bands: listBands(rows),
  };
}

export type ShrunkRatio = {
  readonly mean: number;
  /** 95%. */
  readonly low: number;
  readonly high: number;
  readonly evidence: number;
};

export function shrinkRatio(
  { ratio, standardError }: Pick<ForetoldRatio, "ratio" | "standardError">,
  priorDeviation: number,
): ShrunkRatio {
  assert(priorDeviation > 0 && standardError > 0, "both have a deviation");
  const [own, prior] = [standardError ** 2, priorDeviation ** 2];
  const trust = prior / (prior + own);
  const mean = 1 + trust * (ratio - 1);
  const reach = 1.96 * Math.sqrt(trust * own);
  const off = (ratio - 1) ** 2;
  const evidence = Math.sqrt(own / (own + prior)) * Math.exp((off / own - off / (own + prior)) / 2);
  return { mean, low: mean - reach, high: mean + reach, evidence };
}

function listBands(rows: ReadonlyArray<ForetoldRow>): ReadonlyArray<ForetoldBand> {
  const sorted = rows.toSorted((a, b) => a.foretold - b.foretold);
  const count = Math.min(BANDS, sorted.length);
  return Array.from({ length: count }, (_, i) => {
    const part = sorted.slice(
      Math.floor((i * sorted.length) / count),
      Math.floor(((i + 1) * sorted.length) / count),
    );
    const whole = part.reduce((sum, { seen }) => sum + 1 / seen.variance, 0);
    const mean = (read: (row: ForetoldRow) => number) =>
      part.reduce((sum, row) => sum + read(row) / row.seen.variance, 0) / whole;
    return {
      count: part.length,
      foretold: mean(({ foretold }) => foretold),
      seen: mean(({ seen }) => seen.estimate),
    };
  });
}
