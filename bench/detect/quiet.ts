/**
 * Countries in which nothing breaks and one thing happens that looks as if something had.
 *
 * A mix shift: in a third of the districts the share of cash orders rises by 10 to 30 points, for good.
 * A festival: four days on which every rate rises by half. An outage: for five days a third of all rows is
 * missing. A sale with immature cohorts:
 * 2.5 times the orders for four days; of the last ten days only the failures are known, which is how
 * real files end; such days are told as immature, as the reader of files does.
 */
import type { Count } from "../../src/stats/detect/day-counts.ts";
import { Detector } from "../../src/stats/detect/detector.ts";
import { countsOf, FIRST_DAY } from "./product.ts";
import { createWorld, WORLD_DEFAULTS, type World } from "./world.ts";

/** Signals with what happens, and of the same country without it. */
export type QuietRow = {
  readonly name: string;
  readonly signals: number;
  readonly without: number;
};

const NOTHING_BREAKS = {
  breaksPerMonth: { pincode: 0, district: 0, state: 0 },
  spikesPerMonth: 0,
  mixShiftsPerMonth: 0,
};
const EVENT_DAY = 75;
const FESTIVAL_DAYS = 4;
const OUTAGE_DAYS = 5;
const IMMATURE_DAYS = 10;

type Scene = {
  readonly name: string;
  readonly world?: Partial<typeof WORLD_DEFAULTS>;
  /** What is told on a day, if not the day itself. */
  tell?(
    world: World,
    day: number,
  ): { counts: ReadonlyArray<Count>; immature?: ReadonlySet<string> };
};

const SCENES: ReadonlyArray<Scene> = [
  { name: "a shift of the mix", world: { mixShiftsPerMonth: 0.15 } },
  {
    name: "a festival",
    tell: (world, day) => ({
      counts:
        day >= EVENT_DAY && day < EVENT_DAY + FESTIVAL_DAYS
          ? countsOf(world, day).map((count) => ({
              ...count,
              k: Math.min(count.n, count.k + Math.round(count.k * 0.5)),
            }))
          : countsOf(world, day),
    }),
  },
  {
    name: "a courier's feed that is out for five days",
    tell: (world, day) => {
      const isOut = day >= EVENT_DAY && day < EVENT_DAY + OUTAGE_DAYS;
      return {
        counts: isOut ? countsOf(world, day).filter((_, at) => at % 3 > 0) : countsOf(world, day),
      };
    },
  },
  {
    name: "a sale and the immature cohorts after it",
    tell: (world, day) => {
      const counts = countsOf(world, day).map((count) =>
        day >= EVENT_DAY && day < EVENT_DAY + 4
          ? { ...count, n: count.n * 2 + count.k, k: count.k * 2 }
          : count,
      );
      if (day < world.allDays - IMMATURE_DAYS) return { counts };
      // Only what failed is known yet.
      const known = counts.filter(({ k }) => k > 0).map((count) => ({ ...count, n: count.k }));
      return { counts: known, immature: new Set(known.map(({ subject }) => subject)) };
    },
  },
];

export function runQuiet(
  seeds: ReadonlyArray<number>,
  quick: boolean,
  report: (done: number, total: number) => void,
): ReadonlyArray<QuietRow> {
  return SCENES.map(({ name, world: given, tell }, at) => {
    let [signals, without] = [0, 0];
    for (const seed of seeds) {
      const settings = {
        ...WORLD_DEFAULTS,
        ...NOTHING_BREAKS,
        geographies: quick ? 1_000 : 2_000,
        historyDays: 60,
        days: 60,
        seed,
      };
      signals += countSignals(createWorld({ ...settings, ...given }), tell);
      without += countSignals(createWorld(settings), undefined);
    }
    report(at + 1, SCENES.length);
    return { name, signals, without };
  });
}

function countSignals(world: World, tell: Scene["tell"]): number {
  const detector = new Detector();
  const bySubject = new Map(world.subjects.map((subject) => [subject.id, subject]));
  let signals = 0;
  for (let day = 0; day < world.allDays; day++) {
    const told = tell?.(world, day) ?? { counts: countsOf(world, day) };
    const { findings } = detector.fold({
      day: FIRST_DAY + day,
      lookup: (id) => bySubject.get(id),
      acted: new Set(),
      ...told,
    });
    signals += findings.length;
  }
  return signals;
}
