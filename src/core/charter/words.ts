/**
 * The numbers of a verdict in words that the other department can check with a pencil.
 *
 * Figures are rounded for reading, but never so far that a sentence becomes untrue: Rs 24,999.60 is
 * not "Rs 25,000, below Rs 25,000".
 */
import { type Money, moneyToText } from "../../std/money.ts";
import type { Proposal } from "../contract/types.ts";
import { listWords, quote } from "../problem.ts";
import { isInRange, isInWindows, pointOf, rangeOn } from "./condition.ts";
import { clockTermsOf, votingSeats } from "./seat.ts";
import {
  type Charter,
  type Range,
  type RuleConditions,
  type VerdictFacts,
  type VoteRequirement,
  WEEKDAYS,
  type Weekday,
  type WeekWindow,
} from "./types.ts";

/** Ways to print a figure, the shortest first; the last tells any two figures apart. */
type Print = ReadonlyArray<(n: number) => string>;

const printShare: Print = [
  (share) => `${Number((share * 100).toPrecision(3))}%`,
  (share) => `${Number((share * 100).toPrecision(15))}%`,
  String,
];
const printNumber: Print = [(n) => String(Number(n.toPrecision(3))), String];
const printCount: Print = [String];

function printMoney(currency: string): Print {
  return [
    (amountMinor) => moneyToText({ amountMinor, currency }),
    (amountMinor) => moneyToExactText({ amountMinor, currency }),
  ];
}

/** The shortest way in which no bound looks like a value that it is not. */
function choosePrint(print: Print, value: number, bounds: ReadonlyArray<number>) {
  const isClear = (show: (n: number) => string): boolean =>
    bounds.every((bound) => bound === value || show(bound) !== show(value));
  return print.find(isClear) ?? print.at(-1) ?? String;
}

export function moneyToExactText({ amountMinor, currency }: Money): string {
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
  const point = pointOf(charter, proposal, facts);
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
  const { subjects, shareOfOrders, shareOfSpend } = point;
  range("value at stake", point.valueAtStake, rangeOn(when, "valueAtStake"), money);
  range("confidence", point.confidence, when.confidence, printNumber);
  range("the number of places touched,", subjects, when.subjects, printCount);
  range("the share of all orders,", shareOfOrders, when.shareOfOrders, printShare);
  range("the share of all ad spend,", shareOfSpend, when.shareOfSpend, printShare);
  if (when.time !== undefined) {
    const holds = isInWindows(point.time, when.time);
    const windows = describeWindows(when.time);
    readings.push({ holds, words: `the time is ${holds ? "" : "not "}within ${windows}` });
  }
  return readings;
}

function oneOf(names: ReadonlyArray<string>): string {
  return names.length === 1 ? `${names[0]}` : `one of ${listWords(names)}`;
}

function readRange(subject: string, value: number, range: Range, print: Print): ConditionReading {
  const { atLeast, below } = range;
  // A comma opens an apposition ("the share of all orders, 0.4%, is"), which must be closed.
  const close = subject.endsWith(",") ? "," : "";
  const say = (relation: string, bound: number, ...others: ReadonlyArray<number>): string => {
    const show = choosePrint(print, value, [bound, ...others]);
    const and = others.map((other) => ` and below ${show(other)}`).join("");
    return `${subject} ${show(value)}${close} is ${relation} ${show(bound)}${and}`;
  };
  if (!isInRange(value, range)) {
    const isTooLow = atLeast !== undefined && !(value >= atLeast);
    const words = isTooLow ? say("below", atLeast) : say("not below", below ?? 0);
    return { holds: false, words };
  }
  if (below === undefined) return { holds: true, words: say("at least", atLeast ?? 0) };
  if (atLeast === undefined || atLeast <= 0) return { holds: true, words: say("below", below) };
  return { holds: true, words: say("at least", atLeast, below) };
}

/** "marketing: one vote of owner or deputies within 4 working hours; ..." */
export function describeVote(charter: Charter, asked: VoteRequirement): string {
  const party = charter.parties.find(({ department }) => department === asked.party);
  const votes = asked.quorum === 1 ? "one vote" : `${asked.quorum} votes of different people`;
  if (party === undefined) return `${asked.party}: ${votes}`;
  const { counts, answerWithinHours, escalate, atEnd } = clockTermsOf(party, asked);
  const kind = counts === "working-hours" ? "working " : "";
  const asks = escalate.map(({ to, withinHours }) => `${to} ${hours(withinHours, kind)} more`);
  const end = atEnd === "decline" ? "it counts as a no" : "nothing is done";
  const silence = asks.length === 0 ? end : `then ${asks.join(", then ")}, then ${end}`;
  return (
    `${asked.party}: ${votes} of ${listWords(votingSeats(party, asked))} within ` +
    `${hours(answerWithinHours, kind)}; without an answer ${silence}`
  );
}

export function hours(count: number, kind = ""): string {
  return `${count} ${kind}hour${count === 1 ? "" : "s"}`;
}

/** "Mon-Fri 09:00-18:00, Sat 10:00-14:00" */
export function describeWindows(windows: ReadonlyArray<WeekWindow>): string {
  return windows
    .map(({ days, from, until }) => `${describeDays(days)} ${from}-${until}`)
    .join(", ");
}

/** Days in the order of the week; three or more in a row as a span. */
export function describeDays(days: ReadonlyArray<Weekday>): string {
  const spans: string[] = [];
  for (let start = 0; start < WEEKDAYS.length; start++) {
    if (!isAmong(days, start)) continue;
    let end = start;
    while (isAmong(days, end + 1)) end++;
    const names = WEEKDAYS.slice(start, end + 1).map(capitalise);
    spans.push(names.length > 2 ? `${names[0]}-${names.at(-1)}` : names.join(" "));
    start = end;
  }
  return spans.join(" ");
}

function isAmong(days: ReadonlyArray<Weekday>, index: number): boolean {
  const day = WEEKDAYS[index];
  return day !== undefined && days.includes(day);
}

function capitalise(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
