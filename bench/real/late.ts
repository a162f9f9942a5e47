/**
 * Late outcomes: how often each way of reading them alarms where nothing changed, and how many days
 * after the first worse order was shipped it finds a lasting rise.
 */
import { FEEDS, type FeedRun, runCohortDetector, runFeed, runGivenTruth } from "./feeds.ts";
import {
  createLateWorld,
  LATE_WORLD,
  type LateWorld,
  type LateWorldSettings,
} from "./late-world.ts";

/** Of one way of reading, over all worlds. */
export type LateSum = {
  readonly name: string;
  readonly nulls: number;
  readonly nullAlarms: number;
  readonly rises: ReadonlyArray<{
    readonly rise: number;
    readonly count: number;
    readonly found: number;
    /** Median days from the first worse cohort; `undefined` when fewer than half were found. */
    readonly median: number | undefined;
  }>;
  /** Mean maturity of what the findings rest on, and the share of subject-days not read. */
  readonly maturity?: number;
  readonly withheld?: number;
};

const WORLDS_PER_SEED = 4;
const TROUBLED_WORLDS_PER_SEED = 2;

/**
 * What must raise nothing. The rivals are not asked: they are told the laws, and these change them.
 */
export const TROUBLES: ReadonlyArray<{
  readonly name: string;
  readonly settings: Partial<LateWorldSettings>;
  readonly tellsAge: boolean;
}> = [
  {
    name: "feed silent for 5 days, then all at once",
    settings: { outage: { from: 130, days: 5 } },
    tellsAge: true,
  },
  {
    name: "the same, outcomes without their dates",
    settings: { outage: { from: 130, days: 5 } },
    tellsAge: false,
  },
  {
    name: "courier 1.15 times as slow from a day on",
    settings: { slower: { from: 130, factor: 1.15 } },
    tellsAge: true,
  },
  {
    name: "courier 1.4 times as slow from a day on",
    settings: { slower: { from: 130, factor: 1.4 } },
    tellsAge: true,
  },
];

export const PRODUCT = "Interlock, all learned from the feed";

export function compareFeeds(
  seeds: ReadonlyArray<number>,
  quick: boolean,
  report: (done: number, total: number) => void,
): { readonly feeds: ReadonlyArray<LateSum>; readonly troubles: ReadonlyArray<LateSum> } {
  const worlds = seeds.flatMap((seed) =>
    Array.from({ length: quick ? 1 : WORLDS_PER_SEED }, (_, at) => seed * 100 + at),
  );
  const troubled = seeds.flatMap((seed) =>
    Array.from({ length: quick ? 1 : TROUBLED_WORLDS_PER_SEED }, (_, at) => seed * 100 + 50 + at),
  );
  const total = worlds.length + TROUBLES.length * troubled.length;
  const runs = new Map<string, Run[]>();
  const note = (name: string, world: LateWorld, run: Run["run"]) => {
    runs.set(name, [...(runs.get(name) ?? []), { world, run }]);
  };
  worlds.forEach((seed, at) => {
    const world = createLateWorld(seed);
    for (const { name, create } of FEEDS) note(name, world, runFeed(world, create));
    note("competing risks, rates and laws given", world, runGivenTruth(world));
    note(PRODUCT, world, runCohortDetector(world));
    report(at + 1, total);
  });
  const feeds = [...runs].map(([name, of]) => sumRuns(name, of));
  const troubles = TROUBLES.map(({ name, settings, tellsAge }, trouble) => {
    const of = troubled.map((seed, at) => {
      const world = createLateWorld(seed, settings);
      const run = runCohortDetector(world, {}, tellsAge);
      report(worlds.length + trouble * troubled.length + at + 1, total);
      return { world, run };
    });
    return sumRuns(name, of);
  });
  return { feeds, troubles };
}

type Run = {
  readonly world: LateWorld;
  readonly run: FeedRun & {
    readonly withheld?: number;
    readonly maturity?: ReadonlyArray<number>;
  };
};

function sumRuns(name: string, runs: ReadonlyArray<Run>): LateSum {
  let [nulls, nullAlarms] = [0, 0];
  const delays = new Map<number, number[]>(LATE_WORLD.rises.map((rise) => [rise, []]));
  for (const { world, run } of runs) {
    world.units.forEach(({ breakDay, rise }, unit) => {
      const alarm = run.alarms[unit];
      // Before its rise a subject is a null one too; an alarm then is false and finds nothing.
      const isEarly = alarm !== undefined && (breakDay === undefined || alarm < breakDay);
      nulls += 1;
      if (isEarly) nullAlarms += 1;
      if (breakDay === undefined || isEarly) return;
      delays.get(rise)?.push(alarm === undefined ? Infinity : alarm - breakDay);
    });
  }
  const maturities = runs.flatMap(({ run }) => run.maturity ?? []);
  const withheld = runs.flatMap(({ run }) => run.withheld ?? []);
  return {
    name,
    nulls,
    nullAlarms,
    rises: [...delays].map(([rise, list]) => {
      const sorted = [...list].sort((a, b) => a - b);
      const median = sorted[Math.floor(sorted.length / 2)] ?? Infinity;
      return {
        rise,
        count: sorted.length,
        found: sorted.filter((days) => days < Infinity).length,
        median: median === Infinity ? undefined : median,
      };
    }),
    ...(maturities.length === 0 ? {} : { maturity: mean(maturities) }),
    ...(withheld.length === 0 ? {} : { withheld: mean(withheld) }),
  };
}

function mean(values: ReadonlyArray<number>): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
