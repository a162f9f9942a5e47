/**
 * What no rule can allow: the fence around the decision table.
 *
 * INVARIANT (no-ungoverned-action): guardrails are read before any rule, all of them, and the first
 * that fails decides. A figure that cannot be read (NaN, negative, a wrong instant) fails too. An owner
 * who broke the glass lifts only the kinds that the charter lists, and never by a rule's word alone.
 */
import { moneyToText } from "../../std/money.ts";
import { addMs, DAY_MS, isInstant } from "../../std/time.ts";
import { dayIn } from "../../std/zone.ts";
import type { Proposal } from "../contract/types.ts";
import { listWords, quote } from "../problem.ts";
import { amountOf } from "./money-text.ts";
import type { CapRoom, Caps, Charter, Liftable, Usage, VerdictFacts } from "./types.ts";
import { moneyToExactText } from "./words.ts";

export type GuardrailReading = {
  readonly guardrail: string;
  readonly words: string;
  /** The kind that broken glass may lift; absent where nothing may. */
  readonly kind?: Liftable;
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
  return [
    ...readCoverage(charter, proposal),
    ...findFullCaps(charter, proposal, facts),
    ...readCoolDown(charter, facts),
    ...readStanding(charter, proposal),
    ...readFreezes(charter, facts),
    ...readConfidence(facts),
  ];
}

/** The caps that one more such action would pass. */
export function findFullCaps(
  charter: Charter,
  proposal: Proposal,
  { usedToday, usedThisWeek }: CapRoom,
): ReadonlyArray<GuardrailReading> {
  const { perDay, perWeek } = charter.guardrails;
  return [
    ...readCaps("per-day", "today", charter, perDay, usedToday, proposal),
    ...readCaps("per-week", "this week", charter, perWeek, usedThisWeek, proposal),
  ];
}

function readCoverage(charter: Charter, proposal: Proposal): GuardrailReading[] {
  const broken: GuardrailReading[] = [];
  if (!charter.options.includes(proposal.option)) {
    const covered = listWords(charter.options, "and");
    const words = `the charter does not cover ${quote(proposal.option)}, only ${covered}`;
    broken.push({ guardrail: "options-covered", words });
  }
  const { currency } = proposal.valueAtStake;
  if (currency !== charter.currency) {
    const words = `the value at stake is in ${quote(currency)}, but the charter counts in ${charter.currency}`;
    broken.push({ guardrail: "currency", words });
  }
  return broken;
}

function readCaps(
  kind: "per-day" | "per-week",
  span: string,
  { currency }: Charter,
  caps: Caps,
  used: Usage,
  { valueAtStake, blastRadius }: Proposal,
): GuardrailReading[] {
  const broken: GuardrailReading[] = [];
  if (used.actions + 1 > caps.actions) {
    const words = `all ${caps.actions} actions of ${span} are used`;
    broken.push({ guardrail: `actions-${kind}`, kind, words });
  }
  if (used.subjects + blastRadius.subjects > caps.subjects) {
    const words =
      `with ${used.subjects} places touched ${span}, ${blastRadius.subjects} more would pass the ` +
      `limit of ${caps.subjects}`;
    broken.push({ guardrail: `subjects-${kind}`, kind, words });
  }
  const limit = amountOf(caps.value);
  if (used.valueMinor + valueAtStake.amountMinor > limit) {
    // Rounded figures could add up to the limit where the true ones pass it.
    const isWhole = [used.valueMinor, valueAtStake.amountMinor, limit].every((n) => n % 100 === 0);
    const print = isWhole ? moneyToText : moneyToExactText;
    const text = (amountMinor: number): string => print({ amountMinor, currency });
    const words =
      `with ${text(used.valueMinor)} at stake ${span}, ${text(valueAtStake.amountMinor)} more ` +
      `would pass the limit of ${text(limit)}`;
    broken.push({ guardrail: `value-${kind}`, kind, words });
  }
  return broken;
}

function readCoolDown({ guardrails }: Charter, facts: VerdictFacts): GuardrailReading[] {
  const last = facts.lastActionOnSubjectAt;
  if (last === undefined || guardrails.coolDownDays === 0) return [];
  const until = addMs(last, guardrails.coolDownDays * DAY_MS);
  if (facts.now >= until) return [];
  const words =
    `this place was last acted on at ${last} and rests for ${guardrails.coolDownDays} days, ` +
    `until ${until}`;
  return [{ guardrail: "cool-down", kind: "cool-down", words }];
}

function readStanding({ guardrails }: Charter, { standingDays }: Proposal): GuardrailReading[] {
  if (standingDays <= guardrails.standingDaysMax) return [];
  const words =
    `it would stand for ${standingDays} days, longer than the ` +
    `${guardrails.standingDaysMax} allowed`;
  return [{ guardrail: "standing-days", words }];
}

function readFreezes({ guardrails, timeZone }: Charter, facts: VerdictFacts): GuardrailReading[] {
  const today = dayIn(facts.now, timeZone);
  return guardrails.freezes
    .filter(({ from, until }) => from <= today && today < until)
    .map(({ until, because }) => ({
      guardrail: "freeze",
      kind: "freeze",
      words: `nothing is changed until ${until}: ${because}`,
    }));
}

function readConfidence({ confidence, confidenceToAct }: VerdictFacts): GuardrailReading[] {
  if (confidence >= confidenceToAct) return [];
  const words = `confidence ${confidence} is below ${confidenceToAct}, the least for acting`;
  return [{ guardrail: "confidence-to-act", words }];
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
    "actions today": facts.usedToday.actions,
    "subjects today": facts.usedToday.subjects,
    "value today": facts.usedToday.valueMinor,
    "actions this week": facts.usedThisWeek.actions,
    "subjects this week": facts.usedThisWeek.subjects,
    "value this week": facts.usedThisWeek.valueMinor,
  };
  const unreadable = Object.keys(figures).filter((name) => {
    const figure = figures[name];
    // Money is a count of paise or cents; a part of one is no figure.
    const isFigure = name.startsWith("value ") ? Number.isSafeInteger : Number.isFinite;
    return !(isFigure(figure) && Number(figure) >= 0);
  });
  const last = facts.lastActionOnSubjectAt;
  if (last !== undefined && !isInstant(last)) unreadable.push("last action");
  if (facts.glass !== undefined && !isInstant(facts.glass.until)) {
    unreadable.push("end of the broken glass");
  }
  return unreadable;
}
