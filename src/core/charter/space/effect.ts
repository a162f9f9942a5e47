/**
 * Which of two decisions lets more happen: `auto`, then fewer votes, then more votes, then `forbid`.
 *
 * Votes of different parties cannot be compared: one vote of marketing is neither more nor less than
 * one of logistics.
 */
import { listWords } from "../../problem.ts";
import type { RuleEffect } from "../types.ts";

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

/** "runs by itself", "needs 2 votes of marketing and 1 of logistics", "is forbidden" */
export function describeEffect(effect: RuleEffect): string {
  if (effect.kind === "auto") return "runs by itself";
  if (effect.kind === "forbid") return "is forbidden";
  const votes = effect.votes.map(({ party, quorum }) =>
    quorum === 1 ? party : `${party} (${quorum} votes)`,
  );
  return `needs ${listWords(votes, "and")}`;
}
