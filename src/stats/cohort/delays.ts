/**
 * Whether outcomes still come at the pace that was learned.
 *
 * An order that is open longer than orders used to be is read as a probable failure. So a courier
 * that gets slower, or a feed that falls silent, would look like a rise; the delays are looked at
 * first, and while they are not as learned, cohorts under way are not read at all. Three looks at a
 * lane:
 *
 * - silent: on one day fewer than `SILENT_SHARE` of the outcomes came that the law expects;
 * - changed: from some cohort on, the AGES of the outcomes known fit a law stretched by a factor of
 *   the grid better by `STRETCH_LEAD` nats than the learned one. Each cohort's ages are compared
 *   among outcomes of one kind that can be known by now, P(age x | known by A) = f(x) / G(A): the
 *   failure rate drops out, so a true rise never looks like a change of delays;
 * - behind: of the young cohorts fewer outcomes are known than even a high failure rate explains.
 *
 * The last two are summed from the youngest cohort on and the worst sum counts, because a change
 * begins with some cohort and the older ones would speak against it.
 *
 * Left out: laws that change their shape but not their pace.
 */
import { computeMaturity } from "./likelihood.ts";
import { BAD, GOOD, readLaw, stretchLaw } from "./laws.ts";
import type { DelayLaws } from "./laws.ts";

export type DelayReading =
  /** Too few outcomes so far to know what delays are usual. */
  | { readonly kind: "not-learned" }
  | { readonly kind: "as-learned" }
  | { readonly kind: "silent"; readonly known: number; readonly expected: number }
  | { readonly kind: "behind"; readonly known: number; readonly expected: number }
  | {
      readonly kind: "changed";
      readonly outcome: "bad" | "good";
      readonly factor: number;
      /** Age today of the oldest cohort that it concerns. */
      readonly fromAge: number;
    };

/** One cohort of a lane at the end of a day. */
export type LaneCohort = {
  readonly age: number;
  readonly orders: number;
  readonly known: number;
  /** Outcomes that the day itself brought, whatever ages they state. */
  readonly today: number;
  /** `ended[BAD or GOOD][x]` happened at age x; `undefined` if of some the age is not known. */
  readonly ended: ReadonlyArray<ArrayLike<number>> | undefined;
};

const SILENT_SHARE = 0.3;
/**
 * Expected outcomes below which a day's silence says nothing: Poisson(20) is 6 or less in 0.03%.
 */
const SILENT_EXPECTED_MIN = 20;
/** The high rate that must explain a shortfall, as odds on the lane's own. */
const HIGH_ODDS = 2.5;
const BEHIND_DEVIATIONS = 4;
/** Days vary more than coin tosses: Sundays, vans, hubs. */
const DELAY_DESIGN_EFFECT = 2;
const STRETCHES = [0.4, 0.55, 0.7, 0.85, 1.1, 1.2, 1.4, 1.8, 2.5];
const STRETCH_LEAD = 10;

/** `cohorts` are the lane's young ones, youngest first; `rate` is its usual failure rate, 0..1. */
export function readDelays(
  cohorts: ReadonlyArray<LaneCohort>,
  laws: DelayLaws | undefined,
  rate: number,
): DelayReading {
  if (laws === undefined) return { kind: "not-learned" };
  return (
    findSilence(cohorts, laws, rate) ??
    findStretch(cohorts, laws) ??
    findShortfall(cohorts, laws, rate) ?? { kind: "as-learned" }
  );
}

function findSilence(
  cohorts: ReadonlyArray<LaneCohort>,
  laws: DelayLaws,
  rate: number,
): DelayReading | undefined {
  let [all, expected] = [0, 0];
  for (const { age, orders, known, today } of cohorts) {
    const before = computeMaturity(laws, age - 1, rate);
    const openBefore = Math.max(0, orders - known + today);
    all += today;
    if (before < 1) {
      expected += (openBefore * (computeMaturity(laws, age, rate) - before)) / (1 - before);
    }
  }
  const isSilent = expected >= SILENT_EXPECTED_MIN && all < SILENT_SHARE * expected;
  return isSilent ? { kind: "silent", known: all, expected } : undefined;
}

function findShortfall(
  cohorts: ReadonlyArray<LaneCohort>,
  laws: DelayLaws,
  rate: number,
): DelayReading | undefined {
  const high = (HIGH_ODDS * rate) / (1 - rate + HIGH_ODDS * rate);
  let [all, expected, expectedHigh, variance] = [0, 0, 0, 0];
  for (const { age, orders, known } of cohorts) {
    const share = computeMaturity(laws, age, rate);
    all += known;
    expected += orders * share;
    expectedHigh += orders * computeMaturity(laws, age, high);
    variance += orders * share * (1 - share) * DELAY_DESIGN_EFFECT;
    const least = Math.min(expected, expectedHigh) - BEHIND_DEVIATIONS * Math.sqrt(variance);
    if (all < least) return { kind: "behind", known: all, expected };
  }
  return undefined;
}

function findStretch(
  cohorts: ReadonlyArray<LaneCohort>,
  laws: DelayLaws,
): DelayReading | undefined {
  let best = { outcome: "good" as "bad" | "good", factor: 1, fromAge: 0, lead: STRETCH_LEAD };
  for (const [outcome, index] of [
    ["good", GOOD],
    ["bad", BAD],
  ] as const) {
    const asLearned = computeAgeLikelihoods(cohorts, laws[outcome], index);
    for (const factor of STRETCHES) {
      const stretched = computeAgeLikelihoods(cohorts, stretchLaw(laws[outcome], factor), index);
      let lead = 0;
      for (const [at, { age }] of cohorts.entries()) {
        lead += (stretched[at]! - asLearned[at]!) / DELAY_DESIGN_EFFECT;
        if (lead > best.lead) best = { outcome, factor, fromAge: age, lead };
      }
    }
  }
  if (best.factor === 1) return undefined;
  const { outcome, factor, fromAge } = best;
  return { kind: "changed", outcome, factor, fromAge };
}

/** Least share that a law gives to one age, so that a single stray scan cannot rule it out. */
const SHARE_MIN = 1e-3;

/**
 * Per cohort: ln of the likelihood of the ages of one outcome, given that they are known by now.
 */
function computeAgeLikelihoods(
  cohorts: ReadonlyArray<LaneCohort>,
  law: ReadonlyArray<number>,
  outcome: number,
): number[] {
  const shares = law.map((_, age) =>
    Math.max(readLaw(law, age) - readLaw(law, age - 1), SHARE_MIN),
  );
  const logShares = shares.map((share) => Math.log(share));
  let within = 0;
  const logWithin = shares.map((share) => Math.log((within += share)));
  return cohorts.map(({ age, ended }) => {
    if (ended === undefined) return 0;
    const ends = ended[outcome]!;
    let result = 0;
    for (let x = 0; x <= age; x++) {
      if (ends[x]! > 0) result += ends[x]! * (logShares[x]! - logWithin[age]!);
    }
    return result;
  });
}
/** For people; `undefined` when there is nothing to say. */
export function describeDelays(reading: DelayReading): string | undefined {
  switch (reading.kind) {
    case "as-learned":
      return undefined;
    case "not-learned":
      return "not evaluated: too few orders have ended to know how long outcomes take";
    case "silent":
      return `not evaluated: the feed is silent, ${counts(reading)}`;
    case "behind":
      return `not evaluated: outcomes are behind, ${counts(reading)}`;
    case "changed": {
      const what = reading.outcome === "good" ? "deliveries" : "failures";
      const times = `${reading.factor} times as long as they did`;
      return `not evaluated: delays have changed, ${what} take ${times}`;
    }
  }
}

function counts({
  known,
  expected,
}: {
  readonly known: number;
  readonly expected: number;
}): string {
  return `${Math.round(known)} came where ${Math.round(expected)} were due`;
}
