/** A signal of a rise, marketing facts and the marketing agent, for tests. */
import { readFileSync } from "node:fs";
import { parseContract } from "../../src/core/contract/parse.ts";
import type { Contract, Signal } from "../../src/core/contract/types.ts";
import { parseDocument } from "../../src/core/document.ts";
import type { MarketingFacts } from "../../src/core/port/types.ts";
import type { Json } from "../../src/std/canonical-json.ts";
import { createMarketingAgent } from "../../src/agent/marketing/agent.ts";
import { type Economics, parseEconomics } from "../../src/agent/marketing/economics.ts";

const LOOP = new URL("../../loops/logistics-marketing/", import.meta.url);

export function readLoopDocument(file: string): unknown {
  return parseDocument(readFileSync(new URL(file, LOOP), "utf8"), file).value;
}

export const CONTRACT: Contract = parseContract(readLoopDocument("contract.yaml"));
export const ECONOMICS: Economics = parseEconomics(readLoopDocument("economics.yaml"));

export type Rise = {
  readonly subject?: string;
  readonly level?: string;
  readonly subjects?: number;
  readonly ordersPerDay?: number;
  /** Attempts since the change; NDR rate expected and seen. */
  readonly trials?: number;
  readonly baseline?: number;
  readonly rate?: number;
  readonly confidence?: number;
  readonly owner?: string;
  readonly codShare?: number;
  readonly split?: ReadonlyArray<Json>;
  readonly options?: ReadonlyArray<string>;
};

export function createSignal(rise: Rise = {}): Signal {
  const { trials = 300, baseline = 0.18, rate = 0.36, ordersPerDay = 20 } = rise;
  const events = Math.round(trials * rate);
  return {
    id: "sig-1",
    source: "logistics/geo-risk-detector",
    contract: "logistics.geo-risk",
    version: "1.0.0",
    subject: rise.subject ?? "IN-560001",
    sentAt: "2026-04-01T01:00:00.000Z",
    asOf: "2026-03-31T18:30:00.000Z",
    expiresAt: "2026-04-04T01:00:00.000Z",
    confidence: rise.confidence ?? 0.95,
    options: rise.options ?? CONTRACT.options.map(({ name }) => name),
    payload: {
      metric: "ndr_rate",
      level: rise.level ?? "pincode",
      measure: { rate: events / trials, events, trials, from: "2026-03-15", to: "2026-03-31" },
      baseline: { rate: baseline, low: baseline - 0.03, high: baseline + 0.03 },
      change: { onDay: "2026-03-15", size: rate - baseline, low: 0.05, high: 0.3 },
      evidence: { log10: 6, threshold: 4.5, daysObserved: 17 },
      maturity: 0.95,
      cause: { owner: rise.owner ?? "demand", split: rise.split ?? [] },
      exposure: {
        ordersPerDay,
        codShare: rise.codShare ?? 0.6,
        subjects: rise.subjects ?? 1,
      },
    },
  };
}

/** COD and prepaid rows as logistics sends them. */
export function paymentRows(
  cod: { readonly trials: number; readonly rate: number; readonly baselineRate: number },
  prepaid: { readonly trials: number; readonly rate: number; readonly baselineRate: number },
): ReadonlyArray<Json> {
  const row = (value: string, of: typeof cod, shareOfExcess: number) => ({
    dimension: "payment",
    value,
    trials: of.trials,
    events: Math.round(of.trials * of.rate),
    rate: of.rate,
    baselineRate: of.baselineRate,
    shareOfExcess,
  });
  return [row("cod", cod, 0.9), row("prepaid", prepaid, 0.1)];
}

export function createFacts(change: Partial<MarketingFacts> = {}): MarketingFacts {
  return {
    subject: "IN-560001",
    spendPerDay: { amountMinor: 20 * 19_000, currency: "INR" },
    spendPerDayAll: { amountMinor: 20_000 * 19_000, currency: "INR" },
    ordersPerDay: 20,
    ordersPerDayAll: 20_000,
    lookbackDays: 28,
    ...change,
  };
}

export function createAgent(facts: MarketingFacts | undefined, economics = ECONOMICS) {
  return createMarketingAgent({
    facts: { readFacts: async () => facts },
    economics,
    resourceOf: (option, subject) =>
      ["prepaid_only", "confirm_orders"].includes(option)
        ? `shop:test/${subject}`
        : `ads:test/${subject}`,
    currency: "INR",
  });
}

export function ask(rise: Rise, facts: MarketingFacts | undefined = createFacts()) {
  return askAbout(createSignal(rise), facts);
}

export function askAbout(signal: Signal, facts: MarketingFacts | undefined) {
  return createAgent(facts).evaluate({
    caseId: "case-1",
    signal,
    contract: CONTRACT,
    now: "2026-04-01T01:00:02.000Z",
  });
}
