/**
 * Who sits where: a party's owner, its deputies, its groups, and which of them are in term on a day.
 *
 * A seat is a word of the document (`owner`, `deputies`, a group's name); people change, seats stay.
 */
import { assert } from "../../std/assert.ts";
import type { Day } from "../../std/time.ts";
import type { ClockTerms, Party, Person, Seat, VoteRequirement } from "./types.ts";

/** Seats that every party has. */
export const STANDING_SEATS = ["owner", "deputies"] as const;

/** Undefined when the party has no seat of that name. */
export function peopleOf(party: Party, seat: Seat): ReadonlyArray<Person> | undefined {
  if (seat === "owner") return [party.owner];
  if (seat === "deputies") return party.deputies;
  return Object.hasOwn(party.groups, seat) ? party.groups[seat] : undefined;
}

export function seatsOf(party: Party): ReadonlyArray<Seat> {
  return [...STANDING_SEATS, ...Object.keys(party.groups)];
}

/** Seats whose people may answer this vote, the first asked first. Deputies stand in for everybody. */
export function votingSeats(party: Party, vote: VoteRequirement): ReadonlyArray<Seat> {
  const later = clockTermsOf(party, vote).escalate.map(({ to }) => to);
  return [...new Set([...vote.from, "deputies", ...later])];
}

/** Everyone who may answer this vote, each once, those asked first before the others. */
export function votersOf(party: Party, vote: VoteRequirement): ReadonlyArray<Person> {
  return distinctPeople(votingSeats(party, vote).flatMap((seat) => peopleOf(party, seat) ?? []));
}

/** Everyone with a seat in the party, each once, the owner first. */
export function membersOf(party: Party): ReadonlyArray<Person> {
  return distinctPeople(seatsOf(party).flatMap((seat) => peopleOf(party, seat) ?? []));
}

/** The clock that a vote runs on: its own, or its party's. */
export function clockTermsOf(party: Party, vote: VoteRequirement): ClockTerms {
  return vote.clock ?? party.clock;
}

/** May this person speak on that day of the charter's time zone? */
export function inTerm({ from, until }: Person, day: Day): boolean {
  return (from === undefined || day >= from) && (until === undefined || day < until);
}

/** The same mailbox is the same person, however its letters are cased. */
export function normaliseEmail(email: string): string {
  assert(typeof email === "string", "a person is named by an email address");
  return email.trim().toLowerCase();
}

/** Of one person in two seats the term of the first counts. */
export function distinctPeople(people: ReadonlyArray<Person>): ReadonlyArray<Person> {
  const seen = new Set<string>();
  return people.filter(({ email }) => {
    const key = normaliseEmail(email);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
