/**
 * The verdict of the reference charter, cell by cell, as its two heads would fill it in by hand; and
 * which of two reasons decides where both hold.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { goodFacts, goodProposal, referenceCharter } from "../../../test/kit/reference-loop.ts";
import { addMs, DAY_MS } from "../../std/time.ts";
import type { Proposal } from "../contract/types.ts";
import type { Charter, VerdictFacts } from "./types.ts";
import { computeVerdict } from "./verdict.ts";

const charter = referenceCharter();
const NOTHING = { actions: 0, subjects: 0, valueMinor: 0 };
const REST = { usedToday: NOTHING, usedThisWeek: NOTHING };

/** Letters of the tables below: kind, rule, who votes. */
const CELLS: Record<string, string> = {
  a: "auto small-and-reversible",
  m: "approve marketing-decides marketing",
  e: "approve exclusion-of-many-orders logistics,marketing",
  b: "approve both-decide logistics,marketing",
  X: "forbid too-many-orders",
  V: "forbid value-per-day",
};

const SHARES = [0, 0.0099, 0.01, 0.0199, 0.02, 0.0999, 0.1];

/** Rows: value at stake in rupees, subjects; columns: the shares of orders above. Confidence 0.84. */
const TABLES: Record<string, string> = {
  exclude_geo: `
          0   1  a a m m e e X
    74999.99  1  a a m m e e X
       75000  1  m m m m e e X
   499999.99  1  m m m m e e X
      500000  1  b b b b e e X
     1000000  1  b b b b e e X
  1000000.01  1  V V V V V V V
          0   2  m m m m e e X
    74999.99  2  m m m m e e X
       75000 74  m m m m e e X
   499999.99 74  m m m m e e X
      500000 74  b b b b e e X
          0  75  b b b b e e X
    74999.99 75  b b b b e e X
   499999.99 75  b b b b e e X
     1000000 75  b b b b e e X
          0 400  b b b b e e X
  1000000.01 75  V V V V V V V`,
  lower_bid: `
          0   1  a a m m m m X
    74999.99  1  a a m m m m X
       75000  1  m m m m m m X
   499999.99  1  m m m m m m X
      500000  1  b b b b b b X
     1000000  1  b b b b b b X
  1000000.01  1  V V V V V V V
          0   2  m m m m m m X
    74999.99  2  m m m m m m X
       75000 74  m m m m m m X
   499999.99 74  m m m m m m X
      500000 74  b b b b b b X
          0  75  b b b b b b X
    74999.99 75  b b b b b b X
   499999.99 75  b b b b b b X
     1000000 75  b b b b b b X
          0 400  b b b b b b X
  1000000.01 75  V V V V V V V`,
  prepaid_only: `
          0   1  a a m m m m X
    74999.99  1  a a m m m m X
       75000  1  m m m m m m X
      500000  1  b b b b b b X
          0   2  m m m m m m X
       75000 74  m m m m m m X
      500000 75  b b b b b b X`,
};

function verdictOf(
  proposal: Partial<Proposal>,
  facts: Partial<VerdictFacts> = {},
  change: Partial<Charter> = {},
): string {
  const verdict = computeVerdict(
    { ...charter, ...change },
    "h",
    goodProposal(proposal),
    goodFacts({ ...REST, ...facts }),
  );
  const votes = verdict.votes.map(({ party }) => party).sort();
  return [verdict.kind, verdict.rule, votes.join()].join(" ").trim();
}

let cells = 0;
for (const [option, table] of Object.entries(TABLES)) {
  for (const row of table.trim().split("\n")) {
    const [value = "", subjects = "", ...letters] = row.trim().split(/\s+/);
    for (const [index, shareOfOrders] of SHARES.entries()) {
      cells += 1;
      const expected = CELLS[letters[index] ?? ""];
      test(`${option} of Rs ${value}, ${subjects} places, ${shareOfOrders} of all orders: ${expected}`, () => {
        const amountMinor = Math.round(Number(value) * 100);
        const proposal = {
          option,
          valueAtStake: { amountMinor, currency: "INR" },
          blastRadius: { subjects: Number(subjects), shareOfOrders, shareOfSpend: 0 },
        };
        assert.equal(verdictOf(proposal), expected);
      });
    }
  }
}

test("the tables have at least 300 cells", () => assert(cells >= 300, String(cells)));

type Stop = {
  readonly name: string;
  readonly proposal?: Partial<Proposal>;
  readonly facts?: Partial<VerdictFacts>;
  readonly change?: Partial<Charter>;
  readonly says: string;
};

const { guardrails } = charter;
const rupees = (amount: number) => ({ amountMinor: amount * 100, currency: "INR" });
const claim = (precedence: VerdictFacts["claims"][number]["precedence"]) => [
  { case: "c-1", loop: "stock", resource: "ads:x", precedence },
];

/** Everything that can stop a small action, in the order in which it decides. */
const STOPS: ReadonlyArray<Stop> = [
  { name: "the charter is unsigned", facts: { charterSigned: false }, says: "forbid in-force" },
  { name: "a stop is pressed", facts: { stops: [{ scope: "everything", name: "", person: "p", reason: "r" }] }, says: "forbid stop" },
  { name: "the loop is in shadow", facts: { autonomy: "shadow" }, says: "forbid shadow" },
  { name: "a figure cannot be read", facts: { usedToday: { ...NOTHING, subjects: NaN } }, says: "forbid readable-figures" },
  { name: "the option is not covered", change: { options: ["lower_bid"] }, says: "forbid options-covered" },
  { name: "the money is foreign", proposal: { valueAtStake: { amountMinor: 1, currency: "USD" } }, says: "forbid currency" },
  { name: "the day's actions are used", facts: { usedToday: { ...NOTHING, actions: 40 } }, says: "forbid actions-per-day" },
  { name: "the day's places are used", change: { guardrails: { ...guardrails, perDay: { ...guardrails.perDay, subjects: 0 } } }, says: "forbid subjects-per-day" },
  { name: "the week's actions are used", facts: { usedThisWeek: { ...NOTHING, actions: 120 } }, says: "forbid actions-per-week" },
  { name: "the place rests", facts: { lastActionOnSubjectAt: "2026-03-01T06:00:00.000Z" }, says: "forbid cool-down" },
  { name: "it would stand too long", proposal: { standingDays: 29 }, says: "forbid standing-days" },
  { name: "confidence is too low", facts: { confidenceToAct: 0.9 }, says: "forbid confidence-to-act" },
  { name: "two loops go in circles", facts: { cycle: { through: ["stock"], resource: "ads:x", since: "2026-03-01T00:00:00.000Z" } }, says: "forbid loop-cycle" },
  { name: "another loop comes first", facts: { claims: claim("theirs") }, says: "forbid outranked" },
  { name: "a rule forbids it", proposal: { blastRadius: { subjects: 1, shareOfOrders: 0.004, shareOfSpend: 0.1 } }, says: "forbid too-much-spend" },
]; // prettier-ignore

for (const stop of STOPS) {
  test(`where ${stop.name}, nothing runs: ${stop.says}`, () => {
    assert.equal(verdictOf(stop.proposal ?? {}, stop.facts, stop.change), stop.says);
  });
}

for (const [index, first] of STOPS.entries()) {
  for (const second of STOPS.slice(index + 1)) {
    test(`where ${first.name} and ${second.name}, the first decides`, () => {
      const said = verdictOf(
        { ...second.proposal, ...first.proposal },
        { ...second.facts, ...first.facts },
        { ...second.change, ...first.change },
      );
      assert.equal(said, first.says);
    });
  }
}

const FIRST_MOMENT = "2026-01-31T18:30:00.000Z";
const INSTANTS: ReadonlyArray<[what: string, now: string, says: string]> = [
  ["the millisecond before its first day in India", addMs(FIRST_MOMENT, -1), "forbid in-force"],
  ["the first moment of its first day", FIRST_MOMENT, "auto small-and-reversible"],
  ["the last millisecond of its last day", "2026-02-27T18:29:59.999Z", "auto small-and-reversible"],
  ["the first moment of the day on which it ended", "2026-02-27T18:30:00.000Z", "forbid in-force"],
  ["the last millisecond before a freeze", "2026-02-09T18:29:59.999Z", "auto small-and-reversible"],
  ["the first moment of a freeze", "2026-02-09T18:30:00.000Z", "forbid freeze"],
  ["the first moment after a freeze", "2026-02-10T18:30:00.000Z", "auto small-and-reversible"],
];
for (const [what, now, says] of INSTANTS) {
  test(`at ${what}: ${says}`, () => {
    const freezes = [{ from: "2026-02-10", until: "2026-02-11", because: "a day off" }];
    const effective = { from: "2026-02-01", review: "2026-02-15", until: "2026-02-28" };
    const change = { guardrails: { ...guardrails, freezes }, effective };
    assert.equal(verdictOf({}, { now }, change), says);
  });
}

const AT_THE_EDGE: ReadonlyArray<[string, Partial<Proposal>, Partial<VerdictFacts>, string]> = [
  ["the 40th action of the day", {}, { usedToday: { ...NOTHING, actions: 39 } }, "auto"],
  ["the 120th action of the week", {}, { usedThisWeek: { ...NOTHING, actions: 119 } }, "auto"],
  ["the 400th place of the day", {}, { usedToday: { ...NOTHING, subjects: 399 } }, "auto"],
  ["the 401st place of the day", {}, { usedToday: { ...NOTHING, subjects: 400 } }, "forbid"],
  ["the 1,200th place of the week", {}, { usedThisWeek: { ...NOTHING, subjects: 1_199 } }, "auto"],
  ["the 1,201st place of the week", {}, { usedThisWeek: { ...NOTHING, subjects: 1_200 } }, "forbid"],
  ["the last rupee of the day", { valueAtStake: rupees(1) }, { usedToday: { ...NOTHING, valueMinor: 99_999_900 } }, "auto"],
  ["a paisa more than the day has", { valueAtStake: rupees(1) }, { usedToday: { ...NOTHING, valueMinor: 99_999_901 } }, "forbid"],
  ["the last rupee of the week", { valueAtStake: rupees(1) }, { usedThisWeek: { ...NOTHING, valueMinor: 499_999_900 } }, "auto"],
  ["a paisa more than the week has", { valueAtStake: rupees(1) }, { usedThisWeek: { ...NOTHING, valueMinor: 499_999_901 } }, "forbid"],
  ["the moment a place has rested", {}, { lastActionOnSubjectAt: addMs(goodFacts().now, -14 * DAY_MS) }, "auto"],
  ["a millisecond before", {}, { lastActionOnSubjectAt: addMs(goodFacts().now, -14 * DAY_MS + 1) }, "forbid"],
  ["28 days of standing", { standingDays: 28 }, {}, "auto"],
  ["exactly the confidence to act", {}, { confidence: 0.8, confidenceToAct: 0.8 }, "auto"],
  ["a confidence just short of the rule's", {}, { confidence: 0.7999 }, "approve"],
  ["what cannot be undone", {}, { reversible: false }, "approve"],
  ["an option that nobody wrote a rule for", { option: "pause" }, {}, "forbid"],
]; // prettier-ignore
for (const [what, proposal, facts, kind] of AT_THE_EDGE) {
  test(`${what}: ${kind}`, () => {
    assert.equal(verdictOf(proposal, facts).split(" ")[0], kind);
  });
}

test("a loop that only advises asks every side, on each side's own clock", () => {
  const verdict = computeVerdict(
    charter,
    "h",
    goodProposal(),
    goodFacts({ ...REST, autonomy: "advise" }),
  );
  assert.equal(verdict.kind, "approve");
  assert.deepEqual(
    verdict.votes.map(({ party, quorum }) => [party, quorum]),
    [
      ["logistics", 1],
      ["marketing", 1],
    ],
  );
  assert.equal(verdict.accountable, "marketing");
});

test("a case of a loop that yields is moved aside, and the reasons say so", () => {
  const verdict = computeVerdict(
    charter,
    "h",
    goodProposal(),
    goodFacts({ ...REST, claims: claim("ours") }),
  );
  assert.deepEqual([verdict.kind, verdict.displaces], ["auto", ["c-1"]]);
  assert.match(verdict.reasons.join(), /case c-1 of stock .* lets go first/);
});

test("every verdict names the papers and the facts it rests on", () => {
  const facts = goodFacts(REST);
  const verdict = computeVerdict(charter, "the-hash", goodProposal(), facts);
  assert.equal(verdict.charterHash, "the-hash");
  assert.deepEqual(verdict.facts, facts);
});
