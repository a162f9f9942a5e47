/**
 * From any value to a charter that can be signed and enforced, or every reason why not.
 *
 * Beyond the shape: names refer to something, ranges hold something, votes can be cast by someone,
 * silence has a stated result that is never "allow". Whether the rules are wise, reachable and without
 * gaps is asked by `lint.ts` and `space/`; whether the charter is in force is asked at each verdict.
 */
import { type Hash, hashJson } from "../../std/hash.ts";
import { isTimeZone } from "../../std/zone.ts";
import { DOCUMENT_LIMITS } from "../contract/parse.ts";
import type { Problem } from "../contract/types.ts";
import { InvalidDocumentError } from "../document.ts";
import { toPlainJson } from "../plain.ts";
import { listWords, problem, type ProblemKind, quote, suggestion } from "../problem.ts";
import { compileSchema, type SchemaCheck } from "../schema.ts";
import { CHARTER_SCHEMA } from "./meta-schema.ts";
import { amountOf } from "./money-text.ts";
import { peopleOf, seatsOf, votersOf } from "./seat.ts";
import type {
  Charter,
  ClockTerms,
  Party,
  Person,
  RuleConditions,
  Seat,
  VoteRequirement,
  WeekWindow,
} from "./types.ts";

let checkShape: SchemaCheck | undefined;

/** Throws `InvalidDocumentError` (`document/invalid-shape`) with every problem. */
export function parseCharter(value: unknown): Charter {
  const result = checkCharter(value);
  if (result.kind === "invalid") throw new InvalidDocumentError("not a charter", result.problems);
  return result.charter;
}

export type CharterCheck =
  | { readonly kind: "valid"; readonly charter: Charter }
  | { readonly kind: "invalid"; readonly problems: ReadonlyArray<Problem> };

/** As `parseCharter`, for those who want to show problems rather than throw them. */
export function checkCharter(value: unknown): CharterCheck {
  const plain = toPlainJson(value, DOCUMENT_LIMITS, "charter");
  if (plain.kind === "refused") return { kind: "invalid", problems: plain.problems };
  checkShape ??= compileSchema(CHARTER_SCHEMA, "charter");
  const shape = checkShape(plain.value);
  if (shape.length > 0) return { kind: "invalid", problems: shape };
  const charter = plain.value as unknown as Charter;
  const problems = new Finder(charter).find();
  return problems.length > 0 ? { kind: "invalid", problems } : { kind: "valid", charter };
}

/** What both signatures, every verdict and every vote's digest are bound to. */
export function charterHash(charter: Charter): Hash {
  return hashJson(charter);
}

/** Collects problems over one charter of sound shape. */
class Finder {
  readonly #charter: Charter;
  readonly #problems: Problem[] = [];
  readonly #departments: ReadonlyArray<string>;

  constructor(charter: Charter) {
    this.#charter = charter;
    this.#departments = charter.parties.map(({ department }) => department);
  }

  find(): ReadonlyArray<Problem> {
    const { rules, notify, timeZone, rollback } = this.#charter;
    this.#checkZone(timeZone, "/timeZone");
    this.#findRepeats(this.#departments, (i) => `/parties/${i}/department`, "the party");
    for (const i of this.#charter.parties.keys()) this.#checkOwnParty(i);
    for (const [i, target] of notify.entries()) {
      this.#findParty(target.department, `/notify/${i}/department`);
    }
    for (const [i, name] of rollback.by.entries()) this.#findParty(name, `/rollback/by/${i}`);
    this.#findRepeats(
      rules.map(({ name }) => name),
      (i) => `/rules/${i}/name`,
      "the rule",
    );
    for (const [i, rule] of rules.entries()) {
      this.#checkConditions(rule.when, `/rules/${i}/when`);
      this.#checkEffect(i);
    }
    this.#checkGuardrails();
    this.#checkEffective();
    this.#checkPrecedence();
    return this.#problems;
  }

  #add(kind: ProblemKind, path: string, message: string, help?: string): void {
    this.#problems.push(problem("charter", kind, path, message, help));
  }

  #findRepeats(
    names: ReadonlyArray<string>,
    pathOf: (index: number) => string,
    what: string,
  ): void {
    for (const [i, name] of names.entries()) {
      if (names.indexOf(name) !== i) {
        this.#add("duplicate", pathOf(i), `${what} ${quote(name)} is there twice`);
      }
    }
  }

  #findParty(name: string, path: string): Party | undefined {
    const party = this.#charter.parties.find(({ department }) => department === name);
    if (!party) {
      const near = suggestion(name, this.#departments);
      const help = `the parties are ${listWords(this.#departments, "and")}`;
      const message = `${quote(name)} is not a party of this charter${near}`;
      this.#add("unknown-party", path, message, help);
    }
    return party;
  }

  #checkOwnParty(index: number): void {
    const party = this.#charter.parties[index];
    if (!party) return;
    const path = `/parties/${index}`;
    this.#checkTerm(party.owner, `${path}/owner`);
    for (const [i, person] of party.deputies.entries()) {
      this.#checkTerm(person, `${path}/deputies/${i}`);
    }
    for (const [name, people] of Object.entries(party.groups)) {
      if (name === "owner" || name === "deputies") {
        const message = `every party has the seat ${quote(name)} already`;
        this.#add("duplicate", `${path}/groups/${name}`, message, "give the group another name");
      }
      for (const [i, person] of people.entries()) {
        this.#checkTerm(person, `${path}/groups/${name}/${i}`);
      }
    }
    this.#checkZone(party.calendar.timeZone, `${path}/calendar/timeZone`);
    this.#checkWeek(party.calendar.open, `${path}/calendar/open`);
    this.#findRepeats(
      party.calendar.holidays.map(({ day }) => day),
      (i) => `${path}/calendar/holidays/${i}`,
      "the holiday",
    );
    this.#checkClock(party, party.clock, `${path}/clock`);
  }

  #checkTerm({ from, until }: Person, path: string): void {
    if (from !== undefined && until !== undefined && from >= until) {
      this.#add("empty-range", path, `the term ends on ${until}, not after it begins`);
    }
  }

  #checkZone(name: string, path: string): void {
    if (isTimeZone(name)) return;
    const help = "write an IANA name such as Asia/Kolkata or Europe/Berlin";
    this.#add("wrong-value", path, `${quote(name)} is not a time zone`, help);
  }

  #checkWeek(windows: ReadonlyArray<WeekWindow>, path: string): void {
    for (const [i, { from, until }] of windows.entries()) {
      if (from < until) continue;
      const help = "a shift over midnight is two windows, one until 24:00 and one from 00:00";
      this.#add("empty-range", `${path}/${i}`, `nothing is from ${from} to before ${until}`, help);
    }
  }

  #checkSeat(party: Party, seat: Seat, path: string): void {
    const people = peopleOf(party, seat);
    if (people === undefined) {
      const known = seatsOf(party);
      const message = `${party.department} has no seat ${quote(seat)}${suggestion(seat, known)}`;
      this.#add("unknown-person", path, message, `its seats are ${listWords(known, "and")}`);
    } else if (people.length === 0) {
      const message = `nobody sits in ${quote(seat)} of ${party.department}`;
      this.#add("unknown-person", path, message, "name somebody, or ask another seat");
    }
  }

  #checkClock(party: Party, clock: ClockTerms, path: string): void {
    const { remindAfterHours, answerWithinHours, escalate } = clock;
    if (remindAfterHours >= answerWithinHours) {
      const message = `a reminder after ${remindAfterHours} hours comes too late for ${answerWithinHours}`;
      this.#add("inconsistent", `${path}/remindAfterHours`, message);
    }
    for (const [i, { to }] of escalate.entries()) {
      this.#checkSeat(party, to, `${path}/escalate/${i}/to`);
    }
  }

  #checkConditions(when: RuleConditions, path: string): void {
    const { options } = this.#charter;
    for (const [i, name] of (when.option ?? []).entries()) {
      if (options.includes(name)) continue;
      const message = `the charter's options do not have ${quote(name)}${suggestion(name, options)}`;
      const help = `the charter's options are ${listWords(options, "and")}`;
      this.#add("unknown-option", `${path}/option/${i}`, message, help);
    }
    this.#checkWeek(when.time ?? [], `${path}/time`);
    const { valueAtStake, confidence, subjects, shareOfOrders, shareOfSpend } = when;
    for (const [name, range] of Object.entries({
      valueAtStake,
      confidence,
      subjects,
      shareOfOrders,
      shareOfSpend,
    })) {
      if (range === undefined) continue;
      const { atLeast, below } = range;
      const [low, high] = [readBound(atLeast) ?? 0, readBound(below) ?? Infinity];
      if (low < high) continue;
      const message = `nothing is at least ${atLeast ?? 0} and below ${below}`;
      this.#add("empty-range", `${path}/${name}`, message);
    }
  }

  #checkEffect(index: number): void {
    const rule = this.#charter.rules[index];
    if (!rule) return;
    const { then, accountable } = rule;
    const path = `/rules/${index}`;
    if (then.kind === "forbid") {
      if (accountable !== undefined) {
        const message = "a rule that says `forbid` lets nothing happen that anybody answers for";
        this.#add("unknown-field", `${path}/accountable`, message);
      }
    } else if (accountable === undefined) {
      const message = `a rule that says \`${then.kind}\` must say which party answers for it`;
      this.#add("missing-field", `${path}/accountable`, message);
    } else this.#findParty(accountable, `${path}/accountable`);
    if (then.kind !== "approve") {
      if ("votes" in then) {
        const message = `a rule that says \`${then.kind}\` has no votes`;
        this.#add("unknown-field", `${path}/then/votes`, message);
      }
      return;
    }
    if (!("votes" in then)) {
      const message = "a rule that says `approve` must say who votes";
      this.#add("missing-field", `${path}/then/votes`, message);
      return;
    }
    this.#findRepeats(
      then.votes.map((vote) => vote.party),
      (i) => `${path}/then/votes/${i}/party`,
      "the party",
    );
    for (const [i, vote] of then.votes.entries()) this.#checkVote(vote, `${path}/then/votes/${i}`);
  }

  #checkVote(vote: VoteRequirement, path: string): void {
    const party = this.#findParty(vote.party, `${path}/party`);
    if (party === undefined) return;
    for (const [i, seat] of vote.from.entries()) this.#checkSeat(party, seat, `${path}/from/${i}`);
    if (vote.clock !== undefined) this.#checkClock(party, vote.clock, `${path}/clock`);
    const voters = votersOf(party, vote).length;
    if (vote.quorum > voters) {
      const message = `${vote.quorum} votes are asked of ${vote.party}, where ${voters} may vote`;
      const help =
        "the seats named in `from`, the deputies and those escalated to, each person once";
      this.#add("unknown-person", `${path}/quorum`, message, help);
    }
  }

  #checkGuardrails(): void {
    const { perDay, perWeek, freezes } = this.#charter.guardrails;
    const amounts = (caps: typeof perDay): ReadonlyArray<readonly [string, number]> => [
      ["actions", caps.actions],
      ["subjects", caps.subjects],
      ["value", amountOf(caps.value)],
    ];
    for (const [i, [name, aWeek]] of amounts(perWeek).entries()) {
      if (aWeek >= (amounts(perDay)[i]?.[1] ?? 0)) continue;
      const message = `less is allowed in a week than in a day`;
      this.#add("inconsistent", `/guardrails/perWeek/${name}`, message);
    }
    for (const [i, freeze] of freezes.entries()) {
      if (freeze.from < freeze.until) continue;
      const message = `it ends on ${freeze.until}, not after it begins`;
      this.#add("empty-range", `/guardrails/freezes/${i}`, message);
    }
  }

  #checkEffective(): void {
    const { from, review, until } = this.#charter.effective;
    if (from >= until) {
      this.#add("empty-range", "/effective", `it ends on ${until}, not after it begins`);
    } else if (review < from || review > until) {
      const message = `the review on ${review} is not while the charter is in force`;
      this.#add("out-of-range", "/effective/review", message);
    }
  }

  #checkPrecedence(): void {
    const { loop, precedence } = this.#charter;
    const { over = [], yieldsTo = [] } = precedence ?? {};
    for (const [field, names] of Object.entries({ over, yieldsTo })) {
      for (const [i, name] of names.entries()) {
        if (name !== loop) continue;
        const message = "a loop has no precedence against itself";
        this.#add("inconsistent", `/precedence/${field}/${i}`, message);
      }
    }
    for (const [i, name] of over.entries()) {
      if (!yieldsTo.includes(name)) continue;
      const message = `${quote(name)} cannot both come first and come after`;
      this.#add("inconsistent", `/precedence/over/${i}`, message);
    }
  }
}

/** A bound as a number; money in minor units. */
function readBound(bound: number | string | undefined): number | undefined {
  return typeof bound === "string" ? amountOf(bound) : bound;
}
