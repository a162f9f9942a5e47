/**
 * What an action did: difference-in-differences on daily series, with its error read off placebos.
 *
 * Two gardens are watched for weeks; one is watered. The other says what the weather did. Here the
 * acted subject's change from before to after, less the weighted change of untouched ones, is the effect:
 *
 *   effect = (A1 - A0) - sum_j w_j (C1j - C0j) - earlier rise
 *
 * Each control is then treated as if it had been acted on, with the others as its controls. These placebo
 * effects should be nothing; how far they stray, split into a part that shrinks with volume and one that
 * does not, is the error of the real one.
 *
 * The subject was acted on because it looked bad, and what looks bad looks better later by itself
 * (regression to the mean). Two things are done about it. The window before ends where the change began,
 * so that the bad days which raised the alarm are not the yardstick. What the change had added by the time
 * of the action is then either in the controls too (alarmed subjects that were not acted on, the better
 * choice) or is subtracted as the signal's shrunk size (`earlierRise`). Neither is a random holdout, so
 * the label is "observational".
 *
 * Source: difference-in-differences with placebo inference in space (Abadie, Diamond and Hainmueller 2010).
 * Left out: effects on neighbours, and trends that differ between acted and untouched subjects.
 */
import { assert } from "../../std/assert.ts";
import { type Change, computeChange, type Series, type Window } from "./panel.ts";
import { explainEffect, explainMissing } from "./panel-words.ts";

export type PanelEffectInput = {
  /** Taken together. */
  readonly treated: ReadonlyArray<Series>;
  /** One by one; none of them touched in either window. */
  readonly controls: ReadonlyArray<Series>;
  /** `alarmed`: they had a change of their own and were not acted on; `similar`: they had none. */
  readonly controlsAre: "alarmed" | "similar";
  /** Ends at, or before, the estimated day of the change. */
  readonly before: Window;
  /** From the action to the last day whose outcomes are known. */
  readonly after: Window;
  /** What the outcome is, for readers: `failed deliveries per ordinary order`. */
  readonly unit: string;
  readonly betterWhen: "lower" | "higher";
  /** Effects within plus and minus this, in units of the outcome, count as none. */
  readonly margin: number;
  /**
   * What the change had added before the action, in units of the outcome, shrunk for having been picked;
   * with its standard deviation. Only with controls that are `similar`.
   */
  readonly earlierRise?: { readonly mean: number; readonly deviation: number };
};

export type PanelVerdict = "helped" | "no-effect" | "harmed" | "undetermined";

export type PanelEffect = {
  readonly verdict: PanelVerdict;
  readonly label: "observational";
  /** In units of the outcome, with its 90% interval; undefined when it cannot be worked out. */
  readonly effect?: { readonly estimate: number; readonly low: number; readonly high: number };
  readonly standardError?: number;
  readonly treated?: Change;
  /** What would have been seen without the action. */
  readonly without?: number;
  readonly controls: number;
  /** Share of placebos at least as far from nothing, the real one counted in; 0..1. */
  readonly placeboShare?: number;
  readonly reasons: ReadonlyArray<string>;
};

export const PANEL_CONTROLS_MIN = 8;
export const PANEL_DAYS_MIN = 7;
/** A control weighs by its volume, at most so many times the median control. */
const WEIGHT_MAX = 3;

export function estimatePanelEffect(input: PanelEffectInput): PanelEffect {
  assert(input.margin >= 0, "an equivalence margin is not negative");
  assert(
    input.earlierRise === undefined || input.controlsAre === "similar",
    "alarmed controls had the rise themselves; it must not be subtracted twice",
  );
  const treated = computeChange(input.treated, input.before, input.after);
  const controls = listControls(input);
  const missing = explainMissing(treated, controls.length, PANEL_CONTROLS_MIN, PANEL_DAYS_MIN);
  if (treated === undefined || missing !== undefined) {
    return {
      verdict: "undetermined",
      label: "observational",
      controls: controls.length,
      reasons: [missing ?? "there is nothing to compare"],
    };
  }
  const pool = poolControls(controls);
  const placebos = listPlacebos(controls, pool);
  const error = fitError(placebos);
  const rise = input.earlierRise ?? { mean: 0, deviation: 0 };
  const estimate = treated.after - treated.before - pool.change - rise.mean;
  const own = error.fixed + error.perNoise * (treated.noise + pool.noise);
  const standardError = Math.sqrt(own + rise.deviation ** 2);
  const reach = computeTQuantile95(placebos.length - 1) * standardError;
  const effect = { estimate, low: estimate - reach, high: estimate + reach };
  const verdict = judge(effect, input);
  const result = {
    verdict,
    label: "observational" as const,
    effect,
    standardError,
    treated,
    without: treated.after - estimate,
    controls: controls.length,
    placeboShare: computePlaceboShare(estimate / Math.sqrt(own), placebos, error),
  };
  return { ...result, reasons: explainEffect(input, result) };
}

/** Controls with enough days in both windows. */
function listControls({ controls, before, after }: PanelEffectInput): ReadonlyArray<Change> {
  return controls
    .map((series) => computeChange([series], before, after))
    .filter(
      (change) =>
        change !== undefined &&
        change.daysBefore >= PANEL_DAYS_MIN &&
        change.daysAfter >= PANEL_DAYS_MIN,
    ) as ReadonlyArray<Change>;
}

type Pool = {
  readonly weights: ReadonlyArray<number>;
  readonly change: number;
  readonly noise: number;
};

function poolControls(controls: ReadonlyArray<Change>): Pool {
  const volumes = controls.map(({ noise }) => 1 / noise);
  const sorted = [...volumes].sort((a, b) => a - b);
  const cap = WEIGHT_MAX * (sorted[Math.floor(sorted.length / 2)] ?? 0);
  const raw = volumes.map((volume) => Math.min(volume, cap));
  const whole = raw.reduce((sum, weight) => sum + weight, 0);
  const weights = raw.map((weight) => weight / whole);
  return { weights, ...weigh(controls, weights) };
}

function weigh(controls: ReadonlyArray<Change>, weights: ReadonlyArray<number>) {
  let change = 0;
  let noise = 0;
  controls.forEach((control, i) => {
    const weight = weights[i] ?? 0;
    change += weight * (control.after - control.before);
    noise += weight ** 2 * control.noise;
  });
  return { change, noise };
}

export type Placebo = { readonly effect: number; readonly noise: number };

/** Each control as if it had been acted on, against the others with their weights raised to sum to 1. */
function listPlacebos(controls: ReadonlyArray<Change>, pool: Pool): ReadonlyArray<Placebo> {
  return controls.map((control, i) => {
    const weight = pool.weights[i] ?? 0;
    const own = control.after - control.before;
    const rest = (pool.change - weight * own) / (1 - weight);
    const restNoise = (pool.noise - weight ** 2 * control.noise) / (1 - weight) ** 2;
    return { effect: own - rest, noise: control.noise + restNoise };
  });
}

type ErrorModel = { readonly fixed: number; readonly perNoise: number };

/**
 * Squared placebo effects as fixed + perNoise x noise, neither negative, by least squares weighted
 * with 1/noise^2 because a squared effect strays in proportion to its mean.
 */
export function fitError(placebos: ReadonlyArray<Placebo>): ErrorModel {
  let [w, wx, wxx, wy, wxy] = [0, 0, 0, 0, 0];
  for (const { effect, noise } of placebos) {
    const weight = 1 / noise ** 2;
    w += weight;
    wx += weight * noise;
    wxx += weight * noise ** 2;
    wy += weight * effect ** 2;
    wxy += weight * noise * effect ** 2;
  }
  const determinant = w * wxx - wx * wx;
  // Placebos of one size cannot tell the two parts apart; then all of it is taken to shrink.
  if (determinant > 1e-9 * w * wxx) {
    const fixed = (wxx * wy - wx * wxy) / determinant;
    const perNoise = (w * wxy - wx * wy) / determinant;
    if (fixed >= 0 && perNoise >= 0) return { fixed, perNoise };
    if (perNoise < 0) return { fixed: wy / w, perNoise: 0 };
  }
  return { fixed: 0, perNoise: wxy / wxx };
}

function computePlaceboShare(
  score: number,
  placebos: ReadonlyArray<Placebo>,
  { fixed, perNoise }: ErrorModel,
): number {
  const asFar = placebos.filter(
    ({ effect, noise }) =>
      Math.abs(effect) / Math.sqrt(fixed + perNoise * noise) >= Math.abs(score),
  );
  return (1 + asFar.length) / (1 + placebos.length);
}

function judge(
  { low, high }: { readonly low: number; readonly high: number },
  { margin, betterWhen }: PanelEffectInput,
): PanelVerdict {
  if (low > -margin && high < margin) return "no-effect";
  if (high < 0) return betterWhen === "lower" ? "helped" : "harmed";
  if (low > 0) return betterWhen === "lower" ? "harmed" : "helped";
  return "undetermined";
}

/**
 * Student's t quantile at 0.95 by the expansion of Fisher and Cornish in 1/degrees; error below 0.001
 * from 5 degrees on.
 */
export function computeTQuantile95(degrees: number): number {
  const z = 1.6448536269514722;
  return (
    z +
    (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3)
  );
}
