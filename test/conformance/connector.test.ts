import { createGoogleAdsClient } from "../../src/connector/google-ads/client.ts";
import { createGoogleAdsConnector } from "../../src/connector/google-ads/connector.ts";
import { geoTargetsBySuggestion } from "../../src/connector/google-ads/geo-target.ts";
import {
  googleAdsResourceOf,
  type GoogleAdsSettings,
} from "../../src/connector/google-ads/settings.ts";
import { createStorefrontClient } from "../../src/connector/storefront/client.ts";
import {
  createStorefrontConnector,
  storefrontResourceOf,
} from "../../src/connector/storefront/connector.ts";
import type { Intervention, Subject } from "../../src/core/port/types.ts";
import { startSandbox, type Sandbox } from "../../twin/sandbox/sandbox.ts";
import { connectorConformance, type ConnectorWorld } from "./connector.ts";

const SUBJECT = "IN-560001";
const SUBJECTS: ReadonlyArray<Subject> = [
  { id: "IN", kind: "geo", level: "nation", name: "India", parent: null },
  { id: "IN-S-karnataka", kind: "geo", level: "state", name: "Karnataka", parent: "IN" },
  { id: SUBJECT, kind: "geo", level: "pincode", name: "Bengaluru GPO", parent: "IN-S-karnataka" },
];

function startWorld(): Promise<Sandbox> {
  return startSandbox({ subjects: SUBJECTS, now: () => "2026-01-05T06:30:00.000Z" });
}

async function setupGoogleAds(
  intervention: Pick<Intervention, "option" | "parameters">,
  hands: (sandbox: Sandbox) => Pick<ConnectorWorld, "editByHand" | "blockByHand" | "clearByHand">,
): Promise<ConnectorWorld> {
  const sandbox = await startWorld();
  let edits = 0;
  const settings: GoogleAdsSettings = {
    ...sandbox.ads,
    accessToken: () => sandbox.ads.accessToken,
  };
  const client = createGoogleAdsClient(settings);
  const strangerSettings: GoogleAdsSettings = { ...settings, accessToken: () => "forged" };
  const strangerClient = createGoogleAdsClient(strangerSettings);
  const places = geoTargetsBySuggestion(client, (subject) => ({
    name: subject.replace(/^IN-/, ""),
    targetType: "Postal Code",
  }));
  const { editByHand, blockByHand, clearByHand } = hands(sandbox);
  const counted = (edit: () => void) => () => {
    const before = sandbox.mutations().length;
    edit();
    edits += sandbox.mutations().length - before;
  };
  const of = (subject: string): Intervention => ({
    ...intervention,
    subject,
    resource: googleAdsResourceOf(settings, subject),
  });
  return {
    connector: createGoogleAdsConnector(client, settings, places),
    stranger: createGoogleAdsConnector(strangerClient, strangerSettings, places),
    intervention: of(SUBJECT),
    unknown: of("IN-999999"),
    failNext: (on, kind) => sandbox.failNext("ads", on, kind),
    editByHand: counted(editByHand),
    blockByHand: counted(blockByHand),
    clearByHand: counted(clearByHand),
    effects: () => sandbox.mutations().length - edits,
    async close() {
      await Promise.all([client.close(), strangerClient.close()]);
      await sandbox.close();
    },
  };
}

connectorConformance("google-ads exclude_geo", () =>
  setupGoogleAds(
    { option: "exclude_geo", parameters: { standingDays: 14, probeShare: 0.05 } },
    (sandbox) => ({
      editByHand() {
        sandbox.editCriterion(SUBJECT, "21001", { negative: false, bidModifier: 0.8 });
      },
      blockByHand() {
        sandbox.editCriterion(SUBJECT, "21001", { negative: false, bidModifier: 0.8 });
      },
      clearByHand() {
        for (const id of ["21001", "21002", "21009"]) sandbox.editCriterion(SUBJECT, id, null);
      },
    }),
  ),
);

connectorConformance("google-ads exclude_geo without a probe", () =>
  setupGoogleAds(
    { option: "exclude_geo", parameters: { standingDays: 14, probeShare: 0 } },
    (sandbox) => ({
      editByHand() {
        sandbox.editCriterion(SUBJECT, "21009", { negative: false, bidModifier: 1 });
      },
      blockByHand() {
        sandbox.editCriterion(SUBJECT, "21009", { negative: false, bidModifier: 1 });
      },
      clearByHand() {
        for (const id of ["21001", "21002", "21009"]) sandbox.editCriterion(SUBJECT, id, null);
      },
    }),
  ),
);

connectorConformance("google-ads lower_bid", () =>
  setupGoogleAds(
    { option: "lower_bid", parameters: { standingDays: 14, bidModifier: 0.6 } },
    (sandbox) => ({
      editByHand() {
        sandbox.editCriterion(SUBJECT, "21002", { negative: false, bidModifier: 1.4 });
      },
      blockByHand() {
        sandbox.editCriterion(SUBJECT, "21002", { negative: true });
      },
      clearByHand() {
        for (const id of ["21001", "21002"]) sandbox.editCriterion(SUBJECT, id, null);
      },
    }),
  ),
);

for (const option of ["prepaid_only", "confirm_orders"]) {
  connectorConformance(`storefront ${option}`, async () => {
    const sandbox = await startWorld();
    const settings = { ...sandbox.shop, accessToken: () => sandbox.shop.accessToken };
    const client = createStorefrontClient(settings);
    const strangerClient = createStorefrontClient({ ...settings, accessToken: () => "forged" });
    let edits = 0;
    const edit = (rule: { readonly [key: string]: string } | null): void => {
      edits++;
      sandbox.editCodRule(SUBJECT, rule);
    };
    const of = (subject: string): Intervention => ({
      option,
      parameters: { standingDays: 14 },
      subject,
      resource: storefrontResourceOf(settings, subject),
    });
    return {
      connector: createStorefrontConnector(client, settings),
      stranger: createStorefrontConnector(strangerClient, settings),
      intervention: of(SUBJECT),
      unknown: of("IN-999999"),
      failNext: (on, kind) => sandbox.failNext("shop", on, kind),
      editByHand: () => edit({ cod: "on", setBy: "asha@example.com" }),
      blockByHand: () => edit({ cod: "off", setBy: "asha@example.com" }),
      clearByHand: () => edit(null),
      effects: () => sandbox.mutations().length - edits,
      async close() {
        await Promise.all([client.close(), strangerClient.close()]);
        await sandbox.close();
      },
    };
  });
}
