/** INVARIANT (conservation): accepted = open + closed, and this is where everybody reads it. */
import { assert } from "../std/assert.ts";
import type { CaseCount } from "../store/table/signal-case.ts";

export type CaseSum = {
  readonly accepted: number;
  readonly open: number;
  readonly openByState: { readonly [state: string]: number };
  readonly closed: { readonly [reason: string]: number };
};

export function sumCases(counts: ReadonlyArray<CaseCount>): CaseSum {
  const openByState: Record<string, number> = {};
  const closed: Record<string, number> = {};
  let open = 0;
  let accepted = 0;
  for (const { state, close_reason, count } of counts) {
    accepted += count;
    if (state === "closed") {
      assert(close_reason, "a closed case has a reason; a constraint holds it");
      closed[close_reason] = (closed[close_reason] ?? 0) + count;
    } else {
      open += count;
      openByState[state] = (openByState[state] ?? 0) + count;
    }
  }
  return { accepted, open, openByState, closed };
}
