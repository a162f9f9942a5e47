/**
 * What no rule can allow: the fence around the decision table.
 *
 * INVARIANT (no-ungoverned-action): guardrails are read before any rule, all of them, and the first
 * that fails decides. A figure that cannot be read (NaN, negative, a wrong instant) fails too.
 */
import { moneyToText } from "../../std/money.ts";
import { addMs, DAY_MS, isInstant } from "../../std/time.ts";
import type { Proposal } from "../contract/types.ts";
import { listWords, quote } from "../problem.ts";
import type { Charter, VerdictFacts } from "./types.ts";

export type GuardrailReading = {
  readonly guardrail: string;
  readonly words: string;
};

/** Every guardrail that fails, in the order in which they decide. */
export function findBrokenGuardrails(
  charter: Charter,
  proposal: Proposal,
  facts: VerdictFacts,
): ReadonlyArray<GuardrailReading> {
  const unreadable = findUnreadable(proposal, facts);
  if (unreadable.length > 0) {
    const words = `these figures cannot be read: ${unreadable.join(", ")}`;
    return [{ guardrail: "readable-figures", words }];
  }
  const broken: GuardrailReading[] = [];
  const fail = (guardrail: string, words: string): void => {
    broken.push({ guardrail, words });
  };
  const { guardrails, currency } = charter;
  const stake = proposal.valueAtStake;
  const text = (amountMinor: number): string => moneyToText({ amountMinor, currency });

  if (!charter.options.includes(proposal.option)) {
    fail(
      "options-covered",
      `the charter does not cover ${quote(proposal.option)}, only ${listWords(charter.options, "and")}`,
    );
  }
  if (stake.currency !== currency) {
    fail(
      "currency",
      `the value at stake is in ${quote(stake.currency)}, but the charter counts in ${currency}`,
    );
  }
  if (facts.actionsToday >= guardrails.actionsPerDay) {
    fail("actions-per-day", `all ${guardrails.actionsPerDay} actions of today are used`);
  }
  if (facts.actionsThisWeek >= guardrails.actionsPerWeek) {
    fail("actions-per-week", `all ${guardrails.actionsPerWeek} actions of this week are used`);
  }
  if (facts.valueTodayMinor + stake.amountMinor > guardrails.valuePerDayMinor) {
    fail(
      "value-per-day",
      `with ${text(facts.valueTodayMinor)} already at stake today, ${text(stake.amountMinor)} more ` +
        `would pass the limit of ${text(guardrails.valuePerDayMinor)} a day`,
    );
  }
  if (facts.lastActionOnSubjectAt !== undefined && guardrails.coolDownDays > 0) {
    const until = addMs(facts.lastActionOnSubjectAt, guardrails.coolDownDays * DAY_MS);
    if (facts.now < until) {
      fail(
        "cool-down",
        `this place was last acted on at ${facts.lastActionOnSubjectAt} and rests for ` +
          `${guardrails.coolDownDays} days, until ${until}`,
      );
    }
  }
  if (proposal.standingDays > guardrails.standingDaysMax) {
    fail(
      "standing-days",
      `it would stand for ${proposal.standingDays} days, longer than the ` +
        `${guardrails.standingDaysMax} allowed`,
    );
  }
  for (const freeze of guardrails.freezes) {
    if (facts.now < freeze.from || facts.now >= freeze.until) continue;
    fail("freeze", `nothing is changed until ${freeze.until}: ${freeze.because}`);
  }
  if (facts.confidence < facts.confidenceToAct) {
    fail(
      "confidence-to-act",
      `confidence ${facts.confidence} is below ${facts.confidenceToAct}, the least for acting`,
    );
  }
  return broken;
}

function findUnreadable(proposal: Proposal, facts: VerdictFacts): ReadonlyArray<string> {
  const { subjects, shareOfOrders, shareOfSpend } = proposal.blastRadius;
  const figures: Record<string, number> = {
    "value at stake": proposal.valueAtStake.amountMinor,
    "standing days": proposal.standingDays,
    subjects,
    "share of orders": shareOfOrders,
    "share of spend": shareOfSpend,
    confidence: facts.confidence,
    "confidence to act": facts.confidenceToAct,
    "actions today": facts.actionsToday,
    "actions this week": facts.actionsThisWeek,
    "value today": facts.valueTodayMinor,
  };
  const unreadable = Object.keys(figures).filter((name) => {
    const figure = figures[name];
    return !(Number.isFinite(figure) && Number(figure) >= 0);
  });
  const last = facts.lastActionOnSubjectAt;
  if (last !== undefined && !isInstant(last)) unreadable.push("last action");
  return unreadable;
}
