/**
 * What an action did to a group of units, with an interval, a verdict, and how little could have been
 * seen.
 *
 * The group is foretold from the untouched units (see `counterfactual.ts`); what it did beyond that is
 * the effect. How far such a gap strays when nothing was done is read off the untouched units
 * themselves, each foretold from the others as if it had been acted on (placebos in space: Abadie,
 * Diamond and Hainmueller 2010), each measured in its own unrest before the start, so that a calm
 * large town and a jumpy small one can be compared (their ratio of errors after and before):
 *
 *   interval = effect +- t(N - 1) x own error x root(sum of squared placebo strays / (N - 2)) x 1.04
 *
 * For N alike controls and difference-in-differences this is the textbook two-sample interval, but for
 * one degree and the last factor, which pay for the setting having been chosen by the same placebos.
 *
 * Verdict, fixed before looking: `helped` or `harmed` when the two-sided p is at most 0.03; else
 * `no-effect` when the whole 90% interval lies inside the margin (two one-sided tests, Schuirmann
 * 1987); else `undetermined`.
 *
 * Left out: effects on neighbours; the choice of whom to treat by a bad last week (the noise's memory
 * catches part of it; only a random holdout catches all).
 */
import { assert } from "../../std/assert.ts";
import { computeWeights } from "./counterfactual.ts";
import { chooseSetting, toStray, type Setting } from "./group-setting.ts";
import { describeMethod, explainGroupEffect } from "./group-words.ts";
import { computeStudentCdf, computeStudentQuantile, computeStudentTail } from "./student.ts";
import {
  toComparableRows,
  type ComparableRows,
  type GroupQuestion,
  type UnitPanel,
} from "./unit-panel.ts";

export const BEFORE_MIN = 5;
export const CONTROLS_MIN = 4;
/**
 * Two-sided: a p at most this is needed for `helped` and `harmed`. Less than the one in twenty that is
 * promised, because no panel's noise is quite as assumed.
 */
export const VERDICT_LEVEL = 0.03;
const INTERVAL_LEVEL = 0.1;
const POWER = 0.8;
const HEAVIEST_SHOWN = 10;
const ERROR_MIN = 1e-12;
/**
 * The setting is the one of a hundred that foretells the placebos best, so they look calmer than they
 * are: by about 4% over the worlds of `npm run bench outcome`, which checks it with each seed.
 */
const CHOSEN = 1.04;

export type GroupEffectInput = {
  readonly panel: UnitPanel;
  readonly question: GroupQuestion;
  readonly betterWhen: "higher" | "lower";
  /** Effects within plus and minus this share of what was to be expected count as none, e.g. 0.025. */
  readonly margin: number;
};

export type Estimate = {
  readonly estimate: number;
  readonly interval: readonly [low: number, high: number];
};

export type GroupVerdict = "helped" | "no-effect" | "harmed" | "undetermined";

export type GroupEffect = {
  readonly verdict: GroupVerdict;
  readonly reasons: ReadonlyArray<string>;
  /** Per treated unit and time, in units of the data. */
  readonly absolute: Estimate;
  /** Share of what was to be expected; undefined where that is not above zero. */
  readonly relative: Estimate | undefined;
  /** Over all treated units and times that were seen. */
  readonly total: Estimate;
  readonly pValue: number;
  readonly power: {
    /** Effect that would get p <= `level` with this `chance`. */
    readonly detectable: { readonly absolute: number; readonly relative: number | undefined };
    readonly chance: number;
    readonly level: number;
    /** Chance of p <= `level` if the effect were as large as the margin. */
    readonly atMargin: number;
  };
  readonly controls: {
    readonly used: number;
    /** As many controls as would carry the same weight if all were equal. */
    readonly effective: number;
    readonly heaviest: ReadonlyArray<{ readonly unit: string; readonly weight: number }>;
    readonly dropped: ReadonlyArray<{ readonly unit: string; readonly reason: string }>;
    /** Share of the untouched, the group counted in, that stray at least as far. */
    readonly placeboShare: number;
  };
  readonly fit: {
    /** Root mean square of what was foretold amiss before the start, in units of the data. */
    readonly rmse: number;
    /** As a share of the group's level before. */
    readonly relative: number | undefined;
    readonly judgement: "good" | "fair" | "poor";
    readonly timesBefore: number;
    readonly timesAfter: number;
  };
  readonly method: string;
  /** Mean of the treated units, seen and foretold, time by time. */
  readonly series: ReadonlyArray<{
    readonly time: number;
    readonly seen: number;
    readonly foretold: number;
  }>;
};

/** Undefined with a reason when there is too little to compare. */
export function estimateGroupEffect(
  input: GroupEffectInput,
): GroupEffect | { readonly missing: string } {
  assert(input.margin >= 0, "a margin is not negative");
  const rows = toComparableRows(input.panel, input.question);
  const missing = findMissing(rows);
  if (missing !== undefined) return { missing };
  const setting = chooseSetting(rows);
  const reading = toReading(rows, setting);

  const error = computeError(setting);
  const degrees = setting.controls.length - 1;
  const { gap } = setting.treated;
  const reach = computeStudentQuantile(1 - INTERVAL_LEVEL / 2, degrees) * error;
  const estimate = (read: (gap: number) => number): Estimate => ({
    estimate: read(gap),
    interval: [read(gap - reach), read(gap + reach)],
  });
  const absolute = estimate(reading.toAbsolute);
  const share = estimate(reading.toRelative);
  const relative = [share.estimate, ...share.interval].every(Number.isFinite) ? share : undefined;
  const pValue = computeStudentTail(gap / error, degrees);
  const verdict = judge(absolute.estimate, relative, pValue, input);

  const needed = computeStudentQuantile(1 - VERDICT_LEVEL / 2, degrees);
  const detectable = (needed + computeStudentQuantile(POWER, degrees)) * error;
  const atMargin = (input.margin * reading.perShare) / error;
  const result = {
    verdict,
    absolute,
    relative,
    total: estimate((value) => reading.toAbsolute(value) * rows.cellsAfter),
    pValue,
    power: {
      detectable: {
        absolute: (detectable / reading.perShare) * reading.expected,
        relative: rows.isRelative ? detectable / reading.perShare : undefined,
      },
      chance: POWER,
      level: VERDICT_LEVEL,
      atMargin:
        computeStudentCdf(atMargin - needed, degrees) +
        computeStudentCdf(-atMargin - needed, degrees),
    },
    controls: describeControls(rows, setting),
    ...describeFit(rows, setting),
    method: describeMethod(rows, setting),
  };
  return { ...result, reasons: explainGroupEffect(input, result) };
}

function findMissing(rows: ComparableRows): string | undefined {
  const after = rows.times.length - rows.before;
  if (rows.before < BEFORE_MIN) {
    return `the treated units have values at ${rows.before} times before the start; ${BEFORE_MIN} are needed`;
  }
  if (after < 1) return "the treated units have no values in the window";
  if (rows.controls.length < CONTROLS_MIN) {
    return `${rows.controls.length} untouched units can be compared with; ${CONTROLS_MIN} are needed`;
  }
  return undefined;
}

/**
 * Standard error of the group's gap, in units of the rows. Likeness and trend were fitted to the
 * group's own past, which makes it look calmer than it is: two degrees are given back.
 */
function computeError({ treated, placebos, view }: Setting): number {
  const squares = placebos.reduce((sum, placebo) => sum + toStray(placebo) ** 2, 0);
  const own = Math.sqrt((treated.variance * treated.unrest * view.degrees) / (view.degrees - 2));
  return Math.max(ERROR_MIN, CHOSEN * own * Math.sqrt(squares / (placebos.length - 2)));
}

type Reading = {
  readonly toAbsolute: (gap: number) => number;
  readonly toRelative: (gap: number) => number;
  /** What was to be expected of one treated unit at one time, in units of the data. */
  readonly expected: number;
  /** A relative effect of 1, in units of the rows. */
  readonly perShare: number;
};

/** From gaps of the rows to units of the data and to shares. */
function toReading(rows: ComparableRows, { isLog, treated }: Setting): Reading {
  const { scale, seen, isRelative } = rows;
  if (isLog) {
    return {
      toAbsolute: (gap) => seen.after * scale * (1 - Math.exp(-gap)),
      toRelative: (gap) => Math.exp(gap) - 1,
      expected: seen.after * scale * Math.exp(-treated.gap),
      perShare: 1,
    };
  }
  const expected = seen.after - treated.gap;
  return {
    toAbsolute: (gap) => gap * scale,
    toRelative: (gap) => (seen.after - gap > 0 ? gap / (seen.after - gap) : NaN),
    expected: expected * scale,
    perShare: isRelative || expected > 0 ? Math.abs(expected) : 1,
  };
}

function judge(
  estimate: number,
  relative: Estimate | undefined,
  pValue: number,
  { betterWhen, margin }: GroupEffectInput,
): GroupVerdict {
  if (pValue <= VERDICT_LEVEL)
    return estimate > 0 === (betterWhen === "higher") ? "helped" : "harmed";
  if (relative === undefined) return "undetermined";
  const [low, high] = relative.interval;
  return low > -margin && high < margin ? "no-effect" : "undetermined";
}

function describeControls(rows: ComparableRows, setting: Setting): GroupEffect["controls"] {
  const weights = computeWeights(setting.view, setting.adapt, setting.noise);
  const heaviest = setting.controls
    .map((unit, i) => ({ unit, weight: weights[i] ?? 0 }))
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight) || (a.unit < b.unit ? -1 : 1))
    .slice(0, HEAVIEST_SHOWN);
  const own = Math.abs(toStray(setting.treated));
  const asFar = setting.placebos.filter((placebo) => Math.abs(toStray(placebo)) >= own).length;
  return {
    used: setting.controls.length,
    effective: 1 / weights.reduce((sum, weight) => sum + weight * weight, 0),
    heaviest,
    dropped: [
      ...rows.leftOut,
      ...setting.dropped.map((unit) => ({
        unit,
        reason: "strayed after the start as none should",
      })),
    ],
    placeboShare: (1 + asFar) / (1 + setting.placebos.length),
  };
}

/** Seen against foretold; after the start the foretold line lies so that its mean gap is the effect. */
function describeFit(rows: ComparableRows, setting: Setting) {
  const { before, scale, times } = rows;
  const weights = computeWeights(setting.view, setting.adapt, setting.noise);
  const [treated = new Float64Array(), ...controls] = setting.rows;
  const gaps = treated.map((value, t) => {
    let told = 0;
    controls.forEach((row, j) => (told += (weights[j] ?? 0) * (row[t] ?? 0)));
    return value - told;
  });
  const mean = (from: number, until: number) =>
    gaps.subarray(from, until).reduce((sum, gap) => sum + gap, 0) / (until - from);
  const levelBefore = mean(0, before);
  const levelAfter = mean(before, times.length) - setting.treated.gap;
  const read = (value: number) => (setting.isLog ? Math.exp(value) : value) * scale;
  const series = times.map((time, t) => {
    const value = treated[t] ?? 0;
    const gap = (gaps[t] ?? 0) - (t < before ? levelBefore : levelAfter);
    return { time, seen: read(value), foretold: read(value - gap) };
  });
  const squares = series
    .slice(0, before)
    .reduce((sum, { seen, foretold }) => sum + (seen - foretold) ** 2, 0);
  const rmse = Math.sqrt(squares / before);
  const unrests = setting.placebos.map(({ unrest }) => unrest).sort((a, b) => a - b);
  const usual = unrests[Math.floor(unrests.length / 2)] ?? 1;
  const ratio = Math.sqrt(setting.treated.unrest / usual);
  const judgement: GroupEffect["fit"]["judgement"] =
    ratio <= 1.25 ? "good" : ratio <= 2 ? "fair" : "poor";
  return {
    fit: {
      rmse,
      relative: rows.isRelative ? rmse / (rows.seen.before * scale) : undefined,
      judgement,
      timesBefore: before,
      timesAfter: times.length - before,
    },
    series,
  };
}
