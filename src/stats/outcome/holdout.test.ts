import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { normal, randomFrom } from "../../std/random.ts";
import {
  assignHoldout,
  computeAlarmsNeeded,
  computeHoldoutPower,
  estimateHoldoutEffect,
  type HoldoutEffect,
  type HoldoutRow,
} from "./holdout.ts";
import { fitLeastSquares } from "./least-squares.ts";

/**
 * Alarms that get better by themselves, the more the worse they looked, and by `effect` when acted
 * on.
 */
function draw(seed: number, alarms: number, effect: number): ReadonlyArray<HoldoutRow> {
  const random = randomFrom(seed, "alarms");
  return Array.from({ length: alarms }, (_, i) => {
    const stratum = i % 3 === 0 ? "large" : "small";
    const { arm, probability } = assignHoldout({ seed, caseId: `c${i}`, stratum, share: 0.2 });
    const baseline = 0.15 + 0.05 * random.next();
    const before = baseline + 0.15 + 0.05 * normal(random);
    const n = 50 + Math.floor(400 * random.next());
    const own = baseline + 0.6 * (before - baseline) + (arm === "act-now" ? effect : 0);
    const rate = Math.min(0.95, Math.max(0.02, own + 0.03 * normal(random)));
    let k = 0;
    for (let j = 0; j < n; j++) if (random.next() < rate) k += 1;
    return { arm, probability, stratum, n, k, before, baseline };
  });
}

function estimate(rows: ReadonlyArray<HoldoutRow>): HoldoutEffect {
  const effect = estimateHoldoutEffect(rows);
  assert.ok(!("missing" in effect));
  return effect;
}

test("the lot of a case never changes, and a fifth is held back in every stratum", () => {
  for (const stratum of ["large", "small"]) {
    let later = 0;
    for (let i = 0; i < 5000; i++) {
      const question = { seed: 4, caseId: `case-${i}`, stratum, share: 0.2 };
      const { arm, probability } = assignHoldout(question);
      assert.deepEqual(assignHoldout(question), { arm, probability });
      assert.equal(probability, 0.8);
      if (arm === "act-later") later += 1;
    }
    assert.ok(Math.abs(later / 5000 - 0.2) < 0.02, `${stratum} ${later}`);
  }
});

test("one alarm a cluster: the error is HC3 as its formula has it", () => {
  const rows = draw(3, 60, -0.05);
  const { estimate: effect, standardError } = estimate(rows);
  // White's sandwich with residuals over (1 - leverage), worked out with plain matrices.
  const mean = (read: (row: HoldoutRow) => number) =>
    rows.reduce((sum, row) => sum + read(row), 0) / rows.length;
  const [before, baseline] = [mean((r) => r.before), mean((r) => r.baseline)];
  const design = rows.map((row) => ({
    x: [
      Number(row.arm === "act-now"),
      1,
      Number(row.stratum === "small"),
      row.before - before,
      row.baseline - baseline,
    ],
    y: row.k / row.n,
    weight: row.n / (1 + (row.n - 1) * 0.01),
  }));
  const inverse = invert(
    design[0]?.x.map((_, i) =>
      (design[0]?.x ?? []).map((__, j) =>
        design.reduce((sum, { x, weight }) => sum + weight * (x[i] ?? 0) * (x[j] ?? 0), 0),
      ),
    ) ?? [],
  );
  const fitted = fitLeastSquares(design) ?? [];
  let variance = 0;
  for (const { x, y, weight } of design) {
    const first = x.reduce((sum, value, j) => sum + (inverse[0]?.[j] ?? 0) * value, 0);
    const leverage =
      weight *
      x.reduce(
        (sum, a, i) => sum + x.reduce((inner, b, j) => inner + a * (inverse[i]?.[j] ?? 0) * b, 0),
        0,
      );
    const residual = y - x.reduce((sum, value, j) => sum + value * (fitted[j] ?? 0), 0);
    variance += ((weight * first * residual) / (1 - leverage)) ** 2;
  }
  assert.ok(Math.abs(effect - (fitted[0] ?? NaN)) < 1e-9);
  assert.ok(Math.abs(standardError / Math.sqrt(variance) - 1) < 1e-6);
});

/** Gauss and Jordan. */
function invert(matrix: ReadonlyArray<ReadonlyArray<number>>): number[][] {
  const size = matrix.length;
  const a = matrix.map((row, i) => [...row, ...row.map((_, j) => Number(i === j))]);
  for (let k = 0; k < size; k++) {
    const pivot = a[k]?.[k] ?? 1;
    a[k] = (a[k] ?? []).map((value) => value / pivot);
    for (let i = 0; i < size; i++) {
      if (i === k) continue;
      const factor = a[i]?.[k] ?? 0;
      a[i] = (a[i] ?? []).map((value, j) => value - factor * (a[k]?.[j] ?? 0));
    }
  }
  return a.map((row) => row.slice(size));
}

test("alarms that get better by themselves are no effect, and a real one is found where it is", () => {
  for (const effect of [0, -0.06]) {
    const runs = Array.from({ length: 60 }, (_, seed) => estimate(draw(seed, 120, effect)));
    const mean = (read: (run: HoldoutEffect) => number) =>
      runs.reduce((sum, run) => sum + read(run), 0) / runs.length;
    assert.ok(Math.abs(mean((run) => run.estimate) - effect) < 0.005);
    assert.ok(Math.abs(mean((run) => run.check.estimate) - effect) < 0.012);
    const covered = mean(({ interval: [low, high] }) => Number(low <= effect && effect <= high));
    assert.ok(covered >= 0.8, String(covered));
    assert.equal(mean((run) => Number(run.pValue < 0.05)) > 0.5, effect !== 0);
  }
});

test("drawing the lots anew tells the same as Student's t", () => {
  const random = randomFrom(9, "lots");
  let apart = 0;
  for (let seed = 0; seed < 12; seed++) {
    const effect = estimateHoldoutEffect(draw(seed, 100, 0), random);
    assert.ok(!("missing" in effect) && effect.lotPValue !== undefined);
    apart += Math.abs(effect.lotPValue - effect.pValue) / 12;
  }
  assert.ok(apart < 0.12, String(apart));
  const plain = estimateHoldoutEffect(draw(1, 200, -0.12), random);
  assert.ok(!("missing" in plain) && plain.lotPValue === 0.001);
});

test("alarms of one district that err together widen the interval", () => {
  const rows = draw(5, 120, 0).map((row, i) => {
    // The lot is drawn for the district, and the district errs as one.
    const district = Math.floor(i / 6);
    const arm = district % 4 === 0 ? ("act-later" as const) : ("act-now" as const);
    const shift = Math.round(0.1 * row.n * Math.sin(district * 7));
    return { ...row, arm, cluster: `d${district}`, k: Math.max(0, row.k + shift) };
  });
  const [together, alone] = [rows, rows.map(({ cluster: _, ...row }) => row)].map(estimate);
  assert.deepEqual([together?.alarms.clusters, alone?.alarms.clusters], [20, 120]);
  assert.equal(together?.estimate, alone?.estimate);
  assert.ok((together?.standardError ?? 0) > 1.5 * (alone?.standardError ?? 0));
});

test("too few in an arm is said, and a stratum with one arm does no harm", () => {
  const rows = draw(6, 40, 0);
  const missing = estimateHoldoutEffect(rows.filter(({ arm }) => arm === "act-now"));
  assert.ok("missing" in missing && /0 later/.test(missing.missing));
  const odd = { ...(rows[0] as HoldoutRow), arm: "act-now" as const, stratum: "odd" };
  assert.ok(Number.isFinite(estimate([...rows, odd]).estimate));
});

test("power rises with alarms, and the alarms needed are the first that reach 80%", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 0.5, noNaN: true }),
      fc.double({ min: 0.02, max: 0.2, noNaN: true }),
      (share, effect) => {
        const plan = { share, effect, deviation: 0.1 };
        const alarms = computeAlarmsNeeded(plan);
        assert.ok(computeHoldoutPower({ ...plan, alarms }) >= 0.8);
        if (alarms > 6) assert.ok(computeHoldoutPower({ ...plan, alarms: alarms - 1 }) < 0.8);
      },
    ),
    { numRuns: 50 },
  );
  // Two-sided 5%, four times in five, 80:20, deviation 10 points, effect 6: 136 by the normal law.
  const alarms = computeAlarmsNeeded({ share: 0.2, effect: -0.06, deviation: 0.1 });
  assert.ok(alarms >= 136 && alarms <= 142, String(alarms));
});
