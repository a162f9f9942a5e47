/** How one effect ended: what is written on it, and the letter its case gets. */
import type { CaseEvent } from "../core/case/types.ts";
import type { Json } from "../std/canonical-json.ts";
import type { Instant } from "../std/time.ts";
import type { EffectRow } from "../store/table/effect.ts";

/** What became of one effect; `letter` goes to its case, `record` to the ledger. */
export type Ending =
  | { readonly kind: "done"; readonly result: Json; readonly letter?: CaseEvent }
  | { readonly kind: "failed"; readonly why: string; readonly letter?: CaseEvent }
  | { readonly kind: "needs-person"; readonly why: string; readonly letter?: CaseEvent }
  | {
      readonly kind: "again";
      readonly why: string;
      /** The least wait that the outside asked for. */
      readonly waitMs: number;
      /** False when nothing was tried, so that waiting uses up no tries. */
      readonly isFailure: boolean;
      /** True when nothing was done for certain: the intent is dropped and the next try begins anew. */
      readonly isUnsent: boolean;
    };

export type Ended = { readonly effect: EffectRow; readonly ending: Ending };

/** Nothing was done outside, and nothing more will be tried. */
export function failed(effect: EffectRow, why: string, now: Instant): Ending {
  const at = { at: now, step: effect.step, why };
  switch (effect.body.kind) {
    case "ask":
      return { kind: "failed", why, letter: { kind: "reply.failed", ...at } };
    case "act":
      return { kind: "failed", why, letter: { kind: "action.failed", ...at } };
    case "undo":
      return { kind: "failed", why, letter: { kind: "undo.failed", ...at } };
    case "notify":
      return { kind: "failed", why };
  }
}

/** It may have been done outside; only a person can find out. */
export function needsPerson(effect: EffectRow, why: string, now: Instant): Ending {
  const at = { at: now, step: effect.step, why };
  if (effect.body.kind === "act") {
    return { kind: "needs-person", why, letter: { kind: "action.unsettled", ...at } };
  }
  if (effect.body.kind === "undo") {
    return { kind: "needs-person", why, letter: { kind: "undo.failed", ...at } };
  }
  return failed(effect, why, now);
}
