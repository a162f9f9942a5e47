/**
 * Evidence that from some cohort on, orders fail more often.
 *
 * If the rate rose with the cohort of day c, every cohort from c on speaks for it and none before.
 * The bet on c is the product of their likelihood ratios, each as its orders stand today; the
 * evidence R is the sum of the bets over all c (Shiryaev-Roberts), which a walk from the oldest
 * cohort to the newest gives: R <- (1 + R) LR. M is its mean over the rises that are bet on. Under
 * the null each bet is worth at most 1 on average on every day, so M needs A days on average to
 * reach A (Shin, Ramdas, Rinaldo, "E-detectors"). Cohorts that are over are folded once and
 * forgotten; young ones are walked anew each day, so a late outcome counts as if it had come in
 * time.
 *
 * A cohort of n orders shares its day's fate: its log ratio is divided by 1 + (n-1) rho, which
 * keeps its mean at or below 1 to second order, and cut at `cap`, which only lowers it.
 */

/** What remains of the cohorts that are over, per rise; `since` is of the CUSUM's last reset. */
export type ClosedEvidence = {
  readonly evidence: Float64Array;
  readonly cusum: Float64Array;
  readonly sinceDay: Float64Array;
  readonly sinceOrders: Float64Array;
  readonly sinceBad: Float64Array;
  readonly sinceExpected: Float64Array;
};

export function newClosedEvidence(rises: number): ClosedEvidence {
  const column = () => new Float64Array(rises);
  return {
    evidence: column(),
    cusum: column(),
    sinceDay: column().fill(NONE),
    sinceOrders: column(),
    sinceBad: column(),
    sinceExpected: column(),
  };
}

export const NONE = -1;
/** Far above any bar and far below overflow. */
const EVIDENCE_MAX = 1e100;

/** A cohort as the walk needs it; `ratios[rise]` are capped log likelihood ratios. */
export type WeighedCohort = {
  readonly day: number;
  readonly ratios: ArrayLike<number>;
  readonly orders: number;
  readonly bad: number;
  readonly expected: number;
};

/** Folds in the next cohort that is over. */
export function closeCohort(closed: ClosedEvidence, cohort: WeighedCohort): void {
  for (let rise = 0; rise < closed.evidence.length; rise++) {
    const ratio = cohort.ratios[rise]!;
    closed.evidence[rise] = addBet(closed.evidence[rise]!, ratio);
    const before = closed.cusum[rise]!;
    closed.cusum[rise] = Math.max(0, before + ratio);
    if (closed.cusum[rise] === 0) {
      closed.sinceDay[rise] = NONE;
      closed.sinceOrders[rise] = closed.sinceBad[rise] = closed.sinceExpected[rise] = 0;
      continue;
    }
    if (before === 0) closed.sinceDay[rise] = cohort.day;
    closed.sinceOrders[rise]! += cohort.orders;
    closed.sinceBad[rise]! += cohort.bad;
    closed.sinceExpected[rise]! += cohort.expected;
  }
}

/** R and the CUSUM of one rise after the closed cohorts and those still open, oldest first. */
export type Walk = {
  evidence: number;
  cusum: number;
  /** First cohort of the change, or `NONE`. */
  sinceDay: number;
};

export function startWalk(closed: ClosedEvidence, rise: number): Walk {
  return {
    evidence: closed.evidence[rise]!,
    cusum: closed.cusum[rise]!,
    sinceDay: closed.sinceDay[rise]!,
  };
}

export function walkCohort(walk: Walk, day: number, ratio: number): void {
  walk.evidence = addBet(walk.evidence, ratio);
  if (walk.cusum === 0) walk.sinceDay = day;
  walk.cusum = Math.max(0, walk.cusum + ratio);
  if (walk.cusum === 0) walk.sinceDay = NONE;
}

function addBet(evidence: number, ratio: number): number {
  return Math.min((1 + evidence) * Math.exp(ratio), EVIDENCE_MAX);
}

/**
 * e-BH (Wang and Ramdas 2022): of all `evidence`, the k largest such that the k-th reaches U /
 * (alpha k). Gives the least evidence that passes today; `Infinity` when none does.
 */
export function computeBar(
  evidence: ReadonlyArray<number>,
  alphaPerDay: number,
  floor: number,
): number {
  const sorted = evidence.filter((value) => value >= floor).sort((a, b) => b - a);
  let bar = Infinity;
  sorted.forEach((value, at) => {
    const needed = evidence.length / (alphaPerDay * (at + 1));
    if (value >= needed) bar = needed;
  });
  return Math.max(bar, floor);
}
