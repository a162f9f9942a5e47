/**
 * Who is asked while somebody is away: a note on the door that sends visitors to the deputy.
 *
 * The charter names its deputies, and they may vote for their side already. A delegation changes who is
 * asked, never who may vote: it goes only to somebody whom the charter of that party calls a deputy, in term,
 * with no seat on another side. Whoever went away may still vote; nobody else gains a vote by it. It ends by
 * itself. Whoever had a hand in the proposal does not stand in for its approver, and a deputy who is away as
 * well stands in for nobody: then the question stays where the charter puts it.
 */
import { DAY_MS, diffMs, type Instant } from "../../std/time.ts";
import { dayIn } from "../../std/zone.ts";
import { listWords } from "../problem.ts";
import { inTerm, membersOf, normaliseEmail } from "./seat.ts";
import type { Charter, Party, Person } from "./types.ts";

export const DELEGATION_DAYS_MAX = 90;

export type Delegation = {
  readonly party: string;
  /** Who is asked otherwise, and who is asked instead; by address, as in the charter. */
  readonly person: string;
  readonly to: string;
  readonly until: Instant;
};

export type DelegationRefusal = {
  readonly code:
    | "delegation/not-entitled"
    | "delegation/not-a-deputy"
    | "delegation/both-sides"
    | "delegation/deputy-away"
    | "delegation/bad-until";
  readonly words: string;
  readonly help?: string;
};

/** Why it may not stand, or undefined. `others` are the delegations in force. */
export function findDelegationRefusal(
  charter: Charter,
  wanted: Delegation,
  at: Instant,
  others: ReadonlyArray<Delegation>,
): DelegationRefusal | undefined {
  const party = charter.parties.find(({ department }) => department === wanted.party);
  const today = dayIn(at, charter.timeZone);
  const { person, to, until } = wanted;
  const seated = party && membersOf(party).find((one) => isSame(one.email, person));
  if (party === undefined || seated === undefined || !inTerm(seated, today)) {
    const words = `${person} has no seat in ${wanted.party} today`;
    return { code: "delegation/not-entitled", words };
  }
  if (!(until > at) || diffMs(until, at) > DELEGATION_DAYS_MAX * DAY_MS) {
    return {
      code: "delegation/bad-until",
      words: `it would not end after now and within ${DELEGATION_DAYS_MAX} days`,
      help: "name the day on which you are back, 2026-12-05",
    };
  }
  const deputies = listDeputies(charter, party, person, at);
  if (!deputies.some(({ email }) => isSame(email, to))) {
    const isElsewhere = charter.parties.some(
      (one) => one !== party && membersOf(one).some(({ email }) => isSame(email, to)),
    );
    return {
      code: isElsewhere ? "delegation/both-sides" : "delegation/not-a-deputy",
      words: isElsewhere
        ? `${to} has a seat on another side, and the two sides stay two people`
        : `${to} is no deputy of ${party.department} by the charter in force`,
      help: deputiesToText(party, deputies),
    };
  }
  const away = others.find((other) => isSame(other.person, to) && other.until > at);
  if (away !== undefined) {
    return {
      code: "delegation/deputy-away",
      words: `${to} is away as well, until ${away.until}`,
      help: deputiesToText(party, deputies),
    };
  }
  return undefined;
}

/** Whom this person may name: deputies of the party in term, but for themselves and who sits on both sides. */
export function listDeputies(
  { parties, timeZone }: Charter,
  party: Party,
  person: string,
  at: Instant,
): ReadonlyArray<Person> {
  const today = dayIn(at, timeZone);
  const elsewhere = parties.filter((one) => one !== party).flatMap(membersOf);
  return party.deputies.filter(
    (deputy) =>
      inTerm(deputy, today) &&
      !isSame(deputy.email, person) &&
      !elsewhere.some(({ email }) => isSame(email, deputy.email)),
  );
}

function deputiesToText({ department }: Party, deputies: ReadonlyArray<Person>): string {
  const names = deputies.map(({ email }) => email);
  return names.length === 0
    ? `${department} has no other deputy; the charter escalates by itself as it says`
    : `you may name ${listWords(names, "or")}`;
}

/** Who is asked at that moment instead of this person; undefined where nobody is. */
export function findStandIn(
  delegations: ReadonlyArray<Delegation>,
  party: Party,
  person: string,
  at: Instant,
): Person | undefined {
  const inForce = delegations.filter((one) => one.party === party.department && at < one.until);
  // The newest counts.
  const found = inForce.findLast((one) => isSame(one.person, person));
  if (found === undefined || inForce.some((one) => isSame(one.person, found.to))) return undefined;
  return party.deputies.find(({ email }) => isSame(email, found.to));
}

function isSame(a: string, b: string): boolean {
  return normaliseEmail(a) === normaliseEmail(b);
}
