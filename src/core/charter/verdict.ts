/**
 * What the charter says of one proposal, and why, in words.
 *
 * Picture a level crossing keeper with a card of questions, asked in this order, the first answer
 * deciding: is the charter in force and signed; is the line stopped; may the loop act at all; does a
 * guardrail forbid it; who else claims the place; which row of the table fits. No row: forbidden.
 *
 *   in-force -> stop -> autonomy (shadow) -> guardrails -> arbitration -> rules -> no rule
 *
 * INVARIANT (no-ungoverned-action): whatever is missing, unreadable or contradictory forbids. `advise`
 * and broken glass never let anything run by themselves: every party votes.
 *
 * The charter governs options that act. Doing nothing and handing back need no verdict and must not be
 * asked about; the option list of the charter does not have them and so forbids them.
 */
import { isInstant } from "../../std/time.ts";
import { dayIn } from "../../std/zone.ts";
import type { Proposal } from "../contract/types.ts";
import { listWords } from "../problem.ts";
import { findBrokenGuardrails, findFullCaps, type GuardrailReading } from "./guardrails.ts";
import type {
  CapRoom,
  Charter,
  Rule,
  StopFact,
  Verdict,
  VerdictFacts,
  VoteRequirement,
} from "./types.ts";
import { describeVote, readConditions } from "./words.ts";

/** How a party is asked where the rule itself does not ask it, on its own clock. */
export const EVERY_PARTY_VOTE = { quorum: 1, from: ["owner", "deputies"] } as const;

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
    allowed: Partial<Pick<Verdict, "votes" | "accountable" | "displaces">> = {},
  ): Verdict => ({
    kind,
    rule,
    decidedBy,
    reasons,
    votes: [],
    displaces: [],
    ...allowed,
    facts,
    charterHash,
  });

  const notInForce = findWhyNotInForce(charter, facts);
  if (notInForce.length > 0) return decide("forbid", "in-force", "in-force", notInForce);
  if (facts.stops.length > 0) {
    return decide("forbid", "stop", "stop", facts.stops.map(describeStop));
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
  const { lifted, standing } = liftByGlass(charter, facts, broken);
  if (standing[0]) {
    const words = standing.map((reading) => reading.words);
    return decide("forbid", "guardrail", standing[0].guardrail, words);
  }
  const conflict = findConflict(proposal, facts);
  if (conflict) return decide("forbid", "arbitration", conflict.rule, conflict.reasons);
  const passedOver: string[] = [];
  for (const rule of charter.rules) {
    const readings = readConditions(rule.when, charter, proposal, facts);
    const miss = readings.find((reading) => !reading.holds);
    if (miss) {
      passedOver.push(`\`${rule.name}\` does not apply: ${miss.words}`);
      continue;
    }
    const held = readings.map((reading) => reading.words);
    // Whatever is not known to let it happen forbids.
    if (rule.then.kind !== "auto" && rule.then.kind !== "approve") {
      return decide("forbid", "rule", rule.name, [rule.because, ...held, ...passedOver]);
    }
    const { kind, votes, reasons } = applyEffect(charter, rule, facts, lifted);
    const displaces = facts.claims.map((claim) => claim.case);
    const waits = facts.claims.map(
      (claim) =>
        `case ${claim.case} of ${claim.loop} holds ${claim.resource} and lets go first: ` +
        "both charters say that this loop comes first",
    );
    return decide(
      kind,
      "rule",
      rule.name,
      [
        rule.because,
        ...held,
        ...reasons,
        ...waits,
        ...describeHeadroom(charter, facts),
        ...passedOver,
      ],
      {
        votes,
        displaces,
        ...(rule.accountable === undefined ? {} : { accountable: rule.accountable }),
      },
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
  if (facts.withdrawn !== undefined) {
    const { party, person, at } = facts.withdrawn;
    reasons.push(`${person} withdrew ${party} from the charter at ${at}`);
  } else if (!facts.charterSigned) {
    const departments = charter.parties.map(({ department }) => department);
    reasons.push(`the charter is not signed by ${listWords(departments, "and")}`);
  }
  if (!isInstant(facts.now)) return [...reasons, "the present instant is unknown"];
  const today = dayIn(facts.now, charter.timeZone);
  if (today < from) reasons.push(`the charter is not in force before ${from}`);
  else if (today >= until) reasons.push(`the charter ended on ${until}`);
  return reasons;
}

function describeStop({ scope, name, person, reason }: StopFact): string {
  const what = scope === "everything" ? "everything" : `the ${scope} ${name}`;
  return `${person} stopped ${what}: ${reason}`;
}

/** Broken glass lifts what the charter lists, while it is broken. */
function liftByGlass(
  { breakGlass }: Charter,
  { glass, now }: CapRoom,
  broken: ReadonlyArray<GuardrailReading>,
): {
  readonly lifted: ReadonlyArray<GuardrailReading>;
  readonly standing: ReadonlyArray<GuardrailReading>;
} {
  const isOpen = glass !== undefined && now < glass.until;
  const isLifted = ({ kind }: GuardrailReading): boolean =>
    isOpen && kind !== undefined && breakGlass?.lifts.includes(kind) === true;
  return {
    lifted: broken.filter(isLifted),
    standing: broken.filter((reading) => !isLifted(reading)),
  };
}

/** Why an action that was agreed to may not begin now after all; empty where there is room. */
export function describeFullCaps(
  charter: Charter,
  proposal: Proposal,
  room: CapRoom,
): ReadonlyArray<string> {
  const { standing } = liftByGlass(charter, room, findFullCaps(charter, proposal, room));
  return standing.map(({ words }) => words);
}

type Conflict = { readonly rule: string; readonly reasons: ReadonlyArray<string> };

/** Why the resource is not ours to change now; what yields to us is no conflict. */
function findConflict({ resource }: Proposal, facts: VerdictFacts): Conflict | undefined {
  if (facts.cycle !== undefined) {
    const { through, since } = facts.cycle;
    return {
      rule: "loop-cycle",
      reasons: [
        `this loop acted on ${facts.cycle.resource}, then ${listWords(through, "and")} did, and ` +
          `now it is this loop's turn again, all since ${since}: they undo each other's work`,
        "it ends here until the owners of these loops agree",
      ],
    };
  }
  const standing = facts.claims.filter(({ precedence }) => precedence !== "ours");
  const own = standing.find(({ precedence }) => precedence === "same-loop");
  const first = own ?? standing.find(({ precedence }) => precedence === "theirs") ?? standing[0];
  if (first === undefined) return undefined;
  const held =
    first.resource === resource
      ? `case ${first.case} of ${first.loop} holds ${resource}`
      : `case ${first.case} of ${first.loop} holds ${first.resource}, which overlaps ${resource}`;
  if (first.precedence === "same-loop") return { rule: "one-case-at-a-time", reasons: [held] };
  if (first.precedence === "theirs") {
    return {
      rule: "outranked",
      reasons: [held, `both charters say that ${first.loop} comes first`],
    };
  }
  return {
    rule: "no-precedence",
    reasons: [
      held,
      "the two charters do not agree which loop comes first; say it in both, or undo the other case",
    ],
  };
}

type Applied = {
  readonly kind: Verdict["kind"];
  readonly votes: ReadonlyArray<VoteRequirement>;
  readonly reasons: ReadonlyArray<string>;
};

/** The rule's effect; where it may not run by its word alone, with every party it does not ask. */
function applyEffect(
  charter: Charter,
  { then }: Rule,
  facts: VerdictFacts,
  lifted: ReadonlyArray<GuardrailReading>,
): Applied {
  const asked = then.kind === "approve" ? then.votes : [];
  const isByItself = then.kind === "auto";
  // A rule that asks for votes and names nobody is no agreement with itself.
  const namesNobody = !isByItself && asked.length === 0;
  const asksAll = facts.autonomy === "advise" || lifted.length > 0 || namesNobody;
  if (isByItself && !asksAll) return { kind: "auto", votes: [], reasons: [] };
  const unasked = charter.parties
    .map(({ department }) => department)
    .filter((department) => asksAll && !asked.some(({ party }) => party === department))
    .map((party): VoteRequirement => ({ party, ...EVERY_PARTY_VOTE }));
  const votes = [...asked, ...unasked];
  const { glass } = facts;
  const why =
    lifted.length > 0 && glass !== undefined
      ? [
          ...lifted.map(({ words }) => `${words}; lifted`),
          `${glass.person} broke the glass until ${glass.until}: ${glass.reason}; so every party votes`,
        ]
      : unasked.length === 0
        ? []
        : namesNobody
          ? ["the rule names nobody who votes, so every party does"]
          : ["the loop only advises, so every party votes"];
  return {
    kind: "approve",
    votes,
    reasons: [...why, ...votes.map((vote) => describeVote(charter, vote))],
  };
}

function describeHeadroom({ guardrails }: Charter, facts: VerdictFacts): ReadonlyArray<string> {
  return [
    `${facts.usedToday.actions} of ${guardrails.perDay.actions} actions used today, ` +
      `${facts.usedThisWeek.actions} of ${guardrails.perWeek.actions} this week`,
  ];
}
