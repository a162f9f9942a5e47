/**
 * What marketing reads of a `logistics.geo-risk` signal: numbers and enumerated words, nothing else.
 *
 * INVARIANT (text is data): free text of a signal is compared with known codes and never kept, quoted or
 * obeyed; a code that is not known here selects nothing. Counts of unresolved shipments are left out of
 * the denominator, because they may still fail.
 */
import { valueAt } from "../../core/contract/evidence.ts";
import type { Signal } from "../../core/contract/types.ts";
import type { Json } from "../../std/canonical-json.ts";

const OWNERS = ["courier", "checkout", "address", "demand", "unknown"] as const;
export type CauseOwner = (typeof OWNERS)[number];

/** Failed first attempts among those whose outcome is known, and the rate to be expected, 0..1. */
export type RateCounts = {
  readonly events: number;
  readonly trials: number;
  readonly baselineRate: number;
};

export type GeoRisk = {
  readonly owner: CauseOwner;
  /** 0..1, see the contract. */
  readonly confidence: number;
  readonly whole: RateCounts;
  /** 95% interval of the expected rate. */
  readonly baseline: { readonly low: number; readonly high: number };
  /** The same by payment mode, where the signal splits it. */
  readonly byPayment: { readonly cod: RateCounts; readonly prepaid: RateCounts } | undefined;
  /** 0..1; undefined where the data does not say how orders are paid. */
  readonly codShare: number | undefined;
  /** Share of the excess that customers refused. */
  readonly refusedShare: number;
  /** Pincodes covered. */
  readonly subjects: number;
};

export type RiskReading =
  | { readonly kind: "read"; readonly risk: GeoRisk }
  | { readonly kind: "missing"; readonly missing: ReadonlyArray<string> };

const NUMBERS = {
  events: "/measure/events",
  trials: "/measure/trials",
  rate: "/baseline/rate",
  low: "/baseline/low",
  high: "/baseline/high",
  maturity: "/maturity",
  codShare: "/exposure/codShare",
  subjects: "/exposure/subjects",
} as const;

export function readRisk(signal: Signal): RiskReading {
  const missing: string[] = [];
  const read = (path: string): number => {
    const value = valueAt(signal.payload, path);
    if (typeof value === "number" && Number.isFinite(value)) return value;
    missing.push(path);
    return 0;
  };
  const numbers = {
    events: read(NUMBERS.events),
    trials: read(NUMBERS.trials),
    rate: read(NUMBERS.rate),
    low: read(NUMBERS.low),
    high: read(NUMBERS.high),
    maturity: read(NUMBERS.maturity),
    codShare: read(NUMBERS.codShare),
    subjects: read(NUMBERS.subjects),
  };
  if (missing.length > 0) return { kind: "missing", missing };
  const { events, trials, rate, low, high, maturity, codShare, subjects } = numbers;
  const split = readSplit(signal);
  const cod = findPart(split, "payment", "cod");
  const prepaid = findPart(split, "payment", "prepaid");
  const known = (part: RateCounts): RateCounts => ({
    ...part,
    trials: Math.max(part.events, part.trials * maturity),
  });
  const named = valueAt(signal.payload, "/cause/owner");
  return {
    kind: "read",
    risk: {
      owner: OWNERS.find((owner) => owner === named) ?? "unknown",
      confidence: signal.confidence,
      whole: known({ events, trials, baselineRate: rate }),
      baseline: { low, high },
      byPayment: cod && prepaid ? { cod: known(cod), prepaid: known(prepaid) } : undefined,
      codShare: codShare > 0 || cod || prepaid ? codShare : undefined,
      refusedShare: findPart(split, "reason", "refused")?.shareOfExcess ?? 0,
      subjects: Math.max(1, Math.round(subjects)),
    },
  };
}

type Part = RateCounts & { readonly shareOfExcess: number };

function readSplit(signal: Signal): ReadonlyArray<Json> {
  const split = valueAt(signal.payload, "/cause/split");
  return Array.isArray(split) ? (split as ReadonlyArray<Json>) : [];
}

/** The one row of that code; a code that is there twice says nothing. */
function findPart(split: ReadonlyArray<Json>, dimension: string, value: string): Part | undefined {
  const rows = split.filter(
    (row) => valueAt(row, "/dimension") === dimension && valueAt(row, "/value") === value,
  );
  const [row] = rows;
  if (row === undefined || rows.length > 1) return undefined;
  const [events, trials, baselineRate, shareOfExcess] = [
    "/events",
    "/trials",
    "/baselineRate",
    "/shareOfExcess",
  ].map((path) => valueAt(row, path));
  return typeof events === "number" &&
    typeof trials === "number" &&
    typeof baselineRate === "number" &&
    typeof shareOfExcess === "number"
    ? { events, trials, baselineRate, shareOfExcess }
    : undefined;
}

/** Prepaid trials from which one may say that prepaid orders fail more as well. */
const PREPAID_TRIALS_MIN = 30;
/** Standard deviations that tell a rise from luck. */
const DEVIATIONS_MIN = 2;

/**
 * True when those who had paid refuse as well: then the product or its promise is at fault, and no choice
 * of place or payment mends that.
 */
export function isRefusedByAll({ byPayment, refusedShare }: GeoRisk): boolean {
  if (byPayment === undefined || refusedShare < 0.5) return false;
  const { cod, prepaid } = byPayment;
  if (prepaid.trials < PREPAID_TRIALS_MIN || cod.trials === 0) return false;
  const rise = prepaid.events / prepaid.trials - prepaid.baselineRate;
  const deviation = Math.sqrt((prepaid.baselineRate * (1 - prepaid.baselineRate)) / prepaid.trials);
  const codRise = cod.events / cod.trials - cod.baselineRate;
  return rise >= DEVIATIONS_MIN * deviation && rise >= codRise / 2;
}
