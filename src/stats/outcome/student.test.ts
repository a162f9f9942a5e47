import assert from "node:assert/strict";
import { test } from "node:test";
import { computeStudentCdf, computeStudentQuantile, computeStudentTail } from "./student.ts";

/** Fisher's table, as in every textbook. */
const TABLE: ReadonlyArray<[degrees: number, at95: number, at975: number]> = [
  [1, 6.314, 12.706],
  [2, 2.92, 4.303],
  [4, 2.132, 2.776],
  [10, 1.812, 2.228],
  [30, 1.697, 2.042],
  [120, 1.658, 1.98],
];

test("quantiles are those of the published table", () => {
  for (const [degrees, at95, at975] of TABLE) {
    assert.ok(Math.abs(computeStudentQuantile(0.95, degrees) - at95) < 6e-4, String(degrees));
    assert.ok(Math.abs(computeStudentQuantile(0.975, degrees) - at975) < 6e-4, String(degrees));
    assert.equal(computeStudentQuantile(0.05, degrees), -computeStudentQuantile(0.95, degrees));
  }
});

test("one and two degrees have closed forms", () => {
  for (const t of [-3, -0.4, 0, 0.1, 1, 7]) {
    const one = 0.5 + Math.atan(t) / Math.PI;
    const two = 0.5 + t / (2 * Math.SQRT2 * Math.sqrt(1 + (t * t) / 2));
    assert.ok(Math.abs(computeStudentCdf(t, 1) - one) < 1e-10);
    assert.ok(Math.abs(computeStudentCdf(t, 2) - two) < 1e-10);
    assert.ok(Math.abs(computeStudentTail(t, 2) - 2 * Math.min(two, 1 - two)) < 1e-10);
  }
});
