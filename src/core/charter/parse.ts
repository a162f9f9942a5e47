/**
 * From any value to a charter that can be signed and enforced, or every reason why not.
 *
 * Beyond the shape: names refer to something, ranges hold something, votes can be cast by someone,
 * silence has a stated result that is never "allow". Whether the rules are wise, reachable and without
 * gaps is `lint.ts`'s question; whether the charter is in force is asked at each verdict.
 */
import { type Hash, hashJson } from "../../std/hash.ts";
import { isInstant } from "../../std/time.ts";
import { DOCUMENT_LIMITS } from "../contract/parse.ts";
import type { Problem } from "../contract/types.ts";
import { InvalidDocumentError } from "../document.ts";
import { toPlainJson } from "../plain.ts";
import { listWords, problem, type ProblemKind, quote, suggestion } from "../problem.ts";
import { compileSchema, type SchemaCheck } from "../schema.ts";
import { CHARTER_SCHEMA } from "./meta-schema.ts";
import type { Charter, Party, Range, RuleConditions, VoteRequirement } from "./types.ts";
import { votersOf } from "./votes.ts";

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
    const { rules, notify, guardrails, effective } = this.#charter;
    this.#findRepeats(this.#departments, (i) => `/parties/${i}/department`, "the party");
    for (const [i, target] of notify.entries()) {
      this.#checkParty(target.department, `/notify/${i}/department`);
    }
    this.#findRepeats(
      rules.map(({ name }) => name),
      (i) => `/rules/${i}/name`,
      "the rule",
    );
    for (const [i, rule] of rules.entries()) {
      this.#checkConditions(rule.when, `/rules/${i}/when`);
      this.#checkEffect(i);
    }
    for (const [i, freeze] of guardrails.freezes.entries()) {
      this.#checkWindow(freeze, `/guardrails/freezes/${i}`);
    }
    this.#checkWindow(effective, "/effective");
    if (guardrails.actionsPerWeek < guardrails.actionsPerDay) {
      const message = `${guardrails.actionsPerWeek} actions a week is less than ${guardrails.actionsPerDay} a day`;
      this.#add("inconsistent", "/guardrails/actionsPerWeek", message);
    }
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

  #checkParty(name: string, path: string): Party | undefined {
    const party = this.#charter.parties.find(({ department }) => department === name);
    if (!party) {
      const near = suggestion(name, this.#departments);
      const help = `the parties are ${listWords(this.#departments, "and")}`;
      this.#add(
        "unknown-party",
        path,
        `${quote(name)} is not a party of this charter${near}`,
        help,
      );
    }
    return party;
  }

  #checkConditions(when: RuleConditions, path: string): void {
    const { options } = this.#charter;
    for (const [i, name] of (when.option ?? []).entries()) {
      if (options.includes(name)) continue;
      const message = `the charter's options do not have ${quote(name)}${suggestion(name, options)}`;
      const help = `the charter's options are ${listWords(options, "and")}`;
      this.#add("unknown-option", `${path}/option/${i}`, message, help);
    }
    for (const [name, condition] of Object.entries(when)) {
      if (typeof condition !== "object" || Array.isArray(condition)) continue;
      const { atLeast, below } = condition as Range;
      if ((atLeast ?? 0) < (below ?? Infinity)) continue;
      const message = `nothing is at least ${atLeast ?? 0} and below ${below}`;
      this.#add("empty-range", `${path}/${name}`, message);
    }
  }

  #checkEffect(index: number): void {
    const then = this.#charter.rules[index]?.then;
    const path = `/rules/${index}/then`;
    if (then?.kind !== "approve") {
      if (then !== undefined && "votes" in then) {
        this.#add(
          "unknown-field",
          `${path}/votes`,
          `a rule that says \`${then.kind}\` has no votes`,
        );
      }
      return;
    }
    if (!("votes" in then)) {
      this.#add("missing-field", `${path}/votes`, "a rule that says `approve` must say who votes");
      return;
    }
    this.#findRepeats(
      then.votes.map(({ party }) => party),
      (i) => `${path}/votes/${i}/party`,
      "the party",
    );
    for (const [i, vote] of then.votes.entries()) this.#checkVote(vote, `${path}/votes/${i}`);
  }

  #checkVote(vote: VoteRequirement, path: string): void {
    const party = this.#checkParty(vote.party, `${path}/party`);
    const voters = party === undefined ? Infinity : votersOf(party).length;
    if (vote.quorum > voters) {
      const message = `${vote.quorum} votes are asked of ${vote.party}, which has ${voters} voter(s)`;
      const help = "owner, deputies and approvers vote, each person once";
      this.#add("unknown-person", `${path}/quorum`, message, help);
    }
    if (vote.remindAfterHours >= vote.withinHours) {
      const message = `a reminder after ${vote.remindAfterHours} hours comes too late for ${vote.withinHours}`;
      this.#add("inconsistent", `${path}/remindAfterHours`, message);
    }
    if (vote.onTimeout === "escalate") {
      if (vote.escalateHours === undefined) {
        const message = "`escalate` must say how many hours the deputies have";
        this.#add("missing-field", `${path}/escalateHours`, message);
      }
      if (party?.deputies.length === 0) {
        const message = `${vote.party} has no deputies to escalate to`;
        this.#add("unknown-person", `${path}/onTimeout`, message);
      }
    } else if (vote.escalateHours !== undefined) {
      const message = `escalateHours means nothing when silence means \`${vote.onTimeout}\``;
      this.#add("unknown-field", `${path}/escalateHours`, message);
    }
  }

  #checkWindow(window: { readonly from: string; readonly until: string }, path: string): void {
    let readable = true;
    for (const end of ["from", "until"] as const) {
      if (isInstant(window[end])) continue;
      readable = false;
      this.#add("wrong-format", `${path}/${end}`, `${quote(window[end])} is not an instant`);
    }
    if (readable && window.from >= window.until) {
      this.#add("empty-range", path, `it ends at ${window.until}, not after it begins`);
    }
  }
}
