/**
 * What a group of units would have done without the action, told from the others.
 *
 * Ask a town's neighbours how their spring was, and you know most of how the town's would have been;
 * ask those that in past years moved with it, and you know more. For a row y of values (time by time),
 * with r_j what control j does apart from the controls' mean:
 *
 *   y_t = mean_t + level + sum_j b_j r_jt + noise_t,     b_j ~ Normal(0, adapt / N)
 *
 * `adapt` says how far to trust likeness: 0 is difference-in-differences (all controls alike), large
 * values are a regression on the controls. So it is a synthetic control whose weights are drawn
 * towards equal ones by a ridge and may go below zero, with the level out of it and with generalised
 * least squares for noise that has a memory: Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021),
 * algorithm 1 (ridge and intercept); Ben-Michael, Feller and Rothstein (2021), ridge ASCM (ridge weights that
 * leave the hull); Robinson (1991), best linear unbiased prediction; Patterson and Thompson (1971),
 * likelihood with the level taken out (REML).
 *
 * With the noise whitened (L x = r for the times before, L L' its covariance) and the level projected
 * out, all that the times before say of a unit is x, and all that the times after say is one number:
 * its mean after, less what level and noise alone foretell of it. One eigendecomposition of the
 * controls' x then gives the answer for any `adapt` and, leaving each control out in turn, for every
 * control as if it had been acted on (a rank-one downdate, Sherman and Morrison 1950): the placebos
 * cost as good as nothing.
 */
import { choleskyOf, dot, eigenOf, solveLower } from "./matrix.ts";
import { toNoiseCovariance, type NoiseShape } from "./noise-shape.ts";

/** A panel seen through one shape of noise. Unit 0 is the treated group, 1..N are the controls. */
export type View = {
  readonly controls: number;
  /** Eigenvalues of the controls' x, in units of the rows squared. */
  readonly strengths: Float64Array;
  /** Per unit: its x along the eigenvectors, and the squared length of the rest of it. */
  readonly along: ReadonlyArray<Float64Array>;
  readonly apart: Float64Array;
  /** Per unit: mean after the start, less what its own level and noise foretell. */
  readonly after: Float64Array;
  /** Covariance of `after` with x along the eigenvectors, and variance of `after`, over controls. */
  readonly shared: Float64Array;
  readonly sharedAfter: number;
  /** Variance of the noise in `after`, in units of the noise. */
  readonly noiseAfter: number;
  /** ln of the determinant of the noise's covariance, the level taken out. */
  readonly noiseLogDeterminant: number;
  /** Times before, less one for the level. */
  readonly degrees: number;
};

/** Of one unit, foretold from the controls without it. */
export type Foretold = {
  /** Mean after the start, less what was foretold: the effect, in units of the rows. */
  readonly gap: number;
  /** Variance of the gap when nothing was done, up to the unit's own `unrest`. */
  readonly variance: number;
  /** How much the unit moves against what the model takes as usual; 1 is usual. */
  readonly unrest: number;
  /** Minus ln of the restricted likelihood of the unit's times before, its unrest profiled out. */
  readonly misfit: number;
};

/** `rows` are differences from the controls' mean; row 0 is the treated group. */
export function computeView(
  rows: ReadonlyArray<Float64Array>,
  times: ReadonlyArray<number>,
  before: number,
  shape: NoiseShape,
): View {
  const all = times.length;
  const N = rows.length - 1;
  const covariance = toNoiseCovariance(shape, times, before);
  const block = new Float64Array(before * before);
  for (let s = 0; s < before; s++) {
    for (let t = 0; t < before; t++) block[s * before + t] = get(covariance, s * all + t);
  }
  const lower = choleskyOf(block, before);
  const share = 1 / (all - before);
  const toAfter = new Float64Array(before);
  let within = 0;
  for (let t = before; t < all; t++) {
    for (let s = 0; s < before; s++) {
      toAfter[s] = get(toAfter, s) + share * get(covariance, s * all + t);
    }
    for (let u = before; u < all; u++) within += share * share * get(covariance, t * all + u);
  }
  const reach = solveLower(lower, before, toAfter);
  const ones = solveLower(lower, before, new Float64Array(before).fill(1));
  const onesSquared = dot(ones, ones);
  const drift = 1 - dot(ones, reach);

  const after = new Float64Array(N + 1);
  const whitened = rows.map((row, i) => {
    const x = solveLower(lower, before, row);
    const level = dot(x, ones) / onesSquared;
    let mean = 0;
    for (let t = before; t < all; t++) mean += share * get(row, t);
    after[i] = mean - dot(reach, x) - drift * level;
    for (let t = 0; t < before; t++) x[t] = get(x, t) - level * get(ones, t);
    return x;
  });
  const { strengths, along } = decompose(whitened, before);
  const shared = new Float64Array(strengths.length);
  let sharedAfter = 0;
  for (let i = 1; i <= N; i++) {
    const gap = get(after, i);
    sharedAfter += (gap * gap) / N;
    const unit = along[i] ?? shared;
    for (let k = 0; k < shared.length; k++) shared[k] = get(shared, k) + (gap / N) * get(unit, k);
  }
  let logDeterminant = Math.log(onesSquared);
  for (let t = 0; t < before; t++) logDeterminant += 2 * Math.log(get(lower, t * before + t));
  return {
    controls: N,
    strengths,
    along,
    apart: Float64Array.from(whitened, (x, i) => {
      const unit = along[i] ?? shared;
      return Math.max(0, dot(x, x) - dot(unit, unit));
    }),
    after,
    shared,
    sharedAfter,
    noiseAfter: within - dot(reach, reach) + drift ** 2 / onesSquared,
    noiseLogDeterminant: logDeterminant,
    degrees: before - 1,
  };
}

/** `adapt` >= 0; `noise` is the variance of the noise in squared units of the rows, above 0. */
export function foretell(view: View, unit: number, adapt: number, noise: number): Foretold {
  const { strengths, shared, controls, degrees } = view;
  const own = view.along[unit] ?? shared;
  let [told, unrest, known] = [0, get(view.apart, unit) / noise, 0];
  let logDeterminant = view.noiseLogDeterminant + degrees * Math.log(noise);
  for (let k = 0; k < strengths.length; k++) {
    const whole = adapt * get(strengths, k) + noise;
    const part = get(own, k);
    told += (adapt * get(shared, k) * part) / whole;
    unrest += (part * part) / whole;
    known += (adapt * get(shared, k)) ** 2 / whole;
    logDeterminant += Math.log(whole / noise);
  }
  let gap = get(view.after, unit) - told;
  let variance = noise * view.noiseAfter + adapt * view.sharedAfter - known;
  if (unit > 0) {
    // The control out of its own covariance and mean.
    const weight = adapt / (controls - 1);
    const left = 1 - weight * unrest;
    variance -= (weight * gap * gap) / left;
    logDeterminant += Math.log(left);
    const fromMean = controls / (controls - 1);
    gap = (gap / left) * fromMean;
    unrest = (unrest / left) * fromMean ** 2;
  }
  unrest /= degrees;
  return { gap, variance, unrest, misfit: (logDeterminant + degrees * Math.log(unrest)) / 2 };
}

/** Weight of each control in what is foretold of the treated group; they sum to 1. */
export function computeWeights(view: View, adapt: number, noise: number): Float64Array {
  const { strengths, along, controls } = view;
  const treated = along[0] ?? strengths;
  const extra = Float64Array.from({ length: controls }, (_, j) => {
    let sum = 0;
    const own = along[j + 1] ?? strengths;
    for (let k = 0; k < strengths.length; k++) {
      sum += (get(own, k) * get(treated, k)) / (adapt * get(strengths, k) + noise);
    }
    return (adapt * sum) / controls;
  });
  const mean = extra.reduce((sum, value) => sum + value, 0) / controls;
  return extra.map((value) => 1 / controls + value - mean);
}

/** Coordinates of every x along the eigenvectors of the mean of x x' over the controls. */
function decompose(whitened: ReadonlyArray<Float64Array>, before: number) {
  const N = whitened.length - 1;
  const controls = whitened.slice(1);
  if (N < before) {
    // Fewer controls than times: through the products of the controls with each other.
    const products = new Float64Array(N * N);
    controls.forEach((a, i) => {
      for (let j = 0; j <= i; j++) {
        const product = dot(a, controls[j] ?? a) / N;
        products[i * N + j] = product;
        products[j * N + i] = product;
      }
    });
    const { values, vectors } = eigenOf(products, N);
    const top = values.reduce((most, value) => Math.max(most, value), 0);
    const kept = [...values.keys()].filter((k) => get(values, k) > 1e-12 * top);
    const strengths = Float64Array.from(kept, (k) => get(values, k));
    const along = whitened.map((x) => {
      const withControls = controls.map((control) => dot(control, x));
      return Float64Array.from(kept, (k) => {
        const vector = vectors.subarray(k * N, k * N + N);
        return dot(vector, withControls) / Math.sqrt(get(values, k) * N);
      });
    });
    return { strengths, along };
  }
  const products = new Float64Array(before * before);
  for (const x of controls) {
    for (let s = 0; s < before; s++) {
      const factor = get(x, s) / N;
      for (let t = 0; t <= s; t++) {
        products[s * before + t] = get(products, s * before + t) + factor * get(x, t);
      }
    }
  }
  for (let s = 0; s < before; s++) {
    for (let t = 0; t < s; t++) products[t * before + s] = get(products, s * before + t);
  }
  const { values, vectors } = eigenOf(products, before);
  return {
    strengths: values.map((value) => Math.max(0, value)),
    along: whitened.map((x) =>
      Float64Array.from({ length: before }, (_, k) =>
        dot(vectors.subarray(k * before, k * before + before), x),
      ),
    ),
  };
}

/** Indices here are in range by construction; the type system cannot see that. */
function get(numbers: Float64Array, index: number): number {
  return numbers[index] as number;
}
