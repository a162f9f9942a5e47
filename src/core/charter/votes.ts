/**
 * Counting votes: one from EACH side that the verdict names, never any two people.
 *
 * AND across the named parties, quorum within one. A vote counts when its person is on the roster of
 * the party it is cast for (owner, deputy or approver), when it is bound to the digest of this very
 * action, and when the same person has not already counted, in whatever role. Agents are on no roster.
 * One rejection by anyone of a named party closes the matter, whatever the others said and whenever it
 * came; so the result of rejections does not depend on the order of votes.
 *
 * INVARIANT (no-ungoverned-action): no requirement, no agreement. An empty list of requirements waits
 * for ever rather than agreeing with itself.
 */
import { assert } from "../../std/assert.ts";
import type { Party, VoteRequirement } from "./types.ts";

export type CastVote = {
  readonly party: string;
  /** Email address of the person, as in the charter. */
  readonly person: string;
  readonly choice: "agree" | "reject";
  readonly reason: string;
  /** Of the resolved action that the person was shown. */
  readonly digest: string;
};

export type Tally =
  | {
      readonly kind: "waiting";
      readonly for: ReadonlyArray<{ readonly party: string; readonly missing: number }>;
    }
  | { readonly kind: "agreed" }
  | { readonly kind: "rejected"; readonly by: string; readonly reason: string };

/** `people` are the charter's parties. Votes are taken in the order given. */
export function tallyVotes(
  requirements: ReadonlyArray<VoteRequirement>,
  votes: ReadonlyArray<CastVote>,
  people: ReadonlyArray<Party>,
  digest: string,
): Tally {
  const agreed = new Map<string, Set<string>>();
  const counted = new Set<string>();
  for (const vote of votes) {
    const voter = findVoter(people, vote.party, vote.person);
    if (vote.digest !== digest || voter === undefined) continue;
    if (vote.choice === "reject") {
      if (!requirements.some(({ party }) => party === vote.party)) continue;
      const reason = vote.reason.trim() === "" ? "no reason given" : vote.reason;
      return { kind: "rejected", by: `${voter} (${vote.party})`, reason };
    }
    if (vote.choice !== "agree") continue;
    const person = normaliseEmail(vote.person);
    if (counted.has(person)) continue;
    counted.add(person);
    const ofParty = agreed.get(vote.party) ?? new Set();
    agreed.set(vote.party, ofParty.add(person));
  }
  const missing = requirements
    .map(({ party, quorum }) => ({ party, missing: quorum - (agreed.get(party)?.size ?? 0) }))
    .filter((waiting) => !(waiting.missing <= 0));
  if (requirements.length > 0 && missing.length === 0) return { kind: "agreed" };
  return { kind: "waiting", for: missing };
}

/**
 * Why this vote would not count, or undefined when it would. For the place where votes come in: a
 * person is told at once, instead of being ignored by the tally.
 */
export function findVoteRefusal(
  requirements: ReadonlyArray<VoteRequirement>,
  earlier: ReadonlyArray<CastVote>,
  vote: CastVote,
  people: ReadonlyArray<Party>,
  digest: string,
): string | undefined {
  if (vote.choice !== "agree" && vote.choice !== "reject") return "a vote is agree or reject";
  if (!requirements.some(({ party }) => party === vote.party)) {
    return `${vote.party} is not asked for a vote on this case`;
  }
  if (findVoter(people, vote.party, vote.person) === undefined) {
    return `${vote.person} is not an owner, deputy or approver of ${vote.party}`;
  }
  if (vote.digest !== digest) return "the action has changed since it was shown; look at it again";
  const person = normaliseEmail(vote.person);
  const before = earlier.find(
    (other) => other.digest === digest && normaliseEmail(other.person) === person,
  );
  if (before && vote.choice === "agree") {
    return `${vote.person} has already voted, for ${before.party}; one person counts once`;
  }
  return undefined;
}

/** Everyone who may vote for a party, each once, the owner first. */
export function votersOf(
  party: Party,
): ReadonlyArray<{ readonly name: string; readonly email: string }> {
  const seen = new Set<string>();
  return [party.owner, ...party.deputies, ...party.approvers].filter(({ email }) => {
    const key = normaliseEmail(email);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function findVoter(people: ReadonlyArray<Party>, party: string, email: string): string | undefined {
  const roster = people.find(({ department }) => department === party);
  if (!roster) return undefined;
  const key = normaliseEmail(email);
  return votersOf(roster).find((person) => normaliseEmail(person.email) === key)?.name;
}

/** The same mailbox is the same person, however its letters are cased. */
export function normaliseEmail(email: string): string {
  assert(typeof email === "string", "a person is named by an email address");
  return email.trim().toLowerCase();
}
