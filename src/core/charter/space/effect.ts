/**
 * Which of two decisions lets more happen: `auto`, then fewer votes, then more votes, then `forbid`.
 *
 * Votes of different parties cannot be compared: one vote of marketing is neither more nor less than
 * one of logistics.
 */
import { listWords } from "../../problem.ts";
import type { RuleEffect, VoteRequirement } from "../types.ts";

export type Ease = "same" | "easier" | "harder" | "other";

/** Of `a` against `b`: `easier` when `a` lets more happen. */
export function compareEffects(a: RuleEffect, b: RuleEffect): Ease {
  const [isEasy, isHard] = [asksNoMore(a, b), asksNoMore(b, a)];
  if (isEasy && isHard) return "same";
  if (isEasy) return "easier";
  return isHard ? "harder" : "other";
}

function asksNoMore(a: RuleEffect, b: RuleEffect): boolean {
  if (a.kind === "auto" || b.kind === "forbid") return true;
  if (a.kind === "forbid" || b.kind === "auto") return false;
  return a.votes.every(({ party, quorum }) =>
    b.votes.some((vote) => vote.party === party && vote.quorum >= quorum),
  );
}

/** "runs by itself", "needs logistics and 2 votes of marketing", "is forbidden" */
export function describeEffect(effect: RuleEffect): string {
  if (effect.kind === "auto") return "runs by itself";
  if (effect.kind === "forbid") return "is forbidden";
  return `needs ${describeVoters(effect.votes)}`;
}

export function describePastEffect(effect: RuleEffect): string {
  if (effect.kind === "auto") return "ran by itself";
  if (effect.kind === "forbid") return "was forbidden";
  return `needed ${describeVoters(effect.votes)}`;
}

function describeVoters(votes: ReadonlyArray<VoteRequirement>): string {
  const parties = votes.map(({ party, quorum }) =>
    quorum === 1 ? party : `${quorum} votes of ${party}`,
  );
  return listWords(parties, "and");
}
