/**
 * What kinds of orders a unit had on a day, so that a change of the mix is not called a change of rate.
 *
 * Cash orders fail more often than prepaid ones everywhere. If a sale brings more cash orders, the rate
 * of the whole rises and nobody has done anything worse. So each stratum (`courier=ekart|payment=cod`)
 * has an effect in logits, learned within units over the whole network, and a unit is expected to
 * do what its orders of the day would have done: its offset is
 *
 *   o = logit( sum_s n_s sigma(l + e_s) / n ) - l,    l = logit of its baseline,
 *
 * and that of a coarser unit the mean over its orders. Baselines are kept at the reference mix (o = 0).
 * Effects follow one step of Newton's method a day with a fading memory; what a day does to all strata
 * alike is left out of them, so that a rise of the whole cannot hide here.
 *
 * Left out: effects that differ between places; a place whose cash orders alone get worse is a finding.
 */
import { clip, logistic, logit } from "./beta-binomial.ts";
import type { DayCounts } from "./day-counts.ts";
import { isAlarmed } from "./alarm.ts";
import { NONE } from "./units.ts";
import type { Units } from "./units.ts";

/** Strata told apart; later ones count as usual. */
const STRATA_MAX = 256;
const HALF_LIFE_DAYS = 120;
/** Ridge of an effect, in units of variance (about 170 orders at 18%). */
const RIDGE = 25;
const EFFECT_MAX = 3;
/** One row pulls at most this many standard deviations. */
const RESIDUAL_DEVIATIONS = 3;

export type Mix = {
  /** Strata in the order they were seen. */
  readonly names: string[];
  readonly effects: number[];
  /** Discounted variance behind each effect. */
  readonly weights: number[];
};

/** A row of the day: `stratum` is an index into the mix, or NONE. */
export type Row = {
  readonly unit: number;
  readonly n: number;
  readonly k: number;
  readonly stratum: number;
};

export function newMix(): Mix {
  return { names: [], effects: [], weights: [] };
}

/** The index of a stratum, made if it is new; NONE for no stratum and for one too many. */
export class StratumIndex {
  readonly #mix: Mix;
  readonly #indexByName = new Map<string, number>();

  constructor(mix: Mix) {
    this.#mix = mix;
    mix.names.forEach((name, at) => this.#indexByName.set(name, at));
  }

  indexOf(name: string | undefined): number {
    if (name === undefined || name === "") return NONE;
    const known = this.#indexByName.get(name);
    if (known !== undefined) return known;
    const { names, effects, weights } = this.#mix;
    if (names.length >= STRATA_MAX) return NONE;
    names.push(name);
    effects.push(0);
    weights.push(0);
    this.#indexByName.set(name, names.length - 1);
    return names.length - 1;
  }
}

/** Fills `counts.mix`, the offset in logits, from `counts.rate`. */
export function readMix(
  units: Units,
  counts: DayCounts,
  rows: ReadonlyArray<Row>,
  { effects }: Mix,
): void {
  const { mix, rate, allTrials } = counts;
  if (effects.length === 0) return;
  const { parent } = units.columns;
  // First the events expected of each observed unit at the mix it had, then their offset up the tree.
  const own = counts.residual.fill(0);
  const trials = counts.variance.fill(0);
  for (const { unit, n, stratum } of rows) {
    const l = logit(rate[unit]!);
    own[unit]! += n * logistic(l + (stratum === NONE ? 0 : effects[stratum]!));
    trials[unit]! += n;
  }
  for (let unit = 0; unit < units.count; unit++) {
    const n = trials[unit]!;
    if (n === 0) continue;
    const weighted = n * (logit(own[unit]! / n) - logit(rate[unit]!));
    for (let at = unit; at !== NONE; at = parent[at]!) mix[at]! += weighted;
  }
  for (let unit = 0; unit < units.count; unit++) {
    if (allTrials[unit]! > 0) mix[unit]! /= allTrials[unit]!;
  }
}

/** Before there are baselines: effects from the rates of the strata in the whole. */
export function startMix(rows: ReadonlyArray<Row>, mix: Mix, sums: StratumSums): void {
  let [n, k] = [0, 0];
  for (const row of rows) {
    n += row.n;
    k += row.k;
    if (row.stratum === NONE) continue;
    sums.trials[row.stratum] = (sums.trials[row.stratum] ?? 0) + row.n;
    sums.events[row.stratum] = (sums.events[row.stratum] ?? 0) + row.k;
  }
  sums.allTrials += n;
  sums.allEvents += k;
  if (sums.allTrials === 0) return;
  const whole = clip(sums.allEvents / sums.allTrials, 0.005, 0.995);
  const variance = whole * (1 - whole);
  mix.names.forEach((_, at) => {
    const trials = sums.trials[at] ?? 0;
    const weight = trials * variance;
    const excess = (sums.events[at] ?? 0) - trials * whole;
    // One step from the whole's rate, then the exact logit as the ridge loses its say.
    const rate = clip(whole + (excess / (weight + RIDGE)) * variance, 0.002, 0.98);
    mix.effects[at] = clip(logit(rate) - logit(whole), -EFFECT_MAX, EFFECT_MAX);
    mix.weights[at] = weight;
  });
}

/** What the first days were summed to. */
export type StratumSums = {
  readonly trials: number[];
  readonly events: number[];
  allTrials: number;
  allEvents: number;
};

export function newStratumSums(): StratumSums {
  return { trials: [], events: [], allTrials: 0, allEvents: 0 };
}

/** Takes in the day: what each stratum missed, beyond what all of them missed together. */
export function learnMix(
  units: Units,
  counts: DayCounts,
  rows: ReadonlyArray<Row>,
  mix: Mix,
): void {
  if (mix.effects.length === 0) return;
  const residuals = mix.effects.map(() => 0);
  const variances = mix.effects.map(() => 0);
  for (const { unit, n, k, stratum } of rows) {
    if (stratum === NONE || units.columns.acted[unit] === 1 || isAlarmed(units, unit)) continue;
    const l = logit(counts.rate[unit]!) + counts.shift[unit]! - counts.mix[unit]!;
    const p = logistic(l + mix.effects[stratum]!);
    const v = n * p * (1 - p);
    const bound = RESIDUAL_DEVIATIONS * Math.sqrt(v + 0.2);
    residuals[stratum]! += clip(k - n * p, -bound, bound);
    variances[stratum]! += v;
  }
  const all = variances.reduce((sum, v) => sum + v, 0);
  if (all === 0) return;
  const common = residuals.reduce((sum, r) => sum + r, 0) / all;
  const keep = 2 ** (-1 / HALF_LIFE_DAYS);
  mix.effects.forEach((effect, at) => {
    const weight = mix.weights[at]! * keep + variances[at]!;
    const moved = effect + (residuals[at]! - variances[at]! * common) / (weight + RIDGE);
    mix.weights[at] = weight;
    mix.effects[at] = clip(moved, -EFFECT_MAX, EFFECT_MAX);
  });
}
