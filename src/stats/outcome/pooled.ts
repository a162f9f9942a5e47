/**
 * What many actions did, taken together: each has its own true effect around a common one.
 *
 *   seen_i ~ Normal(effect_i, variance_i),     effect_i ~ Normal(mean, spread^2)
 *
 * `spread^2` by restricted maximum likelihood (Viechtbauer 2005: Fisher's scoring; DerSimonian
 * and Laird 1986 for its start); the interval of the mean by Hartung and Knapp (2001), whose
 * factor lets the data say how wide it must be; each action's effect drawn towards the mean as far as
 * its own noise warrants (normal-normal shrinkage). Beside the mean stands the interval for the next
 * action (Higgins, Thompson and Spiegelhalter 2009), which is what somebody who is about to
 * act wants.
 *
 * Left out: actions that are not measured because nothing could be said of them.
 */
import { assert } from "../../std/assert.ts";
import { computeStudentQuantile } from "./student.ts";

export type SeenEffect = { readonly estimate: number; readonly variance: number };

export type PooledEffect = {
  readonly mean: number;
  readonly standardError: number;
  /** 90%, of the mean. */
  readonly interval: readonly [low: number, high: number];
  /** 90%, of the true effect of one more such action; undefined below three actions. */
  readonly next: readonly [low: number, high: number] | undefined;
  /** Standard deviation of the true effects. */
  readonly spread: number;
  /** Share of the seen variance that is spread and not noise, 0..1 (I squared). */
  readonly shareOfSpread: number;
  /** Each action's own effect, drawn towards the mean, with its standard deviation. */
  readonly shrunk: ReadonlyArray<{ readonly estimate: number; readonly deviation: number }>;
};

const STEPS_MAX = 200;

/** Two or more effects, variances above 0. */
export function poolEffects(effects: ReadonlyArray<SeenEffect>, level = 0.9): PooledEffect {
  const N = effects.length;
  assert(N >= 2, "two effects or more are pooled");
  assert(
    effects.every(({ variance }) => variance > 0),
    "variances are above zero",
  );
  const spread2 = computeSpread(effects);
  const weights = effects.map(({ variance }) => 1 / (variance + spread2));
  const whole = sum(weights);
  const mean = weigh(effects, weights);
  const scatter = effects.reduce(
    (total, { estimate }, i) => total + (weights[i] ?? 0) * (estimate - mean) ** 2,
    0,
  );
  const standardError = Math.sqrt(scatter / ((N - 1) * whole));
  const reach = computeStudentQuantile((1 + level) / 2, N - 1) * standardError;
  const nextReach =
    N < 3
      ? undefined
      : computeStudentQuantile((1 + level) / 2, N - 2) * Math.sqrt(spread2 + standardError ** 2);
  return {
    mean,
    standardError,
    interval: [mean - reach, mean + reach],
    next: nextReach === undefined ? undefined : [mean - nextReach, mean + nextReach],
    spread: Math.sqrt(spread2),
    shareOfSpread: spread2 / (spread2 + computeUsualVariance(effects)),
    shrunk: effects.map(({ estimate, variance }) => {
      const trust = spread2 / (spread2 + variance);
      return {
        estimate: mean + trust * (estimate - mean),
        deviation: Math.sqrt(trust * variance + ((1 - trust) * standardError) ** 2),
      };
    }),
  };
}

/** DerSimonian and Laird's moment estimate of the variance between actions. */
export function computeMomentSpread(effects: ReadonlyArray<SeenEffect>): number {
  const weights = effects.map(({ variance }) => 1 / variance);
  const whole = sum(weights);
  const mean = weigh(effects, weights);
  const q = effects.reduce(
    (total, { estimate }, i) => total + (weights[i] ?? 0) * (estimate - mean) ** 2,
    0,
  );
  const squares = weights.reduce((total, weight) => total + weight * weight, 0);
  return Math.max(0, (q - (effects.length - 1)) / (whole - squares / whole));
}

/** Restricted maximum likelihood of the variance between actions. */
export function computeSpread(effects: ReadonlyArray<SeenEffect>): number {
  let spread2 = computeMomentSpread(effects);
  for (let step = 0; step < STEPS_MAX; step++) {
    const weights = effects.map(({ variance }) => 1 / (variance + spread2));
    const whole = sum(weights);
    const mean = weigh(effects, weights);
    const squares = weights.reduce((total, weight) => total + weight ** 2, 0);
    const cubes = weights.reduce((total, weight) => total + weight ** 3, 0);
    const scatter = effects.reduce(
      (total, { estimate }, i) => total + (weights[i] ?? 0) ** 2 * (estimate - mean) ** 2,
      0,
    );
    const slope = scatter - whole + squares / whole;
    const information = squares - (2 * cubes) / whole + (squares / whole) ** 2;
    const next = Math.max(0, spread2 + slope / information);
    if (Math.abs(next - spread2) <= 1e-12 * (next + spread2)) return next;
    spread2 = next;
  }
  return spread2;
}

/** Higgins and Thompson's typical variance of one action's noise. */
function computeUsualVariance(effects: ReadonlyArray<SeenEffect>): number {
  const weights = effects.map(({ variance }) => 1 / variance);
  const whole = sum(weights);
  const squares = weights.reduce((total, weight) => total + weight * weight, 0);
  return ((effects.length - 1) * whole) / (whole ** 2 - squares);
}

function weigh(effects: ReadonlyArray<SeenEffect>, weights: ReadonlyArray<number>): number {
  const total = effects.reduce((all, { estimate }, i) => all + (weights[i] ?? 0) * estimate, 0);
  return total / sum(weights);
}

function sum(numbers: ReadonlyArray<number>): number {
  return numbers.reduce((total, number) => total + number, 0);
}
