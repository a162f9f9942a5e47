/**
 * A delayed holdout among alarmed subjects, drawn by lot: the only reading that picking the worst
 * cannot bias.
 *
 * A place is picked because it looks bad, and what looks bad looks better later by itself. So at every
 * alarm a lot is drawn: most are acted on now, some only after a delay. Both were picked for the same
 * reason and both get better by themselves; what differs between them is the action.
 *
 * The effect on the rate, alarm by alarm (regression adjustment, Lin 2013,
 * without interactions):
 *
 *   after_g = a_s + effect acted_g + b1 (before_g - mean) + b2 (baseline_g - mean)
 *
 * with a_s per stratum where both arms are in it, weights n / (1 + (n - 1) likeness) because more
 * orders of one place say less and less, and the error from leaving out each cluster in turn: with one
 * alarm a cluster that is HC3 (MacKinnon and White 1985), with more it is the cluster jackknife (Bell
 * and McCaffrey 2002). Beside it stands the plain check of Horvitz and Thompson (1952), mean(Z r / e -
 * (1 - Z) r / (1 - e)), taken of r less its mean, which leaves it unbiased and far less noisy.
 *
 * Whoever overrules the lot changes what is done, not the arm: rows are analysed as they were drawn.
 */
import { assert } from "../../std/assert.ts";
import { randomFrom, type Random } from "../../std/random.ts";
import { type DesignRow, fitLeastSquares } from "./least-squares.ts";
import { computeStudentCdf, computeStudentQuantile, computeStudentTail } from "./student.ts";

export type Arm = "act-now" | "act-later";

export type HoldoutRow = {
  readonly arm: Arm;
  /** That the lot would say `act-now`, as it was logged before acting; strictly between 0 and 1. */
  readonly probability: number;
  readonly stratum: string;
  /** Alarms that share a district, say; an alarm by itself when absent. */
  readonly cluster?: string;
  /** Trials and events in the window after the alarm, matured. */
  readonly n: number;
  readonly k: number;
  /** Rate in the days that raised the alarm, and the usual rate, both 0..1. */
  readonly before: number;
  readonly baseline: number;
};

export type HoldoutEffect = {
  /** Change of the rate by the action: -0.05 is five points fewer. */
  readonly estimate: number;
  readonly standardError: number;
  /** 90%. */
  readonly interval: readonly [low: number, high: number];
  readonly pValue: number;
  /** Of drawing the lots anew within strata, when chance was given. */
  readonly lotPValue?: number;
  readonly check: { readonly estimate: number; readonly standardError: number };
  readonly alarms: { readonly now: number; readonly later: number; readonly clusters: number };
};

/** Likeness of orders of one place within a window: a beta-binomial's correlation. */
const LIKENESS = 0.01;
const ARM_MIN = 4;
const LOTS = 999;

/** The same question gets the same answer; `share` are held back, strictly between 0 and 1. */
export function assignHoldout(question: {
  readonly seed: number | string;
  readonly caseId: string;
  readonly stratum: string;
  readonly share: number;
}): { readonly arm: Arm; readonly probability: number } {
  const { seed, caseId, stratum, share } = question;
  assert(share > 0 && share < 1, "a held back share lies strictly between 0 and 1");
  const lot = randomFrom(seed, "holdout", stratum, caseId).next();
  return { arm: lot < share ? "act-later" : "act-now", probability: 1 - share };
}

export function estimateHoldoutEffect(
  rows: ReadonlyArray<HoldoutRow>,
  random?: Random,
): HoldoutEffect | { readonly missing: string } {
  const seen = rows.filter(({ n }) => n > 0);
  assert(
    seen.every(({ probability }) => probability > 0 && probability < 1),
    "a lot that can only fall one way is no lot",
  );
  const now = seen.filter(({ arm }) => arm === "act-now").length;
  const later = seen.length - now;
  if (now < ARM_MIN || later < ARM_MIN) {
    return { missing: `${now} acted on now and ${later} later; ${ARM_MIN} of each are needed` };
  }
  const design = toDesign(seen);
  const arms = seen.map(({ arm }) => (arm === "act-now" ? 1 : 0));
  const clusters = numberClusters(seen);
  const fitted = fitWithError(design, arms, clusters);
  if (fitted === undefined) return { missing: "the strata leave nothing to compare within" };
  const { estimate, standardError, degrees } = fitted;
  const reach = computeStudentQuantile(0.95, degrees) * standardError;
  return {
    estimate,
    standardError,
    interval: [estimate - reach, estimate + reach],
    pValue: computeStudentTail(estimate / standardError, degrees),
    ...(random === undefined
      ? {}
      : { lotPValue: drawLotsAnew(design, seen, arms, estimate, random) }),
    check: checkByHorvitzThompson(seen),
    alarms: { now, later, clusters: new Set(clusters).size },
  };
}

/** Everything but the arm; the arm's column goes first when it is fitted. */
function toDesign(rows: ReadonlyArray<HoldoutRow>): ReadonlyArray<DesignRow> {
  const mean = (read: (row: HoldoutRow) => number) =>
    rows.reduce((sum, row) => sum + read(row), 0) / rows.length;
  const before = mean((row) => row.before);
  const baseline = mean((row) => row.baseline);
  const variesBefore = rows.some((row) => row.before !== rows[0]?.before);
  const variesBaseline = rows.some((row) => row.baseline !== rows[0]?.baseline);
  // A stratum with one arm only has nothing to say about the arm; such strata share one level.
  const strata = [...new Set(rows.map(({ stratum }) => stratum))].filter((stratum) => {
    const inside = rows.filter((row) => row.stratum === stratum);
    return new Set(inside.map(({ arm }) => arm)).size === 2;
  });
  return rows.map((row) => ({
    x: [
      1,
      ...strata.slice(1).map((stratum) => Number(row.stratum === stratum)),
      ...(variesBefore ? [row.before - before] : []),
      ...(variesBaseline ? [row.baseline - baseline] : []),
    ],
    y: row.k / row.n,
    weight: row.n / (1 + (row.n - 1) * LIKENESS),
  }));
}

function numberClusters(rows: ReadonlyArray<HoldoutRow>): ReadonlyArray<number> {
  const numbers = new Map<string, number>();
  return rows.map(({ cluster }, i) => {
    if (cluster === undefined) return -1 - i;
    const number = numbers.get(cluster) ?? numbers.size;
    numbers.set(cluster, number);
    return number;
  });
}

function fitEffect(
  design: ReadonlyArray<DesignRow>,
  arms: ReadonlyArray<number>,
  leaveOut?: (row: number) => boolean,
): number | undefined {
  const rows = design.map((row, i) => ({ ...row, x: [arms[i] ?? 0, ...row.x] }));
  return fitLeastSquares(rows, leaveOut)?.[0];
}

function fitWithError(
  design: ReadonlyArray<DesignRow>,
  arms: ReadonlyArray<number>,
  clusters: ReadonlyArray<number>,
) {
  const estimate = fitEffect(design, arms);
  const each = [...new Set(clusters)];
  const degrees = countDegrees(arms, clusters) - (design[0]?.x.length ?? 0) + 1;
  if (estimate === undefined || degrees < 1) return undefined;
  let squares = 0;
  for (const cluster of each) {
    const without = fitEffect(design, arms, (row) => clusters[row] === cluster);
    // Without that cluster nothing could be said at all.
    if (without === undefined) return undefined;
    squares += (without - estimate) ** 2;
  }
  return { estimate, standardError: Math.max(1e-12, Math.sqrt(squares)), degrees };
}

/**
 * Degrees of a difference between arms of unequal size, each clusters by clusters: the small arm decides
 * (Welch 1947, for arms that stray alike).
 */
function countDegrees(arms: ReadonlyArray<number>, clusters: ReadonlyArray<number>): number {
  const [now, later] = [1, 0].map(
    (arm) => new Set(clusters.filter((_, i) => arms[i] === arm)).size,
  );
  if (now === undefined || later === undefined || now < 2 || later < 2) return 0;
  const [a, b] = [1 / now, 1 / later];
  return (a + b) ** 2 / (a ** 2 / (now - 1) + b ** 2 / (later - 1));
}

/** Share of lots, drawn as the real ones were, whose effect is at least as far from nothing. */
function drawLotsAnew(
  design: ReadonlyArray<DesignRow>,
  rows: ReadonlyArray<HoldoutRow>,
  arms: ReadonlyArray<number>,
  estimate: number,
  random: Random,
): number {
  // The arm's column is the only one that a new lot changes: the rest is taken off once.
  const rest = leaveRest(design);
  const weightOf = (i: number) => design[i]?.weight ?? 0;
  const effectOf = (lot: ReadonlyArray<number>): number => {
    const off = rest(lot);
    let [top, bottom] = [0, 0];
    off.forEach((value, i) => {
      top += weightOf(i) * value * (design[i]?.y ?? 0);
      bottom += weightOf(i) * value * value;
    });
    return bottom > 0 ? top / bottom : 0;
  };
  assert(Math.abs(effectOf(arms) - estimate) < 1e-6, "taking the rest off leaves the effect");
  let asFar = 1;
  for (let i = 0; i < LOTS; i++) {
    const lot = rows.map(({ probability }) => (random.next() < probability ? 1 : 0));
    if (Math.abs(effectOf(lot)) >= Math.abs(estimate)) asFar += 1;
  }
  return asFar / (LOTS + 1);
}

/** Residuals of a column on the design without the arm (Frisch and Waugh 1933). */
function leaveRest(design: ReadonlyArray<DesignRow>) {
  return (column: ReadonlyArray<number>): ReadonlyArray<number> => {
    const rows = design.map((row, i) => ({ ...row, y: column[i] ?? 0 }));
    const fitted = fitLeastSquares(rows) ?? [];
    return rows.map(({ x, y }) => x.reduce((left, value, j) => left - value * (fitted[j] ?? 0), y));
  };
}

function checkByHorvitzThompson(rows: ReadonlyArray<HoldoutRow>) {
  const mean = rows.reduce((sum, { n, k }) => sum + k / n, 0) / rows.length;
  const terms = rows.map(({ arm, probability, n, k }) => {
    const rate = k / n - mean;
    return arm === "act-now" ? rate / probability : -rate / (1 - probability);
  });
  const estimate = terms.reduce((sum, term) => sum + term, 0) / terms.length;
  const squares = terms.reduce((sum, term) => sum + (term - estimate) ** 2, 0);
  return {
    estimate,
    standardError: Math.sqrt(squares / (terms.length * (terms.length - 1))),
  };
}

/**
 * Chance that an effect is seen (two-sided p at most 0.05) with so many alarms, `share` of them held
 * back, when alarms stray by `deviation` around what is expected of them.
 */
export function computeHoldoutPower(plan: {
  readonly alarms: number;
  readonly share: number;
  readonly effect: number;
  readonly deviation: number;
}): number {
  const { alarms, share, effect, deviation } = plan;
  assert(
    share > 0 && share < 1 && deviation > 0 && alarms > 4,
    "a plan has two arms and some noise",
  );
  const error = deviation / Math.sqrt(alarms * share * (1 - share));
  const degrees = alarms - 4;
  const needed = computeStudentQuantile(0.975, degrees);
  const off = Math.abs(effect) / error;
  return computeStudentCdf(off - needed, degrees) + computeStudentCdf(-off - needed, degrees);
}

/** Alarms until an effect is seen four times in five. */
export function computeAlarmsNeeded(plan: {
  readonly share: number;
  readonly effect: number;
  readonly deviation: number;
}): number {
  assert(plan.effect !== 0, "no number of alarms shows nothing");
  let [low, high] = [5, 10];
  while (computeHoldoutPower({ ...plan, alarms: high }) < 0.8) high *= 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (computeHoldoutPower({ ...plan, alarms: middle }) < 0.8) low = middle;
    else high = middle;
  }
  return high;
}
