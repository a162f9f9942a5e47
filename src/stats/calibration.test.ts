import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFrom } from "../std/random.ts";
import {
  BAND_COUNT_MIN,
  computeBands,
  computeCalibration,
  computeWilson,
  judgeBand,
  type Scored,
} from "./calibration.ts";

/** Pairs whose truth comes with `chanceOf(confidence)`. */
function draw(count: number, chanceOf: (confidence: number) => number, seed = 1): Scored[] {
  const random = randomFrom(seed, "pairs");
  return Array.from({ length: count }, () => {
    const confidence = random.next();
    return { confidence, cameTrue: random.next() < chanceOf(confidence) };
  });
}

test("by hand: four pairs in two bands have these shares, this ECE and this Brier score", () => {
  const pairs = [
    { confidence: 0.62, cameTrue: true },
    { confidence: 0.68, cameTrue: false },
    { confidence: 0.9, cameTrue: true },
    { confidence: 1, cameTrue: true },
  ];
  const { bands, expectedError, brier } = computeCalibration(pairs, randomFrom(1));
  assert.deepEqual(
    bands.map(({ from, to, count, share }) => [from, to, count, share]),
    [
      [0.6, 0.7, 2, 0.5],
      [0.9, 1, 2, 1],
    ],
  );
  assert.ok(Math.abs(expectedError.mean - (0.5 * 0.15 + 0.5 * 0.05)) < 1e-12);
  const squares = [0.38 ** 2, 0.68 ** 2, 0.1 ** 2, 0];
  assert.ok(Math.abs(brier.mean - squares.reduce((a, b) => a + b) / 4) < 1e-12);
});

test("a confidence at the lower end of a band belongs to it, whatever binary makes of it", () => {
  for (let i = 0; i < 10; i++) {
    const [band] = computeBands([{ confidence: i / 10, cameTrue: true }]);
    assert.equal(band?.from, i / 10);
  }
});

test("Wilson's interval is that of the textbooks, and never leaves 0..1", () => {
  const { low, high } = computeWilson(8, 10);
  assert.ok(Math.abs(low - 0.4902) < 5e-4 && Math.abs(high - 0.9433) < 5e-4, `${low} ${high}`);
  assert.equal(computeWilson(0, 5).low, 0);
  assert.ok(computeWilson(0, 5).high > 0.3);
  assert.equal(computeWilson(5, 5).high, 1);
});

test("an honest confidence is within tolerance in every band, with a small ECE", () => {
  const honest = computeCalibration(
    draw(4_000, (confidence) => confidence),
    randomFrom(1),
  );
  assert.equal(honest.bands.length, 10);
  assert.deepEqual(
    honest.bands.map((band) => judgeBand(band, 0.1)),
    Array.from({ length: 10 }, () => "within"),
  );
  assert.ok(honest.expectedError.mean < 0.03, `${honest.expectedError.mean}`);
  // An honest uniform confidence has a Brier score of a sixth: the mean of c(1 - c).
  assert.ok(honest.brier.low < 1 / 6 && 1 / 6 < honest.brier.high);
});

test("one that says too much is overconfident where it does, one that says too little the reverse", () => {
  const boastful = computeBands(draw(4_000, (confidence) => confidence * 0.6));
  assert.equal(judgeBand(boastful.at(-1)!, 0.1), "overconfident");
  assert.equal(judgeBand(boastful[0]!, 0.1), "within");
  const shy = computeBands(draw(4_000, (confidence) => Math.min(1, confidence + 0.3)));
  assert.equal(judgeBand(shy[4]!, 0.1), "underconfident");
});

test("few pairs refute only what is far off, and are never called good", () => {
  const few = (came: number, of: number) =>
    computeBands(
      Array.from({ length: of }, (_, i) => ({ confidence: 0.85, cameTrue: i < came })),
    )[0]!;
  assert.equal(judgeBand(few(7, 10), 0.1), "too-few");
  assert.equal(judgeBand(few(9, 10), 0.1), "too-few");
  assert.equal(judgeBand(few(1, 10), 0.1), "overconfident");
  const enough = few(Math.round(0.85 * BAND_COUNT_MIN), BAND_COUNT_MIN);
  assert.equal(judgeBand(enough, 0.1), "within");
});

test("an honest confidence is seldom called off: at most 2% of bands over 200 draws", () => {
  let off = 0;
  let bands = 0;
  for (let seed = 0; seed < 200; seed++) {
    for (const band of computeBands(draw(300, (confidence) => confidence, seed))) {
      bands += 1;
      const verdict = judgeBand(band, 0.1);
      if (verdict === "overconfident" || verdict === "underconfident") off += 1;
    }
  }
  assert.ok(off / bands < 0.02, `${off} of ${bands}`);
});

test("nothing scored is nothing said, and the same chance gives the same intervals", () => {
  assert.deepEqual(computeCalibration([], randomFrom(1)).bands, []);
  const pairs = draw(100, (confidence) => confidence);
  assert.deepEqual(
    computeCalibration(pairs, randomFrom(3)),
    computeCalibration(pairs, randomFrom(3)),
  );
});
