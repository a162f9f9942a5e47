/** The reference documents of the logistics -> marketing loop, and good messages under them. */
import { readFileSync } from "node:fs";
import { parseCharter } from "../../src/core/charter/parse.ts";
import type { Charter, VerdictFacts } from "../../src/core/charter/types.ts";
import { parseContract } from "../../src/core/contract/parse.ts";
import type {
  Contract,
  Proposal,
  Signal,
  ValueDistribution,
} from "../../src/core/contract/types.ts";
import { type Document, parseDocument } from "../../src/core/document.ts";

export const NOW = "2026-03-02T06:00:00.000Z";

export function readReferenceDocument(name: "contract" | "charter"): Document {
  const url = new URL(`../../loops/logistics-marketing/${name}.yaml`, import.meta.url);
  return parseDocument(readFileSync(url, "utf8"), `${name}.yaml`);
}

/** Read and checked once, for a simulation asks for them a thousand times. */
let contract: Contract | undefined;
let charter: Charter | undefined;

/** Each call gives fresh objects, so that a test may change them. */
export function referenceContract(): Contract {
  contract ??= parseContract(readReferenceDocument("contract").value);
  return structuredClone(contract);
}

export function referenceCharter(): Charter {
  charter ??= parseCharter(readReferenceDocument("charter").value);
  return structuredClone(charter);
}

export function goodSignal(change: Partial<Signal> = {}): Signal {
  return {
    id: "ndr-IN-560001-2026-03-01",
    source: "logistics/ndr-watch",
    contract: "logistics.geo-risk",
    version: "1.0.0",
    subject: "IN-560001",
    sentAt: "2026-03-02T05:59:00.000Z",
    asOf: "2026-03-01T18:30:00.000Z",
    expiresAt: "2026-03-05T05:59:00.000Z",
    confidence: 0.84,
    options: [
      "exclude_geo",
      "lower_bid",
      "prepaid_only",
      "confirm_orders",
      "hand_back",
      "do_nothing",
    ],
    payload: {
      metric: "ndr_rate",
      level: "pincode",
      measure: { rate: 0.25, events: 60, trials: 240, from: "2026-02-18", to: "2026-03-01" },
      baseline: { rate: 0.14, low: 0.11, high: 0.17 },
      change: { onDay: "2026-02-18", size: 0.09, low: 0.04, high: 0.14 },
      evidence: { log10: 6.2, threshold: 4.7, daysObserved: 12 },
      maturity: 0.93,
      cause: {
        owner: "demand",
        split: [
          {
            dimension: "payment",
            value: "cod",
            trials: 170,
            events: 52,
            rate: 0.306,
            baselineRate: 0.17,
            shareOfExcess: 0.88,
          },
        ],
      },
      exposure: { ordersPerDay: 20, codShare: 0.7, subjects: 1 },
    },
    ...change,
  };
}

const rupees = (amount: number): { amountMinor: number; currency: string } => ({
  amountMinor: amount * 100,
  currency: "INR",
});

const worth = (mean: number): ValueDistribution => ({
  mean: rupees(mean),
  p10: rupees(mean - 7_000),
  p50: rupees(mean - 500),
  p90: rupees(mean + 8_000),
  probabilityBetter: 0.93,
});

export function goodProposal(change: Partial<Proposal> = {}): Proposal {
  return {
    option: "exclude_geo",
    parameters: { standingDays: 14, probeShare: 0.1 },
    resource: "ads:google/1234567890/campaign/9/geo/IN-560001",
    value: worth(9_000),
    valueAtStake: rupees(12_400),
    blastRadius: { subjects: 1, shareOfOrders: 0.0042, shareOfSpend: 0.003 },
    standingDays: 14,
    scored: [
      {
        option: "exclude_geo",
        parameters: { standingDays: 14, probeShare: 0.1 },
        value: worth(9_000),
        feasible: true,
        reason: "saves the most freight on orders that come back",
      },
      {
        option: "do_nothing",
        parameters: {},
        value: worth(0),
        feasible: true,
        reason: "the loss goes on",
      },
    ],
    reasons: ["non-delivery rose by 9 points and stays there"],
    ...change,
  };
}

export function goodFacts(change: Partial<VerdictFacts> = {}): VerdictFacts {
  return {
    now: NOW,
    charterSigned: true,
    stops: [],
    autonomy: "act",
    confidence: 0.84,
    confidenceToAct: 0.7,
    reversible: true,
    usedToday: { actions: 14, subjects: 20, valueMinor: 10_000_000 },
    usedThisWeek: { actions: 60, subjects: 90, valueMinor: 60_000_000 },
    claims: [],
    ...change,
  };
}
