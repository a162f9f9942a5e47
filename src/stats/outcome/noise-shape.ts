/**
 * What a unit does by itself, apart from everything that it shares with others: noise with a memory.
 *
 * Six shapes are tried, from days that know nothing of each other to a level that wanders, and two of
 * them again with a straight trend of the unit's own. Each is a covariance between times, up to a
 * factor:
 *
 *   c(s, t) = (1 - fresh) memory^|s - t| + fresh [s = t] + trend (s - m)(t - m) / n^2
 *
 * with n the times before the start and m their middle. The first two terms are an autoregression of
 * order one and a white part (Box and Jenkins); the third a random slope.
 */
export type NoiseShape = {
  /** Correlation of one step with the next, 0..1. */
  readonly memory: number;
  /** Share that is drawn afresh at each time, 0..1. */
  readonly fresh: number;
  /** Variance of the unit's own slope over the whole time before, in units of the noise. */
  readonly trend: number;
  readonly words: string;
};

const WHITE: NoiseShape = { memory: 0, fresh: 0, trend: 0, words: "independent" };
const LASTING: NoiseShape = { memory: 0.8, fresh: 0, trend: 0, words: "lasting a few steps" };
/** A plain trend of the unit's own: ten times the noise over the time before. */
const TREND = 10;

export const NOISE_SHAPES: ReadonlyArray<NoiseShape> = [
  WHITE,
  { memory: 0.5, fresh: 0, trend: 0, words: "lasting a step or two" },
  LASTING,
  { memory: 0.95, fresh: 0, trend: 0, words: "wandering" },
  { memory: 0.95, fresh: 0.5, trend: 0, words: "wandering, with fresh noise on top" },
  { memory: 0.99, fresh: 0.7, trend: 0, words: "slowly wandering, with fresh noise on top" },
  { ...WHITE, trend: TREND, words: "independent, with a trend of its own" },
  { ...LASTING, trend: TREND, words: "lasting a few steps, with a trend of its own" },
];

/**
 * Covariance between all pairs of `times`, as a square matrix; the first `before` are before the
 * start.
 */
export function toNoiseCovariance(
  { memory, fresh, trend }: NoiseShape,
  times: ReadonlyArray<number>,
  before: number,
): Float64Array {
  const size = times.length;
  const covariance = new Float64Array(size * size);
  const first = times[0] ?? 0;
  const span = (times[before - 1] ?? 0) - first + 1;
  const middle = first + (span - 1) / 2;
  for (let i = 0; i < size; i++) {
    const s = times[i] ?? 0;
    for (let j = 0; j <= i; j++) {
      const t = times[j] ?? 0;
      const value =
        (i === j ? fresh : 0) +
        (1 - fresh) * (memory === 0 ? Number(i === j) : memory ** Math.abs(s - t)) +
        (trend * (s - middle) * (t - middle)) / span ** 2;
      covariance[i * size + j] = value;
      covariance[j * size + i] = value;
    }
  }
  return covariance;
}
