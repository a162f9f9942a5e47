/**
 * Every detector on the same worlds at the same budget of false signals.
 *
 * The rivals and the oracle get, in hindsight, the lowest of their thresholds that keeps the budget on
 * these very worlds; the product runs on its factory settings, and once more with the share of false
 * signals that it is allowed raised until the same budget is used.
 */
import { Detector } from "../../src/stats/detect/detector.ts";
import type { DetectorSettings } from "../../src/stats/detect/settings.ts";
import { Episodes } from "./episodes.ts";
import { type Alarm, gradeAlarms } from "./judge.ts";
import { createOracle, ORACLE_THRESHOLDS } from "./oracle.ts";
import { countsOf, FIRST_DAY, runProduct } from "./product.ts";
import { RIVALS } from "./rivals.ts";
import { addGrades, type Sum } from "./sum.ts";
import type { World } from "./world.ts";

export type Budget = {
  readonly name: string;
  isKept(sum: Sum): boolean;
};

export const BUDGETS: ReadonlyArray<Budget> = [
  {
    name: "at most 1 false signal per 1,000 geography-months",
    isKept: (sum) => sum.falsePer1000 <= 1,
  },
  { name: "at most 5% false signals", isKept: (sum) => sum.falseShare <= 0.05 },
];

/** A detector's grades on all worlds, at each of its settings from the most to the least eager. */
export type Contender = {
  readonly name: string;
  /** A rule for single places, one for all levels, an oracle, or the product. */
  readonly kind: "product" | "rule" | "levels" | "oracle";
  readonly sums: ReadonlyArray<Sum>;
};

export function compareRivals(
  worlds: ReadonlyArray<World>,
  report: (done: number, total: number) => void,
): ReadonlyArray<Contender> {
  const names = [...RIVALS.map(({ name }) => name), ...ORACLES.map(({ name }) => name)];
  const graded = worlds.map((world, at) => {
    const all = [...runRivals(world), ...ORACLES.map((oracle) => runOracle(world, oracle))];
    report(at + 1, worlds.length);
    return all.map((alarms) => alarms.map((list) => gradeAlarms(world, list)));
  });
  return names.map((name, rival) => ({
    name,
    kind:
      rival >= RIVALS.length ? "oracle" : RIVALS[rival]!.everyLevel === true ? "levels" : "rule",
    sums: graded[0]![rival]!.map((_, threshold) =>
      addGrades(graded.map((world) => world[rival]![threshold]!)),
    ),
  }));
}

/**
 * The product from the most to the least eager: the share of false signals that it is allowed, what the
 * two best days may add, and the confidence asked for. One of them is the factory's.
 */
const EAGER_CAUTION = { pincode: 0.6, district: 0.6, state: 0.3, nation: 0.3 };
const PRODUCT_SETTINGS: ReadonlyArray<Partial<DetectorSettings>> = [
  {
    falseSignalShare: 0.45,
    pairCap: 4.2,
    caution: EAGER_CAUTION,
    evidenceFloor: 300,
    confidenceMin: 0,
  },
  {
    falseSignalShare: 0.36,
    pairCap: 4.2,
    caution: EAGER_CAUTION,
    evidenceFloor: 300,
    confidenceMin: 0,
  },
  {
    falseSignalShare: 0.3,
    pairCap: 4.2,
    caution: EAGER_CAUTION,
    evidenceFloor: 300,
    confidenceMin: 0,
  },
  {
    falseSignalShare: 0.25,
    pairCap: 4.2,
    caution: EAGER_CAUTION,
    evidenceFloor: 300,
    confidenceMin: 0,
  },
  {
    falseSignalShare: 0.2,
    pairCap: 4.2,
    caution: EAGER_CAUTION,
    evidenceFloor: 300,
    confidenceMin: 0,
  },
  { falseSignalShare: 0.2, pairCap: 3.5 },
  { falseSignalShare: 0.15 },
  {},
];
export const PRODUCT_FACTORY = PRODUCT_SETTINGS.length - 1;

export function compareProduct(
  worlds: ReadonlyArray<World>,
  report: (done: number, total: number) => void,
): Contender {
  const sums = PRODUCT_SETTINGS.map((settings, at) => {
    const grades = worlds.map((world) => gradeAlarms(world, runProduct(world, settings)));
    report(at + 1, PRODUCT_SETTINGS.length);
    return addGrades(grades);
  });
  return { name: "Interlock", kind: "product", sums };
}

const ORACLES = [
  { name: "ORACLE, capped, by volume", cap: 2.5, weighted: true },
  { name: "ORACLE, capped", cap: 2.5, weighted: false },
  { name: "ORACLE, uncapped", cap: Infinity, weighted: false },
];

function runOracle(world: World, settings: (typeof ORACLES)[number]): ReadonlyArray<Alarm[]> {
  const episodes = new Episodes(ORACLE_THRESHOLDS, world.parent.length, world.settings.historyDays);
  const fold = createOracle(world, settings);
  for (let day = 0; day < world.allDays; day++) {
    fold(day, (unit, statistic) => episodes.visit(unit, day, statistic));
  }
  return episodes.alarms;
}

/** Days from a unit's first order on which nobody is judged, as in the product. */
const WARM_UP_DAYS = 45;

function runRivals(world: World): ReadonlyArray<ReadonlyArray<Alarm[]>> {
  const detector = new Detector();
  const bySubject = new Map(world.subjects.map((subject) => [subject.id, subject]));
  const units = world.parent.length;
  const runs = RIVALS.map((rival) => ({
    fold: rival.create(units),
    isFlat: rival.everyLevel !== true,
    episodes: new Episodes(rival.thresholds, units, world.settings.historyDays),
  }));
  const nobody = new Set<string>();
  for (let day = 0; day < world.allDays; day++) {
    const counts = countsOf(world, day);
    const lookup = (id: string) => bySubject.get(id);
    detector.fold({ day: FIRST_DAY + day, counts, lookup, acted: nobody });
    if (day < WARM_UP_DAYS) continue;
    const seen = detector.lastDayCounts;
    detector.units.ids.forEach((id, row) => {
      const n = seen.trials[row]!;
      if (n === 0) return;
      const unit = world.bySubject.get(id)!;
      const rho = seen.rho[detector.units.columns.level[row]!]!;
      const of = { unit, n, y: seen.events[row]!, p: seen.expected[row]!, rho };
      for (const { fold, isFlat, episodes } of runs) {
        if (isFlat && unit >= world.leaves) continue;
        episodes.visit(unit, day, fold(of));
      }
    });
  }
  return runs.map(({ episodes }) => episodes.alarms);
}
