/**
 * Counting votes: one from EACH side that the verdict names, never any two people.
 *
 * AND across the named parties, quorum within one. A vote counts when its person may answer for the
 * party it is cast for and is in term on that day, when it is bound to the digest of this very action,
 * when they had no hand in the proposal and no seat on another side, and when they have not counted
 * already, in whatever role. Agents are on no roster. One rejection by anyone of a named party closes
 * the matter, whatever the others said and whenever it came; so the result of rejections does not
 * depend on the order of votes.
 *
 * INVARIANT (no-ungoverned-action): no requirement, no agreement. An empty list of requirements waits
 * for ever rather than agreeing with itself.
 */
import type { Instant } from "../../std/time.ts";
import { dayIn } from "../../std/zone.ts";
import { inTerm, membersOf, normaliseEmail, votersOf } from "./seat.ts";
import type { Charter, Person, VoteRequirement } from "./types.ts";

export type CastVote = {
  readonly party: string;
  /** Email address of the person, as in the charter. */
  readonly person: string;
  readonly choice: "agree" | "reject";
  readonly reason: string;
  /** Of the resolved action that the person was shown. */
  readonly digest: string;
  readonly at: Instant;
};

/** What is voted on, and who has no say in it. */
export type Ballot = {
  readonly charter: Charter;
  readonly requirements: ReadonlyArray<VoteRequirement>;
  readonly digest: string;
  /** Emails of those who had a hand in the proposal. */
  readonly authors: ReadonlyArray<string>;
};

export type Tally =
  | {
      readonly kind: "waiting";
      readonly for: ReadonlyArray<{ readonly party: string; readonly missing: number }>;
    }
  | { readonly kind: "agreed" }
  | { readonly kind: "rejected"; readonly by: string; readonly reason: string };

/** Votes are taken in the order given; those that do not count are passed over. */
export function tallyVotes(ballot: Ballot, votes: ReadonlyArray<CastVote>): Tally {
  const agreed = new Map<string, number>();
  const counted: CastVote[] = [];
  for (const vote of votes) {
    if (findVoteRefusal(ballot, counted, vote) !== undefined) continue;
    if (vote.choice === "reject") {
      const name = findVoter(ballot, vote)?.name ?? vote.person;
      const reason = vote.reason.trim() === "" ? "no reason given" : vote.reason;
      return { kind: "rejected", by: `${name} (${vote.party})`, reason };
    }
    counted.push(vote);
    agreed.set(vote.party, (agreed.get(vote.party) ?? 0) + 1);
  }
  const missing = ballot.requirements
    .map(({ party, quorum }) => ({ party, missing: quorum - (agreed.get(party) ?? 0) }))
    .filter((waiting) => !(waiting.missing <= 0));
  if (ballot.requirements.length > 0 && missing.length === 0) return { kind: "agreed" };
  return { kind: "waiting", for: missing };
}

export type VoteRefusal = {
  readonly code:
    | "vote/not-asked"
    | "vote/not-entitled"
    | "vote/out-of-term"
    | "vote/both-sides"
    | "vote/self-approval"
    | "vote/other-action"
    | "vote/already-cast"
    | "vote/party-answered";
  readonly words: string;
};

/**
 * Why this vote does not count, or undefined when it does. `earlier` are the agreements that count. Also
 * asked where votes come in, so that a person is told at once.
 */
export function findVoteRefusal(
  ballot: Ballot,
  earlier: ReadonlyArray<CastVote>,
  vote: CastVote,
): VoteRefusal | undefined {
  const { charter, requirements, digest, authors } = ballot;
  const { party } = vote;
  const person = normaliseEmail(vote.person);
  const refuse = (code: VoteRefusal["code"], words: string): VoteRefusal => ({ code, words });
  if (!requirements.some((asked) => asked.party === party)) {
    return refuse("vote/not-asked", `${party} is not asked for a vote on this case`);
  }
  const voter = findVoter(ballot, vote);
  if (voter === undefined) {
    return refuse("vote/not-entitled", `${vote.person} may not vote for ${party} on this case`);
  }
  if (!inTerm(voter, dayIn(vote.at, charter.timeZone))) {
    const words = `${voter.name} speaks for ${party} ${describeTerm(voter)}, not on that day`;
    return refuse("vote/out-of-term", words);
  }
  const other = charter.parties.find(
    (one) => one.department !== party && isAmong(person, membersOf(one)),
  );
  if (other !== undefined) {
    const words = `${voter.name} has a seat in ${other.department} as well as in ${party}`;
    return refuse("vote/both-sides", words);
  }
  if (authors.some((author) => normaliseEmail(author) === person)) {
    const words = `${voter.name} had a hand in what is voted on, and nobody approves their own`;
    return refuse("vote/self-approval", words);
  }
  if (vote.digest !== digest) {
    const words =
      "the action has changed since it was shown, or it is another one; look at it again";
    return refuse("vote/other-action", words);
  }
  const before = earlier.find(
    (one) => one.digest === digest && normaliseEmail(one.person) === person,
  );
  if (before !== undefined && vote.choice !== "reject") {
    return refuse("vote/already-cast", `${voter.name} has already voted; one person counts once`);
  }
  const quorum = requirements.find((asked) => asked.party === party)?.quorum ?? 0;
  const ofParty = earlier.filter(
    (one) => one.party === party && one.digest === digest && one.choice === "agree",
  );
  if (ofParty.length >= quorum && vote.choice !== "reject") {
    const words = `${party} has given its ${quorum === 1 ? "vote" : `${quorum} votes`}; another adds nothing`;
    return refuse("vote/party-answered", words);
  }
  return undefined;
}

function findVoter({ charter, requirements }: Ballot, vote: CastVote): Person | undefined {
  const party = charter.parties.find(({ department }) => department === vote.party);
  const asked = requirements.find((requirement) => requirement.party === vote.party);
  if (party === undefined || asked === undefined) return undefined;
  const key = normaliseEmail(vote.person);
  return votersOf(party, asked).find(({ email }) => normaliseEmail(email) === key);
}

function isAmong(person: string, people: ReadonlyArray<Person>): boolean {
  return people.some(({ email }) => normaliseEmail(email) === person);
}

function describeTerm({ from, until }: Person): string {
  if (from !== undefined && until !== undefined) return `from ${from} until ${until}`;
  return until === undefined ? `from ${from ?? "the first"}` : `until ${until}`;
}
