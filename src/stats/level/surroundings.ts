/**
 * What a day did to everybody else, so that nobody is found for it: first to all, then to the units of the same
 * parent, each with a ridge so that few say little (one step of Newton's method, leaving oneself out).
 */
import { clip } from "../detect/beta-binomial.ts";
import type { Family } from "./family.ts";
import { DIRECTIONS } from "./side.ts";
import type { Today, Unit } from "./unit.ts";

/** Prior variance of what a day does to everybody, and to the units of one parent, in steps squared. */
const WHOLE_VARIANCE = 0.3;
const PARENT_VARIANCE = 0.05;
/** One unit pulls its surroundings by at most so many standard deviations a day. */
const PULL_DEVIATIONS = 1.5;
const NOTHING = { score: 0, information: 0 };

export function adjustDay(
  first: ReadonlyArray<Today | undefined>,
  units: ReadonlyArray<Unit>,
  family: Family,
): Array<Today | undefined> {
  const hasChildren = new Set(units.map(({ parent }) => parent));
  const score = new Float64Array(units.length);
  const information = new Float64Array(units.length);
  const whole = { score: 0, information: 0 };
  const own = first.map((of, at) => {
    // Sums speak through their parts; who is known to have changed says nothing of the others' day.
    if (of === undefined || of.error === Infinity || hasChildren.has(at)) return undefined;
    const { unit, value, expected } = of;
    if (DIRECTIONS.some((direction) => unit.sides[direction].alarm !== undefined)) return undefined;
    const i = family.information(expected);
    const bound = PULL_DEVIATIONS * Math.sqrt(i);
    const s = clip(family.score(value, expected), -bound, bound);
    for (let above = unit.parent; above !== -1; above = units[above]!.parent) {
      score[above]! += s;
      information[above]! += i;
    }
    whole.score += s;
    whole.information += i;
    return { score: s, information: i };
  });
  const sumOf = (at: number) => ({ score: score[at]!, information: information[at]! });
  return first.map((of, at) => {
    if (of === undefined || of.error === Infinity) return of;
    // A sum is compared with everything that is not under it.
    const mine = own[at] ?? (hasChildren.has(at) ? sumOf(at) : NOTHING);
    let shared =
      (whole.score - mine.score) / (whole.information - mine.information + 1 / WHOLE_VARIANCE);
    const { parent } = of.unit;
    if (parent !== -1) {
      const kin = sumOf(parent);
      const [s, i] = [kin.score - mine.score, kin.information - mine.information];
      shared += (s - i * shared) / (i + 1 / PARENT_VARIANCE);
    }
    const { mean, spread } = of.expected;
    const expected = { mean: family.move(mean, spread, shared), spread };
    return { ...of, expected, shift: of.shift + shared };
  });
}
