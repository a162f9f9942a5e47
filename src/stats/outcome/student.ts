/**
 * Student's t distribution: how far a mean strays when its spread is itself estimated.
 *
 * Its distribution function is an incomplete beta function (Abramowitz and Stegun 26.7.1), worked out
 * by the continued fraction 26.5.8 with Lentz's method; the quantile by bisection. Error below 1e-10.
 */
import { assert } from "../../std/assert.ts";
import { logGamma } from "../detect/beta-binomial.ts";

/** P(|T| > |t|) with `degrees` > 0. */
export function computeStudentTail(t: number, degrees: number): number {
  assert(degrees > 0, "degrees of freedom are above zero");
  return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
}

/** P(T <= t). */
export function computeStudentCdf(t: number, degrees: number): number {
  const tail = computeStudentTail(t, degrees) / 2;
  return t > 0 ? 1 - tail : tail;
}

/** t with P(T <= t) = `probability`, strictly between 0 and 1. */
export function computeStudentQuantile(probability: number, degrees: number): number {
  assert(probability > 0 && probability < 1, "a quantile is asked for strictly inside 0..1");
  if (probability < 0.5) return -computeStudentQuantile(1 - probability, degrees);
  let [low, high] = [0, 1];
  while (computeStudentCdf(high, degrees) < probability) high *= 2;
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (computeStudentCdf(middle, degrees) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** I_x(a, b), 0 <= x <= 1. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const log = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  return x < (a + 1) / (a + b + 2)
    ? (Math.exp(log) * betaFraction(x, a, b)) / a
    : 1 - (Math.exp(log) * betaFraction(1 - x, b, a)) / b;
}

function betaFraction(x: number, a: number, b: number): number {
  const TINY = 1e-300;
  let c = 1;
  let d = 1 / notZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let factor = 1;
    for (const term of [even, odd]) {
      d = 1 / notZero(1 + term * d);
      c = notZero(1 + term / c);
      factor = c * d;
      value *= factor;
    }
    if (Math.abs(factor - 1) < 1e-15) break;
  }
  return value;

  function notZero(number: number): number {
    return Math.abs(number) < TINY ? TINY : number;
  }
}
