/**
 * The same late outcomes read in six ways.
 *
 * The rivals are told what the product has to learn: every subject's true rate and the true delay
 * laws. All share the capped Shiryaev-Roberts evidence and one bar, one false signal per 1,000
 * subject-months.
 */
import {
  computeDesignEffect,
  computeLogLikelihoodRatio,
  raiseRate,
} from "../../src/stats/detect/beta-binomial.ts";
import { CohortDetector } from "../../src/stats/cohort/detector.ts";
import type { CohortSettings } from "../../src/stats/cohort/settings.ts";
import {
  closeCohort,
  newClosedEvidence,
  startWalk,
  walkCohort,
} from "../../src/stats/cohort/evidence.ts";
import { computeLogLikelihood } from "../../src/stats/cohort/likelihood.ts";
import { COHORT_DEFAULTS } from "../../src/stats/cohort/settings.ts";
import { AGE_MAX, type LateWorld, listTold, type Told } from "./late-world.ts";

export type FeedRun = {
  /** First alarm per unit, as a day; `undefined` when it never rang. */
  readonly alarms: ReadonlyArray<number | undefined>;
};

export const BAR = 30_000;
const { rises, cap, rho } = COHORT_DEFAULTS;

/** A day's evidence of one unit: log ratios per rise. */
type Reading = (
  unit: number,
  day: number,
  told: ReadonlyArray<Told>,
) => ReadonlyArray<number> | undefined;

export const FEEDS: ReadonlyArray<{
  readonly name: string;
  create(world: LateWorld): Reading;
}> = [
  {
    name: "by report date",
    create: (world) => (unit, _day, told) => {
      const k = told.reduce((sum, { bad }) => sum + bad, 0);
      const n = told.reduce((sum, { good }) => sum + good, k);
      return n === 0 ? undefined : ratiosOf(n, k, world.units[unit]!.rate);
    },
  },
  { name: "wait until 21 days old", create: (world) => readAtAge(world, 21) },
  { name: "cohort at age 7, final baseline", create: (world) => readAtAge(world, 7) },
  {
    name: "report-day increments, age offset",
    create: (world) => (unit, _day, told) => {
      const p0 = world.units[unit]!.rate;
      const all = told.reduce((sum, { bad, good }) => sum + bad + good, 0);
      if (all === 0) return undefined;
      return rises.map((rise) => {
        const p1 = raiseRate(p0, rise);
        let sum = 0;
        for (const { age, bad, good } of told) {
          const odds =
            shareAt(world.laws.bad, age) / Math.max(shareAt(world.laws.good, age), 1e-12);
          const [a0, a1] = [(p0 / (1 - p0)) * odds, (p1 / (1 - p1)) * odds];
          sum +=
            bad * Math.log(a1 / (1 + a1) / (a0 / (1 + a0))) + good * Math.log((1 + a0) / (1 + a1));
        }
        return sum / computeDesignEffect(all, rho);
      });
    },
  },
];

function ratiosOf(n: number, k: number, p0: number): number[] {
  return rises.map((rise) => computeLogLikelihoodRatio(n, k, p0, raiseRate(p0, rise), rho));
}

/** The cohort of `age` days ago, its ended orders as they are known today. */
function readAtAge(world: LateWorld, age: number): Reading {
  const { days } = world.settings;
  return (unit, day) => {
    const cohortDay = day - age;
    if (cohortDay < 0) return undefined;
    let [n, k] = [0, 0];
    for (let at = 0; at <= age; at++) {
      const cell = (unit * days + cohortDay) * (AGE_MAX + 1) + at;
      k += world.ended[0][cell]!;
      n += world.ended[0][cell]! + world.ended[1][cell]!;
    }
    return n === 0 ? undefined : ratiosOf(n, k, world.units[unit]!.rate);
  };
}

function shareAt(law: ReadonlyArray<number>, age: number): number {
  return law[age]! - (law[age - 1] ?? 0);
}

export function runFeed(world: LateWorld, create: (world: LateWorld) => Reading): FeedRun {
  const reading = create(world);
  const alarms = world.units.map((_, unit) => {
    const evidence = rises.map(() => 0);
    for (let day = 0; day < world.settings.days; day++) {
      const ratios = reading(unit, day, listTold(world, unit, day));
      ratios?.forEach((ratio, rise) => {
        evidence[rise] = (1 + evidence[rise]!) * Math.exp(Math.min(ratio, cap));
      });
      const mean = evidence.reduce((sum, value) => sum + value, 0) / rises.length;
      if (mean >= BAR) return day;
    }
    return undefined;
  });
  return { alarms };
}

export type ProductRun = FeedRun & {
  /** Subject-days on which delays were not as learned, as a share of those judged. */
  readonly withheld: number;
  readonly maturity: ReadonlyArray<number>;
};

export const FIRST_DAY = 20_000;

/** The product learns rates and laws from the feed alone. */
export function runCohortDetector(
  world: LateWorld,
  settings: Partial<CohortSettings> = {},
  tellsAge = true,
): ProductRun {
  const detector = new CohortDetector(settings);
  const alarms: Array<number | undefined> = world.units.map(() => undefined);
  const maturity: number[] = [];
  const rows = new Map(world.units.map(({ id }, at) => [id, at]));
  let [judged, withheld] = [0, 0];
  for (let day = 0; day < world.settings.days; day++) {
    const { findings, statuses } = detector.fold({
      day: FIRST_DAY + day,
      shipped: world.units.map(({ id }, unit) => ({
        subject: id,
        lane: "courier",
        cohortDay: FIRST_DAY + day,
        orders: world.orders[unit * world.settings.days + day]!,
      })),
      resolved: world.units.flatMap(({ id }, unit) =>
        listTold(world, unit, day).map(({ cohortDay, age, bad, good }) => ({
          subject: id,
          cohortDay: FIRST_DAY + cohortDay,
          bad,
          good,
          ...(tellsAge ? { age } : {}),
        })),
      ),
    });
    for (const finding of findings) {
      alarms[rows.get(finding.subject)!] ??= day;
      maturity.push(finding.maturity);
    }
    withheld += statuses["delays-changed"];
    judged += statuses["delays-changed"] + statuses["not-fired"];
  }
  return { alarms, maturity, withheld: withheld / Math.max(judged, 1) };
}

/** The product's evidence when it is told every true rate and law, as the rivals are. */
export function runGivenTruth(world: LateWorld): FeedRun {
  const { days } = world.settings;
  const alarms = world.units.map(({ rate }, unit) => {
    const closed = newClosedEvidence(rises.length);
    const raised = rises.map((rise) => raiseRate(rate, rise));
    const tallies: Array<{ day: number; bad: number; good: number; orders: number }> = [];
    for (let day = 0; day < days; day++) {
      tallies.push({ day, bad: 0, good: 0, orders: world.orders[unit * days + day]! });
      for (const { cohortDay, bad, good } of listTold(world, unit, day)) {
        const tally = tallies.find((of) => of.day === cohortDay)!;
        tally.bad += bad;
        tally.good += good;
      }
      const ratiosOfTally = (tally: (typeof tallies)[number]) => {
        const { bad, good, orders } = tally;
        const seen = { age: day - tally.day, bad, good, open: orders - bad - good };
        const usual = computeLogLikelihood(seen, world.laws, rate);
        return raised.map((p1) =>
          Math.min(
            (computeLogLikelihood(seen, world.laws, p1) - usual) / computeDesignEffect(orders, rho),
            cap,
          ),
        );
      };
      if (tallies.length > AGE_MAX) {
        const over = tallies.shift()!;
        const { orders, bad } = over;
        closeCohort(closed, {
          day: over.day,
          ratios: ratiosOfTally(over),
          orders,
          bad,
          expected: 0,
        });
      }
      const walks = rises.map((_, rise) => startWalk(closed, rise));
      for (const tally of tallies) {
        const ratios = ratiosOfTally(tally);
        walks.forEach((walk, rise) => walkCohort(walk, tally.day, ratios[rise]!));
      }
      if (walks.reduce((sum, { evidence }) => sum + evidence, 0) / rises.length >= BAR) return day;
    }
    return undefined;
  });
  return { alarms };
}
