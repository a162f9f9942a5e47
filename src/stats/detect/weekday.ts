/**
 * The weekday's own habit, learned over the whole: seven numbers in logits.
 *
 * They are centred, so that a lasting change of the whole cannot hide in them, and one day moves them
 * little, so that a festival is not taken for a Tuesday.
 */
import { clip } from "./beta-binomial.ts";
import { WHOLE_RIDGE } from "./adjustment.ts";
import type { WholeDay } from "./adjustment.ts";

/** Memory per occurrence of a weekday. */
const KEEP = 0.97;
/** Most that one day may say, logits. */
const DAY_EFFECT_MAX = 0.5;

export type Weekdays = { readonly effects: number[]; readonly weights: number[] };

export function newWeekdays(): Weekdays {
  return { effects: Array<number>(7).fill(0), weights: Array<number>(7).fill(0) };
}

/** Logits that weekday `w` (0 Monday) adds, from earlier days only. */
export function readWeekday(weekdays: Weekdays, w: number): number {
  const { effects, weights } = weekdays;
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  if (all === 0 || weights[w] === 0) return 0;
  const raw = effects.map((effect, at) => effect / (weights[at]! + WHOLE_RIDGE));
  const centre = raw.reduce((sum, effect, at) => sum + effect * weights[at]!, 0) / all;
  return raw[w]! - centre;
}

/** `used` is the effect that the day's residuals were taken at. */
export function learnWeekday(weekdays: Weekdays, w: number, used: number, whole: WholeDay): void {
  const { effects, weights } = weekdays;
  const found = whole.variance === 0 ? 0 : used + whole.residual / whole.variance;
  effects[w] = KEEP * effects[w]! + whole.variance * clip(found, -DAY_EFFECT_MAX, DAY_EFFECT_MAX);
  weights[w] = KEEP * weights[w]! + whole.variance;
}
