/**
 * What is voted on in a case, what each party still owes, and who of it can still give it.
 *
 * Whether a vote counts is `charter/votes.ts`'s; here a case is read as a ballot.
 */
import type { Instant } from "../../std/time.ts";
import { findStandIn } from "../charter/delegation.ts";
import { distinctPeople, peopleOf, votersOf } from "../charter/seat.ts";
import type { Party, Person, VoteRequirement } from "../charter/types.ts";
import { type Ballot, findVoteRefusal, tallyVotes } from "../charter/votes.ts";
import type { Case, Terms } from "./types.ts";

/** Undefined where nothing is voted on. */
export function ballotOf(of: Case, { charter }: Terms): Ballot | undefined {
  const { verdict, digest } = of;
  if (verdict?.kind !== "approve" || digest === undefined) return undefined;
  // Whoever lifted a guardrail had a hand in what it let through.
  const glass = verdict.facts.glass === undefined ? [] : [verdict.facts.glass.person];
  return { charter, requirements: verdict.votes, digest, authors: [...of.authors, ...glass] };
}

/** What `party` owes by the votes so far; undefined when it is not asked or has answered. */
export function findOwed(of: Case, terms: Terms, party: string): VoteRequirement | undefined {
  const ballot = ballotOf(of, terms);
  const asked = ballot?.requirements.find((requirement) => requirement.party === party);
  if (ballot === undefined || asked === undefined) return undefined;
  const tally = tallyVotes({ ...ballot, requirements: [asked] }, of.votes);
  return tally.kind === "waiting" ? asked : undefined;
}

/**
 * Whom to ask now: of the seats whose turn it is, those whose vote would count, and for who is away
 * whoever stands in, where theirs would. Where it would be
 * nobody's, everyone of the party who can still vote; where nobody can, its owner, so that it is seen.
 */
export function listAsked(
  of: Case,
  terms: Terms,
  party: Party,
  at: Instant,
): ReadonlyArray<Person> {
  const ballot = ballotOf(of, terms);
  const asked = ballot?.requirements.find((one) => one.party === party.department);
  if (ballot === undefined || asked === undefined) return [party.owner];
  const { digest } = ballot;
  const canVote = ({ email }: Person): boolean => {
    const vote = { party: party.department, person: email, choice: "agree", reason: "" } as const;
    return findVoteRefusal(ballot, of.votes, { ...vote, digest, at }) === undefined;
  };
  const clock = of.clocks.find((one) => one.party === party.department);
  const seats = clock?.stages[clock.stage]?.seats ?? [];
  const seated = distinctPeople(seats.flatMap((seat) => peopleOf(party, seat) ?? []));
  const due = distinctPeople(
    seated.map((person) => {
      const standIn = findStandIn(of.delegations ?? [], party, person.email, at);
      return standIn !== undefined && canVote(standIn) ? standIn : person;
    }),
  ).filter(canVote);
  if (due.length > 0) return due;
  const others = votersOf(party, asked).filter(canVote);
  return others.length > 0 ? others : [party.owner];
}
