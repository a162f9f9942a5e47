import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { InterlockError } from "../../std/errors.ts";
import type { Intervention, Plan, TargetState } from "../../core/port/types.ts";
import type { GoogleAdsSettings } from "./settings.ts";
import { isPlanApplied, planIntervention, planUndoOf, type Criterion } from "./target.ts";

const SETTINGS: GoogleAdsSettings = {
  baseUrl: "http://127.0.0.1:1/v25",
  customerId: "123",
  developerToken: "d",
  accessToken: () => "a",
  campaignIds: ["11", "12"],
  probeCampaign: { id: "19", shareAtModifierOne: 0.05 },
};

function intervention(option: string, parameters: Record<string, number>): Intervention {
  return { option, parameters, subject: "IN-560001", resource: "ads:google/123/geo/IN-560001" };
}

function stateWith(criteria: Record<string, Criterion | null>): TargetState {
  return { geo: "9560001", criteria: { "11": null, "12": null, "19": null, ...criteria } };
}

const EXCLUDED: Criterion = { negative: true, bidModifier: null };

test("an exclusion is one transaction: negatives in the campaigns, the probe's share as a modifier", () => {
  const plan = planIntervention(
    SETTINGS,
    intervention("exclude_geo", { standingDays: 14, probeShare: 0.1 }),
    stateWith({}),
  );
  const location = { geoTargetConstant: "geoTargetConstants/9560001" };
  assert.deepEqual(plan.request, {
    operations: [
      { create: { campaign: "customers/123/campaigns/11", location, negative: true } },
      { create: { campaign: "customers/123/campaigns/12", location, negative: true } },
      { create: { campaign: "customers/123/campaigns/19", location, bidModifier: 2 } },
    ],
  });
});

test("a bid that a person set before is updated, and undone to that person's value", () => {
  const before = stateWith({ "11": { negative: false, bidModifier: 1.2 } });
  const lower = intervention("lower_bid", { standingDays: 7, bidModifier: 0.5 });
  const plan = planIntervention(SETTINGS, lower, before);
  const undo = planUndoOf(SETTINGS, plan, plan.after);
  assert.equal(undo.kind, "undo");
  assert.deepEqual(undo.plan.request, {
    operations: [
      {
        update: { resourceName: "customers/123/campaignCriteria/11~9560001", bidModifier: 1.2 },
        updateMask: "bid_modifier",
      },
      { remove: "customers/123/campaignCriteria/12~9560001" },
    ],
  });
});

test("what a person has excluded is kept out of our plan and out of our undo", () => {
  const plan = planIntervention(
    SETTINGS,
    intervention("exclude_geo", { standingDays: 14, probeShare: 0.05 }),
    stateWith({ "12": EXCLUDED }),
  );
  const undo = planUndoOf(SETTINGS, plan, plan.after);
  assert.equal(undo.kind, "undo");
  assert.doesNotMatch(JSON.stringify([plan.request, undo.plan.request]), /campaigns\/12|12~/);
});

test("a share without a probe campaign is rejected with advice, share 0 is not", () => {
  const { probeCampaign: _left, ...settings } = SETTINGS;
  const state = { geo: "9560001", criteria: { "11": null, "12": null } };
  assert.throws(
    () =>
      planIntervention(
        settings,
        intervention("exclude_geo", { standingDays: 14, probeShare: 0.05 }),
        state,
      ),
    (thrown) => thrown instanceof InterlockError && thrown.code === "connector/rejected",
  );
  const none = intervention("exclude_geo", { standingDays: 14, probeShare: 0 });
  assert.doesNotThrow(() => planIntervention(settings, none, state));
});

test("a parameter out of its range is rejected before anything is planned", () => {
  for (const wrong of [
    intervention("exclude_geo", { probeShare: 0.6 }),
    intervention("exclude_geo", {}),
    intervention("lower_bid", { bidModifier: 0.05 }),
    intervention("lower_bid", { bidModifier: NaN }),
  ]) {
    assert.throws(
      () => planIntervention(SETTINGS, wrong, stateWith({})),
      (thrown) => thrown instanceof InterlockError && thrown.code === "connector/rejected",
    );
  }
});

// A slow obvious account of what the platform does with operations, to check plans against.
function carryOut(state: TargetState, plan: Plan): TargetState {
  const criteria = { ...(state["criteria"] as Record<string, Criterion | null>) };
  const { operations } = plan.request as { readonly operations: ReadonlyArray<Operation> };
  for (const { create, update, remove } of operations) {
    if (create !== undefined) {
      const id = create.campaign.split("/").at(-1) ?? "";
      assert.equal(criteria[id], null, "created what exists");
      const { negative = false, bidModifier = null } = create;
      criteria[id] = { negative, bidModifier };
    } else {
      const name = update?.resourceName ?? remove ?? "";
      const id = /campaignCriteria\/(\d+)~/.exec(name)?.[1] ?? "";
      assert.notEqual(criteria[id] ?? null, null, "touched what is not there");
      if (update === undefined) criteria[id] = null;
      else {
        assert.equal(criteria[id]?.negative, false, "updated an exclusion");
        criteria[id] = { negative: false, bidModifier: update.bidModifier ?? null };
      }
    }
  }
  return { geo: "9560001", criteria };
}
type Operation = {
  readonly create?: { campaign: string; negative?: boolean; bidModifier?: number };
  readonly update?: { resourceName: string; bidModifier?: number };
  readonly remove?: string;
};

const anyCriterion = fc.oneof(
  fc.constant(null),
  fc.constant(EXCLUDED),
  fc.constantFrom(null, 0.1, 0.6, 1, 2).map((bidModifier) => ({ negative: false, bidModifier })),
);
const anyState = fc
  .tuple(anyCriterion, anyCriterion, anyCriterion)
  .map(([a, b, c]) => stateWith({ "11": a, "12": b, "19": c }));
const anyIntervention = fc.oneof(
  fc
    .constantFrom(0, 0.005, 0.05, 0.5)
    .map((probeShare) => intervention("exclude_geo", { probeShare })),
  fc.constantFrom(0.1, 0.6, 0.9).map((bidModifier) => intervention("lower_bid", { bidModifier })),
);

test("for any state: a plan leads to its after, and its undo back to the state before", () => {
  let planned = 0;
  fc.assert(
    fc.property(anyIntervention, anyState, (wanted, before) => {
      let plan: Plan;
      try {
        plan = planIntervention(SETTINGS, wanted, before);
      } catch (thrown) {
        assert.ok(thrown instanceof InterlockError && thrown.code === "connector/conflict");
        return;
      }
      planned++;
      assert.equal(isPlanApplied(plan, before), false);
      const after = carryOut(before, plan);
      assert.deepEqual(after, plan.after);
      assert.equal(isPlanApplied(plan, after), true);
      const undo = planUndoOf(SETTINGS, plan, after);
      assert.equal(undo.kind, "undo");
      assert.deepEqual(carryOut(after, undo.plan), before);
      assert.equal(planUndoOf(SETTINGS, plan, before).kind, "nothing-left");
    }),
    { numRuns: 500, seed: 1 },
  );
  assert.ok(planned > 100, `only ${planned} of 500 cases were planned`);
});

test("for any later state: an undo never touches a criterion that is not as we left it", () => {
  const before = stateWith({});
  fc.assert(
    fc.property(anyIntervention, anyState, (wanted, now) => {
      const plan = planIntervention(SETTINGS, wanted, before);
      const undo = planUndoOf(SETTINGS, plan, now);
      if (undo.kind !== "undo") return;
      const restored = carryOut(now, undo.plan);
      const criteriaOf = (state: TargetState) =>
        state["criteria"] as Record<string, Criterion | null>;
      for (const id of ["11", "12", "19"]) {
        const is = criteriaOf(now)[id];
        const ours = criteriaOf(plan.after)[id];
        const isOurs = ours !== null && JSON.stringify(is) === JSON.stringify(ours);
        assert.deepEqual(criteriaOf(restored)[id], isOurs ? null : is);
      }
    }),
    { numRuns: 500, seed: 2 },
  );
});
