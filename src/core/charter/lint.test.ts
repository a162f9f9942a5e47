import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { NOW, referenceCharter, referenceContract } from "../../../test/kit/reference-loop.ts";
import type { Contract } from "../contract/types.ts";
import { lintCharter } from "./lint.ts";
import { computeReach, containsRule, holdsAt, type Point } from "./table.ts";
import type { Charter, Range, Rule } from "./types.ts";

const charter = referenceCharter();
const contract = referenceContract();

function findings(
  change: Partial<Charter>,
  against: Contract | undefined = contract,
  now: string | undefined = NOW,
): ReadonlyArray<string> {
  return lintCharter({ ...charter, ...change }, against, now).map(
    ({ severity, path, message, help }) => (assert(help), `${severity} ${path} ${message}`),
  );
}

function rule(name: string, when: Rule["when"], kind: "auto" | "forbid" = "forbid"): Rule {
  return { name, because: "because", when, then: { kind } };
}

const [many, spend, small, exclusion, marketing, both] = charter.rules as [
  Rule,
  Rule,
  Rule,
  Rule,
  Rule,
  Rule,
];

test("the reference charter has nothing to remark, alone or with its contract", () => {
  assert.deepEqual(findings({}), []);
  assert.deepEqual(lintCharter(charter), []);
});

test("a rule behind a broader one can never decide, and the broader one is named", () => {
  const rules = [...charter.rules, rule("late", { shareOfSpend: { below: 0.05 } })];
  assert.deepEqual(findings({ rules }), [
    "warning /rules/6 `late` can never decide: `both-decide` always decides before it",
  ]);
});

test("a rule that several earlier ones cover together can never decide either", () => {
  const rules = [
    rule("low", { valueAtStakeMinor: { below: 500 } }),
    rule("high", { valueAtStakeMinor: { atLeast: 400 } }),
    rule("between", { valueAtStakeMinor: { atLeast: 300, below: 600 } }),
  ];
  assert.deepEqual(findings({ rules }), [
    "warning /rules/2 `between` can never decide: earlier rules or the limits leave nothing for it",
  ]);
});

test("a rule below the confidence at which the contract lets anything act can never decide", () => {
  const rules = [rule("doubtful", { confidence: { below: 0.7 } }), ...charter.rules];
  assert.match(findings({ rules }).join(), /^warning \/rules\/0 `doubtful` can never decide/);
  const without = lintCharter({ ...charter, rules });
  assert.deepEqual(without, []);
});

test("an acting option that no rule covers is remarked, and so is a gap between rules", () => {
  const only = { ...both, when: { option: ["exclude_geo", "lower_bid"] } };
  assert.deepEqual(findings({ rules: [only] }), [
    "warning /options/2 no rule covers `prepaid_only`, so it is always forbidden",
  ]);
  assert.deepEqual(findings({ rules: [many, spend, small, exclusion, marketing] }), [
    "advice /options/0 no rule covers every `exclude_geo`: none holds at value at stake Rs 0, confidence 0.7, subjects 75, shareOfOrders 0, shareOfSpend 0 and reversible",
    "advice /options/1 no rule covers every `lower_bid`: none holds at value at stake Rs 0, confidence 0.7, subjects 75, shareOfOrders 0, shareOfSpend 0 and reversible",
    "advice /options/2 no rule covers every `prepaid_only`: none holds at value at stake Rs 0, confidence 0.7, subjects 75, shareOfOrders 0, shareOfSpend 0 and reversible",
  ]);
});

test("a blanket auto is remarked for each fence it lacks", () => {
  assert.deepEqual(findings({ rules: [rule("anything", {}, "auto")] }), [
    "warning /rules/0/when/valueAtStakeMinor `anything` acts by itself whatever is at stake",
    "warning /rules/0/when/reversible `anything` acts by itself even where it cannot be undone",
    "advice /rules/0/when/confidence `anything` acts by itself at any confidence that may act",
    "warning /rules/0/when/shareOfOrders `anything` acts by itself however much it touches",
  ]);
});

test("one person on both sides is an error, however the mailbox is written", () => {
  const [logistics, marketingParty] = charter.parties;
  assert(logistics && marketingParty);
  const double = { name: "Meera Nair", email: "HEAD@logistics.example.com" };
  const parties = [logistics, { ...marketingParty, approvers: [double] }];
  assert.deepEqual(findings({ parties }), [
    "error /parties/1 `Meera Nair` stands for both logistics and marketing",
  ]);
});

test("a side that is told nothing is an error", () => {
  assert.deepEqual(findings({ notify: charter.notify.slice(0, 1) }), [
    "error /notify marketing is told nothing of what is done",
  ]);
});

test("options and departments that the contract does not know are errors", () => {
  const other = { ...contract, receiver: { department: "growth" } };
  assert.deepEqual(findings({}, other), [
    "error /parties growth is an end of the contract but not a party",
  ]);
  const options = ["exclude_geo", "lower_bid", "pause_campaign", "do_nothing"];
  assert.deepEqual(findings({ options }), [
    "error /options/2 `pause_campaign` is not an option of contract logistics.geo-risk 1.0.0",
    "warning /options/3 `do_nothing` changes nothing outside, so there is nothing to govern",
    "warning /options the contract's option `prepaid_only` is not covered, so it is always forbidden",
  ]);
});

test("votes that may come after the signal has ended are remarked", () => {
  const hasty = { ...contract, expiry: { afterHours: 16 } };
  assert.deepEqual(findings({}, hasty), [
    "warning /rules/3/then/votes/0 logistics has 24 hours, but a signal ends after 16",
    "warning /rules/3/then/votes/1 marketing has 24 hours, but a signal ends after 16",
    "warning /rules/4/then/votes/0 marketing has 24 hours, but a signal ends after 16",
    "warning /rules/5/then/votes/0 logistics has 24 hours, but a signal ends after 16",
    "warning /rules/5/then/votes/1 marketing has 24 hours, but a signal ends after 16",
  ]);
});

test("an ended charter is an error, one that ends within 30 days a warning", () => {
  const at = (now: string) => findings({}, contract, now).filter((text) => /effective/.test(text));
  assert.deepEqual(at("2027-12-01T00:00:00.000Z"), []);
  assert.deepEqual(at("2027-12-03T00:00:00.000Z"), [
    "warning /effective/until the charter ends in 29 days",
  ]);
  assert.deepEqual(at("2028-01-01T00:00:00.000Z"), [
    "error /effective/until the charter ended at 2028-01-01T00:00:00.000Z",
  ]);
  assert.match(at("2021-01-01T00:00:00.000Z").join(), /^advice .*not in force before/);
});

test("caps of nought, a short cool-down, a missing deputy and a past freeze are remarked", () => {
  const { guardrails, parties } = charter;
  const [logistics, ...others] = parties;
  assert(logistics);
  assert.deepEqual(findings({ guardrails: { ...guardrails, actionsPerDay: 0, coolDownDays: 7 } }), [
    "warning /guardrails/actionsPerDay it forbids every action",
    "warning /guardrails/coolDownDays a place may be acted on again after 7 days, but the effect is read after 14",
  ]);
  assert.deepEqual(findings({ parties: [{ ...logistics, deputies: [] }, ...others] }), [
    "advice /parties/0/deputies logistics has no deputy",
  ]);
  assert.match(findings({}, contract, "2026-12-01T00:00:00.000Z").join(), /^advice .*is over$/);
});

test("which rules can decide agrees with trying very many points", () => {
  const bound = fc.constantFrom(0.1, 0.25, 0.5, 0.75, 1);
  const range = fc
    .record({ atLeast: fc.option(bound), below: fc.option(bound) })
    .map(({ atLeast, below }): Range => ({
      ...(atLeast === null ? {} : { atLeast }),
      ...(below === null ? {} : { below }),
    }));
  const rules = fc.array(fc.record({ confidence: range, shareOfOrders: range }), {
    minLength: 1,
    maxLength: 5,
  });
  const grid = Array.from({ length: 41 }, (_, i) => i / 40);
  let unreachable = 0;
  fc.assert(
    fc.property(rules, (whens) => {
      const drawn = whens.map((when, i) => rule(`r${i}`, when));
      const one = { ...charter, options: ["exclude_geo"], rules: drawn };
      const [reach] = computeReach(one) ?? [];
      assert(reach);
      const tried = new Set<number>();
      let gap = false;
      for (const confidence of grid) {
        for (const shareOfOrders of grid) {
          const point: Point = { option: "exclude_geo", reversible: true, valueAtStakeMinor: 0, confidence, subjects: 1, shareOfOrders, shareOfSpend: 0 }; // prettier-ignore
          const first = drawn.findIndex(({ when }) => holdsAt(when, point));
          if (first === -1) gap = true;
          else tried.add(first);
        }
      }
      assert.deepEqual([...reach.reached].sort(), [...tried].sort());
      assert.equal(reach.gap !== undefined, gap);
      unreachable += drawn.length - tried.size;
      for (const [i, late] of drawn.entries()) {
        const covered = drawn.slice(0, i).some((early) => containsRule(early.when, late.when));
        if (covered) assert(!reach.reached.has(i), "contained and yet reached");
      }
    }),
    { numRuns: 200 },
  );
  assert(unreachable > 20, `only ${unreachable} unreachable rules, so little was tried`);
});

test("a table with too many combinations is compared in pairs and says so", () => {
  const rules = Array.from({ length: 60 }, (_, i) => {
    const at = { atLeast: i * 10, below: i * 10 + 5 };
    const part = { atLeast: i / 100, below: (i + 1) / 100 };
    return rule(`r${i}`, { valueAtStakeMinor: at, confidence: part, shareOfOrders: part, shareOfSpend: part }); // prettier-ignore
  });
  const found = findings({ rules: [...rules, { ...rules[0], name: "again" } as Rule] });
  assert.match(found.join("\n"), /only pairs were compared/);
  assert.match(found.join("\n"), /`again` can never decide: `r0` always decides before it/);
});
