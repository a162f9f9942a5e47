/**
 * Who can mend it: where the excess since the change sits.
 *
 * If one courier's parcels alone come back, the customers are not the problem. Each part (a courier, a
 * payment mode, a reason) has its expected rate; what lies above it, as a share of the whole excess,
 * is the split. An owner is named only when one explanation carries nearly all of it, and for a courier
 * only when it differs from the others by more than luck. "unknown" is an honest answer.
 *
 * Left out: couriers by payment mode by reason at once (too few counts), and faults that look alike,
 * e.g. a courier that books its missed visits as "customer unavailable" in every pincode alike.
 */
import { clip } from "../../stats/detect/beta-binomial.ts";
import type { GeoRiskPayload } from "./payload.ts";
import { REASON } from "./strata.ts";
import type { PartCounts } from "./strata.ts";

type Owner = GeoRiskPayload["cause"]["owner"];
type SplitRow = GeoRiskPayload["cause"]["split"][number];
export type Cause = GeoRiskPayload["cause"];

/** Reason codes that only the courier can be responsible for. */
const COURIER_FAULTS = ["courier_no_attempt", "misroute_or_delay", "out_of_delivery_area"];
const REFUSALS = ["refused", "payment_not_ready"];
const CUSTOMER = ["customer_unavailable", "customer_unreachable", ...REFUSALS];

/** Share of the excess that is "nearly all", and that is "most". */
const NEARLY_ALL = 0.75;
const MOST = 0.5;
/** Trials before the change that a part's expected rate leans on the whole with. */
const LEAN_TRIALS = 30;
/** Trials since the change that make a part worth comparing; and how many deviations apart. */
const TRIALS_MIN = 20;
const DEVIATIONS_MIN = 2;
const SPLIT_MAX = 60;

export type CauseInput = {
  /** Rate expected of the unit since the change, from the detector. */
  readonly expectedRate: number;
  readonly whole: PartCounts;
  readonly parts: ReadonlyArray<PartCounts>;
  /** The same for the whole network, where parts have history even if the unit has none. */
  readonly network: { readonly whole: PartCounts; readonly parts: ReadonlyArray<PartCounts> };
};

export function computeCause(input: CauseInput): Cause {
  const split = computeSplit(input);
  return { owner: findOwner(split, input.whole.since.trials), split: split.slice(0, SPLIT_MAX) };
}

function computeSplit(input: CauseInput): SplitRow[] {
  const { whole, expectedRate } = input;
  const usual = rateOf(whole.before, expectedRate);
  // The day and the baseline's own correction move all parts alike.
  const scale = clip(expectedRate / Math.max(usual, 0.001), 0.25, 4);
  const excess = whole.since.events - whole.since.trials * expectedRate;
  return input.parts
    .filter(({ since }) => since.trials > 0)
    .map((part) => {
      const prior = usual * computeRelativeRate(part, input.network);
      const { trials, events } = part.before;
      const before = (events + LEAN_TRIALS * prior) / (trials + LEAN_TRIALS);
      const baselineRate = clip(before * scale, 0, 1);
      const beyond = part.since.events - part.since.trials * baselineRate;
      return {
        dimension: part.dimension,
        value: part.value,
        trials: part.since.trials,
        events: part.since.events,
        rate: part.since.events / part.since.trials,
        baselineRate,
        shareOfExcess: excess <= 0 ? 0 : clip(beyond / excess, -10, 10),
      };
    })
    .sort(
      (a, b) =>
        compareText(a.dimension, b.dimension) ||
        b.shareOfExcess - a.shareOfExcess ||
        compareText(a.value, b.value),
    );
}

/** How a part's usual rate compares with the whole's across the network; 1 when unknown. */
function computeRelativeRate(part: PartCounts, network: CauseInput["network"]): number {
  const same = network.parts.find(
    ({ dimension, value }) => dimension === part.dimension && value === part.value,
  );
  const usual = rateOf(network.whole.before, 0);
  if (same === undefined || usual === 0) return part.dimension === REASON ? 0 : 1;
  return rateOf(same.before, usual) / usual;
}

function findOwner(split: ReadonlyArray<SplitRow>, trials: number): Owner {
  const rowsOf = (dimension: string) => split.filter((row) => row.dimension === dimension);
  const reasons = rowsOf(REASON);
  const shareOf = (codes: ReadonlyArray<string>) =>
    reasons
      .filter(({ value }) => codes.includes(value))
      .reduce((sum, { shareOfExcess }) => sum + shareOfExcess, 0);
  if (trials < TRIALS_MIN) return "unknown";
  if (shareOf(COURIER_FAULTS) >= MOST || carriesAlone(rowsOf("courier"))) return "courier";
  // Each courier is as it was, but the worse ones carry more parcels than they did.
  if (isShiftOfMix(rowsOf("courier"))) return "courier";
  if (shareOf(["address_issue"]) >= MOST) return "address";
  const payments = rowsOf("payment");
  const cod = payments.filter(({ value }) => value === "cod");
  if (carriesAlone(payments, "cod") || (cod[0]?.shareOfExcess ?? 0) >= NEARLY_ALL) {
    if (shareOf(REFUSALS) >= 0.4) return "checkout";
  }
  // Or cash and prepaid are as they were, but other people order now.
  if (isShiftOfMix(payments) || shareOf(CUSTOMER) >= MOST) return "demand";
  return "unknown";
}

/**
 * Whether one row (or the one named) has nearly all of the excess while others, that have trials
 * enough to show it, have risen less by more than luck.
 */
function carriesAlone(rows: ReadonlyArray<SplitRow>, value?: string): boolean {
  const main = value === undefined ? rows[0] : rows.find((row) => row.value === value);
  if (main === undefined || main.shareOfExcess < NEARLY_ALL) return false;
  const others = rows.filter((row) => row !== main);
  const trials = others.reduce((sum, row) => sum + row.trials, 0);
  if (main.trials < TRIALS_MIN || trials < TRIALS_MIN) return false;
  const events = others.reduce((sum, row) => sum + row.events, 0);
  const expected = others.reduce((sum, row) => sum + row.trials * row.baselineRate, 0);
  const gap = main.rate - main.baselineRate - (events - expected) / trials;
  return (
    gap >=
    DEVIATIONS_MIN * Math.sqrt(varianceOf(main.events, main.trials) + varianceOf(events, trials))
  );
}

/** Whether the parts, each against its own usual rate, leave most of the excess unexplained. */
function isShiftOfMix(rows: ReadonlyArray<SplitRow>): boolean {
  if (rows.length < 2) return false;
  return rows.reduce((sum, { shareOfExcess }) => sum + shareOfExcess, 0) <= 1 - NEARLY_ALL;
}

function varianceOf(events: number, trials: number): number {
  const rate = (events + 1) / (trials + 2);
  return (rate * (1 - rate)) / trials;
}

function rateOf(
  counts: { readonly trials: number; readonly events: number },
  otherwise: number,
): number {
  return counts.trials > 0 ? counts.events / counts.trials : otherwise;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
