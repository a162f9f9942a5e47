/** A case as it is opened: received, and nothing decided yet. */
import type { Instant } from "../../std/time.ts";
import type { Case } from "./types.ts";

export function openCase(
  said: Pick<Case, "id" | "loop" | "signal" | "subjectName" | "contractHash" | "charterHash">,
  at: Instant,
): Case {
  return {
    ...said,
    state: "received",
    openedAt: at,
    changedAt: at,
    steps: 0,
    round: 0,
    authors: [],
    problems: [],
    votes: [],
    clocks: [],
    refusals: 0,
  };
}
