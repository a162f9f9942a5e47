/**
 * What kind of number a level is, and so how surprising a day's value is.
 *
 * counts    whole numbers from 0, such as units sold: negative binomial with mean mu and variance
 *           mu + alpha mu^2 (Poisson when alpha is 0); changes are ratios (log link)
 * amounts   positive numbers with a long right tail, such as ledger amounts: the logarithm is normal
 * numbers   any others: normal
 *
 * A family works on a scale of its own: logarithms for counts and amounts, the number itself for numbers.
 * `step` is a change on that scale; for the two normal ones it is told in standard deviations, because
 * their unit is anybody's.
 */
import { clip } from "../detect/beta-binomial.ts";

export type FamilyName = "counts" | "amounts" | "numbers";

/** What is expected of a day: mean on the value's own scale, and the spread (see each family). */
export type Expected = { readonly mean: number; readonly spread: number };

export type Family = {
  readonly name: FamilyName;
  /** Changes that the evidence is averaged over, rising; tried upwards and downwards. */
  readonly steps: ReadonlyArray<number>;
  /** The value on the family's scale, where amounts are added up; counts stay as they are. */
  toScale(value: number): number;
  fromScale(value: number): number;
  /** `base` moved by `by` on the family's scale (`spread` turns steps into units). */
  move(mean: number, spread: number, by: number): number;
  /** By how many steps two means differ. */
  stepsBetween(from: number, to: number, spread: number): number;
  /** The value as it would have been without a shift of the day. */
  straighten(value: number, spread: number, shift: number): number;
  /** No usual level is taken to be lower. */
  readonly meanMin: number;
  /** Variance of one day's value. */
  variance(mean: number, spread: number): number;
  /** ln of P(value | moved) / P(value | expected). */
  logRatio(value: number, expected: Expected, movedMean: number): number;
  /** Information of one day about a step: the inverse of its variance on the family's scale. */
  information(expected: Expected): number;
  /** The day's residual times its information: the score at no step. */
  score(value: number, expected: Expected): number;
  /** Spread from the mean of squared misses beyond what the mean itself explains. */
  spreadOf(sums: {
    readonly squares: number;
    readonly means: number;
    readonly meanSquares: number;
  }): number;
  readonly spreadMin: number;
};

/** Ratios of 1.25, 1.5, 2 and 3. */
const RATIO_STEPS = [0.223, 0.405, 0.693, 1.099];
/** Standard deviations. */
const NORMAL_STEPS = [0.7, 1, 1.5, 2.2];
const MEAN_MIN = 0.02;
const ALPHA_MAX = 4;

export const COUNTS: Family = {
  name: "counts",
  steps: RATIO_STEPS,
  toScale: (value) => value,
  fromScale: (value) => value,
  move: (mean, _spread, by) => Math.max(MEAN_MIN, mean * Math.exp(by)),
  stepsBetween: (from, to) => Math.log(Math.max(to, 0.01) / Math.max(from, 0.01)),
  straighten: (value, _alpha, shift) => Math.max(0, value * Math.exp(-shift)),
  meanMin: 0.05,
  variance: (mean, alpha) => mean + alpha * mean * mean,
  logRatio: (value, { mean, spread: alpha }, moved) => {
    const ratio = value * Math.log(moved / mean);
    if (alpha < 1e-6) return ratio - (moved - mean);
    // Negative binomial of size 1/alpha (Lawless 1987, eq. 1), its constants gone.
    return ratio - (value + 1 / alpha) * Math.log((1 + alpha * moved) / (1 + alpha * mean));
  },
  information: ({ mean, spread: alpha }) => mean / (1 + alpha * mean),
  score: (value, { mean, spread: alpha }) => (value - mean) / (1 + alpha * mean),
  // E (y - mu)^2 = mu + alpha mu^2, by moments.
  spreadOf: ({ squares, means, meanSquares }) =>
    meanSquares <= 0 ? 0 : clip((squares - means) / meanSquares, 0, ALPHA_MAX),
  spreadMin: 0,
};

function normalFamily(
  name: FamilyName,
  toScale: Family["toScale"],
  fromScale: Family["fromScale"],
): Family {
  return {
    name,
    steps: NORMAL_STEPS,
    toScale,
    fromScale,
    move: (mean, deviation, by) => mean + deviation * by,
    stepsBetween: (from, to, deviation) => (to - from) / Math.max(deviation, 1e-12),
    straighten: (value, deviation, shift) => value - deviation * shift,
    meanMin: -Infinity,
    variance: (_mean, deviation) => deviation * deviation,
    logRatio: (value, { mean, spread: deviation }, moved) => {
      const [z, step] = [(value - mean) / deviation, (moved - mean) / deviation];
      return step * z - (step * step) / 2;
    },
    information: () => 1,
    score: (value, { mean, spread: deviation }) => (value - mean) / deviation,
    spreadOf: ({ squares }) => Math.sqrt(Math.max(0, squares)),
    spreadMin: 1e-9,
  };
}

export const NUMBERS: Family = normalFamily(
  "numbers",
  (value) => value,
  (value) => value,
);
export const AMOUNTS: Family = normalFamily("amounts", Math.log, Math.exp);

/** Counts if all are whole and from 0; amounts if all are above 0 and vary by more than a half. */
export function chooseFamily(values: Iterable<number>): Family {
  let [whole, positive, count, sum, squares] = [true, true, 0, 0, 0];
  for (const value of values) {
    if (!Number.isInteger(value) || value < 0) whole = false;
    if (value <= 0) positive = false;
    count += 1;
    sum += value;
    squares += value * value;
  }
  if (whole) return COUNTS;
  if (!positive || count < 2) return NUMBERS;
  const mean = sum / count;
  const deviation = Math.sqrt(Math.max(0, squares / count - mean * mean));
  return deviation / mean > AMOUNTS_VARIATION_MIN ? AMOUNTS : NUMBERS;
}

/** Coefficient of variation of all values together from which they are looked at as logarithms. */
const AMOUNTS_VARIATION_MIN = 0.5;
