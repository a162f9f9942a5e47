/**
 * A file of daily figures in columns, and the tree that its subjects form.
 *
 * Rows come in any order. A subject that names no parent lies under the whole, which is nobody's row and
 * sums them all. Rows of a subject that has others below it say only what it lies under: its figures are
 * the sum of theirs.
 */
import { InterlockError } from "../../std/errors.ts";

export const WHOLE = "(whole)";

export type SeriesTable = {
  /** By index; the order of first appearance. */
  readonly subjects: ReadonlyArray<string>;
  /** Index of the subject above, or -1. */
  readonly parents: ReadonlyArray<number>;
  /** Names of strata, where rows have one. */
  readonly strata: ReadonlyArray<string>;
  /** Per row. `stratum` is -1 where there is none. */
  readonly subject: Int32Array;
  readonly day: Int32Array;
  readonly stratum: Int32Array;
} & (
  | { readonly kind: "rates"; readonly n: Float64Array; readonly k: Float64Array }
  | { readonly kind: "levels"; readonly value: Float64Array }
);

/** Levels of subjects between the finest and the whole. */
const HEIGHT_MAX = 2;

/** 0 for subjects with nothing below them, else one more than the highest below. */
export function computeHeights({ subjects, parents }: SeriesTable): ReadonlyArray<number> {
  const heights = subjects.map(() => 0);
  for (let at = 0; at < subjects.length; at++) {
    let height = 0;
    for (let above = parents[at]!; above !== -1; above = parents[above]!) {
      height += 1;
      if (height > subjects.length) {
        throw new InterlockError(
          "detect/parent-cycle",
          `\`${subjects[at]}\` lies under itself by way of its parents`,
          { help: "a parent is coarser than its children; mend the column `parent`" },
        );
      }
      heights[above] = Math.max(heights[above]!, height);
    }
  }
  const tooHigh = heights.findIndex((height) => height > HEIGHT_MAX);
  if (tooHigh !== -1) {
    throw new InterlockError(
      "detect/too-deep",
      `\`${subjects[tooHigh]}\` has ${heights[tooHigh]} levels of subjects below it`,
      { help: `at most ${HEIGHT_MAX} levels of parents stand over the finest subjects` },
    );
  }
  return heights;
}

/** Row numbers by day, days rising: `rowsOf(i)` are those of `days[i]`. */
export function groupByDay({ day }: SeriesTable): {
  readonly days: ReadonlyArray<number>;
  rowsOf(at: number): Int32Array;
} {
  const counts = new Map<number, number>();
  for (const each of day) counts.set(each, (counts.get(each) ?? 0) + 1);
  const days = [...counts.keys()].sort((a, b) => a - b);
  const starts = new Map<number, number>();
  let start = 0;
  for (const each of days) {
    starts.set(each, start);
    start += counts.get(each)!;
  }
  const next = new Map(starts);
  const rows = new Int32Array(day.length);
  for (let row = 0; row < day.length; row++) {
    const at = next.get(day[row]!)!;
    rows[at] = row;
    next.set(day[row]!, at + 1);
  }
  return {
    days,
    rowsOf: (at) => {
      const from = starts.get(days[at]!)!;
      return rows.subarray(from, from + counts.get(days[at]!)!);
    },
  };
}
