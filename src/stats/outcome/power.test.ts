import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFrom } from "../../std/random.ts";
import { computeTrialsNeeded } from "./power.ts";

test("the trials needed agree with a published table", () => {
  // 15% against 10%: 686 an arm at 5% two-sided and 80% power, without continuity correction.
  assert.equal(computeTrialsNeeded(0.15, 0.05), 686);
  // 50% against 40%: 388 an arm.
  assert.equal(computeTrialsNeeded(0.5, 0.1), 388);
});

test("with as many trials as needed, the effect is seen about four times in five", () => {
  const random = randomFrom(1, "power");
  const [rate, effect] = [0.2, 0.05];
  const n = computeTrialsNeeded(rate, effect);
  const count = (p: number) => {
    let events = 0;
    for (let i = 0; i < n; i++) if (random.next() < p) events += 1;
    return events / n;
  };
  const RUNS = 2_000;
  let seen = 0;
  for (let run = 0; run < RUNS; run++) {
    const [before, after] = [count(rate), count(rate - effect)];
    const middle = (before + after) / 2;
    const z = (before - after) / Math.sqrt((2 * middle * (1 - middle)) / n);
    if (Math.abs(z) > 1.96) seen += 1;
  }
  assert.ok(Math.abs(seen / RUNS - 0.8) < 0.03, `${seen} of ${RUNS}`);
});
