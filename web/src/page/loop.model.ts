/** Where every signal of a loop is, part by part; and which gate is looked at first. */
import type { CaseState, CloseReason } from "../../../src/core/case/types.ts";
import type { CaseSum } from "../../../src/operation/sum-cases.ts";
import { wordsOf } from "../part/case-words.ts";
import type { Tone } from "../part/panel.tsx";

export type SignalPart = {
  readonly key: string;
  /** What the list of cases is asked for to show just these. */
  readonly state: CaseState;
  readonly find: string;
  readonly words: string;
  readonly tone: Tone;
  readonly count: number;
};

/** What is open first, then what was closed; together as many as were accepted. */
export function listParts({ openByState, closed }: CaseSum): ReadonlyArray<SignalPart> {
  const open = Object.entries(openByState).map(([state, count]) => {
    const [words, tone] = wordsOf(state as CaseState, null);
    return { key: state, state: state as CaseState, find: "", words, tone, count };
  });
  const ended = Object.entries(closed).map(([reason, count]) => {
    const [words, tone] = wordsOf("closed", reason as CloseReason);
    return { key: `closed ${reason}`, state: "closed" as const, find: reason, words, tone, count };
  });
  return [...open, ...ended].filter(({ count }) => count > 0);
}

/** What does not hold comes first; otherwise they stay as they are. */
export function sortGates<T extends { readonly holds: boolean }>(
  gates: ReadonlyArray<T>,
): ReadonlyArray<T> {
  return gates.toSorted((a, b) => Number(a.holds) - Number(b.holds));
}
