/**
 * Counts that vary more from day to day than coin tosses do.
 *
 * On a given day the true rate is drawn around its mean `p`, then each of `n` trials fails with it:
 * y ~ BetaBinomial(n, pK, (1-p)K) with K = (1-rho)/rho. Everything the detector says about evidence
 * rests on two facts: the likelihood ratio of two means is monotone in y, and y grows stochastically
 * with p. Hence E[LR] <= 1 under every p at or below the null's.
 */

export function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

export function logit(p: number): number {
  return Math.log(p / (1 - p));
}

export function clip(x: number, low: number, high: number): number {
  return x < low ? low : x > high ? high : x;
}

/** The rate whose logit is `by` higher. */
export function raiseRate(p: number, by: number): number {
  return logistic(logit(p) + by);
}

/** By what a day of `n` trials counts less than `n` independent ones. */
export function computeDesignEffect(n: number, rho: number): number {
  return 1 + Math.max(n - 1, 0) * rho;
}

/** ln of P(y | p1) / P(y | p0) for `n` trials at overdispersion `rho`. */
export function computeLogLikelihoodRatio(
  n: number,
  y: number,
  p0: number,
  p1: number,
  rho: number,
): number {
  const k = (1 - rho) / rho;
  return logRisingRatio(y, p1 * k, p0 * k) + logRisingRatio(n - y, (1 - p1) * k, (1 - p0) * k);
}

/** Up to here the product is multiplied out; beyond, the gamma function is cheaper. */
const PRODUCT_MAX = 24;

/** ln of the product over i < count of (a1 + i) / (a0 + i). */
function logRisingRatio(count: number, a1: number, a0: number): number {
  if (count > PRODUCT_MAX) {
    return logGamma(a1 + count) - logGamma(a1) - (logGamma(a0 + count) - logGamma(a0));
  }
  let product = 1;
  for (let i = 0; i < count; i++) product *= (a1 + i) / (a0 + i);
  return Math.log(product);
}

/** ln of the likelihood of `y` of `n` (both may be fractional) under Beta(pK, (1-p)K). */
export function computeLogMarginal(n: number, y: number, p: number, k: number): number {
  const a = p * k;
  const b = (1 - p) * k;
  return (
    logGamma(a + y) -
    logGamma(a) +
    logGamma(b + n - y) -
    logGamma(b) -
    logGamma(k + n) +
    logGamma(k)
  );
}

/** ln of the gamma function for x > 0: Stirling's series from 12 up, recurrence below. */
export function logGamma(x: number): number {
  let shift = 1;
  let z = x;
  while (z < 12) {
    shift *= z;
    z += 1;
  }
  const w = 1 / (z * z);
  const series =
    (1 / 12 +
      w * (-1 / 360 + w * (1 / 1260 + w * (-1 / 1680 + w * (1 / 1188 - w * (691 / 360360)))))) /
    z;
  return (z - 0.5) * Math.log(z) - z + HALF_LOG_TWO_PI + series - Math.log(shift);
}

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** Information per trial, nats, that tells a coin of `p1` from one of `p0`. */
export function computeDivergence(p1: number, p0: number): number {
  return p1 * Math.log(p1 / p0) + (1 - p1) * Math.log((1 - p1) / (1 - p0));
}

/** Standard normal distribution function (Abramowitz and Stegun 26.2.17, error below 1e-7). */
export function normalCdf(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const upper = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * tail;
  return x >= 0 ? 1 - upper : upper;
}
