/** What a change of a level says of itself: since when, how much, how sure. */
import type { Family } from "./family.ts";
import type { LevelSettings } from "./settings.ts";
import { type Direction, findSince } from "./side.ts";
import type { Today, Unit } from "./unit.ts";

export type LevelFinding = {
  readonly unit: number;
  readonly direction: Direction;
  readonly changeDay: number;
  readonly day: number;
  /** Expected and seen means since the change, and the lasting level with its 95% interval. */
  readonly baseline: number;
  readonly seen: number;
  readonly level: { readonly mean: number; readonly low: number; readonly high: number };
  /** The lasting change on the family's scale. */
  readonly step: number;
  readonly days: number;
  readonly evidence: number;
  readonly bar: number;
  readonly confidence: number;
};

const Z95 = 1.96;
/** Standard deviation of a change before it is seen, in logarithms or in standard deviations. */
const CHANGE_DEVIATION = { counts: 0.7, amounts: 1.5, numbers: 1.5 };
/** By what a change is less certain than its days say, because its first day is estimated too. */
const DATED_BY_EYE = 1.25;

/** Undefined when the evidence points to no change. */
export function describeChange(
  { unit, expected, error }: Today,
  family: Family,
  { changePerDay }: LevelSettings,
  of: Pick<LevelFinding, "unit" | "direction" | "day" | "evidence" | "bar">,
): LevelFinding | undefined {
  const since = findSince(unit.sides[of.direction]);
  if (since === undefined) return undefined;
  const baseline = since.means / since.days;
  const seen = since.values / since.days;
  // Normal around no change before it is seen: whoever is reported is reported at its worst.
  const prior = CHANGE_DEVIATION[family.name] ** 2;
  const variance = 1 / Math.max(since.information, 1e-9) + error ** 2;
  const share = prior / (prior + variance);
  const step = family.stepsBetween(baseline, seen, expected.spread) * share;
  const reach = Z95 * DATED_BY_EYE * Math.sqrt(variance * share);
  const levelAt = (by: number) => family.fromScale(family.move(baseline, expected.spread, by));
  const odds = changePerDay * of.evidence;
  return {
    ...of,
    changeDay: since.day,
    baseline: family.fromScale(baseline),
    seen: family.fromScale(seen),
    level: { mean: levelAt(step), low: levelAt(step - reach), high: levelAt(step + reach) },
    step,
    days: since.days,
    confidence: odds / (1 + odds),
  };
}

/** A change of a sum belongs to the one part that has so much of it. */
const CHILD_SHARE = 0.7;

/** One change, one finding: of the sum if its parts moved together, of the part that did it all if not. */
export function keepCoarsest(
  findings: ReadonlyArray<LevelFinding>,
  units: ReadonlyArray<Unit>,
  family: Family,
): LevelFinding[] {
  const isOfOnePart = ({ unit: of, direction, seen, baseline, days }: LevelFinding): boolean =>
    units.some(({ parent, sides }) => {
      if (parent !== of) return false;
      if (sides[direction].alarm !== undefined) return true;
      const since = findSince(sides[direction]);
      if (since === undefined) return false;
      const rise =
        family.fromScale(since.values / since.days) - family.fromScale(since.means / since.days);
      return (rise * since.days) / ((seen - baseline) * days) >= CHILD_SHARE;
    });
  const kept = findings.filter((finding) => !isOfOnePart(finding));
  const isTold = (at: number, direction: Direction) =>
    units[at]!.sides[direction].alarm !== undefined ||
    kept.some((other) => other.unit === at && other.direction === direction);
  return kept.filter(({ unit, direction }) => {
    for (let at = units[unit]!.parent; at !== -1; at = units[at]!.parent) {
      if (isTold(at, direction)) return false;
    }
    return true;
  });
}
