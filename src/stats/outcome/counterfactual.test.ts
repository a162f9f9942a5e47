/**
 * The quick way, through one eigendecomposition and downdates, against the plain one with whole
 * matrices.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { normal, randomFrom } from "../../std/random.ts";
import { computeView, computeWeights, foretell } from "./counterfactual.ts";
import { choleskyOf, dot, solveLower } from "./matrix.ts";
import { NOISE_SHAPES, toNoiseCovariance, type NoiseShape } from "./noise-shape.ts";

type World = {
  readonly rows: ReadonlyArray<Float64Array>;
  readonly times: ReadonlyArray<number>;
  readonly before: number;
};

function draw(seed: number, controls: number, before: number, after: number): World {
  const random = randomFrom(seed, "panel");
  const length = before + after;
  const raw = Array.from({ length: controls + 1 }, () => {
    const load = normal(random);
    return Float64Array.from({ length }, (_, t) => normal(random) + load * Math.sin(t));
  });
  const mean = (t: number) => raw.slice(1).reduce((sum, row) => sum + (row[t] ?? 0), 0) / controls;
  // A hole in time, as a lost day leaves it.
  const times = Array.from({ length }, (_, t) => (t > 2 ? t + 1 : t));
  return { rows: raw.map((row) => row.map((value, t) => value - mean(t))), times, before };
}

/** Best linear unbiased prediction of the mean after, with the whole covariance of the unit. */
function foretellPlainly(
  own: Float64Array,
  others: ReadonlyArray<Float64Array>,
  { times, before }: World,
  shape: NoiseShape,
  adapt: number,
  noise: number,
) {
  const size = times.length;
  const covariance = toNoiseCovariance(shape, times, before).map((value) => value * noise);
  for (const row of others) {
    for (let s = 0; s < size; s++) {
      for (let t = 0; t < size; t++) {
        covariance[s * size + t] =
          (covariance[s * size + t] ?? 0) + adapt * (row[s] ?? 0) * (row[t] ?? 0);
      }
    }
  }
  const cell = (s: number, t: number) => covariance[s * size + t] ?? 0;
  const block = new Float64Array(before * before);
  for (let s = 0; s < before; s++) {
    for (let t = 0; t < before; t++) block[s * before + t] = cell(s, t);
  }
  const lower = choleskyOf(block, before);
  const after = Array.from({ length: size - before }, (_, i) => before + i);
  const toAfter = Float64Array.from(
    { length: before },
    (_, s) => after.reduce((sum, t) => sum + cell(s, t), 0) / after.length,
  );
  const one = solveLower(lower, before, new Float64Array(before).fill(1));
  const reach = solveLower(lower, before, toAfter);
  const x = solveLower(lower, before, own);
  const level = dot(x, one) / dot(one, one);
  const drift = 1 - dot(one, reach);
  const meanAfter = after.reduce((sum, t) => sum + (own[t] ?? 0), 0) / after.length;
  const within =
    after.reduce((sum, s) => sum + after.reduce((row, t) => row + cell(s, t), 0), 0) /
    after.length ** 2;
  const unrest = (dot(x, x) - dot(one, one) * level ** 2) / (before - 1);
  let logDeterminant = Math.log(dot(one, one));
  for (let t = 0; t < before; t++) logDeterminant += 2 * Math.log(lower[t * before + t] ?? 1);
  return {
    gap: meanAfter - dot(reach, x) - drift * level,
    variance: within - dot(reach, reach) + drift ** 2 / dot(one, one),
    unrest,
    misfit: (logDeterminant + (before - 1) * Math.log(unrest)) / 2,
  };
}

const setting = fc.record({
  seed: fc.integer({ min: 0, max: 1e6 }),
  controls: fc.integer({ min: 3, max: 14 }),
  before: fc.integer({ min: 5, max: 12 }),
  after: fc.integer({ min: 1, max: 4 }),
  shape: fc.constantFrom(...NOISE_SHAPES),
  adapt: fc.constantFrom(0, 0.1, 1, 30),
  noise: fc.constantFrom(0.05, 1),
});

/** Two ways through a covariance whose eigenvalues lie up to four powers of ten apart agree to five digits. */
function assertClose(got: object, expected: object): void {
  for (const [name, value] of Object.entries(expected) as [string, number][]) {
    const other = (got as Record<string, number>)[name] ?? NaN;
    assert.ok(Math.abs(other - value) < 1e-5 * (1 + Math.abs(value)), `${name}: ${other} ${value}`);
  }
}

test("the treated group is foretold as by the whole covariance, with fewer or more controls than times", () => {
  fc.assert(
    fc.property(setting, ({ seed, controls, before, after, shape, adapt, noise }) => {
      const world = draw(seed, controls, before, after);
      const view = computeView(world.rows, world.times, before, shape);
      const [own = new Float64Array(), ...others] = world.rows;
      const scale = Math.sqrt(1 / controls);
      const shares = others.map((row) => row.map((value) => value * scale));
      assertClose(
        foretell(view, 0, adapt, noise),
        foretellPlainly(own, shares, world, shape, adapt, noise),
      );
    }),
    { numRuns: 150 },
  );
});

test("a control is foretold as if it had never been among the controls", () => {
  fc.assert(
    fc.property(setting, ({ seed, controls, before, after, shape, adapt, noise }) => {
      const world = draw(seed, controls, before, after);
      const view = computeView(world.rows, world.times, before, shape);
      const left = world.rows.slice(2);
      const mean = (t: number) => left.reduce((sum, row) => sum + (row[t] ?? 0), 0) / left.length;
      const fresh = [world.rows[1] ?? new Float64Array(), ...left].map((row) =>
        row.map((value, t) => value - mean(t)),
      );
      // The others' spread around their own mean; `adapt` is per control of the whole panel.
      const scale = Math.sqrt(1 / controls);
      const shares = fresh.slice(1).map((row) => row.map((value) => value * scale));
      const plain = foretellPlainly(
        fresh[0] ?? new Float64Array(),
        shares,
        world,
        shape,
        adapt,
        noise,
      );
      const quick = foretell(view, 1, adapt, noise);
      assertClose(
        { gap: quick.gap, unrest: quick.unrest, variance: quick.variance },
        {
          gap: plain.gap,
          unrest: plain.unrest,
          variance: plain.variance,
        },
      );
    }),
    { numRuns: 150 },
  );
});

test("without trust in likeness and memory it is difference-in-differences, and all weights are equal", () => {
  const world = draw(7, 6, 8, 3);
  const [white = NOISE_SHAPES[0]] = NOISE_SHAPES;
  assert.ok(white !== undefined);
  const view = computeView(world.rows, world.times, world.before, white);
  const own = world.rows[0] ?? new Float64Array();
  const mean = (values: Float64Array) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const expected = mean(own.subarray(8)) - mean(own.subarray(0, 8));
  assertClose(foretell(view, 0, 0, 1), { gap: expected, variance: 1 / 3 + 1 / 8 });
  for (const weight of computeWeights(view, 0, 1)) assert.ok(Math.abs(weight - 1 / 6) < 1e-12);
});

test("the weights say what was foretold where the noise has no memory", () => {
  const world = draw(11, 9, 7, 4);
  const [white = NOISE_SHAPES[0]] = NOISE_SHAPES;
  assert.ok(white !== undefined);
  const view = computeView(world.rows, world.times, world.before, white);
  const weights = computeWeights(view, 3, 0.5);
  assert.ok(Math.abs(weights.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-12);
  const gapAt = (t: number) =>
    (world.rows[0]?.[t] ?? 0) -
    weights.reduce((sum, weight, j) => sum + weight * (world.rows[j + 1]?.[t] ?? 0), 0);
  const mean = (from: number, until: number) => {
    let sum = 0;
    for (let t = from; t < until; t++) sum += gapAt(t);
    return sum / (until - from);
  };
  assertClose(foretell(view, 0, 3, 0.5), { gap: mean(7, 11) - mean(0, 7) });
});
