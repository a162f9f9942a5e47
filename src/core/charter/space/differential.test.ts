/**
 * The map of gaps against the ground: random charters, many points each, each point decided anew by
 * reading the rules from the top with nothing but comparisons of its own.
 *
 * A third of the points is anywhere, a third within regions that were reported, a third on bounds and
 * just beside them, where mistakes are made.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CharterShape, randomCharter } from "../../../../test/kit/random-charter.ts";
import { referenceCharter, referenceContract } from "../../../../test/kit/reference-loop.ts";
import { integerBetween, type Random, randomFrom } from "../../../std/random.ts";
import type { Contract } from "../../contract/types.ts";
import { AXES, minutesOf, MINUTES_A_WEEK, type Point } from "../condition.ts";
import type { Charter, Range } from "../types.ts";
import { decideAt, decideTable, locate } from "./decided-table.ts";
import { findGaps } from "./gaps.ts";
import type { Where } from "./region.ts";

const CHARTERS = 600;
const POINTS = 10_000;
/** One point in so many is also put to the slow functions. */
const SLOW_EVERY = 500;

/** In force for a month: the days are not what this is about. */
const like: Charter = {
  ...referenceCharter(),
  effective: { from: "2026-06-01", review: "2026-06-15", until: "2026-07-01" },
};
const contract = referenceContract();
const MONEY_MAX = 1_000_000_00;
const SUBJECTS_MAX = 400;

/** Coordinates: the axes in their order, then time, then the number of the action. */
const [TIME, ACTION] = [AXES.length, AXES.length + 1];
type Coordinates = Float64Array;

type Compiled = {
  readonly actions: ReadonlyArray<{ readonly option: string; readonly reversible: boolean }>;
  /** -1 where no rule holds. */
  firstAt(at: Coordinates): number;
  isInSome(at: Coordinates): boolean;
};

function minorOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Math.round(Number(text.slice(4)) * 100);
}

function compile(
  charter: Charter,
  within: Contract | undefined,
  regions: ReadonlyArray<Where>,
): Compiled {
  const actions = charter.options.flatMap((option) => {
    const known = within?.options.find(({ name }) => name === option);
    const all = [true, false].map((reversible) => ({ option, reversible }));
    return known === undefined ? all : all.filter((one) => one.reversible === known.reversible);
  });
  const rules = charter.rules.map(({ when }) => {
    const { atLeast, below } = when.valueAtStake ?? {};
    const value = { atLeast: minorOf(atLeast), below: minorOf(below) };
    const ranges = [value, when.confidence, when.subjects, when.shareOfOrders, when.shareOfSpend];
    const low = Float64Array.from(ranges, (range) => range?.atLeast ?? -1);
    const high = Float64Array.from(ranges, (range) => range?.below ?? Infinity);
    const acts = Uint8Array.from(actions, ({ option, reversible }) =>
      (when.option?.includes(option) ?? true) && (when.reversible ?? reversible) === reversible
        ? 1
        : 0,
    );
    const hours = when.time === undefined ? undefined : hoursOf(minutesOf(when.time));
    return { low, high, acts, hours };
  });
  const boxes = regions.map((where) => ({
    acts: Uint8Array.from(actions, (action) =>
      where.actions.some(
        (one) => one.option === action.option && one.reversible === action.reversible,
      )
        ? 1
        : 0,
    ),
    hours: where.time === undefined ? undefined : hoursOf(where.time),
    ranges: AXES.flatMap((axis, i) => {
      const stretches = where[axis];
      return stretches === undefined ? [] : [{ i, ends: endsOf(stretches) }];
    }),
  }));
  return {
    actions,
    firstAt(at) {
      for (let r = 0; r < rules.length; r++) {
        const rule = rules[r];
        if (rule === undefined || rule.acts[at[ACTION] ?? 0] === 0) continue;
        if (rule.hours !== undefined && rule.hours[at[TIME] ?? 0] === 0) continue;
        let i = 0;
        while (i < TIME && at[i]! >= rule.low[i]! && at[i]! < rule.high[i]!) i++;
        if (i === TIME) return r;
      }
      return -1;
    },
    isInSome(at) {
      for (let b = 0; b < boxes.length; b++) {
        const box = boxes[b];
        if (box === undefined || box.acts[at[ACTION] ?? 0] === 0) continue;
        if (box.hours !== undefined && box.hours[at[TIME] ?? 0] === 0) continue;
        let isIn = true;
        for (let k = 0; k < box.ranges.length && isIn; k++) {
          const { i, ends } = box.ranges[k]!;
          isIn = false;
          for (let e = 0; e < ends.length && !isIn; e += 2) {
            isIn = at[i]! >= ends[e]! && at[i]! < ends[e + 1]!;
          }
        }
        if (isIn) return true;
      }
      return false;
    },
  };
}

function hoursOf(stretches: ReadonlyArray<Range>): Uint8Array {
  const hours = new Uint8Array(MINUTES_A_WEEK);
  for (const { atLeast, below } of stretches) hours.fill(1, atLeast, below);
  return hours;
}

function endsOf(stretches: ReadonlyArray<Range>): Float64Array {
  return Float64Array.from(stretches.flatMap(({ atLeast = -1, below = Infinity }) => [atLeast, below])); // prettier-ignore
}

/** Draws points of one charter's space. */
function createSampler(
  random: Random,
  charter: Charter,
  regions: ReadonlyArray<Where>,
  actions: Compiled["actions"],
  confidenceLeast: number,
): (into: Coordinates, way: number) => void {
  const least = [0, confidenceLeast, 1, 0, 0];
  const most = [MONEY_MAX, 1, SUBJECTS_MAX, 1, 1];
  const isWhole = [true, false, true, false, false];
  const bounds = AXES.map((axis, i) =>
    charter.rules
      .flatMap(({ when }) => {
        const { atLeast, below } = when[axis] ?? {};
        return typeof atLeast === "string" || typeof below === "string"
          ? [minorOf(atLeast as string | undefined), minorOf(below as string | undefined)]
          : [atLeast, below];
      })
      .filter((bound) => bound !== undefined && bound >= least[i]! && bound <= most[i]!),
  ) as number[][];
  const anywhere = (i: number): number => {
    const drawn = least[i]! + random.next() * (most[i]! - least[i]!);
    return isWhole[i]! ? Math.round(drawn) : drawn;
  };
  const beside = (i: number): number => {
    const list = bounds[i]!;
    if (list.length === 0) return anywhere(i);
    const step = (integerBetween(random, 0, 3) - 1) * (isWhole[i]! ? 1 : 1e-12);
    const value = list[integerBetween(random, 0, list.length)]! + step;
    return Math.min(most[i]!, Math.max(least[i]!, value));
  };
  const inside = (i: number, stretches: ReadonlyArray<Range> | undefined): number => {
    if (stretches === undefined) return anywhere(i);
    const stretch = stretches[integerBetween(random, 0, stretches.length)]!;
    const [low, high] = [stretch.atLeast ?? least[i]!, stretch.below];
    if (high === undefined) return low + (isWhole[i]! ? Math.floor(random.next() * (most[i]! - low + 1)) : random.next() * (most[i]! - low)); // prettier-ignore
    const drawn = low + random.next() * (high - low);
    return isWhole[i]! ? Math.floor(drawn) : Math.min(drawn, high - 1e-15 * high);
  };
  return (into, way) => {
    const region =
      way === 1 && regions.length > 0
        ? regions[integerBetween(random, 0, regions.length)]
        : undefined;
    for (let i = 0; i < TIME; i++) {
      if (region !== undefined) into[i] = inside(i, region[AXES[i]!]);
      else into[i] = way === 2 ? beside(i) : anywhere(i);
    }
    const hours = region?.time;
    if (hours === undefined) into[TIME] = integerBetween(random, 0, MINUTES_A_WEEK);
    else {
      const { atLeast = 0, below = MINUTES_A_WEEK } = hours[integerBetween(random, 0, hours.length)]!; // prettier-ignore
      into[TIME] = integerBetween(random, atLeast, below);
    }
    into[ACTION] = integerBetween(random, 0, actions.length);
    if (region !== undefined) {
      const one = region.actions[integerBetween(random, 0, region.actions.length)]!;
      into[ACTION] = actions.findIndex(
        ({ option, reversible }) => option === one.option && reversible === one.reversible,
      );
    }
  };
}

function toPoint(at: Coordinates, actions: Compiled["actions"]): Point {
  const action = actions[at[ACTION] ?? 0];
  assert(action);
  const [valueAtStake = 0, confidence = 0, subjects = 0, shareOfOrders = 0, shareOfSpend = 0] = at;
  const time = at[TIME] ?? 0;
  return { ...action, valueAtStake, confidence, subjects, shareOfOrders, shareOfSpend, time };
}

function shapeOf(random: Random, index: number): CharterShape {
  return {
    rules: integerBetween(random, 2, 15),
    dimensions: integerBetween(random, 2, 9),
    kind: index % 3 === 0 ? "scattered" : "tiered",
    stated: index % 2 === 0 ? 0.35 : 0.55,
  };
}

test(`no point of ${CHARTERS} random charters, ${POINTS} points each, is told wrongly to be covered or not`, (context) => {
  const from = process.cpuUsage();
  const seen = { covered: 0, uncovered: 0, regions: 0, incomplete: 0, gapless: 0, slow: 0 };
  const at = new Float64Array(ACTION + 1);
  for (let index = 0; index < CHARTERS; index++) {
    const random = randomFrom(20_261_123, index);
    const charter = randomCharter(random, like, shapeOf(random, index));
    const within = index % 4 === 0 ? contract : undefined;
    const decided = decideTable(charter, within);
    const report = findGaps(charter, within, { decided });
    const reported = report.findings.flatMap(({ kind, region }) =>
      kind === "uncovered" && region !== undefined ? [region] : [],
    );
    const label = `charter ${index}`;
    for (const { example, words } of reported) {
      assert.equal(decideAt(charter, example, within).kind, "no-rule", `${label}: ${words}`);
    }
    const regions = reported.map(({ where }) => where);
    const compiled = compile(charter, within, regions);
    const confidenceLeast = within?.confidence.thresholds.act ?? 0;
    const sample = createSampler(random, charter, regions, compiled.actions, confidenceLeast);
    for (let n = 0; n < POINTS; n++) {
      sample(at, n % 3);
      const first = compiled.firstAt(at);
      const isReported = compiled.isInSome(at);
      // A list that says it is cut may leave something out, but never says what is untrue.
      if (isReported ? first !== -1 : first === -1 && report.isComplete) {
        assert.fail(`${label}: ${JSON.stringify(toPoint(at, compiled.actions))} is told wrongly`);
      }
      if (first === -1) seen.uncovered++;
      else seen.covered++;
      if (n % SLOW_EVERY === 0) {
        const point = toPoint(at, compiled.actions);
        const expected = first === -1 ? { kind: "no-rule" } : { kind: "rule", index: first };
        assert.deepEqual(decideAt(charter, point, within), expected, label);
        assert.deepEqual(locate(decided, point), expected, label);
        seen.slow++;
      }
    }
    seen.regions += regions.length;
    if (!report.isComplete) seen.incomplete++;
    if (regions.length === 0) seen.gapless++;
  }
  const { user, system } = process.cpuUsage(from);
  context.diagnostic(`${JSON.stringify(seen)}, ${((user + system) / 1e6).toFixed(1)} s CPU`);
  assert(seen.covered > 1_000_000 && seen.uncovered > 1_000_000, "both happen often");
  assert(seen.incomplete < CHARTERS / 10, "nearly all are told whole");
  assert(seen.gapless > 100, "some have no gap");
});
