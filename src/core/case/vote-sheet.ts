/**
 * The question as it is put to a person, wherever they are: the sheet of paper that a clerk would lay on a
 * head's desk. Letter, page, Slack and Teams show this one sheet, each in its own dress.
 *
 * On it: what exactly would change, before and after; the money; the rule that asks; the evidence; until
 * when, and what happens if nobody answers. Left out: how an answer is given, which is each channel's own.
 */
import { moneyToText } from "../../std/money.ts";
import type { Instant } from "../../std/time.ts";
import { instantToText } from "../../std/zone.ts";
import { readEvidence } from "../contract/evidence.ts";
import { listWords } from "../problem.ts";
import { type Change, findChanges } from "./change.ts";
import type { Case, Terms } from "./types.ts";
import { timeLeft } from "./vote-request.ts";

export type Fact = { readonly name: string; readonly value: string };

export type VoteSheet = {
  readonly case: string;
  /** `exclude_geo in Patna, Bihar`. */
  readonly title: string;
  /** What was seen, in a sentence. */
  readonly seen: string;
  /** What would be done, and the money. */
  readonly facts: ReadonlyArray<Fact>;
  /** Where the change would be, and as of when it was read. */
  readonly target: string;
  readonly changes: ReadonlyArray<Change>;
  /** The signal's own evidence, in words. */
  readonly evidence: ReadonlyArray<string>;
  /** Why this, by whoever proposed it. */
  readonly why: ReadonlyArray<string>;
  /** The charter's rule that asks for the vote, and its reasons. */
  readonly rule: string;
  readonly ruleReasons: ReadonlyArray<string>;
  /** Until when, in the party's own hours. */
  readonly deadline: string;
  /** What happens if nobody answers, and when. */
  readonly silence: string;
};

/** Undefined where nothing is asked of the department. */
export function renderVoteSheet(
  of: Case,
  terms: Terms,
  department: string,
  at: Instant,
): VoteSheet | undefined {
  const { proposal, verdict, target } = of;
  const deadline = deadlineOf(of, terms, department, at);
  if (of.state !== "held" || !proposal || !verdict || deadline === undefined) return undefined;
  const { value, valueAtStake } = proposal;
  return {
    case: of.id,
    title: `${proposal.option} in ${of.subjectName}`,
    seen:
      `${terms.contract.title} in ${of.subjectName}, seen with confidence ` +
      `${Math.round(of.signal.confidence * 100)}%.`,
    facts: [
      {
        name: "What",
        value: `${proposal.option} on ${proposal.resource}, for ${proposal.standingDays} days`,
      },
      {
        name: "Worth",
        value:
          `${moneyToText(value.mean)} expected (${moneyToText(value.p10)} to ` +
          `${moneyToText(value.p90)})`,
      },
      { name: "At stake", value: moneyToText(valueAtStake) },
    ],
    target:
      target === undefined
        ? "The target could not be read when this was decided."
        : `In ${target.connector}, as it stood at ${target.readAt}`,
    changes: target === undefined ? [] : findChanges(target.before, target.after),
    evidence: readEvidence(terms.contract, of.signal),
    why: proposal.reasons,
    rule: `${terms.charter.title}, version ${terms.charter.version}, rule ${verdict.rule}`,
    ruleReasons: verdict.reasons,
    ...deadline,
  };
}

/** Shared with the letter in plain text. */
export function deadlineOf(
  of: Case,
  terms: Terms,
  department: string,
  at: Instant,
): Pick<VoteSheet, "deadline" | "silence"> | undefined {
  const party = terms.charter.parties.find((one) => one.department === department);
  const clock = of.clocks.find((one) => one.party === department);
  const stage = clock?.stages[clock.stage];
  if (!party || !clock || !stage) return undefined;
  const { timeZone } = party.calendar;
  const later = clock.stages.slice(clock.stage + 1);
  const [next] = later;
  const end = later.at(-1);
  const silence =
    next === undefined || end === undefined
      ? "nothing is done"
      : `the question goes to ${listWords(next.seats, "and")} next`;
  const ends =
    end === undefined
      ? ""
      : ` If nobody has answered by ${instantToText(end.dueAt, timeZone)}, nothing is done.`;
  return {
    deadline:
      `Agree or reject by ${instantToText(stage.dueAt, timeZone)}, ` +
      `in ${timeLeft(of, party, at, stage.dueAt)}.`,
    silence: `Without an answer ${silence}; silence never allows.${ends}`,
  };
}
