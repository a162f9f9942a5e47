/**
 * How far two rates lie apart, for a look at many places at once; detection has its own, stricter ways.
 *
 * Agresti and Caffo (2000), "Simple and effective confidence intervals for proportions": one event and one
 * trial that was none are added to each side, and the interval keeps its promise even for few trials.
 */
export type Counted = { readonly n: number; readonly k: number };

export type RateChange = {
  /** In points of the rate: 0.05 is five more of a hundred. */
  readonly points: number;
  readonly low: number;
  readonly high: number;
};

/** Standard errors to each side. Of maps of 36 places that are all as ever, one in eight shows one beyond. */
const ERRORS_WIDE = 3;

/** Undefined where one side was never tried. */
export function compareRates(now: Counted, usual: Counted): RateChange | undefined {
  if (now.n === 0 || usual.n === 0) return undefined;
  const points = now.k / now.n - usual.k / usual.n;
  const [a, b] = [soften(now), soften(usual)];
  const centre = a.rate - b.rate;
  const half = ERRORS_WIDE * Math.sqrt(a.variance + b.variance);
  return {
    points,
    low: Math.min(points, Math.max(-1, centre - half)),
    high: Math.max(points, Math.min(1, centre + half)),
  };
}

function soften({ n, k }: Counted): { readonly rate: number; readonly variance: number } {
  const rate = (k + 1) / (n + 2);
  return { rate, variance: (rate * (1 - rate)) / (n + 2) };
}

/** Sums of a stretch of days, `from <= index < until`. */
export function sumWindow(
  days: { readonly n: ReadonlyArray<number>; readonly k: ReadonlyArray<number> },
  from: number,
  until: number,
): Counted {
  let [n, k] = [0, 0];
  for (let at = Math.max(0, from); at < until; at++) {
    n += days.n[at] ?? 0;
    k += days.k[at] ?? 0;
  }
  return { n, k };
}
