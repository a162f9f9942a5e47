/**
 * What it costs to prove that a charter has no gap, as its rules and dimensions grow.
 *
 * Beside the diagram stand the two ways one writes first: every combination of bounds walked, which is
 * exact and ends only for small tables, and points drawn by chance, which always ends and sees little.
 * What each found is told with its time; the walk is checked against the diagram.
 */
import { loadPapers } from "../loops/logistics-marketing/loop.ts";
import {
  AXES,
  holdsAt,
  isInRange,
  minutesOf,
  type Point,
  rangeOn,
} from "../src/core/charter/condition.ts";
import { findGaps } from "../src/core/charter/space/gaps.ts";
import type { MeasuredName, Where } from "../src/core/charter/space/region.ts";
import type { Charter } from "../src/core/charter/types.ts";
import { integerBetween, type Random, randomFrom } from "../src/std/random.ts";
import { type CharterShape, randomCharter } from "../test/kit/random-charter.ts";
import { type Sample, summarise } from "./sample.ts";
import type { BenchSettings } from "./settings.ts";

/** Combinations walked at most; a walk that would need more is not begun. */
const WALK_MAX = 1_000_000;
const POINTS = 20_000;
const VALUE_MAX_MINOR = 100_000_000;
const SUBJECTS_MAX = 400;

/** Whether something is uncovered, and how many rules never decide. */
type Seen = { readonly isGapSeen: boolean; readonly unreached: number };

export type GapRow = {
  /** `tiered`: a few round bounds again and again; `scattered`: bounds of its own in every rule. */
  readonly kind: CharterShape["kind"];
  readonly rules: number;
  readonly dimensions: number;
  readonly ms: Sample;
  /** Regions in which the diagram found no rule, over all charters of the row. */
  readonly regions: number;
  readonly unreachable: number;
  /** Null where there were too many combinations. */
  readonly walkMs: number | null;
  readonly combinations: number;
  readonly sampleMs: number;
  /** Rules that the points never met though they can decide. */
  readonly wronglyUnreached: number;
  /** Of the regions, those that some point fell into. */
  readonly regionsSeen: number;
};

export function benchGaps(
  settings: BenchSettings,
  report: (done: number, total: number) => void,
): ReadonlyArray<GapRow> {
  const { rules, dimensions, charters } = settings.gaps;
  const like = loadPapers().charter;
  const most = Math.max(...dimensions);
  const middle = 6;
  const shapes: Shape[] = [
    ...rules.map((count) => ({ rules: count, dimensions: middle, kind: "tiered" as const })),
    ...rules.map((count) => ({ rules: count, dimensions: middle, kind: "scattered" as const })),
    ...dimensions
      .filter((count) => count !== middle)
      .map((count) => ({ rules: 60, dimensions: count, kind: "tiered" as const })),
  ];
  // A first turn that is not counted: the compiler has its say in it.
  for (let i = 0; i < 20; i++)
    findGaps(draw(like, { rules: 30, dimensions: most, kind: "tiered" }, i));
  return shapes.map((shape, i) => {
    const row = measure(like, shape, charters);
    report(i + 1, shapes.length);
    return row;
  });
}

type Shape = Pick<CharterShape, "rules" | "dimensions" | "kind">;

function draw(like: Charter, shape: Shape, number: number): Charter {
  const random = randomFrom("bench-gaps", number, shape.rules, shape.dimensions);
  return randomCharter(random, like, { ...shape, stated: 0.7 });
}

function measure(like: Charter, shape: Shape, charters: number): GapRow {
  const times: number[] = [];
  const sum = { regions: 0, unreachable: 0, walkMs: 0, combinations: 0, sampleMs: 0 };
  const seen = { wronglyUnreached: 0, regionsSeen: 0 };
  let isWalked = true;
  for (let number = 0; number < charters; number++) {
    const charter = draw(like, shape, number);
    const [found, ms] = timed(() => findGaps(charter));
    times.push(ms);
    if (!found.isComplete && found.size.steps === 0)
      throw new Error("a tiered table was too large");
    const never = found.findings.filter(({ kind }) => kind === "unreachable" || kind === "limit");
    const regions = found.findings.flatMap(({ region, kind }) =>
      kind === "uncovered" && region !== undefined ? [region.where] : [],
    );
    sum.regions += regions.length;
    sum.unreachable += never.length;
    const bounds = boundsOf(charter);
    const combinations = bounds.reduce((product, list) => product * list.length, 1);
    sum.combinations = Math.max(sum.combinations, combinations);
    if (combinations <= WALK_MAX && isWalked) {
      const [walked, walkMs] = timed(() => walk(charter, bounds));
      sum.walkMs += walkMs;
      if (walked.isGapSeen !== regions.length > 0 || walked.unreached !== never.length) {
        throw new Error("the walk and the diagram do not agree");
      }
    } else isWalked = false;
    const [sampled, sampleMs] = timed(() => sample(charter, randomFrom("bench-points", number)));
    sum.sampleMs += sampleMs;
    seen.wronglyUnreached += sampled.unreached - never.length;
    seen.regionsSeen += regions.filter((where) =>
      sampled.uncovered.some((point) => isIn(where, point)),
    ).length;
  }
  return {
    ...shape,
    ms: summarise(times),
    regions: sum.regions,
    unreachable: sum.unreachable,
    walkMs: isWalked ? sum.walkMs / charters : null,
    combinations: sum.combinations,
    sampleMs: sum.sampleMs / charters,
    ...seen,
  };
}

function timed<T>(work: () => T): readonly [result: T, ms: number] {
  const from = performance.now();
  const result = work();
  return [result, performance.now() - from];
}

/** Where something can change, on each dimension: options, undone or not, the axes, the week. */
function boundsOf({ options, rules }: Charter): ReadonlyArray<ReadonlyArray<number>> {
  const axes = AXES.map((axis) => {
    const least = axis === "subjects" ? 1 : 0;
    const most = axis === "valueAtStake" ? VALUE_MAX_MINOR : axis === "subjects" ? SUBJECTS_MAX : 1;
    const ranges = rules.map(({ when }) => rangeOn(when, axis));
    const bounds = ranges.flatMap((range) => [range?.atLeast ?? least, range?.below ?? least]);
    return [...new Set([least, ...bounds])].filter((bound) => bound >= least && bound <= most);
  });
  const minutes = rules.flatMap(({ when }) =>
    when.time === undefined
      ? []
      : minutesOf(when.time).flatMap(({ atLeast, below }) => [atLeast, below % 10_080]),
  );
  return [[...options.keys()], [0, 1], ...axes, [...new Set([0, ...minutes])]];
}

function pointOf({ options }: Charter, at: ReadonlyArray<number>): Point {
  const [option = 0, reversible = 0, valueAtStake = 0, confidence = 0, subjects = 0] = at;
  const [, , , , , shareOfOrders = 0, shareOfSpend = 0, time = 0] = at;
  return {
    option: options[option] ?? "",
    reversible: reversible === 1,
    valueAtStake,
    confidence,
    subjects,
    shareOfOrders,
    shareOfSpend,
    time,
  };
}

function walk(charter: Charter, bounds: ReadonlyArray<ReadonlyArray<number>>): Seen {
  const reached = new Set<number>();
  const at = bounds.map((list) => list[0] ?? 0);
  let isGapSeen = false;
  const step = (dimension: number): void => {
    if (dimension === bounds.length) {
      const point = pointOf(charter, at);
      const first = charter.rules.findIndex(({ when }) => holdsAt(when, point));
      if (first === -1) isGapSeen = true;
      else reached.add(first);
      return;
    }
    for (const bound of bounds[dimension] ?? []) {
      at[dimension] = bound;
      step(dimension + 1);
    }
  };
  step(0);
  return { isGapSeen, unreached: charter.rules.length - reached.size };
}

function sample(
  charter: Charter,
  random: Random,
): { readonly uncovered: ReadonlyArray<Point>; readonly unreached: number } {
  const reached = new Set<number>();
  const uncovered: Point[] = [];
  for (let i = 0; i < POINTS; i++) {
    const point = pointOf(charter, [
      integerBetween(random, 0, charter.options.length),
      integerBetween(random, 0, 2),
      integerBetween(random, 0, VALUE_MAX_MINOR + 1),
      random.next(),
      integerBetween(random, 1, SUBJECTS_MAX + 1),
      random.next(),
      random.next(),
      integerBetween(random, 0, 10_080),
    ]);
    const first = charter.rules.findIndex(({ when }) => holdsAt(when, point));
    if (first === -1) uncovered.push(point);
    else reached.add(first);
  }
  return { uncovered, unreached: charter.rules.length - reached.size };
}

/** What a region does not name, it leaves out nothing of; points are within the limits. */
function isIn({ actions, ...measured }: Where, point: Point): boolean {
  return (
    actions.some(
      ({ option, reversible }) => option === point.option && reversible === point.reversible,
    ) &&
    Object.entries(measured).every(([name, stretches]) =>
      stretches.some((stretch) => isInRange(point[name as MeasuredName], stretch)),
    )
  );
}
