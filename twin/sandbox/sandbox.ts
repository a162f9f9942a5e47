/**
 * The outside world of the simulated company: an ads platform, a shop and a mailbox, as real servers
 * on loopback, in this process, with a memory that outlives it.
 *
 * Picture the three as clerks who write every change into one book before they say "done". Start them
 * again over the same book and they know everything they ever agreed to. The book (`mutations`) is also
 * how a test sees that no effect happened twice.
 *
 * Left out: power loss, two processes on one directory, and everything about the platforms that
 * Interlock does not call.
 */
import { assert } from "../../src/std/assert.ts";
import type { Json } from "../../src/std/canonical-json.ts";
import { dayOf } from "../../src/std/time.ts";
import { createAdsPlatform } from "./ads-platform.ts";
import { createAdsState, type CriterionChange } from "./ads-state.ts";
import { createFaults, type SystemName } from "./fault.ts";
import { createGazetteer } from "./geo-target.ts";
import { servePlatform, type RequestKind } from "./http-server.ts";
import { adsStanding, createHistory, shopStanding } from "./in-force.ts";
import { openJournal, type JournalEntry } from "./journal.ts";
import { serveMailbox, type ArrivedMail } from "./mailbox.ts";
import {
  applyShopChange,
  createShopState,
  createStorefront,
  type ShopChange,
} from "./storefront.ts";
import type { Mail, Sandbox, SandboxCampaign, SandboxOptions } from "./types.ts";

export type * from "./types.ts";
export type { FaultKind, FaultRates, SystemName } from "./fault.ts";

const ACCESS_TOKEN = "sandbox-access-token";
const DEVELOPER_TOKEN = "sandbox-developer-token";
const MAIL_USER = "interlock";
const MAIL_PASS = "sandbox-password";
const INDIA_OFFSET_MINUTES = 330;

export const DEFAULT_CAMPAIGNS: ReadonlyArray<SandboxCampaign> = [
  { id: "21001", name: "Search, all India" },
  { id: "21002", name: "Shopping, all India" },
  { id: "21009", name: "Probe, all India", probe: true },
];

export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const campaigns = options.campaigns ?? DEFAULT_CAMPAIGNS;
  const probe = campaigns.find((campaign) => campaign.probe === true);
  const shareAtModifierOne = options.probeShareAtModifierOne ?? 0.05;
  const customerId = options.customerId ?? "1234567890";
  const shop = options.shop ?? "main";
  const offsetMinutes = options.offsetMinutes ?? INDIA_OFFSET_MINUTES;

  const gazetteer = createGazetteer(options.subjects);
  const faults = createFaults(options.faults);
  const adsState = createAdsState(campaigns);
  const shopState = createShopState();
  const history = createHistory();
  const mails: Mail[] = [];
  const messageIds = new Set<string>();
  const counts = {
    total: 0,
    ads: { read: 0, dryRun: 0, mutation: 0 },
    shop: { read: 0, dryRun: 0, mutation: 0 },
    mail: { mutation: 0 },
  };

  const journal = openJournal(options.directory);
  journal.entries.forEach(remember);

  /** The one way in which anything changes, live or reloaded. */
  function remember(entry: JournalEntry): void {
    if (entry.system === "ads") adsState.apply(entry.change as unknown as CriterionChange[]);
    if (entry.system === "shop") {
      applyShopChange(shopState, entry.change as unknown as ShopChange, entry.key);
    }
    if (entry.system === "mail") {
      const mail = entry.change as unknown as ArrivedMail;
      messageIds.add(mail.messageId);
      mails.push({ seq: entry.seq, at: entry.at, ...mail });
      return;
    }
    const day = dayOf(entry.at, offsetMinutes);
    for (const subject of entry.subjects) {
      const geo = gazetteer.bySubject.get(subject)?.id;
      history.record(subject, day, [
        ...(geo === undefined ? [] : adsStanding(adsState, geo, shareAtModifierOne)),
        ...shopStanding(shopState, subject),
      ]);
    }
  }

  function commit(
    system: SystemName,
    call: { readonly key: string | null; readonly fence: number | null },
    subjects: ReadonlyArray<string>,
    request: Json,
    change: unknown,
  ): void {
    const { key, fence } = call;
    const at = options.now();
    remember(journal.append({ at, system, key, fence, subjects, request, change: change as Json }));
  }

  function commitCriteria(
    changes: ReadonlyArray<CriterionChange>,
    call: { readonly key: string | null; readonly fence: number | null },
    request: Json,
  ): void {
    const subjects = new Set<string>();
    for (const { geo } of changes) {
      const place = gazetteer.byId.get(geo);
      assert(place !== undefined, `criterion for unknown place ${geo}`);
      subjects.add(place.subject);
    }
    commit("ads", call, [...subjects], request, changes);
  }

  function commitRule(
    change: ShopChange,
    call: { readonly key: string | null; readonly fence: number | null },
  ): void {
    commit("shop", call, [change.geo], { geo: change.geo, rule: change.rule }, change);
  }

  const countFor = (system: "ads" | "shop") => (kind: RequestKind) => {
    counts.total++;
    counts[system][kind]++;
  };

  const adsServer = await servePlatform(
    createAdsPlatform({
      state: adsState,
      gazetteer,
      company: options.company,
      customerId,
      accessToken: ACCESS_TOKEN,
      developerToken: DEVELOPER_TOKEN,
      commit: commitCriteria,
    }),
    faults,
    countFor("ads"),
  );
  const shopServer = await servePlatform(
    createStorefront({
      state: shopState,
      gazetteer,
      company: options.company,
      accessToken: ACCESS_TOKEN,
      commit: commitRule,
    }),
    faults,
    countFor("shop"),
  );
  const mailServer = await serveMailbox({
    user: MAIL_USER,
    pass: MAIL_PASS,
    mailboxes:
      options.mailboxes === undefined
        ? undefined
        : new Set(options.mailboxes.map((address) => address.toLowerCase())),
    faults,
    count() {
      counts.total++;
      counts.mail.mutation++;
    },
    isKnown: (messageId) => messageIds.has(messageId),
    commit(mail, key) {
      const { messageId, to, subject } = mail;
      commit("mail", { key, fence: null }, [to], { messageId, to, subject }, mail);
    },
  });

  return {
    ads: {
      baseUrl: `${adsServer.origin}/v25`,
      customerId,
      developerToken: DEVELOPER_TOKEN,
      accessToken: ACCESS_TOKEN,
      campaignIds: campaigns.filter((campaign) => campaign.probe !== true).map(({ id }) => id),
      ...(probe === undefined ? {} : { probeCampaign: { id: probe.id, shareAtModifierOne } }),
    },
    shop: { baseUrl: shopServer.origin, shop, accessToken: ACCESS_TOKEN },
    mail: { host: mailServer.host, port: mailServer.port, user: MAIL_USER, pass: MAIL_PASS },
    requests: counts,
    mutations: () => journal.entries,
    mails: () => mails,
    inForce: (subject, day) => history.inForce(subject, day),
    geoTargetOf: (subject) => gazetteer.bySubject.get(subject)?.id,

    editCriterion(subject, campaign, manual) {
      const geo = gazetteer.bySubject.get(subject)?.id;
      assert(geo !== undefined && adsState.campaigns.has(campaign), `no ${subject} in ${campaign}`);
      const criterion =
        manual === null
          ? null
          : { negative: manual.negative, bidModifier: manual.bidModifier ?? null };
      commitCriteria([{ campaign, geo, criterion }], { key: null, fence: null }, "manual edit");
    },

    editCodRule(subject, rule) {
      assert(gazetteer.bySubject.has(subject), `no ${subject}`);
      const version = (shopState.versions.get(subject) ?? 0) + 1;
      const replaced = shopState.rules.has(subject);
      commitRule({ geo: subject, rule, version, replaced }, { key: null, fence: null });
    },

    failNext: (system, on, kind, times = 1) => faults.order(system, on, kind, times),

    async close() {
      await Promise.all([adsServer.close(), shopServer.close(), mailServer.close()]);
      journal.close();
    },
  };
}
