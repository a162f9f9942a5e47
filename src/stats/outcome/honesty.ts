/**
 * Was a confidence honest, where what came of it is itself seen through noise?
 *
 * Somebody says "80% sure that the rise is three points or more". Two weeks later the counts of a small
 * place show two points: the rise may be four all the same. So each row carries a clarity, 0..1: how much of
 * the doubt at the time was about the world and not about what can be counted later,
 *
 *   clarity = deviation / sqrt(deviation^2 + noise^2)
 *   P(seen) = Phi(clarity * (z(said) + shift)),      shift ~ Normal(0, 0.5^2)
 *
 * A shift of 0 is honest, below 0 is overconfident. It is a probit of one number, taken on a grid.
 * `evidence` is the likelihood averaged over that prior against an honest confidence: under honesty it
 * exceeds 20 at any time ever with a chance of at most 1 in 20 (Ville 1939), so it may be looked at daily.
 *
 * Left out: a confidence that is too low at one end and too high at the other; the bands show it.
 */
import { assert } from "../../std/assert.ts";
import { type Band, computeBands } from "../calibration.ts";
import { computeNormalQuantile } from "../decide/draw.ts";
import { normalCdf } from "../detect/beta-binomial.ts";

export type Told = {
  /** 0..1. */
  readonly confidence: number;
  /** What was seen later is on the side that was foretold. */
  readonly cameTrue: boolean;
  /** Above 0, at most 1; 1 where the truth itself is known. */
  readonly clarity: number;
};

/** `expected` is the share that an honest confidence would have been seen to reach. */
export type HonestyBand = Band & { readonly expected: number };

export type Honesty = {
  readonly scored: number;
  readonly bands: ReadonlyArray<HonestyBand>;
  /** In probits, drawn towards 0, with its 95% interval. */
  readonly shift: { readonly mean: number; readonly low: number; readonly high: number };
  /** How many times likelier than under an honest confidence. */
  readonly evidence: number;
};

/** Takes an honest 0.8 to 0.63 or to 0.91; conformance lets hardly more through. */
const SHIFT_DEVIATION = 0.5;
const GRID_REACH = 2.5;
const GRID_STEP = 0.02;
/** Nobody is surer than 99 in 100; an infinite probit would let one row decide. */
const SAID_MAX = 0.99;
/** Of what is counted later, one in a hundred is an accident that no noise explains. */
const ACCIDENT = 0.01;

export function computeHonesty(rows: ReadonlyArray<Told>): Honesty {
  for (const { confidence, clarity } of rows) {
    assert(confidence >= 0 && confidence <= 1, "a confidence lies between 0 and 1");
    assert(clarity > 0 && clarity <= 1, "a clarity is above 0 and at most 1");
  }
  const steps = Math.round((2 * GRID_REACH) / GRID_STEP);
  const grid = Array.from({ length: steps + 1 }, (_, i) => -GRID_REACH + i * GRID_STEP);
  const honest = computeLogLikelihood(rows, 0);
  const prior = weigh(grid.map((shift) => Math.exp(-((shift / SHIFT_DEVIATION) ** 2) / 2)));
  const ratios = grid.map((shift) => Math.exp(computeLogLikelihood(rows, shift) - honest));
  const joint = grid.map((_, i) => (prior[i] ?? 0) * (ratios[i] ?? 0));
  const evidence = joint.reduce((sum, weight) => sum + weight, 0);
  const posterior = weigh(joint);
  const mean = grid.reduce((sum, shift, i) => sum + shift * (posterior[i] ?? 0), 0);
  return {
    scored: rows.length,
    bands: computeBands(rows).map((band) => ({ ...band, expected: expectIn(band, rows) })),
    shift: { mean, low: quantile(grid, posterior, 0.025), high: quantile(grid, posterior, 0.975) },
    evidence,
  };
}

/** The confidence that has to be said so that `meant` comes true that often. */
export function computeSaidFor(meant: number, shift: number): number {
  assert(meant > 0 && meant < 1, "a threshold lies strictly between 0 and 1");
  return normalCdf(computeNormalQuantile(meant) - shift);
}

/** Chance that it is seen to have come true. */
export function computeChanceSeen({ confidence, clarity }: Omit<Told, "cameTrue">, shift = 0) {
  const said = Math.min(SAID_MAX, Math.max(1 - SAID_MAX, confidence));
  const chance = normalCdf(clarity * (computeNormalQuantile(said) + shift));
  return ACCIDENT / 2 + (1 - ACCIDENT) * chance;
}

function computeLogLikelihood(rows: ReadonlyArray<Told>, shift: number): number {
  return rows.reduce((sum, row) => {
    const chance = computeChanceSeen(row, shift);
    return sum + Math.log(row.cameTrue ? chance : 1 - chance);
  }, 0);
}

function expectIn({ from, to }: Band, rows: ReadonlyArray<Told>): number {
  const own = rows.filter(({ confidence }) => {
    const at = confidence + 1e-10;
    return at >= from && (at < to || to === 1);
  });
  return own.reduce((sum, row) => sum + computeChanceSeen(row), 0) / own.length;
}

function weigh(weights: ReadonlyArray<number>): ReadonlyArray<number> {
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / whole);
}

function quantile(grid: ReadonlyArray<number>, weights: ReadonlyArray<number>, share: number) {
  let sum = 0;
  const at = weights.findIndex((weight) => (sum += weight) >= share);
  return grid[at] ?? GRID_REACH;
}
