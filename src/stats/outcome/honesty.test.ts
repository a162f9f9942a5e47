import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFrom } from "../../std/random.ts";
import { normalCdf } from "../detect/beta-binomial.ts";
import { computeNormalQuantile } from "../decide/draw.ts";
import { computeHonesty, computeSaidFor, type Told } from "./honesty.ts";

/** A sender whose true chance is Phi(z(said) + shift), seen through noise. */
function drawTold(seed: string, count: number, shift: number): ReadonlyArray<Told> {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => {
    const confidence = 0.6 + 0.38 * random.next();
    const clarity = 0.4 + 0.6 * random.next();
    const chance = normalCdf(clarity * (computeNormalQuantile(confidence) + shift));
    return { confidence, clarity, cameTrue: random.next() < chance };
  });
}

test("without rows the shift is the prior's and the evidence is none", () => {
  const { shift, evidence, bands } = computeHonesty([]);
  assert(Math.abs(shift.mean) < 1e-9);
  assert(Math.abs(shift.high - 0.98) < 0.02, "1.96 times half a probit");
  assert(Math.abs(evidence - 1) < 1e-6);
  assert.deepEqual(bands, []);
});

test("one clear row said with a half moves the shift as the closed form says", () => {
  const row = { confidence: 0.5, clarity: 1, cameTrue: true };
  const { shift, evidence } = computeHonesty([row]);
  // 0.99 * tau^2 phi(0) / (sqrt(1 + tau^2) / 2), tau = 1/2
  assert(Math.abs(shift.mean - 0.17663) < 1e-4, String(shift.mean));
  assert(Math.abs(evidence - 1) < 1e-6);
});

test("a threshold of 0.8 becomes 0.873 for one who is three tenths of a probit too sure", () => {
  assert(Math.abs(computeSaidFor(0.8, -0.3) - 0.8732) < 1e-3);
  assert(Math.abs(computeSaidFor(0.8, 0) - 0.8) < 1e-4);
});

test("a band tells what an honest confidence is seen to reach through noise", () => {
  const rows = [true, false].map((cameTrue) => ({ confidence: 0.8, clarity: 0.5, cameTrue }));
  const [band] = computeHonesty(rows).bands;
  // 0.005 + 0.99 * Phi(0.5 * 0.8416)
  assert(Math.abs((band?.expected ?? 0) - 0.6619) < 1e-3, String(band?.expected));
  assert.equal(band?.share, 0.5);
});

test("an honest sender is told off in at most 1 of 20 of 200 worlds, looked at four times each", () => {
  let told = 0;
  for (let world = 0; world < 200; world++) {
    const rows = drawTold(`honest-${world}`, 300, 0);
    const looks = [50, 100, 200, 300];
    if (looks.some((n) => computeHonesty(rows.slice(0, n)).evidence >= 20)) told += 1;
  }
  assert(told <= 10, `${told} of 200`);
});

test("one who is half a probit too sure is found out, in the right direction and by about as much", () => {
  let found = 0;
  let sum = 0;
  const WORLDS = 40;
  for (let world = 0; world < WORLDS; world++) {
    const { shift, evidence } = computeHonesty(drawTold(`sure-${world}`, 250, -0.5));
    sum += shift.mean;
    if (evidence >= 20 && shift.high < 0) found += 1;
  }
  assert(found >= 0.8 * WORLDS, `${found} of ${WORLDS}`);
  assert(Math.abs(sum / WORLDS + 0.5) < 0.08, String(sum / WORLDS));
});
