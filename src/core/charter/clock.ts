/**
 * One party's clock: when it is reminded, whom it escalates to and when, and when its silence ends it.
 *
 *   asked --- remind --- due --- due --- due = the end
 *   |  stage 0: vote.from  |  stage 1  |  stage 2 |
 *
 * Everything is worked out at once when the party is asked, so every instant can be told beforehand and
 * a restart changes none of them. `working-hours` run on the party's own calendar only.
 */
import { addMs, DAY_MS, diffMs, HOUR_MS, type Instant } from "../../std/time.ts";
import { addOpenMs, CLOSED_DAYS_MAX, openMsBetween } from "./calendar.ts";
import { clockTermsOf } from "./seat.ts";
import type { ClockTerms, Party, Seat, VoteRequirement } from "./types.ts";

/** One round of asking within a party's clock. */
export type ClockStage = {
  readonly seats: ReadonlyArray<Seat>;
  readonly from: Instant;
  readonly dueAt: Instant;
};

export type ClockPlan = {
  readonly remindAt: Instant;
  /** The first asks `vote.from`; the last one's `dueAt` is the end. */
  readonly stages: ReadonlyArray<ClockStage>;
};

export function computeClock(party: Party, vote: VoteRequirement, askedAt: Instant): ClockPlan {
  const terms = clockTermsOf(party, vote);
  const after = (from: Instant, hours: number): Instant => addHours(party, terms, from, hours);
  const stages: ClockStage[] = [
    { seats: vote.from, from: askedAt, dueAt: after(askedAt, terms.answerWithinHours) },
  ];
  for (const { to, withinHours } of terms.escalate) {
    const from = stages.at(-1)?.dueAt ?? askedAt;
    stages.push({ seats: [to], from, dueAt: after(from, withinHours) });
  }
  return { remindAt: after(askedAt, terms.remindAfterHours), stages };
}

/** How long a party let others wait, and how much of that it was at work. */
export function measureWait(
  party: Party,
  askedAt: Instant,
  until: Instant,
): { readonly waitedMs: number; readonly waitedOpenMs: number } {
  return {
    waitedMs: diffMs(until, askedAt),
    waitedOpenMs: openMsBetween(party.calendar, askedAt, until),
  };
}

/** A party that never opens again has until then; its silence still ends. */
function addHours(party: Party, terms: ClockTerms, from: Instant, hours: number): Instant {
  if (terms.counts === "all-hours") return addMs(from, hours * HOUR_MS);
  return addOpenMs(party.calendar, from, hours * HOUR_MS) ?? addMs(from, CLOSED_DAYS_MAX * DAY_MS);
}
