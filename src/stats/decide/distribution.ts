/** A distribution told by five numbers, and by how often it is above nothing. */
import { assert } from "../../std/assert.ts";

export type ValueSummary = {
  readonly mean: number;
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  /** 0..1: share of draws above 0, where 0 is doing nothing. */
  readonly probabilityBetter: number;
};

export const NO_VALUE: ValueSummary = { mean: 0, p10: 0, p50: 0, p90: 0, probabilityBetter: 0 };

/** `values` are equally likely; any order. */
export function summariseValues(values: Float64Array): ValueSummary {
  assert(values.length > 0, "a summary needs at least one value");
  let sum = 0;
  let better = 0;
  for (const value of values) {
    sum += value;
    if (value > 0) better += 1;
  }
  const sorted = values.toSorted();
  return {
    mean: sum / values.length,
    p10: quantileOfSorted(sorted, 0.1),
    p50: quantileOfSorted(sorted, 0.5),
    p90: quantileOfSorted(sorted, 0.9),
    probabilityBetter: better / values.length,
  };
}

/** By linear interpolation between order statistics (definition 7 of Hyndman and Fan 1996). */
export function quantileOfSorted(sorted: Float64Array, probability: number): number {
  assert(sorted.length > 0, "a quantile needs at least one value");
  const place = probability * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (place - below) * (high - low);
}
