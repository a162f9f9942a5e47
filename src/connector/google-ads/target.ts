/**
 * One geography in one account: its state, the change that an intervention makes to it, and back.
 *
 * Each campaign holds at most one location criterion for a geography: none (the campaign's country
 * target applies), a positive one with a bid modifier, or a negative one (an exclusion). Pure.
 *
 * | option      | campaigns                    | probe campaign                                        |
 * |-------------|------------------------------|-------------------------------------------------------|
 * | exclude_geo | a negative criterion in each | a bid modifier of probeShare / share at modifier one; |
 * |             |                              | a negative criterion when probeShare is 0             |
 * | lower_bid   | the bid modifier in each     | untouched                                             |
 *
 * The platform has no field for "leave 5 % running", so the share is said in the words it has: a small
 * campaign that keeps running and a modifier on it. What the share then really is, the platform's
 * spend report tells; nothing here promises it.
 *
 * A criterion that somebody else put in the way is never replaced: that is a conflict.
 */
import type { Json } from "../../std/canonical-json.ts";
import { InterlockError } from "../../std/errors.ts";
import type { Intervention, Plan, TargetState } from "../../core/port/types.ts";
import { numberParameter } from "../kit/intervention.ts";
import { BID_MODIFIER_MAX, BID_MODIFIER_MIN, type GoogleAdsSettings } from "./settings.ts";

/** `bidModifier` null: targeted, no adjustment. A negative criterion never has one. */
export type Criterion = { readonly negative: boolean; readonly bidModifier: number | null };

export type GeoState = {
  /** The platform's id of the geography. */
  readonly geo: string;
  /** By campaign id; null where the campaign has no criterion for it. */
  readonly criteria: { readonly [campaignId: string]: Criterion | null };
};

const EXCLUDED: Criterion = { negative: true, bidModifier: null };
/** The platform keeps modifiers as 32-bit floats; more digits than these would not come back. */
const MODIFIER_DIGITS = 4;

export function planIntervention(
  settings: GoogleAdsSettings,
  intervention: Intervention,
  before: TargetState,
): Plan {
  const state = stateOf(before);
  const wanted =
    intervention.option === "exclude_geo"
      ? criteriaToExclude(settings, intervention)
      : criteriaToLowerBid(settings, intervention);
  const criteria: Record<string, Criterion | null> = { ...state.criteria };
  let changes = 0;
  for (const [campaign, target] of Object.entries(wanted)) {
    const now = state.criteria[campaign] ?? null;
    if (isSame(now, target)) continue;
    if (now !== null && now.negative !== target.negative) {
      throw new InterlockError(
        "connector/conflict",
        `campaign ${campaign} already ${criterionToText(now)} for \`${intervention.subject}\``,
        { help: "someone set this by hand; it stays until that person lifts it" },
      );
    }
    criteria[campaign] = target;
    changes++;
  }
  if (changes === 0) {
    throw new InterlockError(
      "connector/conflict",
      `\`${intervention.subject}\` is already as ${intervention.option} would leave it`,
      { help: "someone did this before; Interlock claims nothing that it did not do" },
    );
  }
  return planBetween(settings, state, { geo: state.geo, criteria });
}

function criteriaToExclude(
  settings: GoogleAdsSettings,
  intervention: Intervention,
): Record<string, Criterion> {
  const wanted: Record<string, Criterion> = {};
  for (const campaign of settings.campaignIds) wanted[campaign] = EXCLUDED;
  const share = numberParameter(intervention, "probeShare", 0, 0.5);
  const probe = settings.probeCampaign;
  if (probe === undefined) {
    if (share === 0) return wanted;
    throw new InterlockError(
      "connector/rejected",
      `a probe share of ${share} needs a campaign that keeps running, and none is configured`,
      { help: "configure a probe campaign, or propose the exclusion with probeShare 0" },
    );
  }
  wanted[probe.id] =
    share === 0
      ? EXCLUDED
      : { negative: false, bidModifier: clampModifier(share / probe.shareAtModifierOne) };
  return wanted;
}

function criteriaToLowerBid(
  settings: GoogleAdsSettings,
  intervention: Intervention,
): Record<string, Criterion> {
  const bidModifier = numberParameter(intervention, "bidModifier", BID_MODIFIER_MIN, 0.9);
  const wanted: Record<string, Criterion> = {};
  for (const campaign of settings.campaignIds) {
    wanted[campaign] = { negative: false, bidModifier: clampModifier(bidModifier) };
  }
  return wanted;
}

/** True when every criterion that the plan changed now reads as the plan left it. */
export function isPlanApplied(plan: Plan, current: TargetState): boolean {
  const after = stateOf(plan.after);
  const now = stateOf(current);
  return (
    now.geo === after.geo &&
    changedCampaigns(plan).every((id) =>
      isSame(now.criteria[id] ?? null, after.criteria[id] ?? null),
    )
  );
}

/** See `Connector.planUndo`: takes back criterion by criterion what is still as the plan left it. */
export function planUndoOf(
  settings: GoogleAdsSettings,
  plan: Plan,
  current: TargetState,
):
  | { readonly kind: "undo"; readonly plan: Plan }
  | { readonly kind: "nothing-left"; readonly why: string }
  | { readonly kind: "conflict"; readonly why: string } {
  const before = stateOf(plan.before);
  const after = stateOf(plan.after);
  const now = stateOf(current);
  const criteria: Record<string, Criterion | null> = { ...now.criteria };
  let left = 0;
  for (const campaign of changedCampaigns(plan)) {
    const is = now.criteria[campaign] ?? null;
    const was = before.criteria[campaign] ?? null;
    const ours = after.criteria[campaign] ?? null;
    if (isSame(is, ours)) {
      criteria[campaign] = was;
      left++;
    } else if (!isSame(is, was)) {
      const why =
        `campaign ${campaign} now ${criterionToText(is)}, and Interlock left it so that it ` +
        `${criterionToText(ours)}: someone changed it since`;
      return { kind: "conflict", why };
    }
  }
  if (left === 0) {
    return { kind: "nothing-left", why: "every criterion is already as it was before" };
  }
  return { kind: "undo", plan: planBetween(settings, now, { geo: now.geo, criteria }) };
}

/** The operations that lead from one state to the other, in one transaction. */
function planBetween(settings: GoogleAdsSettings, before: GeoState, after: GeoState): Plan {
  const customer = `customers/${settings.customerId}`;
  const operations: Json[] = [];
  for (const campaign of Object.keys(after.criteria).sort()) {
    const from = before.criteria[campaign] ?? null;
    const to = after.criteria[campaign] ?? null;
    if (isSame(from, to)) continue;
    const resourceName = `${customer}/campaignCriteria/${campaign}~${before.geo}`;
    if (to === null) {
      operations.push({ remove: resourceName });
    } else if (from === null) {
      operations.push({
        create: {
          campaign: `${customer}/campaigns/${campaign}`,
          location: { geoTargetConstant: `geoTargetConstants/${before.geo}` },
          ...(to.negative ? { negative: true } : {}),
          ...(to.bidModifier === null ? {} : { bidModifier: to.bidModifier }),
        },
      });
    } else {
      operations.push({
        // The mask names the field even where it is absent: that is how the platform clears one.
        update: {
          resourceName,
          ...(to.bidModifier === null ? {} : { bidModifier: to.bidModifier }),
        },
        updateMask: "bid_modifier",
      });
    }
  }
  return { before, after, request: { operations } };
}

function changedCampaigns(plan: Plan): string[] {
  const before = stateOf(plan.before);
  const after = stateOf(plan.after);
  return Object.keys(after.criteria).filter(
    (id) => !isSame(before.criteria[id] ?? null, after.criteria[id] ?? null),
  );
}

/** States come back from the store as JSON; their shape is ours, written by `read` or `planBetween`. */
export function stateOf(state: TargetState): GeoState {
  return state as unknown as GeoState;
}

export function roundModifier(modifier: number): number {
  return Number(modifier.toFixed(MODIFIER_DIGITS));
}

function clampModifier(modifier: number): number {
  return roundModifier(Math.min(BID_MODIFIER_MAX, Math.max(BID_MODIFIER_MIN, modifier)));
}

function isSame(a: Criterion | null, b: Criterion | null): boolean {
  if (a === null || b === null) return a === b;
  return a.negative === b.negative && a.bidModifier === b.bidModifier;
}

function criterionToText(criterion: Criterion | null): string {
  if (criterion === null) return "has no setting";
  if (criterion.negative) return "excludes it";
  return criterion.bidModifier === null ? "targets it by name" : `bids x ${criterion.bidModifier}`;
}
