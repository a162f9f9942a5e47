/**
 * How many will come, of something that is counted, and between which bounds.
 *
 * A count to come is a negative binomial: as a Poisson spreads by luck alone, so this spreads by luck, by
 * how little was seen before, and by how much such counts swing of themselves. The three add up as
 * variance: mean + mean^2 / seen + mean^2 * swing. `swing` is the squared coefficient of variation of
 * the true rate between two windows, estimated by moments from forecasts whose answer is known.
 *
 * Left out: trend. A count is expected to go on as it was; what a festival adds shows up as swing.
 */
import { assert } from "../../std/assert.ts";

/** A window that was counted, and how long it was beside the one to come (2 = twice as long). */
export type SeenCount = { readonly count: number; readonly windows: number };

export type CountForecast = { readonly mean: number; readonly variance: number };

/** Half a count in advance (Jeffreys), so that nothing seen does not mean never. */
const PRIOR_COUNT = 0.5;

export function forecastCount({ count, windows }: SeenCount, swing: number): CountForecast {
  assert(count >= 0 && windows > 0 && swing >= 0, "counts, windows and swing are not negative");
  const seen = count + PRIOR_COUNT;
  const mean = seen / windows;
  return { mean, variance: mean + mean ** 2 / seen + mean ** 2 * swing };
}

/** Swing that explains how far known answers fell from forecasts without it; 0 if luck explains all. */
export function estimateSwing(
  known: ReadonlyArray<{ readonly seen: SeenCount; readonly came: number }>,
): number {
  let excess = 0;
  let weight = 0;
  for (const { seen, came } of known) {
    const { mean, variance } = forecastCount(seen, 0);
    excess += (came - mean) ** 2 - variance;
    weight += mean ** 2;
  }
  return weight === 0 ? 0 : Math.max(0, excess / weight);
}

/** Whole numbers; `mass` is the probability of lying within, ends included. */
export type CountInterval = { readonly low: number; readonly high: number; readonly mass: number };

/**
 * The central interval that holds at least `coverage` of the probability, in (0, 1). Counts are whole, so
 * it holds more, and says how much.
 */
export function computeCountInterval(
  { mean, variance }: CountForecast,
  coverage: number,
): CountInterval {
  assert(mean > 0 && variance > mean, "a negative binomial varies by more than its mean");
  assert(coverage > 0 && coverage < 1, "a coverage lies between 0 and 1");
  const tail = (1 - coverage) / 2;
  const shape = mean ** 2 / (variance - mean);
  // In logarithms, because the chance of nothing at all may be too small for a number.
  let logChance = shape * Math.log(shape / (shape + mean));
  const logStep = Math.log(mean / (mean + shape));
  let below = 0;
  let low: number | undefined;
  let belowLow = 0;
  for (let k = 0; ; k++) {
    const upTo = below + Math.exp(logChance);
    if (low === undefined && upTo > tail) [low, belowLow] = [k, below];
    if (low !== undefined && upTo >= 1 - tail) return { low, high: k, mass: upTo - belowLow };
    below = upTo;
    logChance += logStep + Math.log((k + shape) / (k + 1));
  }
}
