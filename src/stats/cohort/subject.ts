/**
 * One subject's books: its open cohorts, its baseline, and the evidence of the cohorts that are
 * over. About 8 x 3 x (horizon + 1) bytes and 48 per rise: 1.1 kB at the defaults, whatever the
 * history.
 */
import { clip, computeDesignEffect } from "../detect/beta-binomial.ts";
import { newClosedEvidence } from "./evidence.ts";
import type { ClosedEvidence } from "./evidence.ts";
import type { Lane } from "./lane.ts";
import type { CohortSettings } from "./settings.ts";

const RATE_MIN = 0.005;
const RATE_MAX = 0.97;
/**
 * A cohort's failures enter the baseline cut off this many standard deviations above the expected.
 */
const SPIKE_DEVIATIONS = 2.5;

export class CohortSubject {
  readonly id: string;
  readonly lane: Lane;
  readonly orders: Float64Array;
  readonly bad: Float64Array;
  readonly good: Float64Array;
  readonly closed: ClosedEvidence;
  isAlarmed = false;
  #baselineBad = 0;
  #baselineOrders = 0;

  constructor(id: string, lane: Lane, settings: CohortSettings) {
    this.id = id;
    this.lane = lane;
    const column = () => new Float64Array(settings.horizonDays + 1);
    this.orders = column();
    this.bad = column();
    this.good = column();
    this.closed = newClosedEvidence(settings.rises.length);
  }

  get baselineOrders(): number {
    return this.#baselineOrders;
  }

  get baselineBad(): number {
    return this.#baselineBad;
  }

  age(keep: number): void {
    this.#baselineBad *= keep;
    this.#baselineOrders *= keep;
  }

  /**
   * A cohort that is over enters, without what its day did to everyone and with its spike cut off.
   */
  learn(bad: number, known: number, rate: number, expected: number, rho: number): void {
    const effect = computeDesignEffect(known, rho);
    const deviation = Math.sqrt(known * expected * (1 - expected) * effect);
    const most = Math.max(1, known * expected + SPIKE_DEVIATIONS * deviation + 0.5);
    this.#baselineBad += (Math.min(bad, most) - known * (expected - rate)) / effect;
    this.#baselineOrders += known / effect;
  }

  /** Its own failures leaning on the whole's: m = (kappa whole + Y) / (kappa + N). */
  readRate(whole: number, kappa: number): number {
    const rate = (kappa * whole + this.#baselineBad) / (kappa + this.#baselineOrders);
    return clip(rate, RATE_MIN, RATE_MAX);
  }

  /** Standard error of the rate's logit. */
  readError(rate: number, kappa: number): number {
    return 1 / Math.sqrt(rate * (1 - rate) * (kappa + this.#baselineOrders + 1));
  }
}
