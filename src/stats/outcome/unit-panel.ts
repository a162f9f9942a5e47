/**
 * Units watched over the same times, made comparable: one row for the treated group, one for each
 * control.
 *
 * A town of ten thousand orders and one of a hundred are put on one scale by dividing each by its own
 * usual level before the start, so a row says "1.04 times its usual". Where levels are not above zero
 * (a balance, a difference) one common scale is used for all.
 *
 * Holes of controls are filled with what the unit's level and the others' time would give, which says
 * nothing new about the unit; times at which no treated unit has a value are left out. On daily data each
 * unit's own weekdays are taken off as far as they are real.
 */
import { assert } from "../../std/assert.ts";
import { takeWeekdaysOff, WEEKDAYS_FROM } from "./unit-weekdays.ts";

/** Values by unit, then by time; NaN is a hole. Times are in steps of the data: days, weeks, months. */
export type UnitPanel = {
  readonly units: ReadonlyArray<{ readonly id: string; readonly values: Float64Array }>;
  /** Rising; a skipped number is a time without data. */
  readonly times: ReadonlyArray<number>;
  /** True when a step is a day: then weekdays are looked for. */
  readonly isDaily: boolean;
};

export type GroupQuestion = {
  readonly treated: ReadonlyArray<string>;
  /** Index of the first time of the action, and of the first time after the window. */
  readonly start: number;
  readonly end: number;
};

export type ComparableRows = {
  /** Row 0 is the treated group, row i the control `controls[i - 1]`. */
  readonly rows: ReadonlyArray<Float64Array>;
  readonly controls: ReadonlyArray<string>;
  /** Controls that could not be used, and why. */
  readonly leftOut: ReadonlyArray<{ readonly unit: string; readonly reason: string }>;
  /** Of the columns that are kept. */
  readonly times: ReadonlyArray<number>;
  /** Columns before the action; the rest are after it. */
  readonly before: number;
  /** Mean of one treated unit in units of the data = row 0 x this. */
  readonly scale: number;
  /** Rows are shares of each unit's usual level, so they can be read in per cent. */
  readonly isRelative: boolean;
  /** Means of row 0 before and after the start, as they were seen. */
  readonly seen: { readonly before: number; readonly after: number };
  /** Seen cells of treated units after the start. */
  readonly cellsAfter: number;
};

/** Older times than so many before the start add next to nothing, and cost time. */
export const BEFORE_MAX = 250;
/** A control must show so much of the times before, and of those after. */
const SEEN_SHARE_MIN = 0.5;
/**
 * Levels in per cent are given up when more of the cells, or of the controls' levels, are not above
 * zero.
 */
const NEGATIVE_SHARE_MAX = 0.05;
const NO_LEVEL_SHARE_MAX = 0.2;

export function toComparableRows(panel: UnitPanel, question: GroupQuestion): ComparableRows {
  const isTreated = new Set(question.treated);
  const treated = panel.units.filter(({ id }) => isTreated.has(id));
  assert(treated.length === isTreated.size, "every treated unit is in the panel");
  const columns = chooseColumns(panel, treated, question);
  const before = columns.filter((t) => t < question.start).length;
  const others = panel.units.filter(({ id }) => !isTreated.has(id));
  const cut = (unit: UnitPanel["units"][number]) =>
    Float64Array.from(columns, (t) => unit.values[t] ?? NaN);
  const treatedRows = treated.map(cut);
  const isRelative = canBeRelative(treatedRows, others.map(cut), before);

  const controls: string[] = [];
  const controlRows: Float64Array[] = [];
  const leftOut: { unit: string; reason: string }[] = [];
  for (const unit of others) {
    const values = cut(unit);
    const reason = explainUnfit(values, before, isRelative);
    if (reason !== undefined) leftOut.push({ unit: unit.id, reason });
    else {
      controls.push(unit.id);
      controlRows.push(values);
    }
  }
  const common = rootMeanSquare([...treatedRows, ...controlRows]);
  const scaleOf = (values: Float64Array) => (isRelative ? meanOf(values, 0, before) : common);
  const scales = treatedRows.map(scaleOf);
  const rows = [
    poolRows(treatedRows, scales),
    ...controlRows.map((values) => {
      const scale = scaleOf(values);
      return values.map((value) => value / scale);
    }),
  ];
  fillHoles(rows, before);
  const group = rows[0] ?? new Float64Array();
  const seen = { before: meanOf(group, 0, before), after: meanOf(group, before, group.length) };
  const times = columns.map((t) => panel.times[t] ?? t);
  if (panel.isDaily && before >= WEEKDAYS_FROM) takeWeekdaysOff(rows, times, before);
  return {
    rows,
    controls,
    leftOut,
    times,
    before,
    scale: scales.reduce((sum, scale) => sum + scale, 0) / scales.length,
    isRelative,
    seen,
    cellsAfter: treatedRows.reduce(
      (sum, values) => sum + countSeen(values, before, values.length),
      0,
    ),
  };
}

/** Times with a treated value, the last `BEFORE_MAX` before the start and all in the window. */
function chooseColumns(
  panel: UnitPanel,
  treated: UnitPanel["units"],
  { start, end }: GroupQuestion,
): ReadonlyArray<number> {
  const seen = panel.times
    .map((_, t) => t)
    .filter((t) => t < end && treated.some(({ values }) => !Number.isNaN(values[t])));
  const before = seen.filter((t) => t < start).slice(-BEFORE_MAX);
  return [...before, ...seen.filter((t) => t >= start)];
}

/** A level in per cent makes sense when values are hardly ever negative and usually above zero. */
function canBeRelative(
  treated: ReadonlyArray<Float64Array>,
  controls: ReadonlyArray<Float64Array>,
  before: number,
): boolean {
  let [negative, seen, flat] = [0, 0, 0];
  for (const values of [...treated, ...controls]) {
    seen += countSeen(values, 0, values.length);
    for (const value of values) if (value < 0) negative += 1;
  }
  for (const values of controls) if (!(meanOf(values, 0, before) > 0)) flat += 1;
  return (
    treated.every((values) => meanOf(values, 0, before) > 0) &&
    negative <= NEGATIVE_SHARE_MAX * seen &&
    flat <= NO_LEVEL_SHARE_MAX * controls.length
  );
}

function explainUnfit(
  values: Float64Array,
  before: number,
  isRelative: boolean,
): string | undefined {
  const seenBefore = countSeen(values, 0, before);
  const seenAfter = countSeen(values, before, values.length);
  if (
    seenBefore < SEEN_SHARE_MIN * before ||
    seenAfter < SEEN_SHARE_MIN * (values.length - before)
  ) {
    return `only ${seenBefore} of ${before} times before and ${seenAfter} of ${values.length - before} after`;
  }
  if (isRelative && !(meanOf(values, 0, before) > 0)) return "nothing above zero before the start";
  return undefined;
}

/** Sum of what is seen over the sum of the scales of those seen. */
function poolRows(
  values: ReadonlyArray<Float64Array>,
  scales: ReadonlyArray<number>,
): Float64Array {
  return Float64Array.from({ length: values[0]?.length ?? 0 }, (_, t) => {
    let [sum, whole] = [0, 0];
    values.forEach((row, i) => {
      const value = row[t] ?? NaN;
      if (Number.isNaN(value)) return;
      sum += value;
      whole += scales[i] ?? 0;
    });
    return sum / whole;
  });
}

/** Level of the unit plus the controls' mean of the time, found in a few rounds. */
function fillHoles(rows: ReadonlyArray<Float64Array>, before: number): void {
  const [first] = rows;
  if (first === undefined || rows.every((row) => !row.some(Number.isNaN))) return;
  const length = first.length;
  const level = new Float64Array(rows.length);
  const time = new Float64Array(length);
  for (let round = 0; round < 4; round++) {
    for (let t = 0; t < length; t++) {
      let [sum, seen] = [0, 0];
      for (let i = 1; i < rows.length; i++) {
        const value = rows[i]?.[t] ?? NaN;
        if (Number.isNaN(value)) continue;
        sum += value - (level[i] ?? 0);
        seen += 1;
      }
      if (seen > 0) time[t] = sum / seen;
    }
    rows.forEach((row, i) => {
      const until = i === 0 ? before : length;
      const rest = row.map((value, t) => value - (time[t] ?? 0));
      level[i] = meanOf(rest, 0, until);
    });
  }
  rows.forEach((row, i) => {
    row.forEach((value, t) => {
      if (Number.isNaN(value)) row[t] = (level[i] ?? 0) + (time[t] ?? 0);
    });
  });
}

/** Of what is seen; NaN when nothing is. */
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

function countSeen(values: Float64Array, from: number, until: number): number {
  let seen = 0;
  for (let t = from; t < until; t++) if (!Number.isNaN(values[t])) seen += 1;
  return seen;
}

function rootMeanSquare(rows: ReadonlyArray<Float64Array>): number {
  let [sum, seen] = [0, 0];
  for (const values of rows) {
    for (const value of values) {
      if (Number.isNaN(value)) continue;
      sum += value * value;
      seen += 1;
    }
  }
  return Math.sqrt(sum / Math.max(1, seen)) || 1;
}
