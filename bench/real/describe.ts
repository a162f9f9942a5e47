/**
 * What the file is like: rates by state, how far places and days differ, when outcomes become
 * known.
 */
import { computeLogMarginal } from "../../src/stats/detect/beta-binomial.ts";
import type { DelayLaws } from "../../src/stats/cohort/laws.ts";
import { estimateRate, type RateReading } from "../../src/stats/cohort/likelihood.ts";
import { type RealFile, type StateCohort, stateOf } from "./shipments.ts";

type Counts = { n: number; k: number };

export type StateRate = Counts & {
  readonly state: string;
  readonly perDay: number;
  readonly low: number;
  readonly high: number;
};

const ALL_KNOWN: DelayLaws = { bad: [1], good: [1] };

export function computeStateRates(file: RealFile): StateRate[] {
  const states = countBy(file, (subject) => stateOf(subject, file.subjects));
  return [...states]
    .map(([state, { n, k }]) => {
      const seen = estimateRate([{ age: 0, bad: k, good: n - k, open: 0 }], ALL_KNOWN);
      const [low, high] = seen.kind === "rate" ? [seen.low, seen.high] : [0, 1];
      const name = file.subjects.get(state)?.name ?? state;
      return { state: name, n, k, perDay: n / file.days.length, low, high };
    })
    .sort((a, b) => b.n - a.n);
}

function countBy(
  file: RealFile,
  keyOf: (subject: string, day: number) => string | undefined,
): Map<string, Counts> {
  const counts = new Map<string, Counts>();
  for (const { day, rows } of file.days) {
    for (const { subject, n, k } of rows) {
      const key = keyOf(subject, day);
      if (key === undefined) continue;
      const sum = counts.get(key) ?? { n: 0, k: 0 };
      sum.n += n;
      sum.k += k;
      counts.set(key, sum);
    }
  }
  return counts;
}

export type Dispersion = {
  readonly between: string;
  readonly groups: number;
  /** Likeliest intra-class correlation. */
  readonly rho: number;
  /** Twice ln of its likelihood over that of none; 2.7 and more is real at 5%. */
  readonly twiceLogRatio: number;
};

/** Beta-binomial rho between places and between days, by maximum likelihood. */
export function computeDispersion(file: RealFile): Dispersion[] {
  const above = (subject: string, level: string): string | undefined => {
    let at = file.subjects.get(subject);
    while (at !== undefined && at.level !== level) {
      at = at.parent === null ? undefined : file.subjects.get(at.parent);
    }
    return at?.id;
  };
  const state = (subject: string) => stateOf(subject, file.subjects);
  const rates = countBy(file, state);
  const whole = [...rates.values()].reduce((sum, { n, k }) => ({ n: sum.n + n, k: sum.k + k }), {
    n: 0,
    k: 0,
  });
  const pooled = whole.k / whole.n;
  const rateOf = (id: string | undefined) => {
    const { n, k } = rates.get(id ?? "") ?? whole;
    return Math.min(Math.max((k + 50 * pooled) / (n + 50), 0.001), 0.999);
  };
  const of = (
    between: string,
    keyOf: (subject: string, day: number) => string | undefined,
    meanOf: (key: string) => number,
  ) => {
    const groups = [...countBy(file, keyOf)].map(([key, counts]) => ({
      ...counts,
      p: meanOf(key),
    }));
    return { between, groups: groups.length, ...fitRho(groups) };
  };
  return [
    of("states", state, () => pooled),
    of(
      "three-digit districts",
      (s) => above(s, "district"),
      () => pooled,
    ),
    of(
      "districts of a state",
      (s) => above(s, "district"),
      (key) => rateOf(state(key)),
    ),
    of(
      "pincodes of a state",
      (s) => above(s, "pincode"),
      (key) => rateOf(state(key)),
    ),
    of(
      "days of a state",
      (s, day) => (state(s) === undefined ? undefined : `${state(s)}\n${day}`),
      (key) => rateOf(key.split("\n")[0]),
    ),
    of(
      "days of the nation",
      (_, day) => String(day),
      () => pooled,
    ),
  ];
}

const RHO_GRID = [0, ...Array.from({ length: 60 }, (_, at) => 10 ** (-4 + at / 20))];

function fitRho(groups: ReadonlyArray<Counts & { readonly p: number }>) {
  const likelihoods = RHO_GRID.map((rho) =>
    groups.reduce(
      (sum, { n, k, p }) =>
        sum +
        (rho === 0
          ? k * Math.log(p) + (n - k) * Math.log(1 - p)
          : computeLogMarginal(n, k, p, (1 - rho) / rho)),
      0,
    ),
  );
  const best = Math.max(...likelihoods);
  return {
    rho: RHO_GRID[likelihoods.indexOf(best)]!,
    twiceLogRatio: 2 * (best - likelihoods[0]!),
  };
}

export type AgeRow = {
  readonly age: number;
  readonly shipped: number;
  readonly knownShare: number;
  readonly naiveRate: number;
};

/** What a reader of the last weeks sees: share known, and the rate among the known, by age. */
export function computeMaturityCurve(cohorts: ReadonlyArray<StateCohort>, ageMax = 14): AgeRow[] {
  return Array.from({ length: ageMax + 1 }, (_, age) => {
    const { bad, good, open } = sumCohorts(cohorts.filter((cohort) => cohort.age === age));
    const known = bad + good;
    return {
      age,
      shipped: known + open,
      knownShare: known / Math.max(known + open, 1),
      naiveRate: bad / Math.max(known, 1),
    };
  });
}

function sumCohorts(cohorts: ReadonlyArray<StateCohort>) {
  return cohorts.reduce(
    (sum, { bad, good, open }) => ({
      bad: sum.bad + bad,
      good: sum.good + good,
      open: sum.open + open,
    }),
    { bad: 0, good: 0, open: 0 },
  );
}

const AGE_BANDS: ReadonlyArray<readonly [number, number]> = [
  [14, 20],
  [9, 13],
  [7, 8],
  [5, 6],
  [3, 4],
  [0, 2],
];

export type BandRow = {
  /** Ages of its cohorts at the file's end. */
  readonly ages: readonly [number, number];
  readonly shipped: number;
  readonly naiveRate: number;
  readonly reading: RateReading;
};

/**
 * The youngest cohorts read by the product's estimate. The file tells no ages, only how each cohort
 * stands on one day; so the laws are learned from how half of the states stand, age by age, and the
 * other half is read by them, and the other way round.
 */
export function readYoungCohorts(cohorts: ReadonlyArray<StateCohort>): BandRow[] {
  const states = [...new Set(cohorts.map(({ state }) => state))].sort();
  const isFirstHalf = ({ state }: StateCohort) => states.indexOf(state) % 2 === 0;
  const halves = [cohorts.filter(isFirstHalf), cohorts.filter((cohort) => !isFirstHalf(cohort))];
  const laws = halves.map((half) => learnStandingLaws(half));
  return AGE_BANDS.map((ages) => {
    const own = halves.map((half) => half.filter(({ age }) => age >= ages[0] && age <= ages[1]));
    const whole = sumCohorts(own.flat());
    const readings = own.map((half, at) => estimateRate(half, laws[1 - at]!));
    const orders = own.map((half) => {
      const { bad, good, open } = sumCohorts(half);
      return bad + good + open;
    });
    return {
      ages,
      shipped: whole.bad + whole.good + whole.open,
      naiveRate: whole.bad / Math.max(whole.bad + whole.good, 1),
      reading: poolReadings(readings, orders),
    };
  });
}

/** The two halves' readings as one, weighted by their orders. */
function poolReadings(
  readings: ReadonlyArray<RateReading>,
  orders: ReadonlyArray<number>,
): RateReading {
  const all = orders.reduce((sum, n) => sum + n, 0);
  const mean = (values: ReadonlyArray<number>) =>
    values.reduce((sum, value, at) => sum + (value * orders[at]!) / all, 0);
  const maturity = mean(readings.map((reading) => reading.maturity));
  const knownShare = mean(readings.map((reading) => reading.knownShare));
  const rates = readings.flatMap((reading) => (reading.kind === "rate" ? [reading] : []));
  if (rates.length < readings.length) return { kind: "too-young", maturity, knownShare };
  const rate = mean(rates.map((reading) => reading.rate));
  const half = Math.sqrt(
    rates.reduce(
      (sum, reading, at) => sum + (((reading.high - reading.low) / 2) * (orders[at]! / all)) ** 2,
      0,
    ),
  );
  return { kind: "rate", rate, low: rate - half, high: rate + half, maturity, knownShare };
}

/** Cohorts this old are over, in this file. */
const OVER_AGE = 14;
const RECENT_AGE = 45;

function learnStandingLaws(cohorts: ReadonlyArray<StateCohort>): DelayLaws {
  const over = sumCohorts(cohorts.filter(({ age }) => age >= OVER_AGE && age < RECENT_AGE));
  const shares = (outcome: "bad" | "good") => {
    const usual = over[outcome] / (over.bad + over.good + over.open);
    let known = 0;
    return Array.from({ length: OVER_AGE + 1 }, (_, age) => {
      const own = cohorts.filter((cohort) => cohort.age === age);
      const { bad, good, open } = sumCohorts(own);
      const share = (outcome === "bad" ? bad : good) / Math.max(bad + good + open, 1) / usual;
      // A law never falls; what one cohort has beyond the next is chance.
      known = Math.max(known, Math.min(share, 1));
      return age === OVER_AGE ? 1 : known;
    });
  };
  return { bad: shares("bad"), good: shares("good") };
}
