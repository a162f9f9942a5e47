import assert from "node:assert/strict";
import { test } from "node:test";
import { normal, type Random, randomFrom } from "../../std/random.ts";
import { type Counts, computeOverdispersion, CONTROLS_MIN, estimateEffect } from "./effect.ts";

function poisson(random: Random, mean: number): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  let count = 0;
  for (let left = Math.exp(-mean), u = random.next(); u > left && count < 1_000;) {
    u -= left;
    count += 1;
    left *= mean / count;
  }
  return count;
}

/** Places with their own level, a common season, and gamma-like noise; `effect` on the treated one. */
function world(seed: number, effect: number, noise: number, level = 80) {
  const random = randomFrom(seed, "world");
  const season = Math.exp(0.2 * normal(random));
  const place = (factor: number): Counts => {
    const mean = level * Math.exp(0.3 * normal(random));
    return {
      before: poisson(random, mean * Math.exp(noise * normal(random))),
      after: poisson(random, mean * season * factor * Math.exp(noise * normal(random))),
    };
  };
  return {
    treated: place(effect),
    controls: Array.from({ length: 40 }, () => place(1)),
    daysBefore: 14,
    daysAfter: 14,
  };
}

test("the overdispersion agrees with a slow, obvious computation", () => {
  const { controls } = world(3, 1, 0.2);
  let total = 0;
  for (let i = 0; i < controls.length; i++) {
    let before = 0;
    let after = 0;
    for (let j = 0; j < controls.length; j++) {
      if (j === i) continue;
      before += controls[j]?.before ?? 0;
      after += controls[j]?.after ?? 0;
    }
    const own = controls[i] ?? { before: 0, after: 0 };
    const d =
      Math.log((own.after + 0.5) / (own.before + 0.5)) - Math.log((after + 0.5) / (before + 0.5));
    const v =
      1 / (own.after + 0.5) + 1 / (own.before + 0.5) + 1 / (after + 0.5) + 1 / (before + 0.5);
    total += (d * d) / v;
  }
  const expected = Math.max(1, total / controls.length);
  assert(Math.abs(computeOverdispersion(controls) - expected) < 1e-12);
});

test("under no effect the 90% interval covers, and help is almost never claimed", () => {
  const runs = 600;
  let covered = 0;
  let helped = 0;
  for (let seed = 0; seed < runs; seed++) {
    const estimate = estimateEffect(world(seed, 1, 0.15));
    assert(estimate.ratio);
    if (estimate.ratio.low <= 1 && estimate.ratio.high >= 1) covered += 1;
    if (estimate.verdict === "helped") helped += 1;
  }
  assert(covered / runs > 0.86 && covered / runs < 0.95, `coverage ${covered / runs}`);
  assert(helped / runs <= 0.05, `false help ${helped / runs}`);
});

test("a halving of failures is found and its interval covers the half", () => {
  const runs = 200;
  let helped = 0;
  let covered = 0;
  for (let seed = 0; seed < runs; seed++) {
    const estimate = estimateEffect(world(seed, 0.5, 0.1));
    if (estimate.verdict === "helped") helped += 1;
    if (estimate.ratio && estimate.ratio.low <= 0.5 && estimate.ratio.high >= 0.5) covered += 1;
  }
  assert(helped / runs > 0.7, `power ${helped / runs}`);
  assert(covered / runs > 0.84, `coverage ${covered / runs}`);
});

test("a season that all places share is not called an effect", () => {
  const controls = Array.from({ length: 20 }, () => ({ before: 200, after: 100 }));
  const estimate = estimateEffect({
    treated: { before: 200, after: 100 },
    controls,
    daysBefore: 14,
    daysAfter: 14,
  });
  assert(Math.abs((estimate.ratio?.estimate ?? 0) - 1) < 0.01);
});

test("too few controls, days or events are undetermined, never a verdict", () => {
  const controls = Array.from({ length: CONTROLS_MIN - 1 }, () => ({ before: 50, after: 50 }));
  const enough = [...controls, { before: 50, after: 50 }];
  const input = {
    treated: { before: 60, after: 10 },
    controls: enough,
    daysBefore: 14,
    daysAfter: 14,
  };
  assert.equal(estimateEffect({ ...input, controls }).verdict, "undetermined");
  assert.equal(estimateEffect({ ...input, daysAfter: 3 }).verdict, "undetermined");
  assert.equal(
    estimateEffect({ ...input, treated: { before: 4, after: 0 } }).verdict,
    "undetermined",
  );
  assert.equal(estimateEffect(input).verdict, "helped");
});
