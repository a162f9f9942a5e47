/**
 * The verdict of the reference charter, cell by cell, as its two heads would fill it in by hand; and
 * which of two reasons decides where both hold.
 */
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
import type { Charter, Rule, Verdict, VerdictFacts, Weekday } from "./types.ts";
import { computeVerdict } from "./verdict.ts";

const charter = referenceCharter();
const NOTHING = { actions: 0, subjects: 0, valueMinor: 0 };
const REST = { usedToday: NOTHING, usedThisWeek: NOTHING };

/** Letters of the tables below: kind, what decided, who votes. */
const CELLS: Record<string, string> = {
  a: "auto rule/small-and-reversible",
  m: "approve rule/marketing-decides marketing",
  e: "approve rule/exclusion-of-many-orders logistics,marketing",
  b: "approve rule/both-decide logistics,marketing",
  X: "forbid rule/too-many-orders",
  V: "forbid guardrail/value-per-day",
};

/** The same cells where the loop only advises: nothing runs by itself, every side votes. */
const ADVISED: Record<string, string> = {
  ...CELLS,
  a: "approve rule/small-and-reversible logistics,marketing",
  m: "approve rule/marketing-decides logistics,marketing",
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

type Change<T> =
  T extends ReadonlyArray<unknown>
    ? T
    : T extends object
      ? { readonly [K in keyof T]?: Change<T[K]> }
      : T;

type Situation = {
  readonly proposal?: Change<Proposal>;
  readonly facts?: Change<VerdictFacts>;
  readonly change?: Change<Charter>;
};

/** Of two lists of these both hold; of everything else the later is taken. */
const GATHERED = ["stops", "claims", "freezes"];

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function merge<T>(before: T, change: unknown): T {
  if (!isRecord(before) || !isRecord(change)) return change as T;
  const merged: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(change)) {
    const old = merged[key];
    const isBoth = GATHERED.includes(key) && Array.isArray(old) && Array.isArray(value);
    merged[key] = isBoth ? [...(old as unknown[]), ...(value as unknown[])] : merge(old, value);
  }
  return merged as T;
}

function judge({ proposal = {}, facts = {}, change = {} }: Situation): Verdict {
  return computeVerdict(
    merge(charter, change),
    "h",
    merge(goodProposal(), proposal),
    merge(goodFacts(REST), facts),
  );
}

/** Kind, what decided, who votes, whom it moves aside. */
function verdictOf(situation: Situation): string {
  const { kind, decidedBy, rule, votes, displaces } = judge(situation);
  const parties = votes.map(({ party }) => party).sort();
  return [kind, `${decidedBy}/${rule}`, parties.join(), displaces.join("+")].join(" ").trim();
}

function* cellsOf(table: string): Generator<{ proposal: Change<Proposal>; letter: string }> {
  for (const row of table.trim().split("\n")) {
    const [value = "", subjects = "", ...letters] = row.trim().split(/\s+/);
    const valueAtStake = { amountMinor: Math.round(Number(value) * 100), currency: "INR" };
    for (const [index, shareOfOrders] of SHARES.entries()) {
      const blastRadius = { subjects: Number(subjects), shareOfOrders, shareOfSpend: 0 };
      yield { proposal: { valueAtStake, blastRadius }, letter: letters[index] ?? "" };
    }
  }
}

let cells = 0;
for (const [option, table] of Object.entries(TABLES)) {
  for (const { proposal, letter } of cellsOf(table)) {
    cells += 1;
    const { blastRadius, valueAtStake } = proposal;
    const what =
      `${option} of ${(valueAtStake?.amountMinor ?? 0) / 100} rupees, ` +
      `${blastRadius?.subjects} places, ${blastRadius?.shareOfOrders} of all orders`;
    test(`${what}: ${CELLS[letter]}`, () => {
      assert.equal(verdictOf({ proposal: { ...proposal, option } }), CELLS[letter]);
    });
  }
}

test("the tables have at least 300 cells", () => assert(cells >= 300, String(cells)));

test("where the loop only advises, every cell that may act asks both sides, and no other changes", () => {
  for (const [option, table] of Object.entries(TABLES)) {
    for (const { proposal, letter } of cellsOf(table)) {
      const facts = { autonomy: "advise" } as const;
      const said = verdictOf({ proposal: { ...proposal, option }, facts });
      assert.equal(said, ADVISED[letter], JSON.stringify(proposal));
    }
  }
});

test("in shadow no cell acts, and each is told what it would be", () => {
  for (const [option, table] of Object.entries(TABLES)) {
    for (const { proposal, letter } of cellsOf(table)) {
      const situation = {
        proposal: { ...proposal, option },
        facts: { autonomy: "shadow" },
      } as const;
      const verdict = judge(situation);
      assert.equal(verdictOf(situation), "forbid autonomy/shadow");
      const [kind = "", decided = ""] = (CELLS[letter] ?? "").split(" ");
      const would = `\`${kind}\` by \`${decided.split("/")[1]}\``;
      assert.equal(verdict.reasons[1], `were it live, the charter would say ${would}`);
    }
  }
});

type Stop = Situation & {
  readonly name: string;
  readonly says: string;
  /** Broken glass lifts it. */
  readonly liftable?: true;
};

const rupees = (amount: number) => ({ amountMinor: amount * 100, currency: "INR" });
const claim = (precedence: VerdictFacts["claims"][number]["precedence"], name = "c-1") => [
  { case: name, loop: "stock", resource: "ads:x", precedence },
];

/** Everything that can stop a small action, in the order in which it decides. */
const STOPS: ReadonlyArray<Stop> = [
  { name: "the charter is unsigned", facts: { charterSigned: false }, says: "in-force/in-force" },
  { name: "a side has withdrawn", facts: { withdrawn: { party: "marketing", person: "p", at: "2026-03-01T00:00:00.000Z" } }, says: "in-force/in-force" },
  { name: "the charter has ended", change: { effective: { until: "2026-03-02" } }, says: "in-force/in-force" },
  { name: "a stop is pressed", facts: { stops: [{ scope: "everything", name: "", person: "p", reason: "r" }] }, says: "stop/stop" },
  { name: "the loop is in shadow", facts: { autonomy: "shadow" }, says: "autonomy/shadow" },
  { name: "a figure cannot be read", facts: { confidence: NaN }, says: "guardrail/readable-figures" },
  { name: "the option is not covered", proposal: { option: "pause_campaign" }, says: "guardrail/options-covered" },
  { name: "the money is foreign", proposal: { valueAtStake: { currency: "USD" } }, says: "guardrail/currency" },
  { name: "the day's actions are used", facts: { usedToday: { actions: 40 } }, says: "guardrail/actions-per-day", liftable: true },
  { name: "the day's places are used", facts: { usedToday: { subjects: 400 } }, says: "guardrail/subjects-per-day", liftable: true },
  { name: "the day's money is used", facts: { usedToday: { valueMinor: 100_000_000 } }, says: "guardrail/value-per-day", liftable: true },
  { name: "the week's actions are used", facts: { usedThisWeek: { actions: 120 } }, says: "guardrail/actions-per-week", liftable: true },
  { name: "the week's places are used", facts: { usedThisWeek: { subjects: 1_200 } }, says: "guardrail/subjects-per-week", liftable: true },
  { name: "the week's money is used", facts: { usedThisWeek: { valueMinor: 500_000_000 } }, says: "guardrail/value-per-week", liftable: true },
  { name: "the place rests", facts: { lastActionOnSubjectAt: "2026-03-01T06:00:00.000Z" }, says: "guardrail/cool-down", liftable: true },
  { name: "it would stand too long", proposal: { standingDays: 29 }, says: "guardrail/standing-days" },
  { name: "the week is frozen", change: { guardrails: { freezes: [{ from: "2026-03-02", until: "2026-03-03", because: "Holi" }] } }, says: "guardrail/freeze", liftable: true },
  { name: "confidence is too low to act", facts: { confidenceToAct: 0.9 }, says: "guardrail/confidence-to-act" },
  { name: "two loops go in circles", facts: { cycle: { through: ["stock"], resource: "ads:x", since: "2026-03-01T00:00:00.000Z" } }, says: "arbitration/loop-cycle" },
  { name: "a case of the same loop holds it", facts: { claims: claim("same-loop") }, says: "arbitration/one-case-at-a-time" },
  { name: "another loop comes first", facts: { claims: claim("theirs") }, says: "arbitration/outranked" },
  { name: "nobody knows which loop comes first", facts: { claims: claim("undecided") }, says: "arbitration/no-precedence" },
  { name: "a rule forbids it", proposal: { blastRadius: { shareOfSpend: 0.1 } }, says: "rule/too-much-spend" },
]; // prettier-ignore
const NO_RULE: Stop = { name: "no rule fits", change: { rules: [] }, says: "no-rule/no-rule" };

/** A situation in which all of these hold, told in that order. */
function together(...situations: ReadonlyArray<Situation>): Situation {
  const nothing: Situation = { proposal: {}, facts: { stops: [], claims: [] }, change: {} };
  return situations.reduce<Situation>(
    (all, { proposal = {}, facts = {}, change = {} }) => merge(all, { proposal, facts, change }),
    nothing,
  );
}

for (const stop of [...STOPS, NO_RULE]) {
  test(`where ${stop.name}, nothing happens: ${stop.says}`, () => {
    assert.equal(verdictOf(together(stop)), `forbid ${stop.says}`);
  });
}

for (const [index, first] of STOPS.entries()) {
  for (const second of [...STOPS.slice(index + 1), ...(first.says.startsWith("rule/") ? [] : [NO_RULE])]) {
    test(`where ${first.name} and ${second.name}, the first decides`, () => {
      assert.equal(verdictOf(together(first, second)), `forbid ${first.says}`);
      assert.equal(verdictOf(together(second, first)), `forbid ${first.says}`);
    });
  }
} // prettier-ignore

const glassUntil = (until: string): Situation => ({
  facts: { glass: { person: "head@marketing.example.com", reason: "a flood", until } },
});
const OPEN = glassUntil(addMs(NOW, 1));
const LIFTABLES = STOPS.filter(({ liftable }) => liftable === true);

for (const lifted of LIFTABLES) {
  test(`broken glass: where ${lifted.name}, both sides vote, and nothing else is lifted`, () => {
    const verdict = judge(together(lifted, OPEN));
    const both = "approve rule/small-and-reversible logistics,marketing";
    assert.equal(verdictOf(together(lifted, OPEN)), both);
    const words = verdict.reasons.join("\n");
    assert.match(words, /; lifted$/m);
    assert.match(
      words,
      /^head@marketing\.example\.com broke the glass until 2026-03-02T06:00:00\.001Z: a flood/m,
    );
    for (const other of [...STOPS, NO_RULE]) {
      if (other === lifted) continue;
      const expected = other.liftable === true ? both : `forbid ${other.says}`;
      assert.equal(verdictOf(together(lifted, other, OPEN)), expected, other.name);
    }
  });
  test(`where ${lifted.name}, glass lifts nothing once it is over, or where the page lists none`, () => {
    const over = glassUntil(NOW);
    assert.equal(verdictOf(together(lifted, over)), `forbid ${lifted.says}`);
    const others = (["per-day", "per-week", "cool-down", "freeze"] as const).filter(
      (kind) => !lifted.says.endsWith(kind),
    );
    const unlisted = { change: { breakGlass: { lifts: others } } };
    assert.equal(verdictOf(together(lifted, OPEN, unlisted)), `forbid ${lifted.says}`);
    const { breakGlass: _, ...without } = charter;
    const facts = merge(goodFacts(REST), { ...lifted.facts, ...OPEN.facts });
    const page = merge(without as Charter, lifted.change ?? {});
    assert.equal(computeVerdict(page, "h", goodProposal(), facts).kind, "forbid");
  });
}

test("glass that was broken and lifts nothing changes nothing", () => {
  assert.equal(verdictOf(OPEN), "auto rule/small-and-reversible");
});

test("under broken glass the rule's own votes are kept and the other side's are added", () => {
  const large = { proposal: { valueAtStake: rupees(100_000) } };
  const used = { facts: { usedToday: { actions: 40 } } };
  assert.deepEqual(judge(together(large, used, OPEN)).votes, [
    { party: "marketing", quorum: 1, from: ["owner"] },
    { party: "logistics", quorum: 1, from: ["owner", "deputies"] },
  ]);
});

test("what yields is moved aside by whatever lets it happen, and by nothing that forbids", () => {
  const ours = { facts: { claims: [...claim("ours", "c-1"), ...claim("ours", "c-2")] } };
  const votes = { proposal: { valueAtStake: rupees(100_000) } };
  const used = { facts: { usedThisWeek: { actions: 120 } } };
  assert.equal(verdictOf(ours), "auto rule/small-and-reversible  c-1+c-2");
  assert.equal(
    verdictOf(together(ours, votes)),
    "approve rule/marketing-decides marketing c-1+c-2",
  );
  assert.equal(
    verdictOf(together(ours, used, OPEN)),
    "approve rule/small-and-reversible logistics,marketing c-1+c-2",
  );
  for (const stop of [...STOPS, NO_RULE]) {
    assert.equal(verdictOf(together(ours, stop)), `forbid ${stop.says}`, stop.name);
  }
});

/** The reference rules behind one that forbids some hours of the charter's own week. */
const SHUT: ReadonlyArray<[zone: string, days: string, hours: string, now: string, shut: boolean]> = [
  ["Asia/Kolkata", "mon", "09:30-18:30", "2026-03-02T03:59:59.999Z", false],
  ["Asia/Kolkata", "mon", "09:30-18:30", "2026-03-02T04:00:00.000Z", true],
  ["Asia/Kolkata", "mon", "09:30-18:30", "2026-03-02T12:59:59.999Z", true],
  ["Asia/Kolkata", "mon", "09:30-18:30", "2026-03-02T13:00:00.000Z", false],
  ["Asia/Kolkata", "tue", "00:00-24:00", "2026-03-02T18:29:59.999Z", false],
  ["Asia/Kolkata", "tue", "00:00-24:00", "2026-03-02T18:30:00.000Z", true],
  ["Asia/Kolkata", "sun", "22:00-24:00", "2026-03-01T18:29:59.999Z", true],
  ["Asia/Kolkata", "sun", "22:00-24:00", "2026-03-01T18:30:00.000Z", false],
  // Berlin's clock jumps from 02:00 to 03:00 on Sunday 29 March and shows 02:00 twice on 25 October.
  ["Europe/Berlin", "sun", "02:00-03:00", "2026-03-29T00:59:59.999Z", false],
  ["Europe/Berlin", "sun", "02:00-03:00", "2026-03-29T01:00:00.000Z", false],
  ["Europe/Berlin", "sun", "03:00-04:00", "2026-03-29T01:00:00.000Z", true],
  ["Europe/Berlin", "sun", "02:00-03:00", "2026-10-25T00:30:00.000Z", true],
  ["Europe/Berlin", "sun", "02:00-03:00", "2026-10-25T01:30:00.000Z", true],
  ["Europe/Berlin", "sun", "02:00-03:00", "2026-10-25T02:00:00.000Z", false],
  ["UTC", "fri", "12:00-13:00", "2026-05-01T12:59:59.999Z", true],
  ["UTC", "fri", "12:00-13:00", "2026-05-01T13:00:00.000Z", false],
]; // prettier-ignore
for (const [timeZone, day, hours, now, shut] of SHUT) {
  test(`at ${now}, ${day} ${hours} in ${timeZone} is ${shut ? "" : "not "}now`, () => {
    const [from = "", until = ""] = hours.split("-");
    const rule: Rule = {
      name: "shut",
      because: "nobody looks",
      when: { time: [{ days: [day as Weekday], from, until }] },
      then: { kind: "forbid" },
    };
    const change = { timeZone, rules: [rule, ...charter.rules] };
    const says = shut ? "forbid rule/shut" : "auto rule/small-and-reversible";
    assert.equal(verdictOf({ change, facts: { now } }), says);
  });
}

const FIRST_MOMENT = "2026-01-31T18:30:00.000Z";
const INSTANTS: ReadonlyArray<[what: string, now: string, says: string]> = [
  [
    "the millisecond before its first day in India",
    addMs(FIRST_MOMENT, -1),
    "forbid in-force/in-force",
  ],
  ["the first moment of its first day", FIRST_MOMENT, "auto rule/small-and-reversible"],
  [
    "the last millisecond of its last day",
    "2026-02-27T18:29:59.999Z",
    "auto rule/small-and-reversible",
  ],
  [
    "the first moment of the day on which it ended",
    "2026-02-27T18:30:00.000Z",
    "forbid in-force/in-force",
  ],
  [
    "the last millisecond before a freeze",
    "2026-02-09T18:29:59.999Z",
    "auto rule/small-and-reversible",
  ],
  ["the first moment of a freeze", "2026-02-09T18:30:00.000Z", "forbid guardrail/freeze"],
  ["the first moment after a freeze", "2026-02-10T18:30:00.000Z", "auto rule/small-and-reversible"],
];
for (const [what, now, says] of INSTANTS) {
  test(`at ${what}: ${says}`, () => {
    const freezes = [{ from: "2026-02-10", until: "2026-02-11", because: "a day off" }];
    const effective = { from: "2026-02-01", review: "2026-02-15", until: "2026-02-28" };
    const change = { guardrails: { freezes }, effective };
    assert.equal(verdictOf({ facts: { now }, change }), says);
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
    assert.equal(verdictOf({ proposal, facts }).split(" ")[0], kind);
  });
}

test("a loop that only advises asks every side, on each side's own clock", () => {
  const verdict = judge({ facts: { autonomy: "advise" } });
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
  const verdict = judge({ facts: { claims: claim("ours") } });
  assert.deepEqual([verdict.kind, verdict.displaces], ["auto", ["c-1"]]);
  assert.match(verdict.reasons.join(), /case c-1 of stock .* lets go first/);
});

test("every verdict names the papers and the facts it rests on", () => {
  const facts = goodFacts(REST);
  const verdict = computeVerdict(charter, "the-hash", goodProposal(), facts);
  assert.equal(verdict.charterHash, "the-hash");
  assert.deepEqual(verdict.facts, facts);
});
