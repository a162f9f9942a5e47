/**
 * A seller whose failures become known late: orders by shipping day, each with an outcome and an
 * age at which it is told of. Some subjects get worse for good from one day on; all have a sale;
 * and, where it is asked for, the feed falls silent for a while or the courier gets slower.
 */
import { CheapRandom } from "../cheap-random.ts";

export type LateWorldSettings = {
  readonly ordersPerDay: number;
  /**
   * Mean failure rate of the subjects, and what tells them apart: Beta(rate K, (1 - rate) K).
   * States of the public file differ by K of 100.
   */
  readonly rate: number;
  readonly spread: number;
  /** Overdispersion of a day's cohort. */
  readonly rho: number;
  readonly days: number;
  /** Breaks begin from here until `breakDays` later. */
  readonly breakFrom: number;
  readonly breakDays: number;
  readonly nulls: number;
  /** Rises in rate points, and how many subjects get each. */
  readonly rises: ReadonlyArray<number>;
  readonly perRise: number;
  readonly sale: { readonly from: number; readonly days: number; readonly factor: number };
  /** Nothing is told from `from` on for `days`; then all at once. */
  readonly outage?: { readonly from: number; readonly days: number };
  /** Everything shipped from `from` on takes `factor` times as long. */
  readonly slower?: { readonly from: number; readonly factor: number };
};

export const LATE_WORLD: LateWorldSettings = {
  ordersPerDay: 20,
  rate: 0.18,
  spread: 100,
  rho: 0.004,
  days: 240,
  breakFrom: 110,
  breakDays: 60,
  nulls: 91,
  rises: [0.1, 0.15, 0.25],
  perRise: 3,
  sale: { from: 120, days: 7, factor: 2.5 },
};

export const AGE_MAX = 35;
/** Mean ages at which a failure (returned to the seller) and a delivery become known, in days. */
export const BAD_MEAN_AGE = 9.6;
export const GOOD_MEAN_AGE = 4.3;

export type LateUnit = {
  readonly id: string;
  readonly rate: number;
  readonly rise: number;
  /** First cohort that fails more often; never for a null. */
  readonly breakDay: number | undefined;
};

export type LateWorld = {
  readonly settings: LateWorldSettings;
  readonly units: ReadonlyArray<LateUnit>;
  /** `[BAD or GOOD]`, then unit, cohort day and age at which it happened, flat. */
  readonly ended: readonly [Uint16Array, Uint16Array];
  readonly orders: Uint16Array;
  readonly laws: { readonly bad: ReadonlyArray<number>; readonly good: ReadonlyArray<number> };
};

export function createLateWorld(seed: number, given: Partial<LateWorldSettings> = {}): LateWorld {
  const settings = { ...LATE_WORLD, ...given };
  const random = new CheapRandom(seed, 77);
  const units = drawUnits(settings, random);
  const cells = units.length * settings.days * (AGE_MAX + 1);
  const ended = [new Uint16Array(cells), new Uint16Array(cells)] as const;
  const orders = new Uint16Array(units.length * settings.days);
  const laws = { bad: createLaw(8, BAD_MEAN_AGE), good: createLaw(12, GOOD_MEAN_AGE) };
  const { sale, slower } = settings;
  units.forEach((unit, u) => {
    for (let day = 0; day < settings.days; day++) {
      const isSale = day >= sale.from && day < sale.from + sale.days;
      const n = random.poisson(settings.ordersPerDay * (isSale ? sale.factor : 1));
      const mean =
        unit.rate + (unit.breakDay !== undefined && day >= unit.breakDay ? unit.rise : 0);
      const concentration = (1 - settings.rho) / settings.rho;
      const p = random.beta(mean * concentration, (1 - mean) * concentration);
      const factor = slower !== undefined && day >= slower.from ? slower.factor : 1;
      orders[u * settings.days + day] = n;
      for (let order = 0; order < n; order++) {
        const outcome = random.next() < p ? 0 : 1;
        const law = outcome === 0 ? laws.bad : laws.good;
        const age = Math.min(AGE_MAX, Math.floor((drawAge(law, random) + 0.5) * factor));
        ended[outcome][(u * settings.days + day) * (AGE_MAX + 1) + age]! += 1;
      }
    }
  });
  return { settings, units, ended, orders, laws };
}

function drawUnits(settings: LateWorldSettings, random: CheapRandom): LateUnit[] {
  const { rate, spread, rises, perRise, nulls, breakFrom, breakDays } = settings;
  const draw = () => random.beta(rate * spread, (1 - rate) * spread);
  const units: LateUnit[] = [];
  for (let at = 0; at < nulls; at++) {
    units.push({ id: `null-${at}`, rate: draw(), rise: 0, breakDay: undefined });
  }
  for (const rise of rises) {
    for (let at = 0; at < perRise; at++) {
      const breakDay = breakFrom + random.integer(0, breakDays);
      units.push({ id: `rise-${rise}-${at}`, rate: draw(), rise, breakDay });
    }
  }
  return units;
}

/**
 * Share known by each age: a gamma law of this shape and mean, in whole days. The public file's
 * deliveries spread by about a quarter of their mean, which is a shape of 12 and more.
 */
function createLaw(shape: number, mean: number): number[] {
  const scale = (mean + 0.5) / shape;
  const density = Array.from(
    { length: AGE_MAX + 1 },
    (_, age) => (age + 0.5) ** (shape - 1) * Math.exp(-(age + 0.5) / scale),
  );
  const all = density.reduce((sum, value) => sum + value, 0);
  let known = 0;
  return density.map((value) => (known += value) / all);
}

function drawAge(law: ReadonlyArray<number>, random: CheapRandom): number {
  const u = random.next();
  let age = 0;
  while (age < AGE_MAX && law[age]! < u) age += 1;
  return age;
}

/** One line of what a day brought: outcomes of one cohort. */
export type Told = {
  readonly unit: number;
  readonly cohortDay: number;
  /** Age at which it happened, and at which it was told. */
  readonly age: number;
  readonly told: number;
  readonly bad: number;
  readonly good: number;
};

/** What `day` brings of one unit; with an outage, the day after it brings everything kept back. */
export function listTold(world: LateWorld, unit: number, day: number): Told[] {
  const { days, outage } = world.settings;
  const end = outage === undefined ? undefined : outage.from + outage.days;
  if (outage !== undefined && day >= outage.from && day < end!) return [];
  const from = outage !== undefined && day === end ? outage.from : day;
  const lines: Told[] = [];
  for (let happened = from; happened <= day; happened++) {
    for (let age = 0; age <= Math.min(AGE_MAX, happened); age++) {
      const cohortDay = happened - age;
      const at = (unit * days + cohortDay) * (AGE_MAX + 1) + age;
      const [bad, good] = [world.ended[0][at]!, world.ended[1][at]!];
      if (bad + good > 0) {
        lines.push({ unit, cohortDay, age, told: day - cohortDay, bad, good });
      }
    }
  }
  return lines;
}
