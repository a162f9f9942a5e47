/**
 * How long outcomes take to become known, per outcome and lane, learned from cohorts that are over.
 *
 * A law says which share of the orders that WILL fail (or be delivered) is known to by each age. A
 * lane is whatever moves at one pace: a courier, a zone, a state. A lane with few ended orders
 * leans on the whole: its law is its own ends by age with `weight` ends of the whole's law added
 * (the mean of a Dirichlet-multinomial posterior). The weight is the one of a grid under which the
 * lanes' ends are likeliest (Minka, "Estimating a Dirichlet distribution", 2000, eq. 53 gives the
 * likelihood).
 *
 * A small share of orders is never heard of again. It is the same in both laws, so an order that is
 * open for ever speaks for neither.
 */
import { logGamma } from "../detect/beta-binomial.ts";
import { computeIncidence } from "./incidence.ts";
import type { AgeRow } from "./incidence.ts";

/**
 * `law[a]`, 0..1: share known by the end of age a, of those that ever are; never falls, ends at 1.
 */
export type DelayLaw = ReadonlyArray<number>;
export type DelayLaws = { readonly bad: DelayLaw; readonly good: DelayLaw };

/** Outcomes in the order in which age rows hold them here. */
export const BAD = 0;
export const GOOD = 1;

/** Share of orders, of either outcome, of which nothing is ever heard. */
const NEVER_KNOWN = 0.01;

/** 0..1: share of an outcome's orders that are still open at the end of `age`. */
export function computeOpenShare(law: DelayLaw, age: number): number {
  return NEVER_KNOWN + (1 - NEVER_KNOWN) * (1 - readLaw(law, age));
}

/** 0..1: share known by the end of `age`; 0 before age 0, and between days the line. */
export function readLaw(law: DelayLaw, age: number): number {
  if (age >= law.length - 1) return 1;
  const low = Math.floor(age);
  const before = low < 0 ? 0 : law[low]!;
  if (age <= -1 || age === low) return before;
  return before + (law[low + 1]! - before) * (age - low);
}

/** The same law when everything takes `factor` times as long. */
export function stretchLaw(law: DelayLaw, factor: number): DelayLaw {
  return law.map((_, age) => readLaw(law, (age + 1) / factor - 1));
}

/** Ends by age, as if no order had been lost from sight: what a law is made of. */
export type EndsByAge = {
  readonly bad: ReadonlyArray<number>;
  readonly good: ReadonlyArray<number>;
};

export function computeEnds(rows: ReadonlyArray<AgeRow>): EndsByAge {
  const { ended } = computeIncidence(rows);
  const size = rows[0]?.atRisk ?? 0;
  const perAge = (curve: ReadonlyArray<number>) =>
    curve.map((share, age) => size * (share - (curve[age - 1] ?? 0)));
  return { bad: perAge(ended[BAD] ?? []), good: perAge(ended[GOOD] ?? []) };
}

/** Ends below which the whole teaches no law. */
export const ENDS_MIN: Readonly<Record<keyof EndsByAge, number>> = { bad: 50, good: 200 };

/** The whole's laws, or `undefined` while too little has ended. */
export function learnWholeLaws(ends: EndsByAge): DelayLaws | undefined {
  if (sum(ends.bad) < ENDS_MIN.bad || sum(ends.good) < ENDS_MIN.good) return undefined;
  return { bad: accumulate(ends.bad), good: accumulate(ends.good) };
}

/** A lane's laws: its own ends, and `weight` of the whole's. */
export function learnLaneLaws(ends: EndsByAge, whole: DelayLaws, weight: number): DelayLaws {
  const lean = (own: ReadonlyArray<number>, law: DelayLaw) =>
    accumulate(law.map((share, age) => (own[age] ?? 0) + weight * (share - (law[age - 1] ?? 0))));
  return { bad: lean(ends.bad, whole.bad), good: lean(ends.good, whole.good) };
}

export const WEIGHT_GRID: ReadonlyArray<number> = [10, 30, 100, 300, 1_000, 3_000];
export const WEIGHT_DEFAULT = 300;
const LANES_MIN = 3;

/** How much lanes lean on the whole: little where they really differ. */
export function learnLaneWeight(lanes: ReadonlyArray<EndsByAge>, whole: DelayLaws): number {
  if (lanes.length < LANES_MIN) return WEIGHT_DEFAULT;
  const likelihoods = WEIGHT_GRID.map((weight) =>
    lanes.reduce(
      (total, { bad, good }) =>
        total +
        computeLogMarginal(bad, whole.bad, weight) +
        computeLogMarginal(good, whole.good, weight),
      0,
    ),
  );
  return WEIGHT_GRID[likelihoods.indexOf(Math.max(...likelihoods))]!;
}

/** ln of the Dirichlet-multinomial likelihood of `counts` around `law`, without its constant. */
export function computeLogMarginal(
  counts: ReadonlyArray<number>,
  law: DelayLaw,
  weight: number,
): number {
  let result = logGamma(weight) - logGamma(weight + sum(counts));
  counts.forEach((count, age) => {
    const prior = weight * Math.max((law[age] ?? 1) - (law[age - 1] ?? 0), 1e-6);
    if (count > 0) result += logGamma(prior + count) - logGamma(prior);
  });
  return result;
}

function accumulate(counts: ReadonlyArray<number>): DelayLaw {
  const all = sum(counts);
  let known = 0;
  return counts.map((count, age) => (age === counts.length - 1 ? 1 : (known += count) / all));
}

function sum(counts: ReadonlyArray<number>): number {
  return counts.reduce((total, count) => total + count, 0);
}
