/**
 * Weighted least squares of a few columns, by the normal equations and Cholesky's triangle.
 *
 * `leaveOut` gives the coefficients without some rows: the jackknife that the holdout's error is
 * read from, plain on purpose.
 */
import { choleskyOf, solveLower } from "./matrix.ts";

export type DesignRow = {
  readonly x: ReadonlyArray<number>;
  readonly y: number;
  /** Above 0. */
  readonly weight: number;
};

/** Undefined where the columns cannot be told apart. */
export function fitLeastSquares(
  rows: ReadonlyArray<DesignRow>,
  leaveOut: (row: number) => boolean = () => false,
): ReadonlyArray<number> | undefined {
  const size = rows[0]?.x.length ?? 0;
  const products = new Float64Array(size * size);
  const right = new Float64Array(size);
  rows.forEach(({ x, y, weight }, row) => {
    if (leaveOut(row)) return;
    for (let i = 0; i < size; i++) {
      const factor = weight * (x[i] ?? 0);
      right[i] = (right[i] ?? 0) + factor * y;
      for (let j = 0; j < size; j++) {
        products[i * size + j] = (products[i * size + j] ?? 0) + factor * (x[j] ?? 0);
      }
    }
  });
  // Scaled to a unit diagonal, so that "cannot be told apart" does not depend on units.
  const scale = Array.from({ length: size }, (_, i) => Math.sqrt(products[i * size + i] ?? 0));
  if (scale.some((value) => !(value > 0))) return undefined;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      products[i * size + j] = (products[i * size + j] ?? 0) / ((scale[i] ?? 1) * (scale[j] ?? 1));
    }
  }
  if (!isWellConditioned(products, size)) return undefined;
  const lower = choleskyOf(products, size);
  const half = solveLower(
    lower,
    size,
    right.map((value, i) => value / (scale[i] ?? 1)),
  );
  const solution = new Float64Array(size);
  for (let i = size - 1; i >= 0; i--) {
    let sum = half[i] ?? 0;
    for (let k = i + 1; k < size; k++) sum -= (lower[k * size + i] ?? 0) * (solution[k] ?? 0);
    solution[i] = sum / (lower[i * size + i] ?? 1);
  }
  return Array.from(solution, (value, i) => value / (scale[i] ?? 1));
}

/** What each column adds to those before it is not lost in rounding. */
function isWellConditioned(products: Float64Array, size: number): boolean {
  const a = Float64Array.from(products);
  for (let k = 0; k < size; k++) {
    const pivot = a[k * size + k] ?? 0;
    if (!(pivot > 1e-9)) return false;
    for (let i = k + 1; i < size; i++) {
      const factor = (a[i * size + k] ?? 0) / pivot;
      for (let j = k; j < size; j++) {
        a[i * size + j] = (a[i * size + j] ?? 0) - factor * (a[k * size + j] ?? 0);
      }
    }
  }
  return true;
}
