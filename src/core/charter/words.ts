/**
 * The numbers of a verdict in words that the other department can check with a pencil.
 *
 * Figures are rounded for reading, but never so far that a sentence becomes untrue: Rs 24,999.60 is
 * not "Rs 25,000, below Rs 25,000".
 */
import { type Money, moneyToText } from "../../std/money.ts";
import type { Proposal } from "../contract/types.ts";
import { listWords, quote } from "../problem.ts";
import { isInRange } from "./table.ts";
import type { Charter, Range, RuleConditions, VerdictFacts, VoteRequirement } from "./types.ts";

/** How to print a figure: short for reading, exact when short would mislead. */
type Print = { readonly short: (n: number) => string; readonly exact: (n: number) => string };

const printShare: Print = {
  short: (share) => `${Number((share * 100).toPrecision(3))}%`,
  exact: (share) => `${Number((share * 100).toPrecision(15))}%`,
};
const printNumber: Print = {
  short: (n) => String(Number(n.toPrecision(3))),
  exact: (n) => String(n),
};
const printCount: Print = { short: String, exact: String };

function printMoney(currency: string): Print {
  return {
    short: (amountMinor) => moneyToText({ amountMinor, currency }),
    exact: (amountMinor) => moneyToExactText({ amountMinor, currency }),
  };
}

function moneyToExactText({ amountMinor, currency }: Money): string {
  const whole = Math.trunc(amountMinor / 100) * 100;
  const minor = String(Math.abs(amountMinor - whole)).padStart(2, "0");
  const text = moneyToText({ amountMinor: whole, currency });
  return currency === "INR" ? `${text}.${minor}` : text.replace(/(?= [A-Z]{3}$)/, `.${minor}`);
}

/** One condition of a rule, held against one proposal. */
export type ConditionReading = { readonly holds: boolean; readonly words: string };

/** Every condition that the rule states, in the order of the table's columns. */
export function readConditions(
  when: RuleConditions,
  charter: Charter,
  proposal: Proposal,
  facts: VerdictFacts,
): ReadonlyArray<ConditionReading> {
  const readings: ConditionReading[] = [];
  const { blastRadius, valueAtStake } = proposal;
  const option = quote(proposal.option);
  if (when.option !== undefined) {
    const holds = when.option.includes(proposal.option);
    const words = `${option} is ${holds ? "" : "not "}${oneOf(when.option)}`;
    readings.push({ holds, words });
  }
  if (when.reversible !== undefined) {
    const words = `${option} ${facts.reversible ? "can" : "cannot"} be undone`;
    readings.push({ holds: when.reversible === facts.reversible, words });
  }
  const range = (subject: string, value: number, limits: Range | undefined, print: Print): void => {
    if (limits !== undefined) readings.push(readRange(subject, value, limits, print));
  };
  const money = printMoney(charter.currency);
  const { subjects, shareOfOrders, shareOfSpend } = blastRadius;
  range("value at stake", valueAtStake.amountMinor, when.valueAtStakeMinor, money);
  range("confidence", facts.confidence, when.confidence, printNumber);
  range("the number of places touched,", subjects, when.subjects, printCount);
  range("the share of all orders,", shareOfOrders, when.shareOfOrders, printShare);
  range("the share of all ad spend,", shareOfSpend, when.shareOfSpend, printShare);
  return readings;
}

function oneOf(names: ReadonlyArray<string>): string {
  return names.length === 1 ? `${names[0]}` : `one of ${listWords(names)}`;
}

function readRange(subject: string, value: number, range: Range, print: Print): ConditionReading {
  const { atLeast, below } = range;
  // A comma opens an apposition ("the share of all orders, 0.4%, is"), which must be closed.
  const close = subject.endsWith(",") ? "," : "";
  const say = (relation: string, bound: number): string => {
    const blurred = value !== bound && print.short(value) === print.short(bound);
    const show = blurred ? print.exact : print.short;
    return `${subject} ${show(value)}${close} is ${relation} ${show(bound)}`;
  };
  if (!isInRange(value, range)) {
    const isTooLow = atLeast !== undefined && !(value >= atLeast);
    const words = isTooLow ? say("below", atLeast) : say("not below", below ?? 0);
    return { holds: false, words };
  }
  if (below === undefined) return { holds: true, words: say("at least", atLeast ?? 0) };
  if (atLeast === undefined || atLeast <= 0) return { holds: true, words: say("below", below) };
  return { holds: true, words: `${say("at least", atLeast)} and below ${print.short(below)}` };
}

/** "marketing: one vote within 8 hours; ..." */
export function describeVotes(asked: VoteRequirement): string {
  const votes = asked.quorum === 1 ? "one vote" : `${asked.quorum} votes of different people`;
  const silence = {
    expire: "without an answer nothing is done",
    decline: "no answer counts as no",
    escalate:
      `without an answer its deputies are asked and have ${hours(asked.escalateHours ?? 0)} more, ` +
      "then nothing is done",
  }[asked.onTimeout];
  return `${asked.party}: ${votes} within ${hours(asked.withinHours)}; ${silence}`;
}

export function hours(count: number): string {
  return count === 1 ? "1 hour" : `${count} hours`;
}
