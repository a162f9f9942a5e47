/**
 * What is allowed in a charter and still should make its signers stop and read again.
 *
 * First what `space/` decides exactly: whether every point has one rule, people who can vote in time,
 * somebody who answers and an address on both sides. Then cheap remarks on single fields.
 */
import { dayToNumber, type Instant } from "../../std/time.ts";
import { dayIn } from "../../std/zone.ts";
import type { Contract } from "../contract/types.ts";
import { type Finding, listWords, quote } from "../problem.ts";
import { amountOf } from "./money-text.ts";
import { findGaps } from "./space/gaps.ts";
import type { Charter } from "./types.ts";

/** A charter that ends sooner than this should be renewed now. */
export const EXPIRY_NOTICE_DAYS = 30;

/** `contract` adds the checks between the two documents, `now` those about time. */
export function lintCharter(
  charter: Charter,
  contract?: Contract,
  now?: Instant,
): ReadonlyArray<Finding> {
  return [
    ...findGaps(charter, contract).findings.map(({ severity, path, message, help }) =>
      finding(severity, path, message, help),
    ),
    ...lintRules(charter),
    ...lintGuardrails(charter),
    ...(contract === undefined ? [] : lintAgainstContract(charter, contract)),
    ...(now === undefined ? [] : lintTime(charter, now)),
  ];
}

type Severity = Finding["severity"];

function finding(severity: Severity, path: string, message: string, help: string): Finding {
  return { severity, path, message, help };
}

/** Rules that let things run by themselves too easily. */
function lintRules(charter: Charter): Finding[] {
  const findings: Finding[] = [];
  for (const [i, { name, when, then }] of charter.rules.entries()) {
    if (then.kind !== "auto") continue;
    const add = (severity: Severity, field: string, message: string, help: string): void => {
      findings.push(finding(severity, `/rules/${i}/when/${field}`, `\`${name}\` ${message}`, help));
    };
    if (when.valueAtStake?.below === undefined) {
      add("warning", "valueAtStake", "acts by itself whatever is at stake", "set `below`");
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

function lintGuardrails({ guardrails, outcome }: Charter): Finding[] {
  const findings: Finding[] = [];
  for (const span of ["perDay", "perWeek"] as const) {
    if (amountOf(guardrails[span].value) > 0) continue;
    const message = "it forbids every action with anything at stake";
    const help = "set it above 0, or pause the loop instead";
    findings.push(finding("warning", `/guardrails/${span}/value`, message, help));
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
  return findings;
}

function lintTime({ effective, guardrails, timeZone }: Charter, now: Instant): Finding[] {
  const findings: Finding[] = [];
  const today = dayIn(now, timeZone);
  const { from, review, until } = effective;
  const daysLeft = dayToNumber(until) - dayToNumber(today);
  if (daysLeft <= 0) {
    const help = "sign a new version; until then everything is forbidden";
    findings.push(finding("error", "/effective/until", `the charter ended on ${until}`, help));
  } else if (daysLeft < EXPIRY_NOTICE_DAYS) {
    const message = `the charter ends in ${daysLeft} days`;
    findings.push(finding("warning", "/effective/until", message, "sign its next version now"));
  } else if (review <= today) {
    const message = `the charter was to be looked at again on ${review}`;
    const help = "do, and sign a version with the next review";
    findings.push(finding("warning", "/effective/review", message, help));
  }
  if (today < from) {
    const message = `the charter is not in force before ${from}`;
    findings.push(
      finding("advice", "/effective/from", message, "until then everything is forbidden"),
    );
  }
  for (const [i, freeze] of guardrails.freezes.entries()) {
    if (freeze.until > today) continue;
    const message = `the freeze until ${freeze.until} is over`;
    const help = "take it out at the next version, and put in the next one";
    findings.push(finding("advice", `/guardrails/freezes/${i}`, message, help));
  }
  return findings;
}
