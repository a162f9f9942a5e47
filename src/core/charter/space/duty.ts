/**
 * What stands around a decision: somebody who answers for it, an address on each side, one currency.
 */
import { listWords, quote } from "../../problem.ts";
import { readMoney } from "../money-text.ts";
import { inTerm } from "../seat.ts";
import type { Charter, MoneyText, NotifyEvent } from "../types.ts";
import { during, listTerms } from "./approver.ts";
import type { GapFinding } from "./finding.ts";

/** What each side must hear of; the rest it may leave out. */
const MUST_HEAR = [
  "acted",
  "not-acted",
  "outcome",
  "person-needed",
] as const satisfies ReadonlyArray<NotifyEvent>;

/** `reached` says which rules can decide at all. */
export function findUnaccountable(
  charter: Charter,
  reached: ReadonlyArray<boolean>,
): ReadonlyArray<GapFinding> {
  return charter.rules.flatMap(({ name, then, accountable }, i): ReadonlyArray<GapFinding> => {
    if (then.kind === "forbid" || reached[i] === false) return [];
    const find = (message: string, help: string): GapFinding => ({
      kind: "accountable",
      severity: "error",
      path: `/rules/${i}/accountable`,
      message: `\`${name}\` ${message}`,
      help,
      rules: [name],
    });
    const departments = charter.parties.map(({ department }) => department);
    const help = `the parties are ${listWords(departments, "and")}`;
    if (accountable === undefined)
      return [find("lets things happen that nobody answers for", help)];
    const party = charter.parties.find(({ department }) => department === accountable);
    if (party === undefined) {
      return [find(`says that ${quote(accountable)} answers for it, which is no party`, help)];
    }
    const findings = listTerms(charter, [party.owner])
      .filter(({ from }) => !inTerm(party.owner, from))
      .map((term) => {
        const owner = `${accountable} answers for it, whose owner ${quote(party.owner.name)}`;
        const message = `says that ${owner} is not in term${during(charter, term)}`;
        return find(
          message,
          "name the owner of that time in a next version, or end this one sooner",
        );
      });
    if (then.kind === "approve" && !then.votes.some((vote) => vote.party === accountable)) {
      const voting = listWords(
        then.votes.map((vote) => vote.party),
        "and",
      );
      const message = `says that ${accountable} answers for it, but only ${voting} votes`;
      const advice = "let the party that answers for it vote, or one that votes answer for it";
      return [...findings, find(message, advice)];
    }
    return findings;
  });
}

export function findUntold({ parties, notify }: Charter): ReadonlyArray<GapFinding> {
  return parties.flatMap(({ department }): ReadonlyArray<GapFinding> => {
    const targets = notify.filter((target) => target.department === department);
    const missing = MUST_HEAR.filter(
      (event) => !targets.some(({ on }) => on === undefined || on.includes(event)),
    );
    if (missing.length === 0) return [];
    const what =
      targets.length === 0
        ? "is told nothing of what is done"
        : `has no address that hears of ${listWords(missing.map(quote), "and")}`;
    return [
      {
        kind: "notify",
        severity: "error",
        path: "/notify",
        message: `${department} ${what}`,
        help: "add an address of each department; both are always told",
        rules: [],
      },
    ];
  });
}

export function findOtherCurrencies(charter: Charter): ReadonlyArray<GapFinding> {
  const { rules, guardrails, currency } = charter;
  const texts: Array<readonly [path: string, text: MoneyText | undefined, rule?: string]> = [];
  for (const [i, { name, when }] of rules.entries()) {
    const path = `/rules/${i}/when/valueAtStake`;
    texts.push([`${path}/atLeast`, when.valueAtStake?.atLeast, name]);
    texts.push([`${path}/below`, when.valueAtStake?.below, name]);
  }
  for (const span of ["perDay", "perWeek"] as const) {
    texts.push([`/guardrails/${span}/value`, guardrails[span].value]);
  }
  return texts.flatMap(([path, text, rule]): ReadonlyArray<GapFinding> => {
    if (text === undefined || readMoney(text).currency === currency) return [];
    return [
      {
        kind: "currency",
        severity: "error",
        path,
        message: `${quote(text)} is not in ${currency}, the charter's currency`,
        help: `write the amount in ${currency}; amounts are never converted`,
        rules: rule === undefined ? [] : [rule],
      },
    ];
  });
}
