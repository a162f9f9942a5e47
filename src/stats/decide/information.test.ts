import assert from "node:assert/strict";
import { test } from "node:test";
import { normalCdf } from "../detect/beta-binomial.ts";
import { randomFrom } from "../../std/random.ts";
import { computeNormalQuantile } from "./draw.ts";
import { computeInformationValue, orderWorlds } from "./information.ts";

const WORLDS = 8_192;
const even = Float64Array.from({ length: WORLDS }, (_, at) =>
  computeNormalQuantile((at + 0.5) / WORLDS),
);

/** Unit normal loss: of a gain that is normal around `mean`, what knowing it is worth (Raiffa and Schlaifer 1961). */
function normalLoss(mean: number, deviation: number): number {
  const u = Math.abs(mean) / deviation;
  const density = Math.exp((-u * u) / 2) / Math.sqrt(2 * Math.PI);
  return deviation * (density - u * (1 - normalCdf(u)));
}

test("knowing a gain that is normal is worth its unit normal loss", () => {
  for (const [mean, deviation] of [
    [0, 10],
    [5, 10],
    [-8, 6],
  ] as const) {
    const gain = even.map((z) => mean + deviation * z);
    const worth = computeInformationValue([gain], orderWorlds(gain));
    const exact = normalLoss(mean, deviation);
    assert.ok(Math.abs(worth - exact) < 0.04 * deviation * 0.4, `${worth} and ${exact}`);
  }
});

test("an input that has nothing to do with the gains, or that is known, is worth next to nothing", () => {
  const random = randomFrom(3, "noise");
  const gain = even.map((z) => 5 + 10 * z);
  const noise = Float64Array.from({ length: WORLDS }, () => random.next());
  assert.ok(computeInformationValue([gain], orderWorlds(noise)) < 0.1);
  assert.equal(computeInformationValue([gain], orderWorlds(gain.fill(3))), 0);
});

test("what cannot change the choice is worth nothing, however much it spreads the gain", () => {
  const gain = even.map((z) => 1_000 + 10 * z);
  assert.equal(computeInformationValue([gain], orderWorlds(gain)), 0);
});

test("between two options the unknown that decides between them has the value", () => {
  const first = even.map((z) => 10 + 8 * z);
  const second = even.map((z) => 10 - 8 * z);
  // E max(10 + 8z, 10 - 8z) = 10 + 8 sqrt(2/pi); sixteen slices see a little less.
  const worth = computeInformationValue([first, second], orderWorlds(even));
  assert.ok(Math.abs(worth - 8 * Math.sqrt(2 / Math.PI)) < 0.15, String(worth));
});
