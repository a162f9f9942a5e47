/**
 * Which scale, which shape of noise and how much trust in likeness: chosen by what would have told the
 * untouched units best.
 *
 * Every control is foretold from the others over the very window of the question. The setting's score is
 *
 *   N/2 ln(mean of squared gaps)        how well the untouched are foretold, in the window
 *   + mean misfit of the controls       what their times before say of the noise: one unit's worth
 *   + misfit of the treated group       what its own times before say of likeness and trend,
 *     less its misfit without either    and of nothing else
 *   + 3 for a trend of its own          it is foretold far ahead, so it must be plain
 *
 * and the lowest is taken. What the treated did after the start is never looked at. Rows are compared as
 * they are and, where all are above zero, as logarithms (growth that compounds, factors that multiply).
 *
 * A control that strays after the start as none should (a shock of its own, an action that nobody told
 * of) is dropped and the rest is done again: more than five times the usual stray, the usual being the
 * median (Hampel 1974). At most one in ten is dropped, and the report says which.
 */
import { computeView, foretell, type Foretold, type View } from "./counterfactual.ts";
import { NOISE_SHAPES, type NoiseShape } from "./noise-shape.ts";
import type { ComparableRows } from "./unit-panel.ts";

export type Setting = {
  readonly shape: NoiseShape;
  readonly adapt: number;
  /** Variance of the noise that `adapt` is measured against, in squared units of the rows. */
  readonly noise: number;
  readonly isLog: boolean;
  readonly view: View;
  readonly treated: Foretold;
  /** Each control as if it had been acted on. */
  readonly placebos: ReadonlyArray<Foretold>;
  /** Rows that were compared: row 0 and the controls that were kept, logarithms where `isLog`. */
  readonly rows: ReadonlyArray<Float64Array>;
  readonly controls: ReadonlyArray<string>;
  /** Controls that strayed too far after the start. */
  readonly dropped: ReadonlyArray<string>;
};

const ADAPTS = [0, 0.1, 0.3, 1, 3, 10, 30, 100];
/** At this much trust in likeness the controls' own past is read for the noise. */
const ADAPT_OF_PAST = 0.3;
const TREND_PENALTY = 3;
const STRAY_MAX = 5;
/** With few controls the median is a poor yardstick. */
const STRAY_MAX_FEW = 8;
const FEW_CONTROLS = 12;
const DROPPED_SHARE_MAX = 0.1;
/** Median of |Z| for a standard normal Z. */
const MEDIAN_OF_NORMAL = 0.6745;
const NOISE_MIN = 1e-14;

export function chooseSetting(panel: ComparableRows): Setting {
  const plain = settleStrays(panel, false);
  if (!panel.isRelative || panel.rows.some((row) => row.some((value) => value <= 0))) {
    return plain.setting;
  }
  const log = settleStrays(panel, true);
  return log.score < plain.score ? log.setting : plain.setting;
}

type Scored = { readonly setting: Setting; readonly score: number };

function settleStrays(panel: ComparableRows, isLog: boolean): Scored {
  const droppedMax = Math.max(1, Math.floor(DROPPED_SHARE_MAX * panel.controls.length));
  let kept = panel.controls.map((_, i) => i + 1);
  for (;;) {
    const best = search(panel, kept, isLog);
    const strays = findStrays(best.setting.placebos);
    const dropped = panel.controls.length - kept.length + strays.size;
    if (strays.size === 0 || dropped > droppedMax) return best;
    kept = kept.filter((_, i) => !strays.has(i));
  }
}

/** How far a placebo strays, in its own unrest: about a Student's t. */
export function toStray({ gap, variance, unrest }: Foretold): number {
  return gap / Math.sqrt(variance * unrest);
}

function findStrays(placebos: ReadonlyArray<Foretold>): ReadonlySet<number> {
  const strays = placebos.map((placebo) => Math.abs(toStray(placebo)));
  const sorted = [...strays].sort((a, b) => a - b);
  const usual = (sorted[Math.floor(sorted.length / 2)] ?? 0) / MEDIAN_OF_NORMAL;
  const limit = usual * (strays.length < FEW_CONTROLS ? STRAY_MAX_FEW : STRAY_MAX);
  return new Set(strays.flatMap((stray, i) => (stray > limit ? [i] : [])));
}

function search(panel: ComparableRows, kept: ReadonlyArray<number>, isLog: boolean): Scored {
  const { before, times } = panel;
  const rows = [0, ...kept].map((i) => {
    const row = panel.rows[i] ?? new Float64Array();
    return isLog ? row.map(Math.log) : row;
  });
  const apart = lessMean(rows);
  const noise = Math.max(NOISE_MIN, varianceOf(apart));
  const N = kept.length;
  const units = kept.map((_, i) => i + 1);
  // On logarithms a gap counts by what it is in the level, so that both scales can be compared.
  const meansAfter = [0, ...kept].map((i) => {
    const row = panel.rows[i] ?? new Float64Array();
    return row.subarray(before).reduce((sum, value) => sum + value, 0) / (row.length - before);
  });
  const inLevel = (gap: number, unit: number) =>
    isLog ? (meansAfter[unit] ?? 1) * (1 - Math.exp(-gap)) : gap;
  let jacobian = 0;
  if (isLog) for (let t = 0; t < before; t++) jacobian += rows[0]?.[t] ?? 0;

  let best: Scored | undefined;
  const pasts = new Map<string, { readonly controls: number; readonly treated: number }>();
  for (const shape of NOISE_SHAPES) {
    const view = computeView(apart, times, before, shape);
    // Shapes with a trend come after the same memory without one.
    const memory = `${shape.memory} ${shape.fresh}`;
    const past = pasts.get(memory) ?? {
      controls:
        units.reduce((sum, unit) => sum + foretell(view, unit, ADAPT_OF_PAST, noise).misfit, 0) / N,
      treated: foretell(view, 0, 0, noise).misfit,
    };
    pasts.set(memory, past);
    for (const adapt of ADAPTS) {
      const placebos = units.map((unit) => foretell(view, unit, adapt, noise));
      const treated = foretell(view, 0, adapt, noise);
      const squares = placebos.reduce((sum, { gap }, i) => sum + inLevel(gap, i + 1) ** 2, 0);
      const score =
        (N / 2) * Math.log(Math.max(NOISE_MIN, squares / N)) +
        past.controls +
        (treated.misfit - past.treated) +
        (shape.trend > 0 ? TREND_PENALTY : 0) +
        jacobian;
      if (best !== undefined && score >= best.score) continue;
      const controls = kept.map((i) => panel.controls[i - 1] ?? "");
      const dropped = panel.controls.filter((id) => !controls.includes(id));
      best = {
        score,
        setting: { shape, adapt, noise, isLog, view, treated, placebos, rows, controls, dropped },
      };
    }
  }
  if (best === undefined) throw new Error("no setting has a score");
  return best;
}

function lessMean(rows: ReadonlyArray<Float64Array>): ReadonlyArray<Float64Array> {
  const N = rows.length - 1;
  const mean = new Float64Array(rows[0]?.length ?? 0);
  for (const row of rows.slice(1)) {
    for (let t = 0; t < mean.length; t++) mean[t] = (mean[t] ?? 0) + (row[t] ?? 0) / N;
  }
  return rows.map((row) => row.map((value, t) => value - (mean[t] ?? 0)));
}

/** Of the controls around their own means, over the whole time. */
function varianceOf(rows: ReadonlyArray<Float64Array>): number {
  const controls = rows.slice(1);
  const sum = controls.reduce((whole, row) => {
    const mean = row.reduce((a, b) => a + b, 0) / row.length;
    return whole + row.reduce((a, b) => a + (b - mean) ** 2, 0) / (row.length - 1);
  }, 0);
  return sum / controls.length;
}
