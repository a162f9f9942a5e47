/**
 * The rules that people use instead, each as a number per unit and day that is compared with a threshold.
 *
 * All but the raw rates are given the product's own expectation of the day (baseline, weekday, festivals,
 * mix), which none of them has in practice: what differs is only how evidence is gathered. A day
 * without orders changes nothing.
 */
import {
  clip,
  computeDesignEffect,
  computeLogLikelihoodRatio,
  logGamma,
} from "../../src/stats/detect/beta-binomial.ts";

/** One unit's day. */
export type Seen = {
  readonly unit: number;
  readonly n: number;
  readonly y: number;
  /** Rate expected. */
  readonly p: number;
  readonly rho: number;
};

export type Rival = {
  readonly name: string;
  /** Whether it also watches districts, states and the nation; people's rules watch places one by one. */
  readonly everyLevel?: boolean;
  /** Thresholds that are tried, rising. */
  readonly thresholds: ReadonlyArray<number>;
  /** Makes the memory for so many units; the function gives the statistic after the day. */
  create(units: number): (seen: Seen) => number;
};

const RISES = [0.05, 0.08, 0.12, 0.18, 0.25];
const RATE_MAX = 0.97;
const NEVER = -Infinity;

const range = (from: number, until: number, steps: number) =>
  Array.from({ length: steps }, (_, i) => from + ((until - from) * i) / (steps - 1));

export const RIVALS: ReadonlyArray<Rival> = [
  {
    name: "raw 7-day rate, 20 orders",
    thresholds: range(0.25, 0.9, 40),
    create(units) {
      const window = new Window(units, 7);
      return ({ unit, n, y }) => {
        window.add(unit, n, y);
        return window.trials[unit]! >= 20 ? window.events[unit]! / window.trials[unit]! : NEVER;
      };
    },
  },
  {
    name: "raw 3-day rate, 3 days running",
    thresholds: range(0.25, 0.9, 40),
    create(units) {
      const window = new Window(units, 3);
      const last = [new Float64Array(units).fill(NEVER), new Float64Array(units).fill(NEVER)];
      return ({ unit, n, y }) => {
        window.add(unit, n, y);
        const rate =
          window.trials[unit]! >= 10 ? window.events[unit]! / window.trials[unit]! : NEVER;
        const least = Math.min(rate, last[0]![unit]!, last[1]![unit]!);
        last[1]![unit] = last[0]![unit]!;
        last[0]![unit] = rate;
        return least;
      };
    },
  },
  ewma(0.05),
  {
    name: "Bernoulli CUSUM, +10 points",
    thresholds: range(3, 45, 40),
    create(units) {
      const cusum = new Float64Array(units);
      return ({ unit, n, y, p }) => {
        const p1 = Math.min(p + 0.1, RATE_MAX);
        const llr = y * Math.log(p1 / p) + (n - y) * Math.log((1 - p1) / (1 - p));
        return (cusum[unit] = Math.max(0, cusum[unit]! + llr));
      };
    },
  },
  {
    name: "GLR-CUSUM, beta-binomial",
    thresholds: range(3, 45, 40),
    create(units) {
      const cusums = RISES.map(() => new Float64Array(units));
      return (seen) => {
        let most = 0;
        RISES.forEach((rise, at) => {
          const cusum = cusums[at]!;
          const next = Math.max(0, cusum[seen.unit]! + likelihoodOf(seen, rise));
          cusum[seen.unit] = next;
          most = Math.max(most, next);
        });
        return most;
      };
    },
  },
  {
    name: "Shiryaev-Roberts mixture, uncapped",
    thresholds: range(4, 46, 40),
    create(units) {
      const sums = RISES.map(() => new Float64Array(units));
      return (seen) => {
        let total = 0;
        RISES.forEach((rise, at) => {
          const sum = sums[at]!;
          const next = Math.min(1e100, (1 + sum[seen.unit]!) * Math.exp(likelihoodOf(seen, rise)));
          sum[seen.unit] = next;
          total += next;
        });
        return Math.log(total / RISES.length);
      };
    },
  },
  {
    name: "Farrington-like, 7 days",
    thresholds: range(2, 18, 40),
    create(units) {
      const window = new Window(units, 7);
      const expected = new Window(units, 7);
      return ({ unit, n, y, p, rho }) => {
        window.add(unit, n, y);
        expected.add(unit, n * p * computeDesignEffect(n, rho), n * p);
        const mean = expected.events[unit]!;
        if (mean < 1) return NEVER;
        // The two-thirds power makes small counts nearly normal (Farrington et al. 1996).
        const spread = expected.trials[unit]! / mean;
        return (
          (window.events[unit]! ** (2 / 3) - mean ** (2 / 3)) /
          Math.sqrt((4 / 9) * mean ** (1 / 3) * spread)
        );
      };
    },
  },
  bocpd(),
  { ...ewma(0.05), name: "EWMA 0.05, at every level", everyLevel: true },
];

function likelihoodOf({ n, y, p, rho }: Seen, rise: number): number {
  return computeLogLikelihoodRatio(n, y, p, Math.min(p + rise, RATE_MAX), rho);
}

function ewma(lambda: number): Rival {
  return {
    name: `EWMA of residuals, ${lambda}`,
    thresholds: range(2, 12, 40),
    create(units) {
      const mean = new Float64Array(units);
      const variance = new Float64Array(units);
      return ({ unit, n, y, p, rho }) => {
        const own = n * p * (1 - p) * computeDesignEffect(n, rho);
        mean[unit] = (1 - lambda) * mean[unit]! + lambda * (y - n * p);
        variance[unit] = (1 - lambda) ** 2 * variance[unit]! + lambda ** 2 * own;
        return mean[unit] / Math.sqrt(variance[unit]);
      };
    },
  };
}

const RUNS_MAX = 30;
const HAZARD = 0.017 / 30;
/** Prior of the rate after a change: a mean of 10 points above the expected, worth so many orders. */
const PRIOR_TRIALS = 12;

/**
 * Bayesian online changepoint detection (Adams and MacKay 2007) for a rate against a known usual one:
 * the statistic is the log odds that a change happened within the last `RUNS_MAX` days of data.
 */
function bocpd(): Rival {
  return {
    name: "BOCPD, beta-binomial",
    thresholds: range(-4, 35, 40),
    create(units) {
      const weight = new Float64Array(units * RUNS_MAX);
      const failed = new Float32Array(units * RUNS_MAX);
      const delivered = new Float32Array(units * RUNS_MAX);
      return ({ unit, n, y, p, rho }) => {
        const from = unit * RUNS_MAX;
        const k = (1 - rho) / rho;
        const usual = logPredictive(n, y, p * k, (1 - p) * k);
        const deflate = 1 / computeDesignEffect(n, rho);
        const raised = clip(p + 0.1, 0.01, 0.95);
        let all = 0;
        for (let run = RUNS_MAX - 1; run >= 0; run--) {
          const at = from + run;
          if (run === 0) {
            weight[at] = HAZARD;
            failed[at] = delivered[at] = 0;
          } else {
            const before = at - 1;
            weight[at] = weight[before]! + (run === RUNS_MAX - 1 ? weight[at]! : 0);
            failed[at] = failed[before]!;
            delivered[at] = delivered[before]!;
          }
          if (weight[at] < 1e-9) {
            weight[at] = 0;
            continue;
          }
          const a = PRIOR_TRIALS * raised + failed[at];
          const b = PRIOR_TRIALS * (1 - raised) + delivered[at];
          weight[at] = Math.min(1e60, weight[at] * Math.exp(logPredictive(n, y, a, b) - usual));
          failed[at] += y * deflate;
          delivered[at] += (n - y) * deflate;
          all += weight[at];
        }
        return Math.log(all + 1e-300);
      };
    },
  };
}

/** ln of the beta-binomial probability of `y` of `n`, without the binomial coefficient. */
function logPredictive(n: number, y: number, a: number, b: number): number {
  if (n <= 8) {
    let product = 1;
    for (let i = 0; i < y; i++) product *= a + i;
    for (let i = 0; i < n - y; i++) product *= b + i;
    for (let i = 0; i < n; i++) product /= a + b + i;
    return Math.log(product);
  }
  return (
    logGamma(a + y) -
    logGamma(a) +
    logGamma(b + n - y) -
    logGamma(b) -
    logGamma(a + b + n) +
    logGamma(a + b)
  );
}

/** Sums over the last `days` days that had data. */
class Window {
  readonly trials: Float64Array;
  readonly events: Float64Array;
  readonly #days: number;
  readonly #ringTrials: Float64Array;
  readonly #ringEvents: Float64Array;
  readonly #next: Uint8Array;

  constructor(units: number, days: number) {
    this.#days = days;
    this.trials = new Float64Array(units);
    this.events = new Float64Array(units);
    this.#ringTrials = new Float64Array(units * days);
    this.#ringEvents = new Float64Array(units * days);
    this.#next = new Uint8Array(units);
  }

  add(unit: number, n: number, y: number): void {
    const at = unit * this.#days + this.#next[unit]!;
    this.trials[unit]! += n - this.#ringTrials[at]!;
    this.events[unit]! += y - this.#ringEvents[at]!;
    this.#ringTrials[at] = n;
    this.#ringEvents[at] = y;
    this.#next[unit] = (this.#next[unit]! + 1) % this.#days;
  }
}
