/**
 * What can be turned on the detector, with the values that were measured to work.
 *
 * The defaults were measured on made-up countries of 5,000 pincodes (the bench's section `detect`): false
 * signals stay below one per 1,000 geography-months at base rates of 7, 18 and 30%, and are 2 to 5 in
 * a hundred, without tuning on the data at hand. Levels are written from the finest to the coarsest.
 */
import { assert } from "../../std/assert.ts";
import type { Subject } from "../../core/port/types.ts";

export type Level = Subject["level"];
export const LEVELS: ReadonlyArray<Level> = ["pincode", "district", "state", "nation"];

export type PerLevel = { readonly [L in Level]: number };

export type DetectorSettings = {
  /** Days between a count and its entry into the baseline, so that a rise cannot hide itself. */
  readonly lagDays: number;
  /** Half-life of a count in the baseline, days. */
  readonly halfLifeDays: number;
  /**
   * Days from a unit's first count to its first reading. 90 is best where history is long; 45 leaves
   * 24 days of own baseline after the lag and borrows the rest from the parent.
   */
  readonly warmupDays: number;
  /** The rate assumed of the whole before any count, and what it weighs in counts. */
  readonly priorRate: number;
  readonly priorCounts: number;
  /** Counts that a parent's rate weighs in a child's, until it is learned (every 30 days). */
  readonly kappa: PerLevel;
  /** Least day-to-day overdispersion (intra-class correlation) assumed; more is learned, not less. */
  readonly rho: PerLevel;
  /** Most that one day may add to the log evidence, nats. Two days can then never alarm. */
  readonly cap: PerLevel;
  /** Most that the two best days since the evidence was at rest may add together, nats. */
  readonly pairCap: number;
  /**
   * Standard errors that the null is lifted above the baseline: of thousands of pincodes some baselines are wrong
   * by chance, of a few states hardly one.
   */
  readonly caution: PerLevel;
  /** Variance, in logits squared, of a parent's day around its own parent's day. */
  readonly dayVariance: number;
  /**
   * Rises that the evidence is averaged over, as differences of logits: 0.3 takes 18% to 23%, 7% to 9%.
   */
  readonly rises: ReadonlyArray<number>;
  /**
   * Share of false signals tolerated over `patienceDays`; their quotient is spent each day. That is the
   * bound of the theory; the two best days' cap and the caution leave about a quarter of it.
   */
  readonly falseSignalShare: number;
  readonly patienceDays: number;
  /** How the daily error budget is divided between the levels that have monitored units. */
  readonly budget: PerLevel;
  /** Evidence below this never alarms: more than three days at the cap can reach from nothing. */
  readonly evidenceFloor: number;
  /** A unit is read alone if its largest rise could be seen within so many days. */
  readonly visibleWithinDays: number;
  /** Half-life of the mean daily volume, days. */
  readonly volumeHalfLifeDays: number;
  /** Share of the bar from which an unit that did not fire is reported as a near miss. */
  readonly nearMissShare: number;
  /** A unit's rise belongs to one child that carries at least this share of its excess. */
  readonly childShare: number;
  /** Days that a unit waits for the evidence of such a child before it speaks itself. */
  readonly holdDays: number;
  /** Evidence that an alarmed unit is back at its baseline, as odds, at which it is re-armed. */
  readonly recoveryEvidence: number;
  /** An alarm whose evidence has fallen to this is over: the rise has become the baseline. */
  readonly absorbedEvidence: number;
  /** Standard deviation of rises before any is seen, rate points; shrinks the reported size. */
  readonly riseDeviation: number;
  /** A rise is material above this, rate points; confidence is about that. */
  readonly materialRise: number;
  /**
   * Chance that a unit breaks on a given day, for the confidence: 1.7% of units a month, and as much again for
   * what the evidence is held down by its two best days.
   */
  readonly breakPerDay: number;
  /** Below this confidence an alarm waits: it speaks once, and should then be sure enough to be acted on. */
  readonly confidenceMin: number;
};

export const DETECTOR_DEFAULTS: DetectorSettings = {
  lagDays: 21,
  halfLifeDays: 60,
  warmupDays: 45,
  priorRate: 0.18,
  priorCounts: 2,
  kappa: { pincode: 60, district: 90, state: 60, nation: 0 },
  rho: { pincode: 0.01, district: 0.004, state: 0.004, nation: 0.002 },
  cap: { pincode: 2.5, district: 2, state: 2, nation: 1 },
  pairCap: 3,
  caution: { pincode: 1, district: 0.5, state: 0, nation: 0 },
  dayVariance: 0.03,
  rises: [0.3, 0.5, 0.75, 1.1, 1.6],
  falseSignalShare: 0.2,
  patienceDays: 30,
  budget: { pincode: 0.4, district: 0.25, state: 0.3, nation: 0.05 },
  evidenceFloor: 2_000,
  visibleWithinDays: 60,
  volumeHalfLifeDays: 28,
  nearMissShare: 0.1,
  childShare: 0.7,
  holdDays: 3,
  recoveryEvidence: 1_000,
  absorbedEvidence: 10,
  riseDeviation: 0.1,
  materialRise: 0.03,
  breakPerDay: 0.001,
  confidenceMin: 0.7,
};

export function parseDetectorSettings(given: Partial<DetectorSettings>): DetectorSettings {
  const settings = { ...DETECTOR_DEFAULTS, ...given };
  assert(Number.isInteger(settings.lagDays) && settings.lagDays >= 1, "lagDays is a whole number");
  assert(settings.warmupDays > settings.lagDays, "the warm-up must be longer than the lag");
  assert(settings.rises.length > 0, "at least one rise is needed");
  for (const level of LEVELS) {
    assert(settings.rho[level] > 0 && settings.rho[level] < 1, "rho lies between 0 and 1");
  }
  // From rest, two days together buy exp(pairCap) at most.
  assert(
    Math.exp(settings.pairCap) < settings.evidenceFloor,
    "the evidence floor must be out of reach of two days",
  );
  return settings;
}
