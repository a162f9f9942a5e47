/** Who must move first, and why: the verdict on a list of changes, put into words for both departments. */
import type { Bump, Change, Comparison, PartyOrder, Verdict } from "./types.ts";

export function verdictOf(changes: ReadonlyArray<Change>): Verdict {
  const backward = changes.every(({ effect }) => effect.backward === "yes");
  const forward = changes.every(({ effect }) => effect.forward === "yes");
  if (backward) return forward ? "full" : "backward";
  return forward ? "forward" : "breaking";
}

/**
 * Major: no order of moving is safe, or a meaning changed. Minor: one order is safe, or something is
 * said for the first time. Patch: what may be said is the same.
 */
export function needOf(verdict: Verdict, changes: ReadonlyArray<Change>): Bump {
  if (verdict === "breaking") return "major";
  if (verdict !== "full") return "minor";
  return changes.some(({ channel }) => channel === "meaning") ? "minor" : "patch";
}

const WORDS: Readonly<Record<Verdict, string>> = {
  full: "either department may move first",
  backward:
    "the receiver must move first; the sender may follow at any time, and may also stay where it is",
  forward:
    "the sender must move first; the receiver may follow at any time, and may also stay where it is",
  breaking:
    "neither department can move first without being refused or misread: it takes a migration of " +
    "old payloads, or a major version with both side by side until no open case uses the old one",
};

export function computeOrder(
  verdict: Verdict,
  changes: ReadonlyArray<Change>,
): Pick<Comparison, "parties" | "words"> {
  const because = (side: "backward" | "forward"): ReadonlyArray<string> =>
    changes
      .filter(({ effect }) => effect[side] !== "yes")
      .map(({ path, words }) => `${path}: ${words}`);
  // What keeps the sender from moving first is what the receiver must have done before.
  const receiverFirst = because("forward");
  const senderFirst = because("backward");
  return {
    words: WORDS[verdict],
    parties: {
      sender: partyOrder(senderFirst, verdict, "forward"),
      receiver: partyOrder(receiverFirst, verdict, "backward"),
    },
  };
}

function partyOrder(
  why: ReadonlyArray<string>,
  verdict: Verdict,
  first: "backward" | "forward",
): PartyOrder {
  if (verdict === "full") return { mustChange: false, order: "any", why };
  if (verdict === "breaking") return { mustChange: true, order: "together", why };
  const isFirst = verdict === first;
  return { mustChange: isFirst, order: isFirst ? "first" : "second", why };
}
