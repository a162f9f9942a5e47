import assert from "node:assert/strict";
import { test } from "node:test";
import {
  goodFacts,
  goodProposal,
  NOW,
  referenceCharter,
} from "../../../test/kit/reference-loop.ts";
import { addMs, DAY_MS } from "../../std/time.ts";
import type { Proposal } from "../contract/types.ts";
import { charterHash } from "./parse.ts";
import type { Charter, Verdict, VerdictFacts } from "./types.ts";
import { computeVerdict } from "./verdict.ts";

const charter = referenceCharter();
const hash = charterHash(charter);

function judge(
  proposal: Partial<Proposal> = {},
  facts: Partial<VerdictFacts> = {},
  change: Partial<Charter> = {},
): Verdict {
  return computeVerdict({ ...charter, ...change }, hash, goodProposal(proposal), goodFacts(facts));
}

const stake = (rupees: number, currency = "INR"): Partial<Proposal> => ({
  valueAtStake: { amountMinor: Math.round(rupees * 100), currency },
});
const blast = (change: Partial<Proposal["blastRadius"]>): Partial<Proposal> => ({
  blastRadius: { ...goodProposal().blastRadius, ...change },
});
const ago = (days: number): string => addMs(NOW, -days * DAY_MS);

const used = (actions: number, valueMinor = 0) => ({ actions, subjects: 20, valueMinor });
const STOPPED: VerdictFacts["stops"] = [
  {
    scope: "department",
    name: "marketing",
    person: "head@marketing.example.com",
    reason: "a flood",
  },
];
const HELD: VerdictFacts["claims"] = [
  {
    case: "case-7",
    loop: "logistics-marketing",
    resource: goodProposal().resource,
    precedence: "same-loop",
  },
];

/** kind, decidedBy/rule, and a reason that must be among the reasons. */
type Row = [string, Partial<Proposal>, Partial<VerdictFacts>, string, string];

const table: ReadonlyArray<Row> = [
  // The rules, at and on each side of their bounds.
  ["a small reversible action runs by itself", {}, {}, "auto rule/small-and-reversible", "value at stake Rs 12,400 is below Rs 75,000"],
  ["one paisa below Rs 75,000 is still small", stake(74_999.99), {}, "auto rule/small-and-reversible", "value at stake Rs 74,999.99 is below Rs 75,000.00"],
  ["Rs 75,000 is no longer small", stake(75_000), {}, "approve rule/marketing-decides", "`small-and-reversible` does not apply: value at stake Rs 75,000 is not below Rs 75,000"],
  ["what cannot be undone does not run by itself", {}, { reversible: false }, "approve rule/marketing-decides", "`small-and-reversible` does not apply: `exclude_geo` cannot be undone"],
  ["confidence 0.8 is enough to run by itself", {}, { confidence: 0.8 }, "auto rule/small-and-reversible", "confidence 0.8 is at least 0.8"],
  ["confidence just below 0.8 is not, and is not rounded to it", {}, { confidence: 0.79999 }, "approve rule/marketing-decides", "`small-and-reversible` does not apply: confidence 0.79999 is below 0.8"],
  ["two pincodes do not run by themselves", blast({ subjects: 2 }), {}, "approve rule/marketing-decides", "`small-and-reversible` does not apply: the number of places touched, 2, is not below 2"],
  ["one percent of the orders does not run by itself", blast({ shareOfOrders: 0.01 }), {}, "approve rule/marketing-decides", "`small-and-reversible` does not apply: the share of all orders, 1%, is not below 1%"],
  ["one paisa below Rs 5,00,000 is marketing's", stake(499_999.99), {}, "approve rule/marketing-decides", "value at stake Rs 4,99,999.99 is below Rs 5,00,000.00"],
  ["Rs 5,00,000 is both departments'", stake(500_000), {}, "approve rule/both-decide", "`marketing-decides` does not apply: value at stake Rs 5,00,000 is not below Rs 5,00,000"],
  ["a district is marketing's", blast({ subjects: 74 }), {}, "approve rule/marketing-decides", "the number of places touched, 74, is below 75"],
  ["a state is both departments'", blast({ subjects: 75 }), {}, "approve rule/both-decide", "`marketing-decides` does not apply: the number of places touched, 75, is not below 75"],
  ["excluding 2% of the orders is both departments'", blast({ shareOfOrders: 0.02 }), {}, "approve rule/exclusion-of-many-orders", "`exclude_geo` is exclude_geo"],
  ["bidding less for 2% of the orders is marketing's", { option: "lower_bid", ...blast({ shareOfOrders: 0.02 }) }, {}, "approve rule/marketing-decides", "`exclusion-of-many-orders` does not apply: `lower_bid` is not exclude_geo"],
  ["a tenth of the orders is forbidden", blast({ shareOfOrders: 0.1 }), {}, "forbid rule/too-many-orders", "the share of all orders, 10%, is at least 10%"],
  ["just below a tenth of the orders is not", blast({ shareOfOrders: 0.09999 }), {}, "approve rule/exclusion-of-many-orders", "`too-many-orders` does not apply: the share of all orders, 9.999%, is below 10%"],
  ["a tenth of the spend is forbidden", blast({ shareOfSpend: 0.1 }), {}, "forbid rule/too-much-spend", "the share of all ad spend, 10%, is at least 10%"],
  ["nothing at stake still runs", stake(0), {}, "auto rule/small-and-reversible", "value at stake Rs 0 is below Rs 75,000"],
  // In force.
  ["an unsigned charter allows nothing", {}, { charterSigned: false }, "forbid in-force/in-force", "the charter is not signed by logistics and marketing"],
  ["a charter is in force from its first instant", {}, { now: "2021-12-31T18:30:00.000Z" }, "auto rule/small-and-reversible", "confidence 0.84 is at least 0.8"],
  ["and not an instant before", {}, { now: "2021-12-31T18:29:59.999Z" }, "forbid in-force/in-force", "the charter is not in force before 2022-01-01"],
  ["nor at its last", {}, { now: "2027-12-31T18:30:00.000Z" }, "forbid in-force/in-force", "the charter ended on 2028-01-01"],
  ["an unknown time is no time to act", {}, { now: "soon" }, "forbid in-force/in-force", "the present instant is unknown"],
  // Stop and autonomy.
  ["the stop button stops", {}, { stops: STOPPED }, "forbid stop/stop", "head@marketing.example.com stopped the department marketing: a flood"],
  ["in shadow nothing runs and the would-be verdict is told", {}, { autonomy: "shadow" }, "forbid autonomy/shadow", "were it live, the charter would say `auto` by `small-and-reversible`"],
  ["advising turns auto into a vote of every party", {}, { autonomy: "advise" }, "approve rule/small-and-reversible", "the loop only advises, so every party votes"],
  ["advising adds the party that a rule does not ask", stake(100_000), { autonomy: "advise" }, "approve rule/marketing-decides", "logistics: one vote of owner or deputies within 4 working hours; without an answer then deputies 4 working hours more, then nothing is done"],
  ["advising does not soften a prohibition", blast({ shareOfOrders: 0.5 }), { autonomy: "advise" }, "forbid rule/too-many-orders", "the share of all orders, 50%, is at least 10%"],
  // Guardrails, at and on each side of their bounds.
  ["an option that the charter does not cover is forbidden", { option: "pause_campaign" }, {}, "forbid guardrail/options-covered", "the charter does not cover `pause_campaign`, only exclude_geo, lower_bid, prepaid_only and confirm_orders"],
  ["another currency is forbidden, however small", stake(1, "USD"), {}, "forbid guardrail/currency", "the value at stake is in `USD`, but the charter counts in INR"],
  ["the fortieth action of the day runs", {}, { usedToday: used(39) }, "auto rule/small-and-reversible", "39 of 40 actions used today, 60 of 120 this week"],
  ["the forty-first does not", {}, { usedToday: used(40) }, "forbid guardrail/actions-per-day", "all 40 actions of today are used"],
  ["the action after the week's last does not run", {}, { usedThisWeek: used(120) }, "forbid guardrail/actions-per-week", "all 120 actions of this week are used"],
  ["the day's value may be used up exactly", {}, { usedToday: used(14, 100_000_000 - 1_240_000) }, "auto rule/small-and-reversible", "confidence 0.84 is at least 0.8"],
  ["and not passed by a paisa", {}, { usedToday: used(14, 100_000_000 - 1_239_999) }, "forbid guardrail/value-per-day", "with Rs 9,87,600.01 at stake today, Rs 12,400.00 more would pass the limit of Rs 10,00,000.00"],
  ["a place rests for 14 days after an action", {}, { lastActionOnSubjectAt: ago(13.99) }, "forbid guardrail/cool-down", "this place was last acted on at 2026-02-16T06:14:24.000Z and rests for 14 days, until 2026-03-02T06:14:24.000Z"],
  ["and may be acted on when they are over", {}, { lastActionOnSubjectAt: ago(14) }, "auto rule/small-and-reversible", "confidence 0.84 is at least 0.8"],
  ["28 days of standing are allowed", { standingDays: 28 }, {}, "auto rule/small-and-reversible", "confidence 0.84 is at least 0.8"],
  ["29 are not", { standingDays: 29 }, {}, "forbid guardrail/standing-days", "it would stand for 29 days, longer than the 28 allowed"],
  ["nothing is changed in Diwali week", {}, { now: "2026-11-04T18:30:00.000Z" }, "forbid guardrail/freeze", "nothing is changed until 2026-11-12: Diwali week; demand and delivery are unlike any other week"],
  ["the week ends when it says", {}, { now: "2026-11-11T18:30:00.000Z" }, "auto rule/small-and-reversible", "confidence 0.84 is at least 0.8"],
  ["confidence below the contract's threshold never acts", {}, { confidence: 0.69 }, "forbid guardrail/confidence-to-act", "confidence 0.69 is below 0.7, the least for acting"],
  ["confidence at the threshold may be voted on", {}, { confidence: 0.7 }, "approve rule/marketing-decides", "`small-and-reversible` does not apply: confidence 0.7 is below 0.8"],
  // Figures that cannot be.
  ["a value at stake that is NaN is forbidden", stake(NaN), {}, "forbid guardrail/readable-figures", "these figures cannot be read: value at stake"],
  ["a negative value at stake is forbidden", stake(-1), {}, "forbid guardrail/readable-figures", "these figures cannot be read: value at stake"],
  ["confidence NaN is forbidden", {}, { confidence: NaN }, "forbid guardrail/readable-figures", "these figures cannot be read: confidence"],
  ["a count of actions that is NaN is forbidden", {}, { usedToday: used(NaN) }, "forbid guardrail/readable-figures", "these figures cannot be read: actions today"],
  ["a last action at no instant is forbidden", {}, { lastActionOnSubjectAt: "lately" }, "forbid guardrail/readable-figures", "these figures cannot be read: last action"],
  ["a part of a paisa is no money", { valueAtStake: { amountMinor: 0.5, currency: "INR" } }, {}, "forbid guardrail/readable-figures", "these figures cannot be read: value at stake"],
  ["broken glass without a readable end is forbidden, not open for ever", {}, { glass: { person: "p", reason: "r", until: "zzz" } }, "forbid guardrail/readable-figures", "these figures cannot be read: end of the broken glass"],
  // Arbitration, and what comes before what.
  ["a place that another case holds is left to it", {}, { claims: HELD }, "forbid arbitration/one-case-at-a-time", "case case-7 of logistics-marketing holds ads:google/1234567890/campaign/9/geo/IN-560001"],
  ["the missing signature is told before the stop", {}, { charterSigned: false, stops: STOPPED }, "forbid in-force/in-force", "the charter is not signed by logistics and marketing"],
  ["the stop is told before the shadow", {}, { stops: STOPPED, autonomy: "shadow" }, "forbid stop/stop", "head@marketing.example.com stopped the department marketing: a flood"],
  ["a guardrail is told before the other case", {}, { usedToday: used(40), claims: HELD }, "forbid guardrail/actions-per-day", "all 40 actions of today are used"],
  ["the other case is told before the rules", blast({ shareOfOrders: 0.5 }), { claims: HELD }, "forbid arbitration/one-case-at-a-time", "case case-7 of logistics-marketing holds ads:google/1234567890/campaign/9/geo/IN-560001"],
]; // prettier-ignore
for (const [fact, proposal, facts, expected, reason] of table) {
  test(fact, () => {
    const verdict = judge(proposal, facts);
    assert.equal(`${verdict.kind} ${verdict.decidedBy}/${verdict.rule}`, expected);
    assert(verdict.reasons.includes(reason), `not among\n${verdict.reasons.join("\n")}`);
    assert.equal(verdict.votes.length > 0, verdict.kind === "approve");
    assert.deepEqual(verdict.facts, goodFacts(facts));
    assert.equal(verdict.charterHash, hash);
  });
}

test("every guardrail that fails is told, and the first of them decides", () => {
  const verdict = judge(
    { option: "pause_campaign", standingDays: 40 },
    { usedToday: used(99), usedThisWeek: used(999), confidence: 0.1 },
  );
  assert.equal(verdict.rule, "options-covered");
  assert.equal(verdict.reasons.length, 5);
});

test("what no rule covers is forbidden, and each rule says why it did not apply", () => {
  const verdict = judge(stake(600_000), {}, { rules: charter.rules.slice(0, 5) });
  assert.equal(`${verdict.kind} ${verdict.decidedBy}`, "forbid no-rule");
  assert.equal(verdict.reasons.length, 6);
  assert.match(verdict.reasons[0] ?? "", /silence never allows/);
});

test("the reasons of a small action read as a whole to someone of the other department", () => {
  assert.deepEqual(judge().reasons, [
    "a small mistake in one pincode that is easily undone costs less than a meeting",
    "`exclude_geo` can be undone",
    "value at stake Rs 12,400 is below Rs 75,000",
    "confidence 0.84 is at least 0.8",
    "the number of places touched, 1, is below 2",
    "the share of all orders, 0.42%, is below 1%",
    "14 of 40 actions used today, 60 of 120 this week",
    "`too-many-orders` does not apply: the share of all orders, 0.42%, is below 10%",
    "`too-much-spend` does not apply: the share of all ad spend, 0.3%, is below 10%",
  ]);
});

test("marketing's tier asks marketing alone, with its clock and its deputies", () => {
  assert.deepEqual(judge(stake(100_000)).votes, [
    { party: "marketing", quorum: 1, from: ["owner"] },
  ]);
});

test("above marketing's tier one vote is needed from each side", () => {
  for (const proposal of [
    stake(500_000),
    blast({ subjects: 300 }),
    blast({ shareOfOrders: 0.05 }),
  ]) {
    const { votes } = judge(proposal);
    assert.deepEqual(
      votes.map(({ party, quorum, from }) => [party, quorum, from.join()]),
      [
        ["logistics", 1, "owner,ndr-desk"],
        ["marketing", 1, "owner"],
      ],
    );
  }
});

test("an autonomy that nobody defined is treated as shadow", () => {
  const verdict = judge({}, { autonomy: "full" as "act" });
  assert.equal(verdict.kind, "forbid");
});

const accountable = "marketing";

test("a rule that asks for votes and names nobody asks every side, rather than agreeing with itself", () => {
  const rule = { name: "r", because: "b", when: {}, accountable };
  const { kind, votes } = judge(
    {},
    {},
    { rules: [{ ...rule, then: { kind: "approve", votes: [] } }] },
  );
  assert.equal(kind, "approve");
  assert.deepEqual(
    votes.map(({ party }) => party),
    ["logistics", "marketing"],
  );
});

test("an effect that nobody defined forbids, whatever the rule is called", () => {
  const then = { kind: "allow" } as unknown as { kind: "auto" };
  const rules = [{ name: "r", because: "b", when: {}, then, accountable }];
  assert.equal(judge({}, {}, { rules }).kind, "forbid");
  assert.equal(judge({}, { autonomy: "advise" }, { rules }).kind, "forbid");
});
