/**
 * Draws by inverse distribution function: one uniform in, one count out.
 *
 * Because the count rises with the uniform and with the mean, the same luck under another intervention
 * gives a comparable count (common random numbers), and counterfactual totals can be subtracted.
 */
import type { Random } from "../../src/std/random.ts";

const NORMAL_ABOVE = 60;

/**
 * Poisson count at the quantile `u`. Above a mean of 60 by the normal quantile with the skewness term
 * of Cornish and Fisher (1938), right to a count.
 */
export function poissonAt(u: number, mean: number): number {
  if (mean <= 0) return 0;
  if (mean > NORMAL_ABOVE) {
    const z = normalQuantile(u);
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * z + (z * z - 1) / 6));
  }
  let count = 0;
  let term = Math.exp(-mean);
  let sum = term;
  while (u > sum && count < 1_000) {
    count += 1;
    term *= mean / count;
    sum += term;
  }
  return count;
}

/** Failures among `n` trials, one uniform each, so that fewer trials keep the luck of the first. */
export function binomial(random: Random, n: number, p: number): number {
  let k = 0;
  for (let i = 0; i < n; i++) if (random.next() < p) k += 1;
  return k;
}

/** Index drawn in proportion to `weights`. */
export function pick(random: Random, weights: ReadonlyArray<number>): number {
  let rest = random.next() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, weight] of weights.entries()) {
    rest -= weight;
    if (rest < 0) return index;
  }
  return weights.length - 1;
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
export const logit = (p: number): number => Math.log(p / (1 - p));

/**
 * Standard normal quantile, absolute error below 4.5e-4: Abramowitz and Stegun 26.2.23.
 */
export function normalQuantile(u: number): number {
  const p = Math.min(Math.max(u, 1e-9), 1 - 1e-9);
  const tail = p < 0.5 ? p : 1 - p;
  const t = Math.sqrt(-2 * Math.log(tail));
  const x =
    t -
    (2.515517 + 0.802853 * t + 0.010328 * t * t) /
      (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t);
  return p < 0.5 ? -x : x;
}
