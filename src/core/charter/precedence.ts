/**
 * Which of two loops comes first on a resource that both claim, and when they go round in circles.
 *
 * Precedence counts only where both charters say it, each signed by its own owners: one over the other,
 * the other yielding to it. Nobody comes first by claiming it.
 */
import { DAY_MS, diffMs, type Instant } from "../../std/time.ts";
import type { Charter, ClaimFact, CycleFact } from "./types.ts";

export function comparePrecedence(ours: Charter, theirs: Charter): ClaimFact["precedence"] {
  if (ours.loop === theirs.loop) return "same-loop";
  const isOurs = comesOver(ours, theirs) && yieldsTo(theirs, ours);
  const isTheirs = comesOver(theirs, ours) && yieldsTo(ours, theirs);
  if (isOurs === isTheirs) return "undecided";
  return isOurs ? "ours" : "theirs";
}

function comesOver({ precedence }: Charter, other: Charter): boolean {
  return precedence?.over?.includes(other.loop) === true;
}

function yieldsTo({ precedence }: Charter, other: Charter): boolean {
  return precedence?.yieldsTo?.includes(other.loop) === true;
}

/** Two loops that answer each other within so many days go round in circles. */
export const CYCLE_DAYS = 30;

export type PastAct = { readonly loop: string; readonly resource: string; readonly at: Instant };

/**
 * Our loop acted on the resource, others acted on it since, and now it is our turn again: each of them
 * answers what the one before did. `history` is of overlapping resources, in any order.
 */
export function findCycle(
  history: ReadonlyArray<PastAct>,
  loop: string,
  now: Instant,
): CycleFact | undefined {
  const recent = history
    .filter(({ at }) => diffMs(now, at) <= CYCLE_DAYS * DAY_MS)
    .sort((a, b) => diffMs(a.at, b.at));
  const first = recent.find((act) => act.loop === loop);
  if (first === undefined) return undefined;
  const since = recent.filter((act) => act.at > first.at && act.loop !== loop);
  if (since.length === 0) return undefined;
  return {
    through: [...new Set(since.map((act) => act.loop))],
    resource: first.resource,
    since: first.at,
  };
}
