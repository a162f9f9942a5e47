/** The ads account: which campaign targets, adjusts or excludes which place. */
import { COUNTRY_ID } from "./geo-target.ts";
import type { SandboxCampaign } from "./types.ts";

/** `bidModifier` null: targeted without adjustment. */
export type Criterion = { readonly negative: boolean; readonly bidModifier: number | null };

/** One criterion set, or taken away when null. */
export type CriterionChange = {
  readonly campaign: string;
  readonly geo: string;
  readonly criterion: Criterion | null;
};

export type AdsState = {
  readonly campaigns: ReadonlyMap<string, SandboxCampaign>;
  find(campaign: string, geo: string): Criterion | undefined;
  /** Criteria for one place, by campaign. */
  ofGeo(geo: string): ReadonlyMap<string, Criterion>;
  apply(changes: ReadonlyArray<CriterionChange>): void;
};

const NONE: ReadonlyMap<string, Criterion> = new Map();

export function createAdsState(campaigns: ReadonlyArray<SandboxCampaign>): AdsState {
  const byGeo = new Map<string, Map<string, Criterion>>();

  function set({ campaign, geo, criterion }: CriterionChange): void {
    const criteria = byGeo.get(geo) ?? new Map<string, Criterion>();
    if (criterion === null) criteria.delete(campaign);
    else criteria.set(campaign, criterion);
    if (criteria.size === 0) byGeo.delete(geo);
    else byGeo.set(geo, criteria);
  }

  // Every campaign targets the country; without any target it would run in the whole world.
  for (const { id } of campaigns) {
    set({ campaign: id, geo: COUNTRY_ID, criterion: { negative: false, bidModifier: null } });
  }

  return {
    campaigns: new Map(campaigns.map((campaign) => [campaign.id, campaign])),
    find: (campaign, geo) => byGeo.get(geo)?.get(campaign),
    ofGeo: (geo) => byGeo.get(geo) ?? NONE,
    apply: (changes) => changes.forEach(set),
  };
}
