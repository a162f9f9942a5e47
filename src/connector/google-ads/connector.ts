/**
 * Google Ads as a target of interventions: `exclude_geo` and `lower_bid` on one geography.
 *
 * Its class is `readable`: the platform keeps no idempotency keys, but a criterion's name is made of
 * campaign and geography, so reading it back says for certain whether a lost call took effect, and a
 * second create of the same criterion is refused instead of done twice.
 *
 * Translation only: `client.ts` speaks the dialect, `target.ts` works out changes.
 */
import type { Json } from "../../std/canonical-json.ts";
import { InterlockError } from "../../std/errors.ts";
import type { Call, Connector, Plan, TargetState } from "../../core/port/types.ts";
import { isRecord, malformedAnswer } from "../kit/answer.ts";
import { callHeaders, checkIntervention } from "../kit/intervention.ts";
import { AlreadySo, type GoogleAdsClient } from "./client.ts";
import type { GeoTargets } from "./geo-target.ts";
import { checkGoogleAdsSettings, googleAdsResourceOf, type GoogleAdsSettings } from "./settings.ts";
import {
  isPlanApplied,
  planIntervention,
  planUndoOf,
  roundModifier,
  stateOf,
  type Criterion,
} from "./target.ts";

const SYSTEM = "Google Ads";

export function createGoogleAdsConnector(
  client: GoogleAdsClient,
  settings: GoogleAdsSettings,
  geoTargets: GeoTargets,
): Connector {
  checkGoogleAdsSettings(settings);
  const identity = { name: "google-ads", options: ["exclude_geo", "lower_bid"] } as const;

  return {
    ...identity,
    class: "readable",

    async read(intervention, call) {
      const { subject } = intervention;
      checkIntervention(identity, intervention, googleAdsResourceOf(settings, subject));
      const geo = await geoTargets.findId(subject, call.signal);
      if (geo === undefined) {
        throw new InterlockError(
          "connector/rejected",
          `${SYSTEM} knows no single place that is \`${subject}\``,
          { help: "act on the district or state around it, or map the place to its id by hand" },
        );
      }
      const campaigns = [...settings.campaignIds];
      if (settings.probeCampaign !== undefined) campaigns.push(settings.probeCampaign.id);
      return readGeo(client, geo, campaigns, call);
    },

    plan(intervention, before) {
      const resource = googleAdsResourceOf(settings, intervention.subject);
      checkIntervention(identity, intervention, resource);
      return planIntervention(settings, intervention, before);
    },

    async dryRun(plan, call) {
      await client.mutateCampaignCriteria(
        operationsOf(plan),
        { validateOnly: true },
        { signal: call.signal, headers: callHeaders(call) },
      );
    },

    async apply(plan, call) {
      const adsCall = { signal: call.signal, headers: callHeaders(call) };
      try {
        const { requestId, resourceNames } = await client.mutateCampaignCriteria(
          operationsOf(plan),
          { validateOnly: false },
          adsCall,
        );
        return { receipt: { requestId, resourceNames, already: false } };
      } catch (thrown) {
        if (!(thrown instanceof AlreadySo)) throw thrown;
        // "It exists" and "it is gone" are what our own earlier sending looks like from here.
        const { geo, criteria } = stateOf(plan.after);
        const current = await readGeo(client, geo, Object.keys(criteria), call);
        if (isPlanApplied(plan, current)) {
          return { receipt: { requestId: null, resourceNames: [], already: true } };
        }
        // Nothing of ours stands and the target is as it was read: the refusal means what it says.
        if (isPlanApplied({ ...plan, before: plan.after, after: plan.before }, current))
          throw thrown;
        throw new InterlockError(
          "connector/conflict",
          `the campaigns changed between reading and changing them: ${thrown.message}`,
          { help: "read the state again; someone edited the same geography meanwhile" },
        );
      }
    },

    isApplied: isPlanApplied,
    planUndo: (plan, current) => planUndoOf(settings, plan, current),
  };
}

/** The criteria of one geography in the given campaigns. */
async function readGeo(
  client: GoogleAdsClient,
  geo: string,
  campaigns: ReadonlyArray<string>,
  call: Call,
): Promise<TargetState> {
  const rows = await client.search(
    "SELECT campaign.id, campaign_criterion.negative, campaign_criterion.bid_modifier " +
      "FROM campaign_criterion " +
      `WHERE campaign.id IN (${campaigns.join(", ")}) ` +
      "AND campaign_criterion.type = 'LOCATION' " +
      `AND campaign_criterion.location.geo_target_constant = 'geoTargetConstants/${geo}'`,
    { signal: call.signal, headers: callHeaders(call) },
  );
  const criteria: Record<string, Criterion | null> = {};
  for (const campaign of [...campaigns].sort()) criteria[campaign] = null;
  for (const row of rows) {
    const campaign = isRecord(row["campaign"]) ? row["campaign"]["id"] : undefined;
    const criterion = row["campaignCriterion"];
    if (typeof campaign !== "string" || !(campaign in criteria) || !isRecord(criterion)) {
      throw malformedAnswer(SYSTEM, "read", "a row is not of the campaigns asked for");
    }
    const negative = criterion["negative"] ?? false;
    const modifier = criterion["bidModifier"] ?? null;
    if (typeof negative !== "boolean" || !(modifier === null || typeof modifier === "number")) {
      throw malformedAnswer(SYSTEM, "read", "a criterion has fields of another type");
    }
    const bidModifier = modifier === null ? null : roundModifier(modifier);
    criteria[campaign] = { negative, bidModifier };
  }
  return { geo, criteria };
}

function operationsOf(plan: Plan): ReadonlyArray<Json> {
  return (plan.request as { readonly operations: ReadonlyArray<Json> }).operations;
}
