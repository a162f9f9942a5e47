/**
 * What can be turned on the cohort detector; the names that `detect/settings.ts` has too mean the
 * same.
 */
import { assert } from "../../std/assert.ts";

export type CohortSettings = {
  /** Age in days at which a cohort is over: what is still open then is never counted. */
  readonly horizonDays: number;
  /** Share of a cohort that must be known at the horizon for it to be counted at all. */
  readonly knownShareMin: number;
  /** Half-life of a cohort in baselines and in delay laws, days. */
  readonly halfLifeDays: number;
  /** The rate assumed of the whole before any cohort is over, and what it weighs in orders. */
  readonly priorRate: number;
  readonly priorOrders: number;
  /** Orders that the whole's rate weighs in a subject's. */
  readonly kappa: number;
  /** Orders of its own in the baseline from which a subject is judged. */
  readonly baselineOrdersMin: number;
  /** Overdispersion of cohorts (intra-class correlation). */
  readonly rho: number;
  /** Most that one cohort may add to the log evidence, nats. */
  readonly cap: number;
  /** Standard errors that the null is lifted above the baseline. */
  readonly caution: number;
  /** Rises that the evidence is averaged over, as differences of logits. */
  readonly rises: ReadonlyArray<number>;
  /** No finding while less of what it rests on is expected known, 0..1. */
  readonly maturityMin: number;
  /** Age up to which cohorts tell whether delays are as learned, days. */
  readonly youngDays: number;
  /** Share of false signals tolerated over `patienceDays`; their quotient is spent each day. */
  readonly falseSignalShare: number;
  readonly patienceDays: number;
  /**
   * Evidence below this never alarms: more than three cohorts at the cap can reach from nothing.
   */
  readonly evidenceFloor: number;
  /** An alarm whose evidence has fallen to this is over. */
  readonly endedEvidence: number;
};

export const COHORT_DEFAULTS: CohortSettings = {
  horizonDays: 28,
  knownShareMin: 0.9,
  halfLifeDays: 120,
  priorRate: 0.18,
  priorOrders: 2,
  kappa: 60,
  baselineOrdersMin: 300,
  rho: 0.004,
  cap: 2.5,
  caution: 0.5,
  rises: [0.3, 0.5, 0.75, 1.1, 1.6],
  maturityMin: 0.4,
  youngDays: 14,
  falseSignalShare: 0.1,
  patienceDays: 30,
  evidenceFloor: 2_000,
  endedEvidence: 10,
};

export function parseCohortSettings(given: Partial<CohortSettings>): CohortSettings {
  const settings = { ...COHORT_DEFAULTS, ...given };
  assert(
    Number.isInteger(settings.horizonDays) && settings.horizonDays >= 2,
    "horizonDays is a whole number from 2",
  );
  assert(settings.youngDays < settings.horizonDays, "young cohorts are younger than the horizon");
  assert(settings.rho >= 0 && settings.rho < 1, "rho lies between 0 and 1");
  assert(settings.rises.length > 0, "at least one rise is needed");
  // From nothing, two cohorts at the cap reach the mean of R = (1 + e^cap) e^cap at most.
  assert(
    (1 + Math.exp(settings.cap)) * Math.exp(settings.cap) < settings.evidenceFloor,
    "the evidence floor must be out of reach of two cohorts",
  );
  return settings;
}
