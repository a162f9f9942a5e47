import assert from "node:assert/strict";
import { test } from "node:test";
import { referenceCharter, referenceContract } from "../../../../test/kit/reference-loop.ts";
import { randomCharter } from "../../../../test/kit/random-charter.ts";
import { randomFrom } from "../../../std/random.ts";
import { parseDocument } from "../../document.ts";
import type { Contract } from "../../contract/types.ts";
import { parseCharter } from "../parse.ts";
import type { Charter, Party, Rule, VoteRequirement } from "../types.ts";
import { decideAt, decideTable, locate } from "./decided-table.ts";
import { findGaps, type GapReport } from "./gaps.ts";

/** In force for a quiet time, so that no holiday makes a clock late. */
const charter: Charter = {
  ...referenceCharter(),
  effective: { from: "2026-02-02", review: "2026-05-01", until: "2026-07-01" },
};
const contract = referenceContract();
const [logistics, marketing] = charter.parties as [Party, Party];
const [, , small, , marketingDecides, bothDecide] = charter.rules as [Rule, Rule, Rule, Rule, Rule, Rule]; // prettier-ignore

function gaps(change: Partial<Charter>, against: Contract | undefined = contract): GapReport {
  const report = findGaps({ ...charter, ...change }, against);
  for (const { message, help } of report.findings) assert(message && help);
  return report;
}

function told(change: Partial<Charter>, against?: Contract): ReadonlyArray<string> {
  return gaps(change, against).findings.map(
    ({ kind, severity, path, message }) => `${kind} ${severity} ${path} ${message}`,
  );
}

function rule(name: string, when: Rule["when"], then: Rule["then"] = { kind: "forbid" }): Rule {
  const accountable = then.kind === "forbid" ? {} : { accountable: "marketing" };
  return { name, because: "because", when, then, ...accountable };
}

function asks(vote: Partial<VoteRequirement>): Rule["then"] {
  return { kind: "approve", votes: [{ party: "marketing", quorum: 1, from: ["owner"], ...vote }] };
}

const WORKING_WEEK = [
  { days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", until: "18:00" },
] as const;

test("the reference charter has no gap, at any hour and with either owner away", () => {
  const { holds, isComplete, findings, size } = gaps({});
  assert.deepEqual(findings, []);
  assert(holds && isComplete);
  assert.deepEqual(size, { rules: 6, dimensions: 6, combinations: 288, steps: 57 });
});

test("a region that no rule covers is named in words, with a point in it and a rule that closes it", () => {
  const inHours = rule("in-hours", { time: WORKING_WEEK }, asks({}));
  const cheap = rule("cheap", { valueAtStake: { below: "INR 75000" } }, asks({}));
  const dear = rule("dear", { valueAtStake: { atLeast: "INR 500000" } });
  const single = rule("single", { subjects: { below: 2 } }, asks({}));
  const others = rule("others", { option: ["lower_bid", "prepaid_only", "confirm_orders"] });
  const rules = [others, dear, inHours, cheap, single];
  const { findings, holds } = gaps({ rules });
  assert.equal(holds, false);
  assert.equal(findings.length, 1);
  const [found] = findings;
  assert.equal(
    found?.message,
    "no rule covers `exclude_geo` with value at stake from Rs 75,000 to below Rs 5,00,000, " +
      "touching 2 places or more, outside Mon-Fri 09:00-18:00",
  );
  assert.equal(found.path, "/options/0");
  assert.deepEqual(found.region?.example, {
    option: "exclude_geo",
    reversible: true,
    valueAtStake: 7_500_000,
    confidence: 0.7,
    subjects: 2,
    shareOfOrders: 0,
    shareOfSpend: 0,
    time: 0,
  });
  assert.equal(
    found.suggestion?.yaml,
    `- name: gap-1
  because: nobody has decided this; it is asked of those whom in-hours asks
  when:
    option: [ exclude_geo ]
    valueAtStake: { atLeast: INR 75000, below: INR 500000 }
    subjects: { atLeast: 2 }
    time:
      [
        { days: [ mon, tue, wed, thu, fri ], from: "00:00", until: "09:00" },
        { days: [ mon, tue, wed, thu, fri ], from: "18:00", until: "24:00" },
        { days: [ sat, sun ], from: "00:00", until: "24:00" }
      ]
  then:
    kind: approve
    votes: [ { party: marketing, quorum: 1, from: [ owner ] } ]
  accountable: marketing
`,
  );
  assert.deepEqual(gaps({ rules: [...rules, found.suggestion.rule] }).findings, []);
});

test("suggested rules close every gap of random charters, and are charters' rules as they stand", () => {
  let closed = 0;
  for (let seed = 0; seed < 60; seed++) {
    const random = randomFrom("suggest", seed);
    const kind = seed % 2 === 0 ? "tiered" : "scattered";
    const drawn = randomCharter(random, charter, { rules: 8, dimensions: 3 + (seed % 6), kind });
    const report = findGaps(drawn);
    if (!report.isComplete) continue;
    const suggested = report.findings.flatMap(({ suggestion }) => suggestion ?? []);
    const written = suggested.flatMap(
      ({ yaml }) => parseDocument(yaml, "suggestion").value as ReadonlyArray<Rule>,
    );
    assert.deepEqual(
      written,
      suggested.map(({ rule: one }) => one),
    );
    const rules = [...drawn.rules, ...written].slice(0, 200);
    const mended = parseCharter(JSON.parse(JSON.stringify({ ...drawn, rules })));
    const left = findGaps(mended).findings.filter((one) => one.kind === "uncovered");
    if (suggested.length + drawn.rules.length <= 200) assert.deepEqual(left, [], `seed ${seed}`);
    closed += suggested.length;
  }
  assert(closed > 100, `only ${closed}`);
});

test("two stretches, several options and what cannot be undone are said as a person would", () => {
  const words = (rules: ReadonlyArray<Rule>, against?: Contract): ReadonlyArray<string> =>
    findGaps({ ...charter, rules }, against).findings.flatMap(({ region, kind }) =>
      kind === "uncovered" && region !== undefined ? [region.words] : [],
    );
  const between = { atLeast: "INR 1000.50", below: "INR 2000" };
  assert.deepEqual(words([rule("between", { valueAtStake: between })]), [
    "any option with value at stake below Rs 1,000.50 or Rs 2,000 or more",
  ]);
  assert.deepEqual(words([rule("one", { option: ["exclude_geo"], reversible: true })]), [
    "`lower_bid`, `prepaid_only` or `confirm_orders`, or `exclude_geo` where it cannot be undone",
  ]);
  assert.deepEqual(words([rule("safe", { reversible: true })]), [
    "any option where it cannot be undone",
  ]);
  assert.deepEqual(words([rule("safe", { reversible: true })], contract), []);
  const shares = { below: 0.025 };
  assert.deepEqual(words([rule("tiny", { confidence: { below: 1 }, shareOfSpend: shares })]), [
    "any option touching 2.5% or more of all ad spend",
    "any option with confidence 1",
  ]);
  assert.deepEqual(words([rule("some", { subjects: { atLeast: 2, below: 5 } })]), [
    "any option touching 1 place or 5 places or more",
  ]);
});

test("a rule behind a broader one never decides, and the broader one is named", () => {
  const rules = [...charter.rules, rule("late", { shareOfSpend: { below: 0.05 } })];
  assert.deepEqual(told({ rules }), [
    "unreachable warning /rules/6 `late` can never decide: `both-decide` always decides before it",
  ]);
});

test("a rule that several earlier ones cover together names them, and none that could be spared", () => {
  const rules = [
    rule("high", { valueAtStake: { atLeast: "INR 400" } }),
    rule("spare", { valueAtStake: { atLeast: "INR 350", below: "INR 550" } }),
    rule("low", { valueAtStake: { below: "INR 500" } }),
    rule("between", { valueAtStake: { atLeast: "INR 300", below: "INR 600" } }),
  ];
  assert.deepEqual(told({ rules }), [
    "unreachable warning /rules/3 `between` can never decide: `high` and `low` together always decide before it",
  ]);
});

test("a limit that keeps a rule from deciding is named, alone or with the rules that do the rest", () => {
  const doubtful = rule("doubtful", { confidence: { below: 0.7 } });
  assert.deepEqual(told({ rules: [doubtful, bothDecide] }, contract), [
    "limit warning /rules/0 `doubtful` can never decide: the contract's `confidence.thresholds.act` " +
      "(0.7) forbids all of it before any rule is asked",
  ]);
  assert.deepEqual(findGaps({ ...charter, rules: [doubtful, bothDecide] }).findings, []);
  const glassless: Partial<Charter> = { breakGlass: undefined as never };
  const dear = rule("dear", { valueAtStake: { atLeast: "INR 900000" } });
  const late = rule("late", { valueAtStake: { atLeast: "INR 900000" }, subjects: { below: 9 } });
  const huge = rule("huge", { valueAtStake: { atLeast: "INR 1000001" } });
  const upTo = rule("up-to", { valueAtStake: { atLeast: "INR 900000", below: "INR 1000001" } });
  assert.deepEqual(told({ ...glassless, rules: [dear, late, huge, bothDecide] }), [
    "unreachable warning /rules/1 `late` can never decide: `dear` always decides before it",
    "unreachable warning /rules/2 `huge` can never decide: `dear` always decides before it",
  ]);
  assert.deepEqual(told({ ...glassless, rules: [upTo, late, bothDecide] }), [
    "limit warning /rules/1 `late` can never decide: `perDay.value` (Rs 10,00,000) forbids the rest " +
      "of it, and `up-to` always decides before it",
  ]);
  assert.deepEqual(told({ rules: [huge, bothDecide] }), [
    "limit advice /rules/0 `huge` decides only while an owner has broken the glass: `perDay.value` " +
      "(Rs 10,00,000) forbids all of it before any rule is asked",
  ]);
});

test("caps of nothing and freezes without end leave no rule anything to decide", () => {
  const { guardrails } = charter;
  const none = { ...guardrails, perDay: { ...guardrails.perDay, actions: 0, subjects: 0 } };
  assert.deepEqual(told({ guardrails: none }), [
    "limit warning /guardrails/perDay/subjects `perDay.subjects` (0) and `perDay.actions` (0) forbid " +
      "every action, so rules decide only while an owner has broken the glass",
  ]);
  const breakGlass = { hoursMax: 8, lifts: ["per-week"] } as const;
  assert.match(told({ guardrails: none, breakGlass }).join(), /so no rule ever decides$/);
  const freezes = [
    { from: "2026-05-01", until: "2026-08-01", because: "moving house" },
    { from: "2026-01-01", until: "2026-05-01", because: "year end" },
  ];
  assert.deepEqual(told({ guardrails: { ...guardrails, freezes } }), [
    "limit warning /guardrails/freezes the freezes leave no day on which anything may be done, so no rule ever decides",
  ]);
});

test("two rules that meet are told when the first lets more happen and neither is an exception", () => {
  const cheap = rule("cheap", { valueAtStake: { below: "INR 50000" } }, { kind: "auto" });
  const wide = rule("wide", { subjects: { atLeast: 75 } });
  const rules = [cheap, wide, bothDecide];
  const { findings } = gaps({ rules });
  assert.deepEqual(
    findings.map(({ kind, severity, path, message }) => `${kind} ${severity} ${path} ${message}`),
    [
      "overlap warning /rules/0 `cheap` and `wide` both fit any option with value at stake below " +
        "Rs 50,000, touching 75 places or more: because `cheap` stands first, it runs by itself " +
        "there; by `wide` it is forbidden",
    ],
  );
  const [found] = findings;
  assert(found?.region);
  assert.deepEqual(decideAt({ ...charter, rules }, found.region.example), {
    kind: "rule",
    index: 0,
  });
  assert.deepEqual(decideAt({ ...charter, rules: [wide, cheap] }, found.region.example), {
    kind: "rule",
    index: 0,
  });
  assert.deepEqual(told({ rules: [wide, cheap, bothDecide] }), []);
  // An earlier rule decides wherever they meet: their order decides nothing.
  const before = rule("before", { subjects: { atLeast: 60 } });
  assert.deepEqual(
    gaps({ rules: [before, cheap, wide, bothDecide] }).findings.map(({ kind }) => kind),
    ["unreachable"],
  );
});

test("money in another currency than the charter's is found wherever it stands", () => {
  const { guardrails } = charter;
  const perWeek = { ...guardrails.perWeek, value: "USD 5000000" };
  const rules = [rule("dear", { valueAtStake: { atLeast: "EUR 500" } }), bothDecide];
  assert.deepEqual(told({ rules, guardrails: { ...guardrails, perWeek } }), [
    "currency error /rules/0/when/valueAtStake/atLeast `EUR 500` is not in INR, the charter's currency",
    "currency error /guardrails/perWeek/value `USD 5000000` is not in INR, the charter's currency",
  ]);
});

test("one person on both sides is an error, however the mailbox is written", () => {
  const double = { name: "Meera Nair", email: "HEAD@logistics.example.com" };
  const parties = [logistics, { ...marketing, deputies: [...marketing.deputies, double] }];
  assert.deepEqual(told({ parties }), [
    "approver error /parties/1 `Meera Nair` stands for both logistics and marketing",
  ]);
});

test("a vote that too few people in term can give is an error for just those days", () => {
  const owner = { ...marketing.owner, until: "2026-04-01" };
  const deputies = marketing.deputies.map((person) => ({ ...person, from: "2026-04-15" }));
  const gone = [logistics, { ...marketing, owner, deputies }];
  const rules = [rule("all", {}, asks({}))];
  assert.deepEqual(told({ parties: gone, rules }), [
    "approver error /rules/0/then/votes/0 `all` asks marketing for a vote, and nobody may give it from 2026-04-01 until 2026-04-15",
    "approver error /rules/0/then/votes/0 while the owner of marketing is away, a vote that `all` asks for cannot be given from 2026-02-02 until 2026-04-01",
    "approver warning /rules/0/then/votes/0 nobody of owner of marketing, whom `all` asks first, is in term from 2026-04-15 until 2026-07-01",
    "accountable error /rules/0/accountable `all` says that marketing answers for it, whose owner `Rohan Mehta` is not in term from 2026-04-01 until 2026-07-01",
  ]);
});

test("a quorum must be met without the owner as well, by deputies or a group", () => {
  const two = [rule("two", {}, asks({ quorum: 2 }))];
  assert.deepEqual(told({ rules: two }), [
    "approver error /rules/0/then/votes/0 while the owner of marketing is away, 2 votes that `two` asks for cannot be given",
  ]);
  const three = [rule("three", {}, asks({ quorum: 3 }))];
  assert.deepEqual(told({ rules: three }), [
    "approver error /rules/0/then/votes/0 `three` asks marketing for 3 votes, and only 2 may vote",
  ]);
  const alone = [logistics, { ...marketing, deputies: [] }];
  const forbids = [rule("never", {})];
  assert.deepEqual(told({ parties: alone, rules: forbids }), [
    "approver error /parties/1 while the owner of marketing is away, a vote that a loop that only advises asks for cannot be given",
  ]);
  const desk = [{ name: "Dev", email: "dev@marketing.example.com" }];
  const staffed = [logistics, { ...marketing, groups: { desk } }];
  const either = [rule("two", {}, asks({ quorum: 2, from: ["owner", "desk"] }))];
  assert.deepEqual(told({ parties: staffed, rules: either }), []);
});

test("a clock that always runs and ends while nobody is at work is told with those hours", () => {
  const clock = { ...marketing.clock, counts: "all-hours", answerWithinHours: 8, escalate: [] } as const; // prettier-ignore
  const rules = [rule("all", {}, asks({ clock }))];
  assert.deepEqual(told({ rules }), [
    "clock warning /rules/0/then/votes/0 `all` asks marketing, whose clock ends after 8 hours and may " +
      "find nobody at work: closed from Sat, 7 Feb 2026, 14:00 (Asia/Kolkata) to Mon, 9 Feb 2026, " +
      "09:30 (Asia/Kolkata)",
  ]);
  const patient = [rule("all", {}, asks({ clock: { ...clock, answerWithinHours: 72 } }))];
  assert.deepEqual(told({ rules: patient }), []);
});

test("a clock that can end after the signal is told with the worst moment to be asked", () => {
  const hasty = { ...contract, expiry: { afterHours: 36 } };
  const rules = [rule("all", {}, asks({}))];
  assert.deepEqual(told({ rules }, hasty), [
    "clock advice /rules/0/then/votes/0 `all` asks marketing with 8 working hours to answer, but a " +
      "signal ends after 36 hours: asked at Fri, 6 Feb 2026, 18:30 (Asia/Kolkata), the clock ends at " +
      "Mon, 9 Feb 2026, 13:30 (Asia/Kolkata)",
  ]);
  const clock = { ...marketing.clock, counts: "all-hours", answerWithinHours: 80 } as const;
  const slow = [rule("all", {}, asks({ clock }))];
  assert.deepEqual(told({ rules: slow }, contract), [
    "clock warning /rules/0/then/votes/0 `all` asks marketing with 84 hours to answer, but a signal ends after 72 hours",
  ]);
});

test("somebody must answer for what a rule lets happen: a party, with an owner, that votes", () => {
  const { accountable: _, ...unowned } = { ...small, when: {} };
  assert.deepEqual(told({ rules: [unowned] }), [
    "accountable error /rules/0/accountable `small-and-reversible` lets things happen that nobody answers for",
  ]);
  assert.deepEqual(told({ rules: [{ ...bothDecide, accountable: "growth" }] }), [
    "accountable error /rules/0/accountable `both-decide` says that `growth` answers for it, which is no party",
  ]);
  assert.deepEqual(told({ rules: [{ ...marketingDecides, when: {}, accountable: "logistics" }] }), [
    "accountable error /rules/0/accountable `marketing-decides` says that logistics answers for it, but only marketing votes",
  ]);
});

test("each side must be told of what was done, not done, came of it, or needs a person", () => {
  const [desk, performance] = charter.notify;
  assert(desk && performance);
  assert.deepEqual(told({ notify: [desk] }), [
    "notify error /notify marketing is told nothing of what is done",
  ]);
  const some = { ...performance, on: ["acted", "outcome", "lifted"] as const };
  assert.deepEqual(told({ notify: [desk, some] }), [
    "notify error /notify marketing has no address that hears of `not-acted` and `person-needed`",
  ]);
});

test("a table made to hurt is not decided, says so, and still names a gap that it found", () => {
  const random = randomFrom("hostile", 1);
  const shape = { rules: 120, dimensions: 8, kind: "scattered", stated: 0.8 } as const;
  const hostile = randomCharter(random, charter, shape);
  const decided = decideTable(hostile, undefined, 50_000);
  assert.equal(decided.state, "too-large");
  const report = findGaps(hostile, undefined, { decided });
  assert.equal(report.isComplete, false);
  assert.equal(report.holds, false);
  const undecided = report.findings.filter(({ kind }) => kind === "not-decided");
  assert.match(undecided[0]?.message ?? "", /^not decided: what else no rule covers is not known/);
  const [gap] = report.findings.filter(({ kind }) => kind === "uncovered");
  assert(gap?.region);
  assert.equal(decideAt(hostile, gap.region.example).kind, "no-rule");
  assert.equal(locate(decided, gap.region.example), undefined);
});
