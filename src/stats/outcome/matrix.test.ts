import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { choleskyOf, dot, eigenOf, solveLower } from "./matrix.ts";

const symmetric = fc.integer({ min: 1, max: 12 }).chain((size) =>
  fc
    .array(fc.double({ min: -5, max: 5, noNaN: true }), {
      minLength: size * size,
      maxLength: size * size,
    })
    .map((numbers) => {
      const matrix = new Float64Array(size * size);
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          matrix[i * size + j] = (numbers[i * size + j] ?? 0) + (numbers[j * size + i] ?? 0);
        }
      }
      return { size, matrix };
    }),
);

test("a symmetric matrix is put together again from its values and vectors", () => {
  fc.assert(
    fc.property(symmetric, ({ size, matrix }) => {
      const { values, vectors } = eigenOf(matrix, size);
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) {
          let [again, orthogonal] = [0, 0];
          for (let k = 0; k < size; k++) {
            const [vi = 0, vj = 0] = [vectors[k * size + i], vectors[k * size + j]];
            again += vi * (values[k] ?? 0) * vj;
            orthogonal += vi * vj;
          }
          assert.ok(Math.abs(again - (matrix[i * size + j] ?? 0)) < 1e-9);
          assert.ok(Math.abs(orthogonal - (i === j ? 1 : 0)) < 1e-10);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test("the values of the second difference are the published ones, 2 - 2 cos(k pi / (n + 1))", () => {
  const size = 9;
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    matrix[i * size + i] = 2;
    if (i > 0) matrix[i * size + i - 1] = matrix[(i - 1) * size + i] = -1;
  }
  const values = [...eigenOf(matrix, size).values].sort((a, b) => a - b);
  values.forEach((value, i) => {
    const expected = 2 - 2 * Math.cos(((i + 1) * Math.PI) / (size + 1));
    assert.ok(Math.abs(value - expected) < 1e-12);
  });
});

test("a covariance's triangle solves what its product makes", () => {
  const matrix = Float64Array.from([4, 2, 1, 2, 5, 3, 1, 3, 6]);
  const lower = choleskyOf(matrix, 3);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      const row = (r: number) => lower.subarray(r * 3, r * 3 + 3);
      assert.ok(Math.abs(dot(row(i), row(j)) - (matrix[i * 3 + j] ?? 0)) < 1e-12);
    }
  }
  const x = solveLower(lower, 3, [1, 2, 3]);
  for (let i = 0; i < 3; i++) {
    assert.ok(Math.abs(dot(lower.subarray(i * 3, i * 3 + 3), x) - (i + 1)) < 1e-12);
  }
  assert.throws(() => choleskyOf(Float64Array.from([1, 2, 2, 1]), 2), /positive definite/);
});
