/**
 * What became of a cohort by each age, when part of it is still under way.
 *
 * An order ends in one of several ways (delivered, failed, lost), and each end takes an order away
 * from the others: they compete. Counting ends among the ended favours whatever ends first.
 * Counting them among those that were still open when the day began does not, and cohorts of any
 * age can be pooled, each up to the age that it has reached.
 *
 * Aalen and Johansen (1978), in whole days: of n_a orders open when the day of age a begins, d_ja
 * end in j. S(a) = S(a-1) (1 - d_a / n_a) stay open, F_j(a) = F_j(a-1) + S(a-1) d_ja / n_a have
 * ended in j. Variance by the delta method (Marubini and Valsecchi 1995, ch. 10). Where nothing is
 * cut off, F_j is the plain share and the variance F (1 - F) / n.
 *
 * Left out: that orders of one day share their fate; the deviations are those of independent
 * orders.
 */
import { assert } from "../../std/assert.ts";

/** One day of age: orders open when it began, and of them those that ended on it, by outcome. */
export type AgeRow = { readonly atRisk: number; readonly ended: ReadonlyArray<number> };

/** Shares 0..1 of the cohort, by age in days from 0. */
export type Incidence = {
  readonly open: ReadonlyArray<number>;
  /** `ended[j][a]`: ended in outcome j at age a or before; with `open` it sums to 1. */
  readonly ended: ReadonlyArray<ReadonlyArray<number>>;
  /** Standard errors of `ended`. */
  readonly deviation: ReadonlyArray<ReadonlyArray<number>>;
};

/** A cohort seen at the end of the day on which it is `age` days old. */
export type SeenCohort = {
  readonly age: number;
  readonly size: number;
  /** `ended[j][a]` of its orders ended in outcome j at age a. */
  readonly ended: ReadonlyArray<ReadonlyArray<number>>;
};

/** Pools cohorts of any age into rows of ages 0 up to the oldest's. */
export function tabulateAges(cohorts: ReadonlyArray<SeenCohort>, outcomes: number): AgeRow[] {
  const ages = cohorts.reduce((most, { age }) => Math.max(most, age), -1) + 1;
  const atRisk = new Array<number>(ages).fill(0);
  const ended = Array.from({ length: ages }, () => new Array<number>(outcomes).fill(0));
  for (const cohort of cohorts) {
    let open = cohort.size;
    for (let age = 0; age <= cohort.age; age++) {
      atRisk[age]! += open;
      for (let j = 0; j < outcomes; j++) {
        const count = cohort.ended[j]?.[age] ?? 0;
        ended[age]![j]! += count;
        open -= count;
      }
      assert(open >= 0, "more orders of a cohort ended than it had");
    }
  }
  return atRisk.map((count, age) => ({ atRisk: count, ended: ended[age]! }));
}

/** An age that nobody was open at leaves everything as it was. */
export function computeIncidence(rows: ReadonlyArray<AgeRow>): Incidence {
  const outcomes = rows[0]?.ended.length ?? 0;
  const open: number[] = [];
  const ended: number[][] = Array.from({ length: outcomes }, () => []);
  let before = 1;
  for (const { atRisk, ended: ends } of rows) {
    const all = ends.reduce((sum, count) => sum + count, 0);
    assert(all <= atRisk * (1 + 1e-9), `${all} of ${atRisk} open orders ended`);
    ends.forEach((count, j) => {
      ended[j]!.push((ended[j]!.at(-1) ?? 0) + (atRisk === 0 ? 0 : (before * count) / atRisk));
    });
    before = atRisk === 0 ? before : Math.max(0, before * (1 - all / atRisk));
    open.push(before);
  }
  const deviation = ended.map((curve, j) =>
    curve.map((_, age) => Math.sqrt(computeVariance(rows, open, curve, j, age))),
  );
  return { open, ended, deviation };
}

function computeVariance(
  rows: ReadonlyArray<AgeRow>,
  open: ReadonlyArray<number>,
  curve: ReadonlyArray<number>,
  j: number,
  until: number,
): number {
  let variance = 0;
  for (let age = 0; age <= until; age++) {
    const { atRisk: n, ended } = rows[age]!;
    if (n === 0) continue;
    const all = ended.reduce((sum, count) => sum + count, 0);
    const own = ended[j]!;
    const rest = curve[until]! - curve[age]!;
    const before = age === 0 ? 1 : open[age - 1]!;
    // Where the last open orders end there is nothing after them to be uncertain of.
    if (n > all) variance += (rest ** 2 * all) / (n * (n - all));
    variance += (before ** 2 * (n - own) * own) / n ** 3;
    variance -= (2 * rest * before * own) / n ** 2;
  }
  return Math.max(0, variance);
}
