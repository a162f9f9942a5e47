/**
 * The same few hundred possible worlds for every question: a low-discrepancy sequence instead of dice.
 *
 * Dimension d of draw i is the radical inverse of i in the d-th prime base (Halton, 1960). Answers are
 * deterministic, and two options are always compared in the same worlds.
 */
import { assert } from "../../std/assert.ts";

const PRIMES = [2, 3, 5, 7, 11, 13, 17, 19] as const;

/** Points of (0,1)^dimensions; the first point is skipped, as it is all zero. */
export function haltonPoints(
  count: number,
  dimensions: number,
): ReadonlyArray<ReadonlyArray<number>> {
  assert(dimensions <= PRIMES.length, `at most ${PRIMES.length} dimensions`);
  return Array.from({ length: count }, (_, i) =>
    PRIMES.slice(0, dimensions).map((prime) => radicalInverse(i + 1, prime)),
  );
}

function radicalInverse(index: number, radix: number): number {
  let rest = index;
  let share = 1 / radix;
  let inverse = 0;
  while (rest > 0) {
    inverse += (rest % radix) * share;
    rest = Math.floor(rest / radix);
    share /= radix;
  }
  return inverse;
}

/**
 * Standard normal quantile of u in (0,1); absolute error below 4.5e-4.
 * Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.23.
 */
export function normalQuantile(u: number): number {
  assert(u > 0 && u < 1, "a quantile is asked for within 0 and 1");
  const tail = Math.min(u, 1 - u);
  const t = Math.sqrt(-2 * Math.log(tail));
  const x =
    t -
    (2.515517 + 0.802853 * t + 0.010328 * t ** 2) /
      (1 + 1.432788 * t + 0.189269 * t ** 2 + 0.001308 * t ** 3);
  return u < 0.5 ? -x : x;
}

export type Summary = {
  readonly mean: number;
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  /** Share of draws above zero, 0..1. */
  readonly aboveZero: number;
};

export function summarise(values: ReadonlyArray<number>): Summary {
  assert(values.length > 0, "only draws can be summarised");
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    p10: at(0.1),
    p50: at(0.5),
    p90: at(0.9),
    aboveZero: values.filter((value) => value > 0).length / values.length,
  };
}
