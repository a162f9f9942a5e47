/**
 * A case that waits for votes: each party asked by its own clock, until all agreed, one rejected, or
 * one let its time run out.
 *
 * Timers name the round and the stage they were set for. One of an earlier round, or of a party that
 * has answered, changes nothing.
 */
import { computeClock } from "../charter/clock.ts";
import { clockTermsOf } from "../charter/seat.ts";
import type { CapRoom, Verdict, VoteRequirement } from "../charter/types.ts";
import { describeFullCaps } from "../charter/verdict.ts";
import { tallyVotes } from "../charter/votes.ts";
import { assert } from "../../std/assert.ts";
import { ballotOf, findOwed, listAsked } from "./ballot.ts";
import type { Page } from "./page.ts";
import type { CaseEvent, PartyClock } from "./types.ts";

export function hold(page: Page, verdict: Verdict): void {
  const { round } = page.case;
  const clocks = verdict.votes.map((asked): PartyClock => {
    const { remindAt, stages } = computeClock(page.partyOf(asked.party), asked, page.at);
    const { party } = asked;
    page.wake(remindAt, { kind: "clock.reminded", party, round });
    for (const [stage, { dueAt }] of stages.entries()) {
      page.wake(dueAt, { kind: "clock.ran-out", party, round, stage });
    }
    return { party, askedAt: page.at, remindAt, stages, stage: 0 };
  });
  page.set({ state: "held", clocks });
  for (const asked of verdict.votes) page.tell("approval-asked", asked.party, {});
}

export function takeVote(page: Page, event: CaseEvent & { kind: "vote.cast" }): void {
  const ballot = ballotOf(page.case, page.terms);
  assert(ballot, "a held case has a verdict and a digest");
  const votes = [...page.case.votes, event.vote];
  page.set({ votes });
  if (!findOwing(page, event.vote.party)) page.stopClocks(event.vote.party);
  const tally = tallyVotes(ballot, votes);
  if (tally.kind === "agreed") executeIfRoom(page, event.room);
  else if (tally.kind === "rejected") {
    page.closeUnacted("rejected", `${tally.by} rejected it: ${tally.reason}`);
  }
}

/** INVARIANT (caps hold): what waited for its votes is counted when it begins, not when it was held. */
function executeIfRoom(page: Page, room: CapRoom | undefined): void {
  const { proposal } = page.case;
  assert(proposal, "a held case has a proposal");
  const full = room === undefined ? [] : describeFullCaps(page.terms.charter, proposal, room);
  if (full.length === 0) return page.execute();
  page.closeUnacted("forbidden", `it was agreed to, but meanwhile ${full.join("; ")}`);
}

export function remind(page: Page, event: CaseEvent & { kind: "clock.reminded" }): void {
  if (event.round === page.case.round && findOwing(page, event.party)) {
    page.tell("approval-reminded", event.party, {});
  }
}

/** Whoever is asked from now on gets a letter; authority to vote is the charter's and stays as it is. */
export function delegate(page: Page, { delegation }: CaseEvent & { kind: "vote.delegated" }): void {
  const { party, person } = delegation;
  if (!findOwing(page, party)) return;
  const before = listAsked(page.case, page.terms, page.partyOf(party), page.at);
  const others = (page.case.delegations ?? []).filter((one) => one.person !== person);
  page.set({ delegations: [...others, delegation] });
  for (const { email } of listAsked(page.case, page.terms, page.partyOf(party), page.at)) {
    if (before.some((one) => one.email === email)) continue;
    page.tell("approval-delegated", party, { only: email });
  }
}

/** Whoever is back is asked again where an answer is still owed. */
export function endDelegation(
  page: Page,
  { party, person }: CaseEvent & { kind: "delegation.ended" },
): void {
  const { delegations = [] } = page.case;
  const left = delegations.filter((one) => one.party !== party || one.person !== person);
  if (left.length === delegations.length) return;
  page.set({ delegations: left });
  if (!findOwing(page, party)) return;
  const asked = listAsked(page.case, page.terms, page.partyOf(party), page.at);
  if (asked.some(({ email }) => email === person)) {
    page.tell("approval-reminded", party, { only: person });
  }
}

/** INVARIANT (no-ungoverned-action): silence escalates, expires or declines; it never allows. */
export function runOut(page: Page, event: CaseEvent & { kind: "clock.ran-out" }): void {
  const asked = findOwing(page, event.party);
  const clock = page.case.clocks.find(({ party }) => party === event.party);
  if (!asked || !clock || event.round !== page.case.round || event.stage !== clock.stage) return;
  const next = clock.stage + 1;
  if (next < clock.stages.length) {
    page.set({
      clocks: page.case.clocks.map((one) => (one === clock ? { ...one, stage: next } : one)),
    });
    return page.tell("approval-escalated", event.party, {});
  }
  const { atEnd } = clockTermsOf(page.partyOf(event.party), asked);
  const reason = atEnd === "decline" ? "rejected" : "expired";
  page.closeUnacted(reason, `${event.party} did not answer in time; silence never allows`);
}

/** What `party` still owes on a held case. */
function findOwing(page: Page, party: string): VoteRequirement | undefined {
  if (!page.is("held")) return undefined;
  return findOwed(page.case, page.terms, party);
}
