/**
 * The ledger's entry for a vote of somebody proved that did not count: nobody's vote is lost without a
 * trace, whether it is refused at the door or finds its case decided when it is read.
 */
import type { Case, CaseVote } from "../core/case/types.ts";
import type { LedgerDraft } from "../core/ledger/entry.ts";
import type { ErrorCode } from "../std/errors.ts";
import type { Instant } from "../std/time.ts";

export function refusedVoteEntry(
  of: Case,
  vote: CaseVote,
  code: ErrorCode,
  at: Instant,
): LedgerDraft {
  const { party, person, choice, because, reason, digest } = vote;
  return {
    at,
    kind: "vote.refused",
    loop: of.loop,
    case: of.id,
    actor: person,
    contract: of.contractHash,
    charter: of.charterHash,
    body: {
      ...{ party, choice, reason, digest, code },
      ...(because === undefined ? {} : { because }),
    },
  };
}

/** Taken at the door, and then its case was decided, or went into a new round, before it was read. */
export function overtakenVoteEntry(of: Case, vote: CaseVote, at: Instant): LedgerDraft {
  const isOpen = of.state === "held" || of.state === "governed";
  return refusedVoteEntry(of, vote, isOpen ? "vote/other-action" : "vote/too-late", at);
}
