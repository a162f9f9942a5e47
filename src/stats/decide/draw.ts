/**
 * Many equally likely worlds, chosen evenly rather than by luck.
 *
 * Each uncertain input is cut into as many slices of equal probability as there are draws, and every
 * slice is used exactly once (Latin hypercube, McKay, Beckman and Conover 1979). The ranks are drawn once
 * from a seeded `Random`; a quantile table per input turns rank into value. So the same question always
 * gets the same answer, and 512 draws do the work of several thousand.
 */
import { assert } from "../../std/assert.ts";
import { integerBetween, type Random } from "../../std/random.ts";

/** `ranks[dimension][draw]`: each dimension a permutation of 0..draws-1. */
export type Ranks = ReadonlyArray<Uint16Array>;

/** Most draws that a rank can count. */
const DRAWS_MAX = 65_536;

export function drawRanks(random: Random, draws: number, dimensions: number): Ranks {
  assert(draws >= 2 && draws <= DRAWS_MAX, `draws are between 2 and ${DRAWS_MAX}`);
  return Array.from({ length: dimensions }, () => {
    const ranks = Uint16Array.from({ length: draws }, (_, i) => i);
    for (let i = draws - 1; i > 0; i--) {
      const j = integerBetween(random, 0, i + 1);
      [ranks[i], ranks[j]] = [ranks[j]!, ranks[i]!];
    }
    return ranks;
  });
}

/** A belief about one number: its median and the ends of its 90% interval. */
export type PriorRange = { readonly value: number; readonly low: number; readonly high: number };

export type Bounds = { readonly min: number; readonly max: number };

/** Standard normal quantile at 0.95. */
const Z95 = 1.6448536269514722;

/**
 * Quantiles at (k + 1/2)/draws of a two-piece normal (two half normals that meet at the median), clipped
 * to what the number can be. An interval of no width is a known number.
 */
export function tabulateRange(
  { value, low, high }: PriorRange,
  bounds: Bounds,
  draws: number,
): Float64Array {
  return Float64Array.from({ length: draws }, (_, k) => {
    const z = computeNormalQuantile((k + 0.5) / draws);
    const spread = z < 0 ? value - low : high - value;
    return Math.min(bounds.max, Math.max(bounds.min, value + (z / Z95) * spread));
  });
}

/**
 * Standard normal quantile, absolute error below 4.5e-4 (Abramowitz and Stegun 1964, 26.2.23);
 * `probability` is in (0, 1).
 */
export function computeNormalQuantile(probability: number): number {
  assert(probability > 0 && probability < 1, "a probability lies between 0 and 1");
  if (probability === 0.5) return 0;
  const t = Math.sqrt(-2 * Math.log(Math.min(probability, 1 - probability)));
  const above = 2.515517 + t * (0.802853 + t * 0.010328);
  const below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  const z = t - above / below;
  return probability < 0.5 ? -z : z;
}

const GRID = 256;
/** Half-width of the grid in standard deviations; a small shape has a long tail towards 0 or 1. */
const GRID_WIDTH = 9;

/**
 * Quantiles at (k + 1/2)/draws of Beta(alpha, beta), both at least 0.5. The density is summed over a
 * grid in logits, where it is p^alpha (1-p)^beta and close to a normal; error below 1e-3.
 */
export function tabulateBeta(alpha: number, beta: number, draws: number): Float64Array {
  assert(alpha >= 0.5 && beta >= 0.5, "a Beta's shapes are at least 0.5 here");
  const middle = Math.log(alpha / beta);
  const width = GRID_WIDTH * Math.sqrt(1 / alpha + 1 / beta);
  const step = (2 * width) / (GRID - 1);
  const cumulated = new Float64Array(GRID);
  const peak = logDensity(middle, alpha, beta);
  let before = 0;
  for (let i = 0; i < GRID; i++) {
    const density = Math.exp(logDensity(middle - width + i * step, alpha, beta) - peak);
    cumulated[i] = i === 0 ? 0 : cumulated[i - 1]! + (before + density) / 2;
    before = density;
  }
  const whole = cumulated[GRID - 1]!;
  const table = new Float64Array(draws);
  let i = 1;
  for (let k = 0; k < draws; k++) {
    const wanted = ((k + 0.5) / draws) * whole;
    while (i < GRID - 1 && cumulated[i]! < wanted) i++;
    const from = cumulated[i - 1]!;
    const within = cumulated[i]! > from ? (wanted - from) / (cumulated[i]! - from) : 0;
    table[k] = 1 / (1 + Math.exp(width - middle - (i - 1 + within) * step));
  }
  return table;
}

/** Of the logit of a Beta(alpha, beta), up to a constant. */
function logDensity(logit: number, alpha: number, beta: number): number {
  const logOdds1 = logit > 0 ? -Math.log1p(Math.exp(-logit)) : logit - Math.log1p(Math.exp(logit));
  return alpha * logOdds1 + beta * (logOdds1 - logit);
}
