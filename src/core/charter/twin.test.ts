/**
 * A second reading of the charter, slow and plain, written from the types' comments and not from
 * `verdict.ts`: it must agree on every random charter, proposal and set of facts.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { goodFacts, goodProposal, referenceCharter } from "../../../test/kit/reference-loop.ts";
import { addMs, DAY_MS } from "../../std/time.ts";
import type { Proposal } from "../contract/types.ts";
import { holdsAt } from "./table.ts";
import type { Charter, Range, Rule, RuleConditions, VerdictFacts } from "./types.ts";
import { computeVerdict } from "./verdict.ts";
import { readConditions } from "./words.ts";

const NOW = "2026-03-02T06:00:00.000Z";
const RUNS = 40_000;

function twin(charter: Charter, proposal: Proposal, facts: VerdictFacts): string {
  const time = Date.parse(facts.now);
  if (!facts.charterSigned) return "forbid in-force";
  if (time < Date.parse(charter.effective.from)) return "forbid in-force";
  if (time >= Date.parse(charter.effective.until)) return "forbid in-force";
  if (facts.stopped) return "forbid stop";
  if (facts.autonomy === "shadow") return "forbid autonomy";

  const g = charter.guardrails;
  if (charter.options.indexOf(proposal.option) === -1) return "forbid guardrail";
  if (proposal.valueAtStake.currency !== charter.currency) return "forbid guardrail";
  if (facts.actionsToday + 1 > g.actionsPerDay) return "forbid guardrail";
  if (facts.actionsThisWeek + 1 > g.actionsPerWeek) return "forbid guardrail";
  if (g.valuePerDayMinor - facts.valueTodayMinor < proposal.valueAtStake.amountMinor) {
    return "forbid guardrail";
  }
  if (facts.lastActionOnSubjectAt) {
    const days = (time - Date.parse(facts.lastActionOnSubjectAt)) / DAY_MS;
    if (days < g.coolDownDays) return "forbid guardrail";
  }
  if (proposal.standingDays > g.standingDaysMax) return "forbid guardrail";
  for (const freeze of g.freezes) {
    if (Date.parse(freeze.from) <= time && time < Date.parse(freeze.until)) {
      return "forbid guardrail";
    }
  }
  if (facts.confidence < facts.confidenceToAct) return "forbid guardrail";
  if (facts.resourceHeldBy) return "forbid arbitration";

  const inside = (x: number, range?: Range): boolean => {
    if (!range) return true;
    const { atLeast, below } = range;
    if (atLeast !== undefined && x < atLeast) return false;
    return !(below !== undefined && x >= below);
  };
  for (const rule of charter.rules) {
    const w = rule.when;
    const b = proposal.blastRadius;
    const fits =
      (!w.option || w.option.some((name) => name === proposal.option)) &&
      (w.reversible === undefined || w.reversible === facts.reversible) &&
      inside(proposal.valueAtStake.amountMinor, w.valueAtStakeMinor) &&
      inside(facts.confidence, w.confidence) &&
      inside(b.subjects, w.subjects) &&
      inside(b.shareOfOrders, w.shareOfOrders) &&
      inside(b.shareOfSpend, w.shareOfSpend);
    if (!fits) continue;
    const asked = rule.then.kind === "approve" ? rule.then.votes.map((v) => v.party) : [];
    if (rule.then.kind === "forbid") return `forbid rule ${rule.name}`;
    if (facts.autonomy === "advise") {
      const all = new Set([...asked, ...charter.parties.map((p) => p.department)]);
      return `approve rule ${rule.name} ${[...all].sort().join()}`;
    }
    if (rule.then.kind === "auto") return `auto rule ${rule.name}`;
    return `approve rule ${rule.name} ${asked.sort().join()}`;
  }
  return "forbid no-rule";
}

// Few different values on each axis, so that points fall on bounds and rules overlap; and what stops a
// proposal before the rules is rare, so that many proposals come as far as the rules.
const options = ["exclude_geo", "lower_bid", "prepaid_only"];
const pick = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const mostly = <T>(usual: T[], rare: T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 15, arbitrary: pick(...usual) }, { weight: 1, arbitrary: pick(...rare) });
const maybe = <T>(arb: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: arb });
const money = pick(0, 1, 100, 250, 251, 5_000);
const share = pick(0, 0.01, 0.02, 0.0200001, 0.5, 1);
const count = pick(0, 1, 2, 50);

function without<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;
}

const rangeOf = (bound: fc.Arbitrary<number>): fc.Arbitrary<Range> =>
  fc.record({ atLeast: maybe(bound), below: maybe(bound) }).map((r) => without<Range>(r));

const when = fc
  .record({
    option: maybe(fc.subarray(options, { minLength: 1 })),
    valueAtStakeMinor: maybe(rangeOf(money)),
    confidence: maybe(rangeOf(share)),
    reversible: maybe(fc.boolean()),
    subjects: maybe(rangeOf(count)),
    shareOfOrders: maybe(rangeOf(share)),
    shareOfSpend: maybe(rangeOf(share)),
  })
  .map((conditions) => without<RuleConditions>(conditions));

const asks = (party: string) => ({
  party,
  quorum: 1,
  withinHours: 8,
  remindAfterHours: 2,
  onTimeout: "expire" as const,
});
const effect = pick<Rule["then"]>(
  { kind: "auto" },
  { kind: "forbid" },
  { kind: "approve", votes: [asks("marketing")] },
  { kind: "approve", votes: [asks("marketing"), asks("logistics")] },
);
const reference = referenceCharter();
const charters = fc
  .record({
    rules: fc.array(fc.record({ when, then: effect }), { maxLength: 6 }),
    covered: mostly([options], [["exclude_geo"], []]),
    actionsPerDay: mostly([5, 6], [1]),
    valuePerDayMinor: mostly([1_000_000], [0, 250]),
    coolDownDays: pick(0, 14),
    freezes: mostly<Charter["guardrails"]["freezes"]>(
      [[]],
      [[{ from: NOW, until: addMs(NOW, 1), because: "week" }]],
    ),
    until: mostly(["2027-01-01T00:00:00.000Z"], [NOW]),
  })
  .map(({ rules, covered, until, ...guardrails }): Charter => ({
    ...reference,
    options: covered,
    rules: rules.map((rule, i) => ({ name: `r${i}`, because: "because", ...rule })),
    guardrails: { ...reference.guardrails, actionsPerWeek: 9, ...guardrails },
    effective: { from: "2026-01-01T00:00:00.000Z", until },
  }));
const proposals = fc
  .record({
    option: pick(...options),
    amountMinor: money,
    currency: mostly(["INR"], ["USD"]),
    blastRadius: fc.record({ subjects: count, shareOfOrders: share, shareOfSpend: share }),
    standingDays: mostly([1, 14, 28], [29]),
  })
  .map(({ amountMinor, currency, ...rest }) =>
    goodProposal({ ...rest, valueAtStake: { amountMinor, currency } }),
  );
const situations = fc
  .record({
    now: mostly([NOW, addMs(NOW, 1), "2026-05-01T00:00:00.000Z"], ["2025-12-31T00:00:00.000Z"]),
    charterSigned: mostly([true], [false]),
    stopped: mostly([false], [true]),
    autonomy: mostly<VerdictFacts["autonomy"]>(["advise", "act", "act"], ["shadow"]),
    confidence: share,
    confidenceToAct: mostly([0], [0.02]),
    reversible: fc.boolean(),
    actionsToday: mostly([0, 4], [5, 6]),
    actionsThisWeek: mostly([0, 8], [9]),
    valueTodayMinor: mostly([0, 249, 995_000], [999_750]),
    lastActionOnSubjectAt: mostly<string | undefined>(
      [undefined, addMs(NOW, -14 * DAY_MS)],
      [addMs(NOW, -DAY_MS)],
    ),
    resourceHeldBy: mostly<string | undefined>([undefined], ["case-7"]),
  })
  .map((drawn) => without<VerdictFacts>(drawn));

test(`the slow plain reading agrees on ${RUNS} random charters, proposals and facts`, () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(charters, proposals, situations, (charter, proposal, facts) => {
      const verdict = computeVerdict(charter, "h", proposal, facts);
      const parties = verdict.votes.map(({ party }) => party).sort();
      const name = verdict.decidedBy === "rule" ? ` ${verdict.rule}` : "";
      const votes = verdict.kind === "approve" ? ` ${parties.join()}` : "";
      const got = `${verdict.kind} ${verdict.decidedBy}${name}${votes}`;
      assert.equal(got, twin(charter, proposal, facts));
      const branch = `${verdict.kind} ${verdict.decidedBy}`;
      seen.set(branch, (seen.get(branch) ?? 0) + 1);
    }),
    { numRuns: RUNS },
  );
  for (const branch of [
    "auto rule",
    "approve rule",
    "forbid rule",
    "forbid no-rule",
    "forbid arbitration",
    "forbid guardrail",
    "forbid autonomy",
    "forbid stop",
    "forbid in-force",
  ]) {
    assert((seen.get(branch) ?? 0) >= 200, `${branch} was tried ${seen.get(branch) ?? 0} times`);
  }
});

test("whatever breaks a guardrail, a stop or a signature is never allowed, whatever the rules say", () => {
  const breaks: ReadonlyArray<[Partial<Proposal>, Partial<VerdictFacts>]> = [
    [{ option: "pause_campaign" }, {}],
    [{ valueAtStake: { amountMinor: 1, currency: "EUR" } }, {}],
    [{ standingDays: 367 }, {}],
    [{}, { actionsToday: 1_000 }],
    [{}, { actionsThisWeek: 1_000 }],
    [{}, { valueTodayMinor: 1e12 }],
    [{}, { confidence: -1 }],
    [{}, { confidence: NaN }],
    [{}, { charterSigned: false }],
    [{}, { stopped: true }],
    [{}, { autonomy: "shadow" }],
    [{}, { resourceHeldBy: "case-1" }],
  ];
  const blanket: Rule = { name: "all", because: "b", when: {}, then: { kind: "auto" } };
  fc.assert(
    fc.property(
      charters,
      proposals,
      situations,
      fc.constantFrom(...breaks),
      (charter, proposal, facts, [brokenProposal, brokenFacts]) => {
        const generous = { ...charter, rules: [blanket, ...charter.rules] };
        const verdict = computeVerdict(
          generous,
          "h",
          { ...proposal, ...brokenProposal },
          { ...facts, ...brokenFacts },
        );
        assert.equal(verdict.kind, "forbid");
        assert.notEqual(verdict.decidedBy, "rule");
      },
    ),
    { numRuns: 3_000 },
  );
});

test("raising the value, the reach or the use of the caps never turns votes or a no into auto", () => {
  const charter = reference;
  const grow = fc.record({
    amountMinor: fc.integer({ min: 0, max: 40_000_000 }),
    more: fc.integer({ min: 0, max: 40_000_000 }),
    subjects: fc.integer({ min: 1, max: 100 }),
    shareOfOrders: fc.double({ min: 0, max: 0.2, noNaN: true }),
    extraShare: fc.double({ min: 0, max: 0.2, noNaN: true }),
    actionsToday: fc.integer({ min: 0, max: 45 }),
  });
  const rank = { auto: 0, approve: 1, forbid: 2 };
  fc.assert(
    fc.property(grow, (g) => {
      const at = (amountMinor: number, shareOfOrders: number, actionsToday: number) =>
        computeVerdict(
          charter,
          "h",
          goodProposal({
            valueAtStake: { amountMinor, currency: "INR" },
            blastRadius: { subjects: g.subjects, shareOfOrders, shareOfSpend: 0 },
          }),
          goodFacts({ actionsToday }),
        );
      const small = at(g.amountMinor, g.shareOfOrders, g.actionsToday);
      const large = at(g.amountMinor + g.more, g.shareOfOrders + g.extraShare, g.actionsToday + 1);
      assert(rank[large.kind] >= rank[small.kind]);
    }),
    { numRuns: 2_000 },
  );
});

test("the conditions in words and the table as geometry hold at the same points", () => {
  fc.assert(
    fc.property(when, proposals, situations, (conditions, proposal, facts) => {
      const readings = readConditions(conditions, reference, proposal, facts);
      const point = {
        option: proposal.option,
        reversible: facts.reversible,
        valueAtStakeMinor: proposal.valueAtStake.amountMinor,
        confidence: facts.confidence,
        ...proposal.blastRadius,
      };
      assert.equal(
        readings.every(({ holds }) => holds),
        holdsAt(conditions, point),
      );
      for (const { words } of readings) assert(!/undefined|NaN/.test(words), words);
    }),
    { numRuns: 3_000 },
  );
});
