import assert from "node:assert/strict";
import { test } from "node:test";
import { dayToNumber } from "../../src/std/time.ts";
import { InterlockError } from "../../src/std/errors.ts";
import type { MarketingFactsSource, Subject } from "../../src/core/port/types.ts";
import { createGoogleAdsClient } from "../../src/connector/google-ads/client.ts";
import { createGoogleAdsFacts } from "../../src/connector/google-ads/facts.ts";
import { geoTargetsBySuggestion } from "../../src/connector/google-ads/geo-target.ts";
import { createStorefrontClient } from "../../src/connector/storefront/client.ts";
import { startSandbox, type CompanyFigures, type Sandbox } from "../../twin/sandbox/sandbox.ts";

const SUBJECTS: ReadonlyArray<Subject> = [
  { id: "IN", kind: "geo", level: "nation", name: "India", parent: null },
  { id: "IN-S-bihar", kind: "geo", level: "state", name: "Bihar", parent: "IN" },
  { id: "IN-D-patna", kind: "geo", level: "district", name: "Patna", parent: "IN-S-bihar" },
  { id: "IN-800001", kind: "geo", level: "pincode", name: "Patna GPO", parent: "IN-D-patna" },
  { id: "IN-D-twin-a", kind: "geo", level: "district", name: "Twin", parent: "IN-S-bihar" },
  { id: "IN-D-twin-b", kind: "geo", level: "district", name: "Twin", parent: "IN-S-bihar" },
];
const PLACE_TYPES = { pincode: "Postal Code", district: "District", state: "State", nation: "" };
const SPEND_MINOR: Record<string, number> = { IN: 900_000, "IN-D-patna": 3_000, "IN-800001": 100 };
const ORDERS: Record<string, number> = { IN: 700, "IN-D-patna": 20, "IN-800001": 1.5 };

async function setup(): Promise<{
  readonly sandbox: Sandbox;
  readonly facts: MarketingFactsSource;
  readonly windows: Set<string>;
  readonly close: () => Promise<void>;
}> {
  const windows = new Set<string>();
  const fill = <T>(from: string, until: string, value: T): T[] => {
    windows.add(`${from}..${until}`);
    return Array<T>(dayToNumber(until) - dayToNumber(from)).fill(value);
  };
  const company: CompanyFigures = {
    spendPerDayMinor: (id, from, until) => fill(from, until, SPEND_MINOR[id] ?? 0),
    ordersPerDay: (id, from, until) => fill(from, until, { orders: ORDERS[id] ?? 0, codOrders: 0 }),
  };
  const sandbox = await startSandbox({
    subjects: SUBJECTS,
    now: () => "2026-02-01T00:00:00.000Z",
    company,
  });
  const ads = createGoogleAdsClient({ ...sandbox.ads, accessToken: () => sandbox.ads.accessToken });
  const shop = createStorefrontClient({
    ...sandbox.shop,
    accessToken: () => sandbox.shop.accessToken,
  });
  const subjectOf = (id: string) => SUBJECTS.find((subject) => subject.id === id);
  const geoTargets = geoTargetsBySuggestion(ads, (id) => {
    const subject = subjectOf(id);
    if (subject === undefined) return undefined;
    const name = subject.level === "pincode" ? id.slice(3) : subject.name;
    return { name, targetType: PLACE_TYPES[subject.level] };
  });
  const currency = "INR";
  return {
    sandbox,
    windows,
    facts: createGoogleAdsFacts({ ads, shop, geoTargets, subjectOf, currency }),
    async close() {
      await Promise.all([ads.close(), shop.close()]);
      await sandbox.close();
    },
  };
}

test("facts are spend per day from the platform and orders per day from the shop, over whole days", async () => {
  const { facts, windows, close } = await setup();
  const read = await facts.readFacts("IN-D-patna", "2026-02-01T03:30:00.000Z");
  assert.deepEqual(read, {
    subject: "IN-D-patna",
    spendPerDay: { amountMinor: 3_000, currency: "INR" },
    spendPerDayAll: { amountMinor: 900_000, currency: "INR" },
    ordersPerDay: 20,
    ordersPerDayAll: 700,
    lookbackDays: 28,
  });
  assert.deepEqual([...windows], ["2026-01-04..2026-02-01"]);
  await close();
});

test("facts exist at each level, and none for a place that is unknown or not to be told apart", async () => {
  const { facts, close } = await setup();
  const at = "2026-02-01T03:30:00.000Z";
  assert.equal((await facts.readFacts("IN-800001", at))?.spendPerDay.amountMinor, 100);
  assert.equal((await facts.readFacts("IN-S-bihar", at))?.ordersPerDay, 0);
  assert.equal((await facts.readFacts("IN", at))?.ordersPerDay, 700);
  assert.equal(await facts.readFacts("IN-999999", at), undefined);
  assert.equal(await facts.readFacts("IN-D-twin-a", at), undefined);
  await close();
});

test("the company's totals are read once per window and again after a failure", async () => {
  const { sandbox, facts, close } = await setup();
  sandbox.failNext("ads", "read", "unavailable-before");
  const at = "2026-02-01T03:30:00.000Z";
  await assert.rejects(facts.readFacts("IN-800001", at), InterlockError);
  await Promise.all([facts.readFacts("IN-800001", at), facts.readFacts("IN-D-patna", at)]);
  const before = sandbox.requests.total;
  await facts.readFacts("IN-800001", "2026-02-01T17:00:00.000Z");
  assert.equal(sandbox.requests.total - before, 2);
  await close();
});

test("another look-back can be asked for, and its totals are not those of the usual one", async () => {
  const { facts, windows, close } = await setup();
  const at = "2026-02-01T03:30:00.000Z";
  const usual = await facts.readFacts("IN-D-patna", at);
  const fortnight = await facts.readFacts("IN-D-patna", at, 14);
  assert.deepEqual(fortnight, { ...usual, lookbackDays: 14 });
  // Ends with the usual one's first day: two windows that share a day are still two.
  await facts.readFacts("IN-D-patna", "2026-01-18T03:30:00.000Z", 14);
  assert.deepEqual(
    [...windows],
    ["2026-01-04..2026-02-01", "2026-01-18..2026-02-01", "2026-01-04..2026-01-18"],
  );
  await close();
});
