import assert from "node:assert/strict";
import { test } from "node:test";
import { randomCharter } from "../../../../test/kit/random-charter.ts";
import { referenceCharter } from "../../../../test/kit/reference-loop.ts";
import { integerBetween, type Random, randomFrom } from "../../../std/random.ts";
import { MINUTES_A_WEEK, type Point } from "../condition.ts";
import type { Charter, Party, Range, Rule } from "../types.ts";
import { compareCharters, type CharterChange } from "./compare.ts";
import { decideAt } from "./decided-table.ts";
import { compareEffects, describeEffect } from "./effect.ts";
import type { Where } from "./region.ts";

const charter = referenceCharter();
const [CAP_MINOR, CAP_SUBJECTS] = [100_000_000, 400];
const [manyOrders, muchSpend, small, exclusion, marketingDecides, bothDecide] =
  charter.rules as [Rule, Rule, Rule, Rule, Rule, Rule]; // prettier-ignore

function changes(change: Partial<Charter>): ReadonlyArray<string> {
  return compareCharters(charter, { ...charter, ...change }).changes.map(
    ({ kind, direction, message }) => `${kind} ${direction}: ${message}`,
  );
}

test("a charter is the same as itself, and as one whose rules say the same otherwise", () => {
  assert.deepEqual(compareCharters(charter, referenceCharter()), {
    isSame: true,
    isComplete: true,
    changes: [],
  });
  const renamed = charter.rules.map((rule) => ({ ...rule, name: `${rule.name}-2` }));
  const split = [
    { ...manyOrders, name: "some", when: { shareOfOrders: { atLeast: 0.1, below: 0.5 } } },
    { ...manyOrders, name: "most", when: { shareOfOrders: { atLeast: 0.5 } } },
  ];
  assert.deepEqual(changes({ rules: [...split, ...renamed.slice(1)] }), []);
});

test("where more happens is told first, in words, with who is asked no longer", () => {
  const wider: Rule = {
    ...small,
    when: { ...small.when, valueAtStake: { below: "INR 100000" }, confidence: { atLeast: 0.85 } },
  };
  const rules = [manyOrders, muchSpend, wider, exclusion, marketingDecides, bothDecide];
  assert.deepEqual(changes({ rules }), [
    "decision easier: any option where it can be undone with value at stake from Rs 75,000 to below " +
      "Rs 1,00,000, with confidence 0.85 or more, touching 1 place, touching less than 1% of all orders, " +
      "touching less than 10% of all ad spend needed marketing and now runs by itself",
    "decision harder: any option where it can be undone with value at stake below Rs 75,000, with " +
      "confidence from 0.8 to below 0.85, touching 1 place, touching less than 1% of all orders, touching " +
      "less than 10% of all ad spend ran by itself and now needs marketing",
  ]);
});

test("a higher cap lets more happen above the old one, and is told as a number as well", () => {
  const { guardrails } = charter;
  const perDay = { ...guardrails.perDay, value: "INR 2000000" };
  assert.deepEqual(changes({ guardrails: { ...guardrails, perDay } }), [
    "decision easier: any option with value at stake more than Rs 10,00,000, " +
      "touching less than 10% of all orders, touching less than 10% of all ad spend was forbidden and " +
      "now needs logistics and marketing",
    "terms easier: most value at stake a day: Rs 10,00,000 before, Rs 20,00,000 now",
  ]);
});

test("other voters, a larger quorum, another seat, clock and accountable party are told apart", () => {
  const last = (rule: Partial<Rule>): ReadonlyArray<string> =>
    changes({ rules: [{ ...bothDecide, ...rule }] }).filter((text) => !text.startsWith("terms"));
  const only = compareCharters(
    { ...charter, rules: [bothDecide] },
    {
      ...charter,
      rules: [
        {
          ...bothDecide,
          accountable: "logistics",
          then: {
            kind: "approve",
            votes: [
              { party: "marketing", quorum: 1, from: ["deputies"] },
              { party: "logistics", quorum: 1, from: ["owner", "ndr-desk"] },
            ],
          },
        },
      ],
    },
  ).changes.map(({ kind, direction, message }) => `${kind} ${direction}: ${message}`);
  assert.deepEqual(only, [
    "votes other: any option: before, " +
      "marketing: one vote of owner or deputies within 4 working hours; without an answer then deputies " +
      "4 working hours more, then nothing is done; now, marketing: one vote of deputies within 4 working " +
      "hours; without an answer then deputies 4 working hours more, then nothing is done; marketing " +
      "answered for it, now logistics does",
  ]);
  const two = {
    kind: "approve",
    votes: [{ party: "marketing", quorum: 2, from: ["owner"] }],
  } as const;
  const found = last({ then: two });
  assert(found.some((text) => /^decision other: .* needed logistics and marketing and now needs 2 votes of marketing$/.test(text))); // prettier-ignore
  assert(found.some((text) => /^decision harder: .* ran by itself and now needs 2 votes of marketing$/.test(text))); // prettier-ignore
  assert(found.some((text) => /^decision easier: .* was forbidden and now needs 2 votes of marketing$/.test(text))); // prettier-ignore
});

test("an option that one of them does not cover is forbidden there", () => {
  const options = [...charter.options, "pause_ads"];
  const told = changes({ options });
  assert(told[0]?.startsWith("decision easier: `pause_ads` "), told[0]);
  assert(told.includes("terms easier: options covered: `pause_ads`, which is new"));
});

test("what else is signed for is told line by line", () => {
  const [logistics, marketing] = charter.parties as [Party, Party];
  const parties: ReadonlyArray<Party> = [
    {
      ...logistics,
      owner: { name: "Nikhil Das", email: "head@logistics.example.com", from: "2026-04-01" },
      groups: {},
      calendar: {
        ...logistics.calendar,
        open: logistics.calendar.open.slice(0, 1),
        holidays: [...logistics.calendar.holidays.slice(1), { day: "2026-01-14", name: "Pongal" }],
      },
    },
    { ...marketing, clock: { ...marketing.clock, answerWithinHours: 6, atEnd: "decline" } },
  ];
  const told = changes({
    parties,
    guardrails: { ...charter.guardrails, coolDownDays: 7, standingDaysMax: 14, freezes: [] },
    notify: charter.notify.slice(0, 1),
    autonomy: {
      start: "advise",
      promote: { matured: 10, helpedShareAtLeast: 0.6, harmedAtMost: 1 },
      demote: { harmed: 1, withinDays: 60 },
    },
    breakGlass: { hoursMax: 4, lifts: ["freeze"] },
    precedence: { over: ["marketing-inventory"] },
    rollback: { by: ["marketing"], onHarm: true, onRecovery: true },
    openCases: "finish",
    outcome: { maturityDays: 21 },
    effective: { from: "2026-01-01", review: "2026-06-01", until: "2027-01-01" },
  });
  assert.deepEqual(
    told.map((text) => text.replace("terms ", "")),
    [
      "easier: rest after an action: 14 days before, 7 days now",
      "harder: longest standing: 28 days before, 14 days now",
      "easier: freeze: no longer 2026-11-05 until 2026-11-12",
      "harder: the loop starts at: `act` before, `advise` now",
      "easier: a step up needs: 20 outcomes before, 10 outcomes now",
      "harder: a step up needs that helped: 50% before, 60% now",
      "easier: a step up allows that harmed: 0 before, 1 now",
      "harder: a step down at: 3 harmed within 30 days before, 1 harmed within 60 days now",
      "harder: an owner may break the glass: for 8 hours before, for 4 hours now",
      "harder: broken glass lifts: no longer `per-day`, `per-week` and `cool-down`",
      "other: owner of logistics: Meera Nair (head@logistics.example.com) before, Nikhil Das (head@logistics.example.com) from 2026-04-01 now",
      "other: `ndr-desk` of logistics: no longer Farah Khan (lead-ndr@logistics.example.com)",
      "other: working hours of logistics: Mon-Fri 09:30-18:30, Sat 10:00-14:00 before, Mon-Fri 09:30-18:30 now",
      "other: holidays of logistics: 2026-01-14 (Pongal), which is new",
      "other: holidays of logistics: no longer 2026-01-26 (Republic Day)",
      "other: clock of marketing: reminded after 2 working hours, 4 working hours to answer, then deputies 4 working hours, then expire before, reminded after 2 working hours, 6 working hours to answer, then deputies 4 working hours, then decline now",
      "other: told: no longer performance@marketing.example.com for marketing",
      "easier: comes before: marketing-inventory, which is new",
      "easier: may undo: no longer logistics",
      "harder: recovery undoes itself: no before, yes now",
      "other: open cases: regovern before, finish now",
      "other: outcome read after: 14 days before, 21 days now",
      "other: `cannot tell` is accepted: yes before, no now",
      "other: in force from: 2022-01-01 before, 2026-01-01 now",
      "other: in force until: 2028-01-01 before, 2027-01-01 now",
      "other: looked at again on: 2027-06-01 before, 2026-06-01 now",
    ],
  );
});

test("amounts in two currencies are not compared, and that is said", () => {
  const other = compareCharters(charter, { ...charter, currency: "USD" });
  assert.equal(other.isComplete, false);
  assert.match(other.changes[0]?.message ?? "", /^not decided: .*different currencies/);
});

test("every point of random pairs of charters is in a region told of it if and only if its decision differs", () => {
  const seen = { same: 0, easier: 0, harder: 0, other: 0, incomplete: 0 };
  for (let seed = 0; seed < 150; seed++) {
    const random = randomFrom("compare", seed);
    const kind = seed % 3 === 0 ? "scattered" : "tiered";
    const shape = { rules: 3 + (seed % 8), dimensions: 3 + (seed % 6), kind } as const;
    const before = randomCharter(random, charter, shape);
    const after = seed % 2 === 0 ? randomCharter(random, charter, shape) : alter(random, before);
    const { changes: told, isComplete } = compareCharters(before, after);
    const decisions = told.filter((one) => one.kind === "decision");
    if (!isComplete) seen.incomplete++;
    for (let n = 0; n < 150; n++) {
      const region = decisions[integerBetween(random, 0, Math.max(1, decisions.length))]?.region;
      const point =
        n % 3 === 0 && region !== undefined ? region.example : drawPoint(random, before);
      const [was, is] = [effectAt(before, point), effectAt(after, point)];
      const ease = compareEffects(is, was);
      // Regions name no bound at which both charters forbid anyway.
      const isBeyond = point.valueAtStake > CAP_MINOR || point.subjects > CAP_SUBJECTS;
      const here = decisions.filter(
        ({ region: told }) => !isBeyond && told !== undefined && isIn(told.where, point),
      );
      seen[ease]++;
      for (const one of here) assert(agrees(one, was, is), `seed ${seed}: ${one.message}`);
      if (ease === "same") assert.deepEqual(here, [], `seed ${seed}`);
      else if (isComplete) assert(here.length > 0, `seed ${seed}: ${JSON.stringify(point)}`);
    }
  }
  assert(seen.same > 1_000 && seen.easier > 1_000 && seen.harder > 1_000 && seen.other > 300);
  assert(seen.incomplete < 30, `${seen.incomplete} were cut`);
});

function agrees(change: CharterChange, was: Rule["then"], is: Rule["then"]): boolean {
  const { before, after } = change;
  return (
    before !== undefined &&
    after !== undefined &&
    describeEffect(before) === describeEffect(was) &&
    describeEffect(after) === describeEffect(is) &&
    compareEffects(is, was) === change.direction
  );
}

function effectAt(one: Charter, point: Point): Rule["then"] {
  const location = decideAt(one, point);
  const rule = location.kind === "rule" ? one.rules[location.index] : undefined;
  return rule?.then ?? { kind: "forbid" };
}

function alter(random: Random, before: Charter): Charter {
  const rules = [...before.rules];
  const [gone] = rules.splice(integerBetween(random, 0, rules.length), 1);
  if (gone !== undefined) rules.splice(integerBetween(random, 0, rules.length + 1), 0, gone);
  return { ...before, rules: rules.slice(integerBetween(random, 0, 2)) };
}

function drawPoint(random: Random, { options }: Charter): Point {
  const share = (): number => Math.round(random.next() * 40) / 40;
  return {
    option: options[integerBetween(random, 0, options.length)] ?? "",
    reversible: random.next() < 0.5,
    valueAtStake: integerBetween(random, 0, 50) * 2_500_000,
    confidence: share(),
    subjects: integerBetween(random, 1, 450),
    shareOfOrders: share() ** 3,
    shareOfSpend: share() ** 3,
    time: integerBetween(random, 0, MINUTES_A_WEEK),
  };
}

function isIn({ actions, ...measured }: Where, point: Point): boolean {
  const acts = actions.some(
    ({ option, reversible }) => option === point.option && reversible === point.reversible,
  );
  return (
    acts &&
    Object.entries(measured).every(([name, stretches]: [string, ReadonlyArray<Range>]) => {
      const value = point[name as "confidence"];
      return stretches.some(
        ({ atLeast = -1, below = Infinity }) => value >= atLeast && value < below,
      );
    })
  );
}
