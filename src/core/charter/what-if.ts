/**
 * A what-if: the verdict on a proposal that nobody made, under facts that are stated or left at rest.
 *
 * Left at rest means: signed, not stopped, the caps untouched, nobody else on the resource. A loop that
 * runs states its own facts instead.
 */
import type { Instant } from "../../std/time.ts";
import type { Proposal } from "../contract/types.ts";
import type { Charter, MoneyText, Verdict, VerdictFacts } from "./types.ts";
import { readMoney } from "./money-text.ts";
import { computeVerdict } from "./verdict.ts";

export type WhatIf = {
  readonly option: string;
  readonly value: MoneyText;
  readonly confidence?: number;
  readonly subjects?: number;
  readonly shareOfOrders?: number;
  readonly shareOfSpend?: number;
  readonly standingDays?: number;
  readonly irreversible?: boolean;
  readonly at: Instant;
};

/** What is left unsaid is as small and as sure as it can be: one subject, no share, full confidence. */
export function explainWhatIf(
  charter: Charter,
  charterHash: string,
  said: WhatIf,
  facts: Partial<VerdictFacts> = {},
): Verdict {
  const value = readMoney(said.value);
  const nothing = { actions: 0, subjects: 0, valueMinor: 0 };
  const worth = { mean: value, p10: value, p50: value, p90: value, probabilityBetter: 1 };
  const proposal: Proposal = {
    option: said.option,
    parameters: {},
    resource: "what-if:nothing",
    value: worth,
    valueAtStake: value,
    blastRadius: {
      subjects: said.subjects ?? 1,
      shareOfOrders: said.shareOfOrders ?? 0,
      shareOfSpend: said.shareOfSpend ?? 0,
    },
    standingDays: said.standingDays ?? Math.min(14, charter.guardrails.standingDaysMax),
    scored: [],
    reasons: [],
  };
  return computeVerdict(charter, charterHash, proposal, {
    now: said.at,
    charterSigned: true,
    stops: [],
    autonomy: "act",
    confidenceToAct: 0,
    usedToday: nothing,
    usedThisWeek: nothing,
    claims: [],
    ...facts,
    confidence: said.confidence ?? 1,
    reversible: said.irreversible !== true,
  });
}
