/**
 * What it would be worth to know an unknown before choosing.
 *
 * Nobody pays for a weather report that cannot change the plan. Of several options with a gain in each of
 * many equally likely worlds, the best on average is chosen; had one input been known, another might
 * have been. The mean of what that would gain is the expected value of partial perfect information:
 *
 *   EVPPI(x) = E_x [ max_d E(gain_d | x) ] - max_d E(gain_d)
 *
 * E(gain | x) is the mean of the worlds whose x lies in one of `BINS` slices of equal size (Strong and Oakley
 * 2013, "An efficient method for computing single-parameter partial expected value of perfect information").
 * Slices are few, so that the maximum over noisy means does not flatter the answer. Doing nothing is one of the
 * options, at 0. Left out: inputs that only matter together.
 */
import { assert } from "../../std/assert.ts";

const BINS = 16;

/**
 * The worlds from an input's smallest value to its largest; undefined where it is the same in all of them.
 * It does not depend on the gains, so one order serves every choice in the same worlds.
 */
export function orderWorlds(input: ArrayLike<number>): Int32Array | undefined {
  const order = Int32Array.from({ length: input.length }, (_, at) => at).sort(
    (a, b) => input[a]! - input[b]! || a - b,
  );
  return input[order[0]!] === input[order[order.length - 1]!] ? undefined : order;
}

/** In the unit of the gains, never negative. `gains[d][world]`; `order` is the input's. */
export function computeInformationValue(
  gains: ReadonlyArray<ArrayLike<number>>,
  order: Int32Array | undefined,
): number {
  if (order === undefined) return 0;
  const worlds = order.length;
  assert(worlds >= 2 * BINS, `at least ${2 * BINS} worlds are needed`);
  for (const of of gains) assert(of.length === worlds, "every option has a gain in every world");
  const bestOver = (from: number, until: number) => {
    let best = 0;
    for (const of of gains) {
      let sum = 0;
      for (let at = from; at < until; at++) sum += of[order[at]!]!;
      best = Math.max(best, sum / (until - from));
    }
    return best;
  };
  let known = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const from = Math.floor((bin * worlds) / BINS);
    const until = Math.floor(((bin + 1) * worlds) / BINS);
    known += (bestOver(from, until) * (until - from)) / worlds;
  }
  return Math.max(0, known - bestOver(0, worlds));
}
