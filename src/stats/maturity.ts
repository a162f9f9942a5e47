/**
 * When a cohort may be read: young orders lie.
 *
 * Judge a class by the papers handed in on the first day and you have judged the fast ones only. Of the
 * orders shipped on a day, failures and deliveries become known at different ages, so the rate among
 * the KNOWN of a young cohort is wrong in either direction, by factors of two to five in real data.
 * A cohort is read once it is old enough (a fixed horizon, at which nearly all outcomes are known) AND
 * enough of its outcomes are in fact known, because a feed can be late as a whole.
 *
 * Left out: correcting young cohorts for what is still open (competing risks). Waiting costs days,
 * correcting costs an assumption about delays that breaks exactly when a courier slows down.
 */
import { assert } from "../std/assert.ts";
import { dayFromNumber, dayToNumber } from "../std/time.ts";
import type { Day } from "../std/time.ts";

export type MaturityRule = {
  /** Age in days from which a cohort may be read. */
  readonly horizonDays: number;
  /** 0..1: share of the cohort's outcomes that must be known by then. */
  readonly knownShareMin: number;
};

/** 14 days: 99% of marketplace parcels are resolved by day 10; a slow week is left as a margin. */
export const MATURITY_DEFAULTS: MaturityRule = { horizonDays: 14, knownShareMin: 0.95 };

/** True from `horizonDays` after the cohort's day on, whatever is known by then. */
export function isMature(cohortDay: Day, asOfDay: Day, horizonDays: number): boolean {
  return dayToNumber(asOfDay) - dayToNumber(cohortDay) >= horizonDays;
}

/** The last cohort day that is mature at `asOfDay`. */
export function lastMatureDay(asOfDay: Day, horizonDays: number): Day {
  return dayFromNumber(dayToNumber(asOfDay) - horizonDays);
}

export type CohortReading =
  | { readonly kind: "readable"; readonly knownShare: number }
  | { readonly kind: "too-young"; readonly knownShare: number; readonly readableFrom: Day }
  | { readonly kind: "too-few-known"; readonly knownShare: number };

/** `known` of the cohort's `total` orders have an outcome at `asOfDay`; an empty cohort is complete. */
export function readCohort(
  cohort: { readonly day: Day; readonly known: number; readonly total: number },
  asOfDay: Day,
  rule: MaturityRule = MATURITY_DEFAULTS,
): CohortReading {
  const { day, known, total } = cohort;
  assert(known >= 0 && known <= total, `${known} of ${total} outcomes are known`);
  const knownShare = total === 0 ? 1 : known / total;
  if (!isMature(day, asOfDay, rule.horizonDays)) {
    const readableFrom = dayFromNumber(dayToNumber(day) + rule.horizonDays);
    return { kind: "too-young", knownShare, readableFrom };
  }
  if (knownShare < rule.knownShareMin) return { kind: "too-few-known", knownShare };
  return { kind: "readable", knownShare };
}

/** Share of outcomes known by each age in days: `shareByAge[a]` for age `a`, never falling. */
export type OutcomeAges = { readonly shareByAge: ReadonlyArray<number> };

/**
 * Learned from mature cohorts: `countsByAge[a]` outcomes became known at age `a`. With fewer outcomes
 * than `outcomesMin` nothing is learned and the fixed horizon must serve.
 */
export function learnOutcomeAges(
  countsByAge: ReadonlyArray<number>,
  outcomesMin = 200,
): OutcomeAges | undefined {
  const all = countsByAge.reduce((sum, count) => sum + count, 0);
  if (all < outcomesMin) return undefined;
  let known = 0;
  return { shareByAge: countsByAge.map((count) => (known += count) / all) };
}

/** 0..1: completeness to be expected of a cohort of `ageDays`. */
export function computeCompleteness(ages: OutcomeAges, ageDays: number): number {
  if (ageDays < 0) return 0;
  return ages.shareByAge[Math.min(Math.floor(ageDays), ages.shareByAge.length - 1)] ?? 0;
}

/** The first age at which `share` of the outcomes are known: a horizon learned from the data. */
export function computeHorizon(ages: OutcomeAges, share: number): number {
  const age = ages.shareByAge.findIndex((known) => known >= share - 1e-12);
  return age === -1 ? ages.shareByAge.length : age;
}
