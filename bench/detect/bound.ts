/** The least delay that any rule can have, to first order: Lorden's ln(A) over the information of a day. */
import { computeDesignEffect, computeDivergence } from "../../src/stats/detect/beta-binomial.ts";
import type { BreakGrade } from "./judge.ts";
import { HARM_DAYS } from "./world.ts";

const LOG_RUN_LENGTH = Math.log(30_000);
const BASE_RATE = 0.18;
const RHO = 0.0125;
const BOUND_DAYS = [3, 40] as const;

/** Geometric mean of delay over bound, of the breaks whose bound is neither hours nor months. */
export function computeDelayBound(breaks: ReadonlyArray<BreakGrade>): number | undefined {
  const logs = breaks.flatMap(({ of, ordersPerDay, delayDays }) => {
    const perOrder = computeDivergence(BASE_RATE + of.size, BASE_RATE);
    // A day of n orders tells what n / deff independent ones would.
    const perDay = (perOrder * ordersPerDay) / computeDesignEffect(ordersPerDay, RHO);
    const bound = LOG_RUN_LENGTH / perDay;
    if (bound < BOUND_DAYS[0] || bound > BOUND_DAYS[1]) return [];
    return [Math.log(Math.max(1, Math.min(HARM_DAYS, delayDays ?? HARM_DAYS)) / bound)];
  });
  if (logs.length === 0) return undefined;
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
}
