/**
 * Whether every vote that a rule asks for can be given: on each day that the charter is in force, with
 * everyone here and with the owner away.
 *
 * Who may vote changes only where somebody's term begins or ends, so the days between two such changes
 * are looked at once. A person with a seat in two parties votes for neither. A loop that only advises,
 * or an owner who breaks the glass, asks every party; that must be possible as well.
 */
import { canonicalJson } from "../../../std/canonical-json.ts";
import type { Day } from "../../../std/time.ts";
import { listWords, quote } from "../../problem.ts";
import { distinctPeople, inTerm, membersOf, normaliseEmail, peopleOf, votersOf } from "../seat.ts";
import type { Charter, Party, Person, VoteRequirement } from "../types.ts";
import { EVERY_PARTY_VOTE } from "../verdict.ts";
import type { GapFinding } from "./finding.ts";

/** One way of asking a party, and the rules that ask so. */
export type Asked = {
  readonly vote: VoteRequirement;
  readonly rules: ReadonlyArray<string>;
  /** Of the first of them. */
  readonly path: string;
};

/** `reached` says which rules can decide at all; the others ask nobody. */
export function listAsked(
  { rules }: Charter,
  reached: ReadonlyArray<boolean>,
): ReadonlyArray<Asked> {
  const byTerms = new Map<string, Asked>();
  for (const [i, { name, then }] of rules.entries()) {
    if (then.kind !== "approve" || reached[i] === false) continue;
    for (const [j, vote] of then.votes.entries()) {
      const key = canonicalJson(vote);
      const known = byTerms.get(key);
      const path = known?.path ?? `/rules/${i}/then/votes/${j}`;
      byTerms.set(key, { vote, path, rules: [...(known?.rules ?? []), name] });
    }
  }
  return [...byTerms.values()];
}

export function findApproverGaps(
  charter: Charter,
  asked: ReadonlyArray<Asked>,
): ReadonlyArray<GapFinding> {
  const findings = asked.flatMap((one) => findTooFew(charter, one));
  const everyone = charter.parties.flatMap(({ department }, i) => {
    // What a rule's own vote has shown already need not be said twice.
    const isKnown = asked.some(
      ({ vote, path }) => vote.party === department && findings.some((one) => one.path === path),
    );
    if (isKnown) return [];
    const vote = { party: department, ...EVERY_PARTY_VOTE };
    return findTooFew(charter, { vote, rules: [], path: `/parties/${i}` });
  });
  return [...findBothSides(charter), ...findings, ...everyone];
}

function findBothSides(charter: Charter): ReadonlyArray<GapFinding> {
  const findings: GapFinding[] = [];
  for (const [i, party] of charter.parties.entries()) {
    for (const earlier of charter.parties.slice(0, i)) {
      const others = new Set(membersOf(earlier).map(({ email }) => normaliseEmail(email)));
      for (const { name } of membersOf(party).filter((one) =>
        others.has(normaliseEmail(one.email)),
      )) {
        findings.push({
          kind: "approver",
          severity: "error",
          path: `/parties/${i}`,
          message: `${quote(name)} stands for both ${earlier.department} and ${party.department}`,
          help: "each side needs people of its own; who sits on both sides may vote for neither",
          rules: [],
        });
      }
    }
  }
  return findings;
}

/** Days on which the same people are in term. */
type Term = { readonly from: Day; readonly until: Day };

function findTooFew(charter: Charter, { vote, rules, path }: Asked): ReadonlyArray<GapFinding> {
  const party = charter.parties.find(({ department }) => department === vote.party);
  const asks = rules.length > 1 ? "ask" : "asks";
  const who = rules.length === 0 ? "a loop that only advises" : listWords(rules.map(quote), "and");
  const find = (severity: GapFinding["severity"], message: string, help: string): GapFinding => ({
    kind: "approver",
    severity,
    path,
    message,
    help,
    rules,
  });
  if (party === undefined) {
    return [
      find("error", `${who} ${asks} ${quote(vote.party)}, which is no party`, "name a party"),
    ];
  }
  const seats = `the seats asked are ${listWords(vote.from, "and")}`;
  const help = `${seats}; name more people, longer terms, or fewer votes`;
  const voters = votersOf(party, vote).filter((person) => !isOnOtherSide(charter, party, person));
  const asked = seatedIn(party, vote).filter((person) => !isOnOtherSide(charter, party, person));
  const owner = normaliseEmail(party.owner.email);
  const terms = listTerms(charter, [...voters, ...asked]);
  const here = (people: ReadonlyArray<Person>, { from }: Term): ReadonlyArray<Person> =>
    people.filter((person) => inTerm(person, from));
  const isShort = (term: Term): boolean => here(voters, term).length < vote.quorum;
  const isShortWithoutOwner = (term: Term): boolean =>
    here(voters, term).filter(({ email }) => normaliseEmail(email) !== owner).length < vote.quorum;
  const needs = vote.quorum === 1 ? "a vote" : `${vote.quorum} votes`;
  const say = (term: Term): string => {
    const parts = terms.filter(({ from, until }) => from < term.until && term.from < until);
    const least = Math.min(...parts.map((part) => here(voters, part).length));
    return least === 0 ? "nobody may give it" : `only ${least} may vote`;
  };
  const short = merge(terms.filter(isShort)).map((term) => {
    const message = `${who} ${asks} ${vote.party} for ${needs}, and ${say(term)}`;
    return find("error", `${message}${during(charter, term)}`, help);
  });
  const shortWithoutOwner = terms.filter((term) => !isShort(term) && isShortWithoutOwner(term));
  const away = merge(shortWithoutOwner).map((term) => {
    const message = `while the owner of ${vote.party} is away, ${needs} that ${who} ${asks} for cannot be given`;
    const advice = party.deputies.length === 0 ? "name a deputy who can stand in" : help;
    return find("error", `${message}${during(charter, term)}`, advice);
  });
  const unseated = terms.filter((term) => !isShort(term) && here(asked, term).length === 0);
  const unasked = merge(unseated).map((term) => {
    const seated = `${listWords(vote.from, "and")} of ${vote.party}`;
    const message = `nobody of ${seated}, whom ${who} ${asks} first, is in term`;
    return find(
      "warning",
      `${message}${during(charter, term)}`,
      "name somebody, or ask another seat",
    );
  });
  return [...short, ...away, ...unasked];
}

function seatedIn(party: Party, vote: VoteRequirement): ReadonlyArray<Person> {
  return distinctPeople(vote.from.flatMap((seat) => peopleOf(party, seat) ?? []));
}

function isOnOtherSide({ parties }: Charter, party: Party, { email }: Person): boolean {
  const key = normaliseEmail(email);
  return parties.some(
    (other) =>
      other.department !== party.department &&
      membersOf(other).some((member) => normaliseEmail(member.email) === key),
  );
}

/** The time in force, cut wherever one of these people comes or goes. */
export function listTerms(
  { effective }: Charter,
  people: ReadonlyArray<Person>,
): ReadonlyArray<Term> {
  const changes = people
    .flatMap(({ from, until }) => [from, until])
    .filter((day) => day !== undefined && day > effective.from && day < effective.until);
  const days = [...new Set([effective.from, ...changes])].filter((day) => day !== undefined).sort();
  return days.map((from, i) => ({ from, until: days[i + 1] ?? effective.until }));
}

function merge(terms: ReadonlyArray<Term>): ReadonlyArray<Term> {
  const merged: Term[] = [];
  for (const term of terms) {
    const last = merged.at(-1);
    if (last?.until === term.from) {
      merged[merged.length - 1] = { from: last.from, until: term.until };
    } else merged.push(term);
  }
  return merged;
}

/** Nothing when it is always so. */
export function during({ effective }: Charter, { from, until }: Term): string {
  if (from === effective.from && until === effective.until) return "";
  return ` from ${from} until ${until}`;
}
