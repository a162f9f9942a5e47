/**
 * The effect of an action on failed deliveries: a difference-in-differences of ratios.
 *
 * Picture two rivers measured before and after a dam was built on one. That the dammed one carries less
 * says little in a dry year; that it carries less than the other would make it says something. Here the
 * treated place's count after over before is divided by the same ratio of comparable untouched places:
 *
 *   log effect = ln(A1/A0) - ln(C1/C0),   variance = phi (1/A1 + 1/A0 + 1/C1 + 1/C0)
 *
 * with A and C counts of events, treated and pooled controls, before (0) and after (1), windows of
 * equal length, and phi the overdispersion, read off the controls themselves: each is compared with
 * the rest of them as if it had been treated (a placebo). Counts are shifted by one half.
 *
 * What it cannot do: places are picked because they looked bad, so part of any fall is regression to
 * the mean. Only holding back a random part of the actions removes that; until then the label is
 * "observational" and a fall is called help only beyond `REGRESSION_ALLOWANCE`.
 */

export type Counts = { readonly before: number; readonly after: number };

export type EffectInput = {
  readonly treated: Counts;
  readonly controls: ReadonlyArray<Counts>;
  readonly daysBefore: number;
  readonly daysAfter: number;
};

export type EffectEstimate = {
  readonly verdict: "helped" | "no-effect" | "harmed" | "undetermined";
  /** After over before, relative to the controls: 0.7 is 30% fewer. Null when it cannot be said. */
  readonly ratio: { readonly estimate: number; readonly low: number; readonly high: number } | null;
  /** Events per day fewer (negative) or more than without the action. */
  readonly perDay: {
    readonly estimate: number;
    readonly low: number;
    readonly high: number;
  } | null;
  readonly controls: number;
  readonly overdispersion: number | null;
  readonly method: "ratio difference-in-differences, observational";
  readonly why: string;
};

export const CONTROLS_MIN = 8;
export const EVENTS_MIN = 10;
export const DAYS_MIN = 7;
/** Of a 90% interval. */
const Z = 1.645;
/** A ratio whose whole interval lies within these bounds counts as no effect. */
const EQUIVALENCE = { low: 0.85, high: 1.15 };
/** Falls up to this ratio are what selection at alarm time alone can produce. */
export const REGRESSION_ALLOWANCE = 0.9;

export function estimateEffect(input: EffectInput): EffectEstimate {
  const missing = findWhatIsMissing(input);
  if (missing !== undefined) return undetermined(input, missing);
  const { treated, controls } = input;
  const pool = sum(controls);
  const phi = computeOverdispersion(controls);
  const log = logRatio(treated) - logRatio(pool);
  const deviation = Math.sqrt(phi * (spread(treated) + spread(pool)));
  const ratio = {
    estimate: Math.exp(log),
    low: Math.exp(log - Z * deviation),
    high: Math.exp(log + Z * deviation),
  };
  const without = (treated.before / input.daysBefore) * Math.exp(logRatio(pool));
  const perDay = {
    estimate: without * (ratio.estimate - 1),
    low: without * (ratio.low - 1),
    high: without * (ratio.high - 1),
  };
  const { verdict, why } = judge(ratio);
  return {
    verdict,
    ratio,
    perDay,
    controls: controls.length,
    overdispersion: phi,
    method: "ratio difference-in-differences, observational",
    why,
  };
}

/** Mean squared placebo effect over its Poisson variance; never below 1. */
export function computeOverdispersion(controls: ReadonlyArray<Counts>): number {
  const pool = sum(controls);
  const scores = controls.map((control) => {
    const rest = { before: pool.before - control.before, after: pool.after - control.after };
    return (logRatio(control) - logRatio(rest)) ** 2 / (spread(control) + spread(rest));
  });
  return Math.max(1, scores.reduce((total, score) => total + score, 0) / scores.length);
}

function findWhatIsMissing(input: EffectInput): string | undefined {
  const { treated, controls, daysBefore, daysAfter } = input;
  if (daysBefore < DAYS_MIN || daysAfter < DAYS_MIN) {
    return `only ${daysBefore} days before and ${daysAfter} after are known; ${DAYS_MIN} are needed`;
  }
  if (controls.length < CONTROLS_MIN) {
    return `only ${controls.length} comparable untouched places; ${CONTROLS_MIN} are needed`;
  }
  if (treated.before < EVENTS_MIN) {
    return `only ${treated.before} failed deliveries before the action; ${EVENTS_MIN} are needed`;
  }
  return undefined;
}

function judge(ratio: { low: number; high: number }): Pick<EffectEstimate, "verdict" | "why"> {
  if (ratio.high < REGRESSION_ALLOWANCE) {
    return {
      verdict: "helped",
      why: "failed deliveries fell by more than selection alone explains",
    };
  }
  if (ratio.low > 1)
    return { verdict: "harmed", why: "failed deliveries rose against comparable places" };
  if (ratio.low > EQUIVALENCE.low && ratio.high < EQUIVALENCE.high) {
    return { verdict: "no-effect", why: "any effect is within 15% either way" };
  }
  return { verdict: "undetermined", why: "the interval is too wide to tell" };
}

function undetermined(input: EffectInput, why: string): EffectEstimate {
  return {
    verdict: "undetermined",
    ratio: null,
    perDay: null,
    controls: input.controls.length,
    overdispersion: null,
    method: "ratio difference-in-differences, observational",
    why,
  };
}

function sum(counts: ReadonlyArray<Counts>): Counts {
  return counts.reduce(
    (total, one) => ({ before: total.before + one.before, after: total.after + one.after }),
    { before: 0, after: 0 },
  );
}

function logRatio({ before, after }: Counts): number {
  return Math.log((after + 0.5) / (before + 0.5));
}

function spread({ before, after }: Counts): number {
  return 1 / (after + 0.5) + 1 / (before + 0.5);
}
