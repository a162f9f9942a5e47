/**
 * Where a Google Ads account is, and which of its campaigns this connector may touch.
 *
 * Campaigns are listed, never discovered: a campaign that somebody adds tomorrow is not ours to edit
 * until a person writes its id here. Money and ids follow the platform: ids are digits as text.
 */
import { InterlockError } from "../../std/errors.ts";

export const GOOGLE_ADS_BASE_URL = "https://googleads.googleapis.com/v25";
/** The platform's own bounds of a bid modifier on a location. */
export const BID_MODIFIER_MIN = 0.1;
export const BID_MODIFIER_MAX = 10;

export type ProbeCampaign = {
  readonly id: string;
  /**
   * The share of a geography's ordinary spend that this campaign makes at bid modifier 1, in 0..1.
   * With 0.05 the modifiers 0.1 to 10 express shares from 0.005 to 0.5.
   */
  readonly shareAtModifierOne: number;
};

export type GoogleAdsSettings = {
  /** With the version, e.g. `https://googleads.googleapis.com/v25`. */
  readonly baseUrl: string;
  /** Digits only. */
  readonly customerId: string;
  /** A manager account's id, where access goes through one. */
  readonly loginCustomerId?: string;
  readonly developerToken: string;
  /** The OAuth token of the moment; whoever wires this refreshes it. */
  readonly accessToken: () => string | Promise<string>;
  /** Campaigns that target the whole country and are edited. */
  readonly campaignIds: ReadonlyArray<string>;
  /** A subject with what it lies in, the widest first, by slashes: `IN/IN-S-bihar/IN-800001`. */
  readonly placeOf?: (subject: string) => string;
  /** The small campaign that keeps an excluded geography visible, if there is one. */
  readonly probeCampaign?: ProbeCampaign;
};

export function checkGoogleAdsSettings(settings: GoogleAdsSettings): void {
  const ids = [settings.customerId, ...settings.campaignIds];
  if (settings.probeCampaign !== undefined) ids.push(settings.probeCampaign.id);
  if (settings.loginCustomerId !== undefined) ids.push(settings.loginCustomerId);
  const bad = ids.find((id) => !/^\d{1,19}$/.test(id));
  if (bad !== undefined) {
    throw new InterlockError("connector/rejected", `\`${bad}\` is not a Google Ads id`, {
      help: "write ids as digits only, e.g. 1234567890",
    });
  }
  if (settings.campaignIds.length === 0) {
    throw new InterlockError("connector/rejected", "no Google Ads campaign is configured", {
      help: "list the ids of the campaigns that Interlock may edit",
    });
  }
  const share = settings.probeCampaign?.shareAtModifierOne;
  if (share !== undefined && !(share > 0 && share <= 1)) {
    throw new InterlockError(
      "connector/rejected",
      `the probe campaign's share \`${share}\` is not above 0 and at most 1`,
    );
  }
}

/**
 * The one name under which cases claim a geography of this account. With `placeOf` it goes from the
 * country down, so that a claim on a state and one on a pincode in it are seen to overlap.
 */
export function googleAdsResourceOf(
  { customerId, placeOf }: Pick<GoogleAdsSettings, "customerId" | "placeOf">,
  subject: string,
): string {
  return `ads:google/${customerId}/geo/${placeOf?.(subject) ?? subject}`;
}
