/** The connectors of the reference loop, pointed at whatever plays the outside world. */
import { createEmailNotifier } from "../connector/email/notifier.ts";
import { createGoogleAdsClient } from "../connector/google-ads/client.ts";
import { createGoogleAdsConnector } from "../connector/google-ads/connector.ts";
import { createGoogleAdsFacts } from "../connector/google-ads/facts.ts";
import { geoTargetsFromTable } from "../connector/google-ads/geo-target.ts";
import { googleAdsResourceOf, type GoogleAdsSettings } from "../connector/google-ads/settings.ts";
import { createStorefrontClient } from "../connector/storefront/client.ts";
import {
  createStorefrontConnector,
  storefrontResourceOf,
} from "../connector/storefront/connector.ts";
import type { Subject } from "../core/port/types.ts";
import type { Instant } from "../std/time.ts";
import type { LoopPorts } from "../../loops/logistics-marketing/loop.ts";
import type { Sandbox } from "../../twin/sandbox/sandbox.ts";

export type Outside = Pick<LoopPorts, "connectors" | "notifier" | "facts" | "resourceOf"> & {
  close(): Promise<void>;
};

/** Where a sandbox is, here or in another process, and what its gazetteer calls places. */
export type SandboxAddress = Pick<Sandbox, "ads" | "shop" | "mail" | "geoTargetOf">;

/** Connects to the sandbox over its sockets, the way one connects to the real systems. */
export function connectSandbox(
  sandbox: SandboxAddress,
  subjects: ReadonlyArray<Subject>,
  currency: string,
  now: () => Instant,
): Outside {
  const { ads, shop: shopAddress, mail } = sandbox;
  const subjectsById = new Map(subjects.map((subject) => [subject.id, subject]));
  const placeOf = (subject: string): string => listPlaces(subjectsById, subject).join("/");
  const shop = { ...shopAddress, placeOf };
  const adsSettings: GoogleAdsSettings = {
    baseUrl: ads.baseUrl,
    customerId: ads.customerId,
    developerToken: ads.developerToken,
    accessToken: () => ads.accessToken,
    campaignIds: ads.campaignIds,
    placeOf,
    ...(ads.probeCampaign === undefined ? {} : { probeCampaign: ads.probeCampaign }),
  };
  const geoTargets = geoTargetsFromTable(
    new Map(
      subjects.flatMap(({ id }) => {
        const target = sandbox.geoTargetOf(id);
        return target === undefined ? [] : [[id, target] as const];
      }),
    ),
  );
  const adsClient = createGoogleAdsClient(adsSettings);
  const shopClient = createStorefrontClient({
    baseUrl: shop.baseUrl,
    shop: shop.shop,
    accessToken: () => shop.accessToken,
  });
  const notifier = createEmailNotifier({
    host: mail.host,
    port: mail.port,
    secure: false,
    auth: { user: mail.user, pass: mail.pass },
    from: "Interlock <interlock@company.example.com>",
    now,
  });
  return {
    connectors: [
      createGoogleAdsConnector(adsClient, adsSettings, geoTargets),
      createStorefrontConnector(shopClient, shop),
    ],
    notifier,
    facts: createGoogleAdsFacts({
      ads: adsClient,
      shop: shopClient,
      geoTargets,
      subjectOf: (id) => subjectsById.get(id),
      currency,
    }),
    resourceOf: (option, subject) =>
      option === "prepaid_only" || option === "confirm_orders"
        ? storefrontResourceOf(shop, subject)
        : googleAdsResourceOf(adsSettings, subject),
    async close() {
      notifier.close();
      await Promise.all([adsClient.close(), shopClient.close()]);
    },
  };
}

/** A subject and what it lies in, the widest first. */
function listPlaces(subjects: ReadonlyMap<string, Subject>, id: string): ReadonlyArray<string> {
  const places = [id];
  for (let at = subjects.get(id)?.parent; at; at = subjects.get(at)?.parent) {
    if (places.includes(at)) break;
    places.unshift(at);
  }
  return places;
}
