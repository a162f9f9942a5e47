/**
 * The verdict against a slow, plain reading of the charter that shares no code with it, and properties
 * that must hold of any verdict.
 *
 * The twin reads rules and guardrails as a person would, line by line. Both must agree on every random
 * charter, proposal and set of facts.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { goodFacts, goodProposal, referenceCharter } from "../../../test/kit/reference-loop.ts";
import { addMs, DAY_MS } from "../../std/time.ts";
import type { Proposal } from "../contract/types.ts";
import { holdsAt, pointOf } from "./condition.ts";
import type {
  Charter,
  ClaimFact,
  MoneyRange,
  Range,
  Rule,
  RuleConditions,
  Usage,
  VerdictFacts,
  WeekWindow,
} from "./types.ts";
import { computeVerdict } from "./verdict.ts";
import { readConditions } from "./words.ts";

/** A Monday, 11:30 in India. */
const NOW = "2026-03-02T06:00:00.000Z";
const RUNS = 100_000;
const INDIA_MS = 330 * 60_000;

/** The calendar day in India, by the one thing everybody knows of it: five and a half hours ahead. */
function indianDay(at: string): string {
  return new Date(Date.parse(at) + INDIA_MS).toISOString().slice(0, 10);
}

function paise(text: string): number {
  return Math.round(Number(text.split(" ")[1]) * 100);
}

function twin(charter: Charter, proposal: Proposal, facts: VerdictFacts): string {
  const today = indianDay(facts.now);
  if (facts.withdrawn || !facts.charterSigned) return "forbid in-force";
  if (today < charter.effective.from || today >= charter.effective.until) return "forbid in-force";
  if (facts.stops.length > 0) return "forbid stop";
  if (facts.autonomy === "shadow") return "forbid autonomy";
  const g = charter.guardrails;
  const stake = proposal.valueAtStake.amountMinor;
  const area = proposal.blastRadius.subjects;
  const day = facts.usedToday;
  const week = facts.usedThisWeek;
  const last = facts.lastActionOnSubjectAt;
  const readable = [stake, area, facts.confidence, day.actions, day.valueMinor, week.valueMinor];
  if (readable.some((n) => Number.isNaN(n) || n < 0) || (last && !last.endsWith("Z"))) {
    return "forbid guardrail readable-figures";
  }
  // What is broken, in the order of the page, with the kind that broken glass may lift.
  const broken: Array<{ name: string; kind?: string }> = [];
  if (charter.options.indexOf(proposal.option) === -1) broken.push({ name: "options-covered" });
  if (proposal.valueAtStake.currency !== charter.currency) broken.push({ name: "currency" });
  for (const [kind, caps, use] of [
    ["per-day", g.perDay, day],
    ["per-week", g.perWeek, week],
  ] as const) {
    if (use.actions + 1 > caps.actions) broken.push({ name: `actions-${kind}`, kind });
    if (use.subjects + area > caps.subjects) broken.push({ name: `subjects-${kind}`, kind });
    if (use.valueMinor + stake > paise(caps.value)) broken.push({ name: `value-${kind}`, kind });
  }
  if (last && (Date.parse(facts.now) - Date.parse(last)) / DAY_MS < g.coolDownDays) {
    broken.push({ name: "cool-down", kind: "cool-down" });
  }
  if (proposal.standingDays > g.standingDaysMax) broken.push({ name: "standing-days" });
  for (const freeze of g.freezes) {
    if (freeze.from <= today && today < freeze.until)
      broken.push({ name: "freeze", kind: "freeze" });
  }
  if (facts.confidence < facts.confidenceToAct) broken.push({ name: "confidence-to-act" });
  const glass = facts.glass !== undefined && Date.parse(facts.now) < Date.parse(facts.glass.until);
  for (const { name, kind } of broken) {
    if (!glass || !charter.breakGlass?.lifts.some((one) => one === kind)) {
      return `forbid guardrail ${name}`;
    }
  }
  if (facts.cycle) return "forbid arbitration loop-cycle";
  const kinds = facts.claims.map(({ precedence }) => precedence);
  if (kinds.includes("same-loop")) return "forbid arbitration one-case-at-a-time";
  if (kinds.includes("theirs")) return "forbid arbitration outranked";
  if (kinds.includes("undecided")) return "forbid arbitration no-precedence";
  const inside = (x: number, low: number | undefined, high: number | undefined): boolean =>
    !(low !== undefined && x < low) && !(high !== undefined && x >= high);
  const local = new Date(Date.parse(facts.now) + INDIA_MS);
  const weekday = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"][local.getUTCDay()] ?? "";
  const clock = local.toISOString().slice(11, 16);
  for (const rule of charter.rules) {
    const w = rule.when;
    const b = proposal.blastRadius;
    const low = w.valueAtStake?.atLeast;
    const high = w.valueAtStake?.below;
    const fits =
      (!w.option || w.option.some((name) => name === proposal.option)) &&
      (w.reversible === undefined || w.reversible === facts.reversible) &&
      inside(
        stake,
        low === undefined ? low : paise(low),
        high === undefined ? high : paise(high),
      ) &&
      inside(facts.confidence, w.confidence?.atLeast, w.confidence?.below) &&
      inside(b.subjects, w.subjects?.atLeast, w.subjects?.below) &&
      inside(b.shareOfOrders, w.shareOfOrders?.atLeast, w.shareOfOrders?.below) &&
      inside(b.shareOfSpend, w.shareOfSpend?.atLeast, w.shareOfSpend?.below) &&
      (!w.time ||
        w.time.some(
          ({ days, from, until }) =>
            days.some((one) => one === weekday) && from <= clock && clock < until,
        ));
    if (!fits) continue;
    if (rule.then.kind === "forbid") return `forbid rule ${rule.name}`;
    const asked = new Map<string, string>();
    if (facts.autonomy === "advise" || broken.length > 0) {
      for (const { department } of charter.parties) asked.set(department, "1 of owner/deputies");
    }
    if (rule.then.kind === "approve") {
      for (const v of rule.then.votes) asked.set(v.party, `${v.quorum} of ${v.from.join("/")}`);
    }
    const moves = facts.claims.map((claim) => claim.case).join("+");
    if (asked.size === 0) return `auto rule ${rule.name} ${moves}`;
    const votes = [...asked].map(([party, what]) => `${party} ${what}`).sort();
    return `approve rule ${rule.name} ${votes.join()} ${moves}`;
  }
  return "forbid no-rule";
}

// Few different values on each axis, so that points fall on bounds and rules overlap; and what stops a
// proposal before the rules is rare, so that many proposals come as far as the rules.
const options = ["exclude_geo", "lower_bid", "prepaid_only"];
const pick = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const mostly = <T>(usual: T[], rare: T[], weight = 25): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: pick(...usual) }, { weight: 1, arbitrary: pick(...rare) });
/** For what broken glass may lift: both must be drawn together now and then. */
const often = <T>(usual: T[], rare: T[]): fc.Arbitrary<T> => mostly(usual, rare, 8);
const maybe = <T>(arb: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: arb });
const money = pick(0, 1, 100, 250, 251, 5_000);
const moneyText = pick("INR 0", "INR 0.01", "INR 1", "INR 2.50", "INR 2.51", "INR 50");
const share = pick(0, 0.01, 0.02, 0.0200001, 0.5, 1);
const count = pick(0, 1, 2, 50);
function without<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;
}
const rangeOf = (bound: fc.Arbitrary<number>): fc.Arbitrary<Range> =>
  fc.record({ atLeast: maybe(bound), below: maybe(bound) }).map((r) => without<Range>(r));
const moneyRange = fc
  .record({ atLeast: maybe(moneyText), below: maybe(moneyText) })
  .map((r) => without<MoneyRange>(r));
// Ends just before, at and just after the two instants at which the facts stand.
const windows = pick<ReadonlyArray<WeekWindow>>(
  [{ days: ["mon"], from: "11:30", until: "11:31" }],
  [{ days: ["mon"], from: "00:00", until: "11:30" }],
  [{ days: ["tue", "fri"], from: "00:00", until: "24:00" }],
  [
    { days: ["sun"], from: "22:00", until: "24:00" },
    { days: ["mon"], from: "09:00", until: "18:00" },
  ],
);
const when = fc
  .record({
    option: maybe(fc.subarray(options, { minLength: 1 })),
    valueAtStake: maybe(moneyRange),
    confidence: maybe(rangeOf(share)),
    reversible: maybe(fc.boolean()),
    subjects: maybe(rangeOf(count)),
    shareOfOrders: maybe(rangeOf(share)),
    shareOfSpend: maybe(rangeOf(share)),
    time: maybe(windows),
  })
  .map((conditions) => without<RuleConditions>(conditions));
const asks = (party: string) => ({ party, quorum: party === "marketing" ? 1 : 2, from: ["owner"] });
const effect = pick<Rule["then"]>(
  { kind: "auto" },
  { kind: "forbid" },
  { kind: "approve", votes: [asks("marketing")] },
  { kind: "approve", votes: [asks("marketing"), asks("logistics")] },
);
const reference = referenceCharter();
type Guardrails = Charter["guardrails"];
const charters = fc
  .record({
    rules: fc.array(fc.record({ when, then: effect }), { maxLength: 6 }),
    covered: mostly([options], [["exclude_geo"], []]),
    actionsPerDay: mostly([5, 6], [1]),
    subjectsPerWeek: mostly([500], [51]),
    valuePerDay: mostly(["INR 10000"], ["INR 0", "INR 2.50"]),
    coolDownDays: pick(0, 0, 14),
    freezes: often<Guardrails["freezes"]>(
      [[]],
      [[{ from: "2026-03-02", until: "2026-03-03", because: "week" }]],
    ),
    until: mostly(["2027-01-01"], ["2026-03-02"]),
    lifts: pick<NonNullable<Charter["breakGlass"]>["lifts"] | undefined>(
      undefined,
      ["per-day", "cool-down"],
      ["per-week", "freeze", "cool-down"],
      ["per-day", "per-week", "cool-down", "freeze"],
    ),
  })
  .map(({ rules, covered, until, lifts, ...drawn }): Charter => {
    const { breakGlass: _, ...plain } = reference;
    return {
      ...plain,
      options: covered,
      rules: rules.map((rule, i) => ({
        name: `r${i}`,
        because: "because",
        ...rule,
        ...(rule.then.kind === "forbid" ? {} : { accountable: "marketing" }),
      })),
      guardrails: {
        ...reference.guardrails,
        perDay: { actions: drawn.actionsPerDay, subjects: 400, value: drawn.valuePerDay },
        perWeek: { actions: 9, subjects: drawn.subjectsPerWeek, value: "INR 10000" },
        coolDownDays: drawn.coolDownDays,
        freezes: drawn.freezes,
      },
      effective: { from: "2026-01-01", review: "2026-06-01", until },
      ...(lifts === undefined ? {} : { breakGlass: { hoursMax: 8, lifts } }),
    };
  });
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
const claim = (name: string, precedence: ClaimFact["precedence"]): ClaimFact => ({
  case: name,
  loop: "stock",
  resource: "ads:x",
  precedence,
});
const used = (actions: number, subjects: number, valueMinor: number): Usage => ({
  actions,
  subjects,
  valueMinor,
});
const situations = fc
  .record({
    // Monday 11:30 in India, the millisecond after, the minute after, a Friday, and a day too early.
    now: mostly(
      [NOW, addMs(NOW, 1), addMs(NOW, 60_000), "2026-05-01T00:00:00.000Z"],
      ["2025-12-31T18:29:59.999Z"],
    ),
    charterSigned: mostly([true], [false]),
    withdrawn: mostly<VerdictFacts["withdrawn"]>(
      [undefined],
      [{ party: "marketing", person: "p", at: NOW }],
    ),
    stops: mostly<VerdictFacts["stops"]>(
      [[]],
      [[{ scope: "everything", name: "", person: "p", reason: "r" }]],
    ),
    autonomy: mostly<VerdictFacts["autonomy"]>(["advise", "act", "act"], ["shadow"]),
    confidence: share,
    confidenceToAct: mostly([0], [0.02]),
    reversible: fc.boolean(),
    usedToday: often(
      [used(0, 0, 0), used(4, 350, 995_000)],
      [used(5, 0, 0), used(0, 351, 0), used(0, 0, 999_750), used(0, 0, NaN)],
    ),
    usedThisWeek: often(
      [used(0, 0, 0), used(8, 450, 0)],
      [used(9, 0, 0), used(0, 500, 0), used(0, 0, 999_750), used(9, 500, 999_900)],
    ),
    lastActionOnSubjectAt: mostly<string | undefined>(
      [undefined, addMs(NOW, -14 * DAY_MS), addMs(NOW, -DAY_MS), addMs(NOW, 1 - 14 * DAY_MS)],
      ["lately"],
    ),
    glass: pick<VerdictFacts["glass"]>(
      undefined,
      { person: "p", reason: "r", until: NOW },
      { person: "p", reason: "r", until: "2026-06-01T00:00:00.000Z" },
    ),
    claims: mostly<VerdictFacts["claims"]>(
      [[], [claim("c-1", "ours")]],
      [
        [claim("c-1", "ours"), claim("c-2", "ours")],
        [claim("c-1", "ours"), claim("c-2", "theirs")],
        [claim("c-1", "undecided")],
        [claim("c-1", "undecided"), claim("c-2", "same-loop")],
      ],
    ),
    cycle: mostly<VerdictFacts["cycle"]>(
      [undefined],
      [{ through: ["stock"], resource: "ads:x", since: NOW }],
    ),
  })
  .map((drawn) => without<VerdictFacts>(drawn));

test(`the slow plain reading agrees on ${RUNS} random charters, proposals and facts`, () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(charters, proposals, situations, (charter, proposal, facts) => {
      const verdict = computeVerdict(charter, "h", proposal, facts);
      const { decidedBy, kind } = verdict;
      const isNamed = ["rule", "arbitration", "guardrail"].includes(decidedBy);
      const name = isNamed ? ` ${verdict.rule}` : "";
      const asked = verdict.votes
        .map((v) => `${v.party} ${v.quorum} of ${v.from.join("/")}`)
        .sort();
      const votes = kind === "approve" ? ` ${asked.join()}` : "";
      const moves = kind === "forbid" ? "" : ` ${verdict.displaces.join("+")}`;
      assert.equal(`${kind} ${decidedBy}${name}${votes}${moves}`, twin(charter, proposal, facts));
      const isRule = decidedBy === "rule" || !isNamed;
      bump(seen, `${kind} ${isRule ? decidedBy : verdict.rule}`);
      if (kind !== "forbid" && verdict.displaces.length > 0) bump(seen, "displaces");
      for (const reason of verdict.reasons.filter((words) => words.endsWith("; lifted"))) {
        const [word = ""] = /today|week|rests|changed/.exec(reason) ?? [];
        bump(seen, `lifted what is of ${word}`);
      }
    }),
    { numRuns: RUNS },
  );
  for (const branch of [
    "auto rule",
    "approve rule",
    "forbid rule",
    "forbid no-rule",
    "forbid loop-cycle",
    "forbid one-case-at-a-time",
    "forbid outranked",
    "forbid no-precedence",
    "forbid readable-figures",
    "forbid options-covered",
    "forbid currency",
    "forbid actions-per-day",
    "forbid subjects-per-day",
    "forbid value-per-day",
    "forbid actions-per-week",
    "forbid subjects-per-week",
    "forbid value-per-week",
    "forbid cool-down",
    "forbid standing-days",
    "forbid freeze",
    "forbid confidence-to-act",
    "forbid autonomy",
    "forbid stop",
    "forbid in-force",
    "displaces",
    "lifted what is of today",
    "lifted what is of week",
    "lifted what is of rests",
    "lifted what is of changed",
  ]) {
    assert((seen.get(branch) ?? 0) >= 200, `${branch} was tried ${seen.get(branch) ?? 0} times`);
  }
});

function bump(seen: Map<string, number>, branch: string): void {
  seen.set(branch, (seen.get(branch) ?? 0) + 1);
}

test("whatever breaks a guardrail, a stop or a signature is never allowed, whatever the rules say", () => {
  const breaks: ReadonlyArray<[Partial<Proposal>, Partial<VerdictFacts>]> = [
    [{ option: "pause_campaign" }, {}],
    [{ valueAtStake: { amountMinor: 1, currency: "EUR" } }, {}],
    [{ standingDays: 367 }, {}],
    [{}, { usedToday: used(NaN, 0, 0) }],
    [{}, { usedThisWeek: used(0, -1, 0) }],
    [{}, { confidence: -1 }],
    [{}, { confidence: NaN }],
    [{}, { charterSigned: false }],
    [{}, { stops: [{ scope: "loop", name: "x", person: "p", reason: "r" }] }],
    [{}, { autonomy: "shadow" }],
    [{}, { claims: [claim("c", "theirs")] }],
    [{}, { lastActionOnSubjectAt: "yesterday" }],
  ];
  const blanket: Rule = {
    name: "all",
    because: "b",
    when: {},
    then: { kind: "auto" },
    accountable: "marketing",
  };
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
  const grow = fc.record({
    amountMinor: fc.integer({ min: 0, max: 80_000_000 }),
    more: fc.integer({ min: 0, max: 80_000_000 }),
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
          reference,
          "h",
          goodProposal({
            valueAtStake: { amountMinor, currency: "INR" },
            blastRadius: { subjects: g.subjects, shareOfOrders, shareOfSpend: 0 },
          }),
          goodFacts({
            usedToday: used(actionsToday, 0, 0),
            usedThisWeek: used(actionsToday, 0, 0),
          }),
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
      assert.equal(
        readings.every(({ holds }) => holds),
        holdsAt(conditions, pointOf(reference, proposal, facts)),
      );
      for (const { words } of readings) assert(!/undefined|NaN/.test(words), words);
    }),
    { numRuns: 3_000 },
  );
});
