/** Where a case stands, in a word or two and with a tone. */
import type { CaseState, CloseReason } from "../../../src/core/case/types.ts";
import type { Tone } from "./panel.tsx";

const STATES: Record<CaseState, readonly [words: string, tone: Tone]> = {
  received: ["received", "wait"],
  quarantined: ["set aside", "bad"],
  parked: ["waits for its loop", "wait"],
  evaluating: ["being weighed", "wait"],
  governed: ["being decided", "wait"],
  held: ["waits for votes", "wait"],
  executing: ["being done", "wait"],
  withheld: ["waits by lot", "wait"],
  watching: ["acted, stands", "good"],
  closed: ["closed", "plain"],
};

const REASONS: Record<CloseReason, readonly [words: string, tone: Tone]> = {
  quarantined: ["broke its contract", "bad"],
  duplicate: ["told before", "plain"],
  declined: ["not worth acting", "plain"],
  bounced: ["handed back", "plain"],
  forbidden: ["not allowed", "plain"],
  rejected: ["rejected by vote", "plain"],
  expired: ["nobody answered", "bad"],
  failed: ["failed", "bad"],
  superseded: ["replaced by newer", "plain"],
  withdrawn: ["taken back", "plain"],
  withheld: ["waited by lot", "plain"],
  helped: ["helped", "good"],
  "no-effect": ["no effect", "plain"],
  "harmed-undone": ["harmed, undone", "bad"],
  undetermined: ["cannot tell", "plain"],
  undone: ["undone", "plain"],
  "taken-over": ["taken over by hand", "plain"],
};

export function wordsOf(
  state: CaseState,
  reason: CloseReason | null | undefined,
): readonly [words: string, tone: Tone] {
  return reason == null ? STATES[state] : REASONS[reason];
}

export function wordsOfReason(reason: CloseReason): readonly [words: string, tone: Tone] {
  return REASONS[reason];
}
