/**
 * The little linear algebra that the comparison of panels needs. Square matrices are rows one behind the
 * other in a `Float64Array` of size x size.
 *
 * Sources: Golub and Van Loan, Matrix Computations, 4th ed.: Cholesky (algorithm 4.2.2), reduction to
 * tridiagonal form by Householder's reflections (8.3.1), implicit QL steps with Wilkinson's shift
 * (8.3.3).
 */
import { assert } from "../../std/assert.ts";

/** Lower triangular L with L L' = `matrix`, which must be positive definite. */
export function choleskyOf(matrix: Float64Array, size: number): Float64Array {
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j] ?? 0;
      for (let k = 0; k < j; k++) sum -= at(lower, i * size + k) * at(lower, j * size + k);
      if (i === j) assert(sum > 0, "a covariance is positive definite");
      lower[i * size + j] = i === j ? Math.sqrt(sum) : sum / at(lower, j * size + j);
    }
  }
  return lower;
}

/** x with L x = b; `lower` is triangular. Only the first `size` numbers of `b` are read. */
export function solveLower(lower: Float64Array, size: number, b: ArrayLike<number>): Float64Array {
  const x = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let sum = b[i] ?? 0;
    const row = i * size;
    for (let k = 0; k < i; k++) sum -= at(lower, row + k) * at(x, k);
    x[i] = sum / at(lower, row + i);
  }
  return x;
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>, length = a.length): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

const SQUARE_MIN = 1e-280;

export type Eigen = {
  readonly values: Float64Array;
  /** Row k belongs to value k; the rows are orthonormal. */
  readonly vectors: Float64Array;
};

/** Of a symmetric matrix; values in no order. */
export function eigenOf(matrix: Float64Array, size: number): Eigen {
  const { vectors, values, beside } = tridiagonalise(matrix, size);
  // What is so small beside the whole matrix is its rounding.
  const floor = 1e-3 * values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-100);
  for (let low = 0; low < size; low++) {
    for (let step = 0; ; step++) {
      let high = low;
      while (high < size - 1) {
        const whole = Math.abs(at(values, high)) + Math.abs(at(values, high + 1));
        if (Math.abs(at(beside, high)) <= Number.EPSILON * Math.max(whole, floor)) break;
        high += 1;
      }
      if (high === low) break;
      assert(step < 60, "the QL steps of a symmetric matrix converge");
      stepQl(values, beside, vectors, size, low, high);
    }
  }
  return { values, vectors };
}

/**
 * Householder: vectors' x tridiagonal x vectors = matrix, with the reflections gathered in
 * `vectors`.
 */
function tridiagonalise(matrix: Float64Array, size: number) {
  const a = Float64Array.from(matrix);
  const vectors = new Float64Array(size * size);
  for (let i = 0; i < size; i++) vectors[i * size + i] = 1;
  const v = new Float64Array(size);
  const p = new Float64Array(size);
  const rotated = new Float64Array(size);
  for (let k = 0; k < size - 2; k++) {
    let norm = 0;
    for (let i = k + 1; i < size; i++) {
      v[i] = at(a, i * size + k);
      norm += at(v, i) ** 2;
    }
    // Below this, squares lose their figures; what is left there is nothing.
    if (norm < SQUARE_MIN) continue;
    norm = Math.sqrt(norm);
    v[k + 1] = at(v, k + 1) + (at(v, k + 1) >= 0 ? norm : -norm);
    const scale = 2 / squaresFrom(v, k + 1);
    // a <- H a H with H = I - scale v v', by one symmetric update of rank two.
    let pv = 0;
    for (let i = k; i < size; i++) {
      let sum = 0;
      for (let j = k + 1; j < size; j++) sum += at(a, i * size + j) * at(v, j);
      p[i] = scale * sum;
      if (i > k) pv += at(p, i) * at(v, i);
    }
    v[k] = 0;
    for (let i = k; i < size; i++) p[i] = at(p, i) - ((scale * pv) / 2) * at(v, i);
    for (let i = k; i < size; i++) {
      for (let j = k; j < size; j++) {
        a[i * size + j] = at(a, i * size + j) - at(v, i) * at(p, j) - at(p, i) * at(v, j);
      }
    }
    rotated.fill(0);
    for (let j = k + 1; j < size; j++) {
      const factor = scale * at(v, j);
      for (let i = 0; i < size; i++) {
        rotated[i] = at(rotated, i) + factor * at(vectors, j * size + i);
      }
    }
    for (let j = k + 1; j < size; j++) {
      const factor = at(v, j);
      for (let i = 0; i < size; i++) {
        vectors[j * size + i] = at(vectors, j * size + i) - factor * at(rotated, i);
      }
    }
  }
  const values = Float64Array.from({ length: size }, (_, i) => at(a, i * size + i));
  const beside = Float64Array.from({ length: size }, (_, i) =>
    i + 1 < size ? at(a, (i + 1) * size + i) : 0,
  );
  return { vectors, values, beside };
}

/**
 * One implicit step on the block from `low` to `high`: the bulge is chased from its end to its
 * start.
 */
function stepQl(
  values: Float64Array,
  beside: Float64Array,
  vectors: Float64Array,
  size: number,
  low: number,
  high: number,
): void {
  const half = (at(values, low + 1) - at(values, low)) / (2 * at(beside, low));
  const root = Math.hypot(half, 1);
  const shift = at(values, low) - at(beside, low) / (half + (half >= 0 ? root : -root));
  let g = at(values, high) - shift;
  let [sine, cosine, carried] = [1, 1, 0];
  for (let i = high - 1; i >= low; i--) {
    const f = sine * at(beside, i);
    const b = cosine * at(beside, i);
    const r = Math.hypot(f, g);
    beside[i + 1] = r;
    if (r === 0) {
      values[i + 1] = at(values, i + 1) - carried;
      beside[high] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    const next = at(values, i + 1) - carried;
    const turn = (at(values, i) - next) * sine + 2 * cosine * b;
    carried = sine * turn;
    values[i + 1] = next + carried;
    g = cosine * turn - b;
    for (let k = 0; k < size; k++) {
      const lower = at(vectors, (i + 1) * size + k);
      const upper = at(vectors, i * size + k);
      vectors[(i + 1) * size + k] = sine * upper + cosine * lower;
      vectors[i * size + k] = cosine * upper - sine * lower;
    }
  }
  values[low] = at(values, low) - carried;
  beside[low] = g;
  beside[high] = 0;
}

function squaresFrom(v: Float64Array, from: number): number {
  let sum = 0;
  for (let i = from; i < v.length; i++) sum += at(v, i) ** 2;
  return sum;
}

/** Indices here are in range by construction; the type system cannot see that. */
function at(numbers: Float64Array, index: number): number {
  return numbers[index] as number;
}
