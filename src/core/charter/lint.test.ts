import assert from "node:assert/strict";
import { test } from "node:test";
import { NOW, referenceCharter, referenceContract } from "../../../test/kit/reference-loop.ts";
import type { Contract } from "../contract/types.ts";
import { lintCharter } from "./lint.ts";
import type { Charter, Rule } from "./types.ts";

/** In force for a quiet time, so that no holiday makes a clock late. */
const charter: Charter = {
  ...referenceCharter(),
  effective: { from: "2026-02-02", review: "2026-05-01", until: "2026-07-01" },
};
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
  const accountable = kind === "auto" ? { accountable: "marketing" } : {};
  return { name, because: "because", when, then: { kind }, ...accountable };
}

test("the reference charter has nothing to remark, alone or in a season without long week-ends", () => {
  assert.deepEqual(findings({}), []);
  assert.deepEqual(lintCharter(referenceCharter()), []);
  const clocks = lintCharter(referenceCharter(), contract, NOW);
  assert.deepEqual(
    clocks.filter(({ severity }) => severity !== "advice"),
    [],
  );
});

test("what the exact search finds is among the remarks, without what only programs need", () => {
  const only: Rule = {
    ...(charter.rules.at(-1) as Rule),
    when: { option: ["exclude_geo", "lower_bid", "confirm_orders"] },
  };
  const found = lintCharter({ ...charter, rules: [only] }, contract, NOW);
  assert.deepEqual(found, [
    {
      severity: "error",
      path: "/options/2",
      message: "no rule covers `prepaid_only`",
      help: "it is forbidden there; say so in a rule, so that it is a decision",
    },
  ]);
});

test("a blanket auto is remarked for each fence it lacks", () => {
  assert.deepEqual(findings({ rules: [rule("anything", {}, "auto")] }), [
    "warning /rules/0/when/valueAtStake `anything` acts by itself whatever is at stake",
    "warning /rules/0/when/reversible `anything` acts by itself even where it cannot be undone",
    "advice /rules/0/when/confidence `anything` acts by itself at any confidence that may act",
    "warning /rules/0/when/shareOfOrders `anything` acts by itself however much it touches",
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
    "warning /options the contract's option `confirm_orders` is not covered, so it is always forbidden",
  ]);
});

test("an ended charter is an error, one that ends within 30 days or is past its review a warning", () => {
  const at = (now: string) => findings({}, contract, now).filter((text) => /effective/.test(text));
  assert.deepEqual(at("2026-04-30T00:00:00.000Z"), []);
  assert.deepEqual(at("2026-05-01T00:00:00.000Z"), [
    "warning /effective/review the charter was to be looked at again on 2026-05-01",
  ]);
  assert.deepEqual(at("2026-06-03T00:00:00.000Z"), [
    "warning /effective/until the charter ends in 28 days",
  ]);
  // The first of July has begun in India, not yet in Greenwich.
  assert.deepEqual(at("2026-06-30T18:30:00.000Z"), [
    "error /effective/until the charter ended on 2026-07-01",
  ]);
  assert.match(at("2021-01-01T00:00:00.000Z").join(), /^advice .*not in force before/);
});

test("a cap of nothing, a short cool-down and a past freeze are remarked", () => {
  const { guardrails } = charter;
  const perDay = { ...guardrails.perDay, value: "INR 0" };
  const zero = findings({ guardrails: { ...guardrails, perDay, coolDownDays: 7 } });
  assert.deepEqual(
    zero.filter((text) => text.includes("/guardrails")),
    [
      "warning /guardrails/perDay/value it forbids every action with anything at stake",
      "warning /guardrails/coolDownDays a place may be acted on again after 7 days, but the effect is read after 14",
    ],
  );
  const past = findings({}, contract, "2026-11-12T00:00:00.000Z");
  assert.match(past.join(), /advice \/guardrails\/freezes\/0 the freeze until 2026-11-12 is over/);
});
