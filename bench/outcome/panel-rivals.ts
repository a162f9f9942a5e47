/**
 * What else is used on such panels, for comparison: before and after, ordinary
 * difference-in-differences, and synthetic difference-in-differences as published. Relative effects;
 * shares of each unit's level before.
 */
import type { Panel } from "./panel-world.ts";

export type Rival = { readonly name: string; readonly estimate: (panel: Panel) => number };

export const PANEL_RIVALS: ReadonlyArray<Rival> = [
  { name: "before/after", estimate: beforeAfter },
  { name: "DiD", estimate: (panel) => compare(panel, differenceInDifferences) },
  { name: "SDID", estimate: (panel) => compare(panel, syntheticDid) },
];

const STEPS_MAX = 400;

function beforeAfter(panel: Panel): number {
  const [treated = new Float64Array()] = toShares(panel);
  return meanOf(treated, panel.before, panel.times) - 1;
}

type Comparison = (rows: ReadonlyArray<Float64Array>, before: number) => number;

function compare(panel: Panel, comparison: Comparison): number {
  const rows = toShares(panel);
  const effect = comparison(rows, panel.before);
  return effect / (meanOf(rows[0] ?? new Float64Array(), panel.before, panel.times) - effect);
}

/** Row 0 is the sum of the treated; lost cells are the unit's level, which is kind to the rivals. */
function toShares({ values, treated, before, times }: Panel): ReadonlyArray<Float64Array> {
  const filled = values.map((row) => {
    const level = meanOf(row, 0, before);
    return row.map((value) => (Number.isNaN(value) ? level : value));
  });
  const group = Float64Array.from({ length: times }, (_, t) =>
    filled.slice(0, treated).reduce((sum, row) => sum + (row[t] ?? 0), 0),
  );
  return [group, ...filled.slice(treated)].map((row) => {
    const level = meanOf(row, 0, before);
    return row.map((value) => value / level);
  });
}

function differenceInDifferences(rows: ReadonlyArray<Float64Array>, before: number): number {
  const change = (row: Float64Array) => meanOf(row, before, row.length) - meanOf(row, 0, before);
  const [treated = new Float64Array(), ...controls] = rows;
  return change(treated) - controls.reduce((sum, row) => sum + change(row), 0) / controls.length;
}

/** Arkhangelsky and others (2021), algorithm 1. */
function syntheticDid(rows: ReadonlyArray<Float64Array>, before: number): number {
  const [treated = new Float64Array(), ...controls] = rows;
  const after = treated.length - before;
  const sigma = deviationOfSteps(controls, before);
  const unitWeights = solveSimplex(
    controls.map((row) => row.subarray(0, before)),
    treated.subarray(0, before),
    after ** 0.25 * sigma,
  );
  const timeColumns = Array.from({ length: before }, (_, t) =>
    Float64Array.from(controls, (row) => row[t] ?? 0),
  );
  const afterMeans = Float64Array.from(controls, (row) => meanOf(row, before, row.length));
  const timeWeights = solveSimplex(timeColumns, afterMeans, 1e-6 * sigma);
  const change = (row: Float64Array) =>
    meanOf(row, before, row.length) -
    timeWeights.reduce((sum, weight, t) => sum + weight * (row[t] ?? 0), 0);
  return (
    change(treated) - controls.reduce((sum, row, j) => sum + (unitWeights[j] ?? 0) * change(row), 0)
  );
}

/**
 * min over the simplex of |centred columns x w - target|^2 / rows + zeta^2 |w|^2, by Frank and
 * Wolfe.
 */
function solveSimplex(
  columns: ReadonlyArray<Float64Array>,
  target: Float64Array,
  zeta: number,
): Float64Array {
  const rows = target.length;
  const centre = (values: Float64Array) => {
    const mean = meanOf(values, 0, rows);
    return values.map((value) => value - mean);
  };
  const centred = columns.map(centre);
  const wanted = centre(target);
  const ridge = rows * zeta ** 2;
  const weights = new Float64Array(columns.length).fill(1 / columns.length);
  const rest = Float64Array.from({ length: rows }, (_, k) =>
    centred.reduce(
      (sum, column, j) => sum + (weights[j] ?? 0) * (column[k] ?? 0),
      -(wanted[k] ?? 0),
    ),
  );
  for (let step = 0; step < STEPS_MAX; step++) {
    let [best, lowest] = [0, Infinity];
    centred.forEach((column, j) => {
      let slope = ridge * (weights[j] ?? 0);
      for (let k = 0; k < rows; k++) slope += (rest[k] ?? 0) * (column[k] ?? 0);
      if (slope < lowest) [best, lowest] = [j, slope];
    });
    const column = centred[best] ?? new Float64Array(rows);
    // Towards the corner: the fit moves by the corner's column less the present fit.
    let [along, length] = [0, 0];
    const move = Float64Array.from({ length: rows }, (_, k) => {
      const d = (column[k] ?? 0) - ((rest[k] ?? 0) + (wanted[k] ?? 0));
      along -= d * (rest[k] ?? 0);
      length += d * d;
      return d;
    });
    weights.forEach((weight, j) => {
      const d = Number(j === best) - weight;
      along -= ridge * d * weight;
      length += ridge * d * d;
    });
    const share = Math.min(1, along / length);
    if (!(share > 1e-8)) break;
    weights.forEach((weight, j) => (weights[j] = (1 - share) * weight));
    weights[best] = (weights[best] ?? 0) + share;
    for (let k = 0; k < rows; k++) rest[k] = (rest[k] ?? 0) + share * (move[k] ?? 0);
  }
  return weights;
}

function deviationOfSteps(rows: ReadonlyArray<Float64Array>, before: number): number {
  const steps = rows.flatMap((row) =>
    Array.from({ length: before - 1 }, (_, t) => (row[t + 1] ?? 0) - (row[t] ?? 0)),
  );
  const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
  return Math.sqrt(steps.reduce((sum, step) => sum + (step - mean) ** 2, 0) / (steps.length - 1));
}

function meanOf(values: Float64Array, from: number, until: number): number {
  let [sum, seen] = [0, 0];
  for (let t = from; t < until; t++) {
    const value = values[t] ?? NaN;
    if (Number.isNaN(value)) continue;
    sum += value;
    seen += 1;
  }
  return sum / seen;
}
