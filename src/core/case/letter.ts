/**
 * The letters a case sends: one account, rendered from the object, the same for both departments.
 *
 * A reader of the other department gets, in this order: what happened, on what evidence, what was or
 * would be done, why this and not something else, under which rule, and how to undo it. Nothing here
 * is written by an agent's free text alone; agents' sentences appear only as reasons, as data.
 */
import { canonicalJson } from "../../std/canonical-json.ts";
import { moneyToText } from "../../std/money.ts";
import type { Instant } from "../../std/time.ts";
import type { NotifyTarget } from "../charter/types.ts";
import { readEvidence } from "../contract/evidence.ts";
import { listAsked } from "./ballot.ts";
import { listChanges } from "./change.ts";
import type { ScoredOption } from "../contract/types.ts";
import type { Case, Letter, NoticeTopic, Terms } from "./types.ts";
import { answerLines, linkOf, PICTURE_PLACE, REPLY_PLACE, waitLines } from "./vote-request.ts";
import { deadlineOf } from "./vote-sheet.ts";

export type LetterDraft = {
  readonly topic: NoticeTopic;
  /** `both` departments, the `sender`'s, or one department by name. */
  readonly to: string;
  /** When it is written: only whose vote would count then is asked for it. */
  readonly at: Instant;
  readonly why?: string;
  /** Of a request: this person alone, of those who are asked. */
  readonly only?: string;
};

const HEADLINES: Record<NoticeTopic, string> = {
  quarantined: "Your signal was set aside: it breaks its contract",
  "approval-asked": "Your vote is needed",
  "approval-reminded": "Reminder: your vote is still needed",
  "approval-escalated": "Escalated to you: your vote is needed",
  "approval-delegated": "You stand in: your vote is needed",
  "not-acted": "Nothing was changed",
  acted: "Acted",
  lifted: "Lifted",
  outcome: "What it did",
  "person-needed": "A person is needed",
};

export function renderLetters(of: Case, terms: Terms, draft: LetterDraft): ReadonlyArray<Letter> {
  const departments =
    draft.to === "both"
      ? [terms.contract.sender.department, terms.contract.receiver.department]
      : [draft.to === "sender" ? terms.contract.sender.department : draft.to];
  const subject = `${HEADLINES[draft.topic]}: ${of.subjectName}`;
  const account = renderAccount(of, terms, draft.why);
  return departments.flatMap((department) => {
    const isRequest = draft.topic.startsWith("approval-");
    const ask = isRequest ? requestLines(of, terms, department, draft.at) : [];
    const text = [section("What is asked of you", ask), account].filter((part) => part !== "");
    const asks = ask.length === 0 ? undefined : linkOf(of, department);
    return addressesOf(of, terms, department, draft).map((to) => ({
      topic: draft.topic,
      department,
      to,
      subject,
      text: text.join("\n\n"),
      ...(asks === undefined ? {} : { asks }),
    }));
  });
}

/** What is wanted of a party that is asked: by when, what silence means, and how it is given. */
function requestLines(
  of: Case,
  terms: Terms,
  department: string,
  at: Instant,
): ReadonlyArray<string> {
  const until = deadlineOf(of, terms, department, at);
  if (until === undefined) return [];
  return [`${until.deadline} ${until.silence}`, ...answerLines(of), REPLY_PLACE, PICTURE_PLACE];
}

function addressesOf(
  of: Case,
  terms: Terms,
  department: string,
  { topic, at, only }: LetterDraft,
): ReadonlyArray<string> {
  const party = terms.charter.parties.find((p) => p.department === department);
  if (party && topic.startsWith("approval-")) {
    const asked = listAsked(of, terms, party, at).map((person) => person.email);
    return only === undefined ? asked : asked.filter((email) => email === only);
  }
  const targets = terms.charter.notify.filter(
    (target) => target.department === department && isToldOf(target, topic),
  );
  if (targets.length > 0) return targets.map((target) => target.address);
  return [party?.owner.email ?? ""];
}

/** Every topic that is no request for a vote is an event that a target may name. */
function isToldOf({ on }: NotifyTarget, topic: NoticeTopic): boolean {
  return on === undefined || (on as ReadonlyArray<NoticeTopic>).includes(topic);
}

/** The account of a case in plain text, complete at every state it can be in. */
export function renderAccount(of: Case, terms: Terms, why?: string): string {
  const sections = [
    section("What happened", [
      `${terms.contract.title} in ${of.subjectName} (${of.signal.subject}).`,
      `Seen in data complete to ${of.signal.asOf}, confidence ${percent(of.signal.confidence)}.`,
      ...(why ? [sentence(why)] : []),
    ]),
    section(
      "On what evidence",
      of.problems.length > 0 ? [] : readEvidence(terms.contract, of.signal),
    ),
    section(
      "What is wrong with the signal",
      of.problems.map((problem) => `${problem.path || "/"}: ${problem.message}`),
    ),
    section("What is proposed", proposalLines(of)),
    section("What exactly would change", of.action === undefined ? changeLines(of) : []),
    section("Why this, and not something else", scoredLines(of)),
    section("Under which rule", verdictLines(of, terms)),
    section("Who was waited for", waitLines(of, terms)),
    section("What was done", actionLines(of)),
    section("What it did", of.outcome?.reasons ?? []),
    section("Reference", [`case ${of.id}, signal ${of.signal.id}, loop ${of.loop}`]),
  ];
  return sections.filter((text) => text !== "").join("\n\n");
}

function proposalLines(of: Case): ReadonlyArray<string> {
  if (!of.proposal) return [];
  const { option, parameters, value, valueAtStake, standingDays, resource } = of.proposal;
  return [
    `${option} ${canonicalJson(parameters)} on ${resource}, for ${standingDays} days.`,
    `Expected value ${moneyToText(value.mean)} (from ${moneyToText(value.p10)} to ` +
      `${moneyToText(value.p90)}), better than doing nothing with probability ` +
      `${percent(value.probabilityBetter)}; at stake ${moneyToText(valueAtStake)}.`,
    ...of.proposal.reasons.map(sentence),
  ];
}

/** Before and after, place by place; only what differs. */
function changeLines({ target }: Case): ReadonlyArray<string> {
  if (target === undefined) return [];
  const changes = listChanges(target.before, target.after);
  return [
    `In ${target.connector}, as it stood at ${target.readAt}:`,
    ...(changes.length === 0 ? ["  nothing differs"] : changes.map((line) => `  ${line}`)),
  ];
}

function scoredLines(of: Case): ReadonlyArray<string> {
  const scored: ReadonlyArray<ScoredOption> =
    of.proposal?.scored ?? (of.reply && "scored" in of.reply ? of.reply.scored : []);
  return scored.map(
    ({ option, parameters, value, reason }) =>
      `${option} ${canonicalJson(parameters)}: ${moneyToText(value.mean)}; ${reason}.`,
  );
}

function verdictLines(of: Case, terms: Terms): ReadonlyArray<string> {
  if (!of.verdict) return [];
  return [
    `${terms.charter.title}, version ${terms.charter.version}: ${of.verdict.kind} by \`${of.verdict.rule}\`.`,
    ...of.verdict.reasons.map(sentence),
    ...of.votes.map((vote) => `${vote.person} (${vote.party}) said ${vote.choice} at ${vote.at}.`),
  ];
}

function actionLines(of: Case): ReadonlyArray<string> {
  if (of.withheld) {
    const { at, until } = of.withheld;
    return [`Nothing: it might have acted at ${at}, and by lot waited until ${until}.`];
  }
  if (!of.action) return [];
  const { action } = of;
  return [
    `Changed through ${action.connector} at ${action.at} and read back.`,
    `Before: ${canonicalJson(action.plan.before)}`,
    `After: ${canonicalJson(action.plan.after)}`,
    action.liftedAt
      ? `Lifted at ${action.liftedAt}; the state before it is restored.`
      : `It lifts itself at ${action.standingUntil}; to undo it sooner, undo case ${of.id}.`,
  ];
}

function section(title: string, lines: ReadonlyArray<string>): string {
  return lines.length === 0 ? "" : `${title}\n${lines.map((line) => `  ${line}`).join("\n")}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

function sentence(words: string): string {
  const text = words.trim();
  // A name from the contract, such as lower_bid, keeps its spelling.
  const isName = /^[a-z]+_/.test(text);
  const head = isName ? text : text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(head) ? head : `${head}.`;
}
