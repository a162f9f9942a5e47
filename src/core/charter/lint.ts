/**
 * What is allowed in a charter and still should make its signers stop and read again.
 *
 * Decided exactly: which rules can never decide, which options no rule ever covers, and one example of
 * a proposal that falls between the rules. Not decided here: the full list of such gaps, and whether
 * the figures are good ones. A gap is safe (it is forbidden) but is a decision nobody wrote down.
 */
import { moneyToText } from "../../std/money.ts";
import { DAY_MS, diffMs, type Instant } from "../../std/time.ts";
import type { Contract } from "../contract/types.ts";
import { type Finding, listWords, quote } from "../problem.ts";
import { AXES, CELLS_MAX, computeReach, containsRule, type Point } from "./table.ts";
import type { Charter, Rule } from "./types.ts";
import { normaliseEmail, votersOf } from "./votes.ts";

/** A charter that ends sooner than this should be renewed now. */
export const EXPIRY_NOTICE_DAYS = 30;

/** `contract` adds the checks between the two documents, `now` those about time. */
export function lintCharter(
  charter: Charter,
  contract?: Contract,
  now?: Instant,
): ReadonlyArray<Finding> {
  return [
    ...lintPeople(charter),
    ...lintRules(charter),
    ...lintReach(charter, contract),
    ...lintGuardrails(charter),
    ...(contract === undefined ? [] : lintAgainstContract(charter, contract)),
    ...(now === undefined ? [] : lintTime(charter, now)),
  ];
}

type Severity = Finding["severity"];

function finding(severity: Severity, path: string, message: string, help: string): Finding {
  return { severity, path, message, help };
}

function lintPeople(charter: Charter): Finding[] {
  const findings: Finding[] = [];
  const sides = new Map<string, string>();
  for (const [i, party] of charter.parties.entries()) {
    const { department } = party;
    for (const { email, name } of votersOf(party)) {
      const other = sides.get(normaliseEmail(email));
      if (other !== undefined && other !== department) {
        const message = `${quote(name)} stands for both ${other} and ${department}`;
        const help = "each side needs people of its own, or one person agrees with themselves";
        findings.push(finding("error", `/parties/${i}`, message, help));
      }
      sides.set(normaliseEmail(email), department);
    }
    if (party.deputies.length === 0) {
      const message = `${department} has no deputy`;
      const help = "name someone who answers when the owner is away";
      findings.push(finding("advice", `/parties/${i}/deputies`, message, help));
    }
    if (!charter.notify.some((target) => target.department === department)) {
      const message = `${department} is told nothing of what is done`;
      const help = "add an address of each department; both are always told";
      findings.push(finding("error", "/notify", message, help));
    }
  }
  return findings;
}

/** Rules that let things run by themselves too easily. */
function lintRules(charter: Charter): Finding[] {
  const findings: Finding[] = [];
  for (const [i, { name, when, then }] of charter.rules.entries()) {
    if (then.kind !== "auto") continue;
    const add = (severity: Severity, field: string, message: string, help: string): void => {
      findings.push(finding(severity, `/rules/${i}/when/${field}`, `\`${name}\` ${message}`, help));
    };
    if (when.valueAtStakeMinor?.below === undefined) {
      add("warning", "valueAtStakeMinor", "acts by itself whatever is at stake", "set `below`");
    }
    if (when.reversible !== true) {
      const help = "add `reversible: true`";
      add("warning", "reversible", "acts by itself even where it cannot be undone", help);
    }
    if (when.confidence?.atLeast === undefined) {
      const help = "add `confidence: { atLeast: ... }`, or accept the contract's threshold";
      add("advice", "confidence", "acts by itself at any confidence that may act", help);
    }
    if (
      when.shareOfOrders?.below === undefined &&
      when.shareOfSpend?.below === undefined &&
      when.subjects?.below === undefined
    ) {
      const help = "bound subjects, shareOfOrders or shareOfSpend";
      add("warning", "shareOfOrders", "acts by itself however much it touches", help);
    }
  }
  return findings;
}

function lintReach(charter: Charter, contract?: Contract): Finding[] {
  const reach = computeReach(charter, contract);
  if (reach === undefined) {
    const message = `the rules have more than ${CELLS_MAX} combinations; only pairs were compared`;
    const help = "use the same few bounds in all rules";
    return [finding("advice", "/rules", message, help), ...lintPairs(charter)];
  }
  const findings: Finding[] = [];
  for (const [i, rule] of charter.rules.entries()) {
    if (reach.some(({ reached }) => reached.has(i))) continue;
    findings.push(unreachable(charter, rule, i));
  }
  for (const [i, { option, reached, gap }] of reach.entries()) {
    const path = `/options/${i}`;
    if (reached.size === 0) {
      const message = `no rule covers ${quote(option)}, so it is always forbidden`;
      findings.push(finding("warning", path, message, "write a rule for it, or take it out"));
    } else if (gap !== undefined) {
      const message = `no rule covers every ${quote(option)}: none holds at ${describePoint(charter, gap)}`;
      const help = "it is forbidden there; say so in a rule, so that it is a decision";
      findings.push(finding("advice", path, message, help));
    }
  }
  return findings;
}

function lintPairs(charter: Charter): Finding[] {
  return charter.rules.flatMap((rule, i) =>
    charter.rules.slice(0, i).some((earlier) => containsRule(earlier.when, rule.when))
      ? [unreachable(charter, rule, i)]
      : [],
  );
}

function unreachable(charter: Charter, rule: Rule, index: number): Finding {
  const cover = charter.rules.slice(0, index).find((r) => containsRule(r.when, rule.when));
  const message = cover
    ? `\`${rule.name}\` can never decide: \`${cover.name}\` always decides before it`
    : `\`${rule.name}\` can never decide: earlier rules or the limits leave nothing for it`;
  const help = "the first rule that fits decides; move it up, narrow the others, or take it out";
  return finding("warning", `/rules/${index}`, message, help);
}

function describePoint(charter: Charter, point: Point): string {
  const used = AXES.filter((axis) => charter.rules.some(({ when }) => when[axis] !== undefined));
  const words = used.map((axis) =>
    axis === "valueAtStakeMinor"
      ? `value at stake ${moneyToText({ amountMinor: point[axis], currency: charter.currency })}`
      : `${axis} ${point[axis]}`,
  );
  if (charter.rules.some(({ when }) => when.reversible !== undefined)) {
    words.push(point.reversible ? "reversible" : "not reversible");
  }
  return listWords(words, "and");
}

function lintGuardrails({ guardrails, outcome }: Charter): Finding[] {
  const findings: Finding[] = [];
  for (const field of ["actionsPerDay", "actionsPerWeek", "valuePerDayMinor"] as const) {
    if (guardrails[field] > 0) continue;
    const help = "set it above 0, or pause the loop instead";
    findings.push(finding("warning", `/guardrails/${field}`, "it forbids every action", help));
  }
  if (guardrails.coolDownDays < outcome.maturityDays) {
    const message =
      `a place may be acted on again after ${guardrails.coolDownDays} days, but the effect is ` +
      `read after ${outcome.maturityDays}`;
    const help = "make coolDownDays at least outcome.maturityDays, or effects blur into each other";
    findings.push(finding("warning", "/guardrails/coolDownDays", message, help));
  }
  return findings;
}

function lintAgainstContract(charter: Charter, contract: Contract): Finding[] {
  const findings: Finding[] = [];
  const departments = charter.parties.map(({ department }) => department);
  for (const { department } of [contract.sender, contract.receiver]) {
    if (departments.includes(department)) continue;
    const message = `${department} is an end of the contract but not a party`;
    findings.push(finding("error", "/parties", message, "both departments own the charter"));
  }
  const names = contract.options.map(({ name }) => name);
  for (const [i, name] of charter.options.entries()) {
    const option = contract.options.find((o) => o.name === name);
    if (!option) {
      const message = `${quote(name)} is not an option of contract ${contract.name} ${contract.version}`;
      const help = `the contract's options are ${listWords(names, "and")}`;
      findings.push(finding("error", `/options/${i}`, message, help));
    } else if (option.kind !== "act") {
      const message = `${quote(name)} changes nothing outside, so there is nothing to govern`;
      findings.push(finding("warning", `/options/${i}`, message, "take it out"));
    }
  }
  for (const { name, kind } of contract.options) {
    if (kind !== "act" || charter.options.includes(name)) continue;
    const message = `the contract's option ${quote(name)} is not covered, so it is always forbidden`;
    findings.push(finding("warning", "/options", message, "add it, with a rule of its own"));
  }
  for (const [i, { then }] of charter.rules.entries()) {
    if (then.kind !== "approve") continue;
    for (const [j, vote] of then.votes.entries()) {
      const longest = vote.withinHours + (vote.escalateHours ?? 0);
      if (longest <= contract.expiry.afterHours) continue;
      const message = `${vote.party} has ${longest} hours, but a signal ends after ${contract.expiry.afterHours}`;
      const help = "a vote that comes after the signal's end decides nothing";
      findings.push(finding("warning", `/rules/${i}/then/votes/${j}`, message, help));
    }
  }
  return findings;
}

function lintTime(charter: Charter, now: Instant): Finding[] {
  const findings: Finding[] = [];
  const { from, until } = charter.effective;
  const daysLeft = diffMs(until, now) / DAY_MS;
  if (daysLeft <= 0) {
    const help = "sign a new version; until then everything is forbidden";
    findings.push(finding("error", "/effective/until", `the charter ended at ${until}`, help));
  } else if (daysLeft < EXPIRY_NOTICE_DAYS) {
    const message = `the charter ends in ${Math.ceil(daysLeft)} days`;
    findings.push(finding("warning", "/effective/until", message, "sign its next version now"));
  }
  if (now < from) {
    const message = `the charter is not in force before ${from}`;
    findings.push(
      finding("advice", "/effective/from", message, "until then everything is forbidden"),
    );
  }
  for (const [i, freeze] of charter.guardrails.freezes.entries()) {
    if (freeze.until > now) continue;
    const message = `the freeze until ${freeze.until} is over`;
    const help = "take it out at the next version, and put in the next one";
    findings.push(finding("advice", `/guardrails/freezes/${i}`, message, help));
  }
  return findings;
}
