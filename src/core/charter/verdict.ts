/**
 * What the charter says of one proposal, and why, in words.
 *
 * Picture a level crossing keeper with a card of questions, asked in this order, the first answer
 * deciding: is the charter in force and signed; is the line stopped; may the loop act at all; does a
 * guardrail forbid it; does another case hold the place; which row of the table fits. No row: forbidden.
 *
 *   in-force -> stop -> autonomy (shadow) -> guardrails -> arbitration -> rules -> no rule
 *
 * INVARIANT (no-ungoverned-action): whatever is missing, unreadable or contradictory forbids. `advise`
 * never lets anything run by itself: every party votes.
 *
 * The charter governs options that act. Doing nothing and handing back need no verdict and must not be
 * asked about; the option list of the charter does not have them and so forbids them.
 */
import { isInstant } from "../../std/time.ts";
import type { Proposal } from "../contract/types.ts";
import { listWords } from "../problem.ts";
import { findBrokenGuardrails } from "./guardrails.ts";
import type { Charter, Rule, Verdict, VerdictFacts, VoteRequirement } from "./types.ts";
import { describeVotes, readConditions } from "./words.ts";

/** How each party is asked when the loop only advises and the rule itself does not ask it. */
export const ADVISE_VOTE = {
  quorum: 1,
  withinHours: 24,
  remindAfterHours: 4,
  onTimeout: "expire",
} as const;

/** Pure and total: every charter, proposal and set of facts has exactly one verdict. */
export function computeVerdict(
  charter: Charter,
  charterHash: string,
  proposal: Proposal,
  facts: VerdictFacts,
): Verdict {
  const decide = (
    kind: Verdict["kind"],
    decidedBy: Verdict["decidedBy"],
    rule: string,
    reasons: ReadonlyArray<string>,
    votes: ReadonlyArray<VoteRequirement> = [],
  ): Verdict => ({ kind, rule, decidedBy, reasons, votes, facts, charterHash });

  const notInForce = findWhyNotInForce(charter, facts);
  if (notInForce.length > 0) return decide("forbid", "in-force", "in-force", notInForce);
  if (facts.stopped) {
    return decide("forbid", "stop", "stop", ["the loop has been stopped by hand"]);
  }
  if (facts.autonomy !== "act" && facts.autonomy !== "advise") {
    const would = computeVerdict(charter, charterHash, proposal, { ...facts, autonomy: "act" });
    return decide("forbid", "autonomy", "shadow", [
      "the loop is in shadow: it watches and changes nothing",
      `were it live, the charter would say \`${would.kind}\` by \`${would.rule}\``,
      ...would.reasons,
    ]);
  }
  const broken = findBrokenGuardrails(charter, proposal, facts);
  if (broken[0]) {
    const words = broken.map((reading) => reading.words);
    return decide("forbid", "guardrail", broken[0].guardrail, words);
  }
  if (facts.resourceHeldBy !== undefined) {
    return decide("forbid", "arbitration", "one-case-at-a-time", [
      `case ${facts.resourceHeldBy} already holds ${proposal.resource}`,
    ]);
  }
  const passedOver: string[] = [];
  for (const rule of charter.rules) {
    const readings = readConditions(rule.when, charter, proposal, facts);
    const miss = readings.find((reading) => !reading.holds);
    if (miss) {
      passedOver.push(`\`${rule.name}\` does not apply: ${miss.words}`);
      continue;
    }
    const held = readings.map((reading) => reading.words);
    const { kind, votes, reasons } = applyEffect(charter, rule, facts);
    const headroom = kind === "forbid" ? [] : describeHeadroom(charter, facts);
    return decide(
      kind,
      "rule",
      rule.name,
      [rule.because, ...held, ...reasons, ...headroom, ...passedOver],
      votes,
    );
  }
  return decide("forbid", "no-rule", "no-rule", [
    "no rule of the charter covers this, and silence never allows",
    ...passedOver,
  ]);
}

function findWhyNotInForce(charter: Charter, facts: VerdictFacts): ReadonlyArray<string> {
  const { from, until } = charter.effective;
  const reasons: string[] = [];
  if (!facts.charterSigned) {
    const departments = charter.parties.map(({ department }) => department);
    reasons.push(`the charter is not signed by ${listWords(departments, "and")}`);
  }
  if (!isInstant(facts.now)) reasons.push("the present instant is unknown");
  else if (facts.now < from) reasons.push(`the charter is not in force before ${from}`);
  else if (!(facts.now < until)) reasons.push(`the charter ended at ${until}`);
  return reasons;
}

type Applied = {
  readonly kind: Verdict["kind"];
  readonly votes: ReadonlyArray<VoteRequirement>;
  readonly reasons: ReadonlyArray<string>;
};

/** The rule's effect; under `advise`, with every party that it does not already ask. */
function applyEffect(charter: Charter, rule: Rule, facts: VerdictFacts): Applied {
  const { then } = rule;
  if (then.kind === "forbid") return { kind: "forbid", votes: [], reasons: [] };
  const asked = then.kind === "approve" ? then.votes : [];
  if (facts.autonomy === "act" && then.kind === "auto") {
    return { kind: "auto", votes: [], reasons: [] };
  }
  const unasked =
    facts.autonomy === "act"
      ? []
      : charter.parties
          .map(({ department }) => department)
          .filter((department) => !asked.some(({ party }) => party === department))
          .map((party): VoteRequirement => ({ party, ...ADVISE_VOTE }));
  const votes = [...asked, ...unasked];
  const advises = unasked.length > 0 ? ["the loop only advises, so every party votes"] : [];
  return { kind: "approve", votes, reasons: [...advises, ...votes.map(describeVotes)] };
}

function describeHeadroom({ guardrails }: Charter, facts: VerdictFacts): ReadonlyArray<string> {
  return [
    `${facts.actionsToday} of ${guardrails.actionsPerDay} actions used today, ` +
      `${facts.actionsThisWeek} of ${guardrails.actionsPerWeek} this week`,
  ];
}
