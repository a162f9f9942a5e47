/** How orders and spend of a pincode answer to what is in force there. */
import type { Json } from "../../src/std/canonical-json.ts";
import type { Day } from "../../src/std/time.ts";
import type { Pincode } from "./geography.ts";
import { TRUTH } from "./settings.ts";

export type InterventionInForce = {
  readonly option: string;
  readonly parameters: { readonly [name: string]: Json };
};

/** What stands for this very subject on this day; the company looks at the places around by itself. */
export type InForce = (subject: string, day: Day) => ReadonlyArray<InterventionInForce>;

export const NOTHING_IN_FORCE: InForce = () => [];

export type Response = {
  /** Multiplies the orders, and the ad spend, of an ordinary day. */
  readonly orders: number;
  readonly spend: number;
  readonly isPrepaidOnly: boolean;
  /** Cash orders are shipped only once the buyer has confirmed them. */
  readonly isConfirmed: boolean;
};

const UNTOUCHED: Response = { orders: 1, spend: 1, isPrepaidOnly: false, isConfirmed: false };

/**
 * The pincode and the places around it are looked at, nearest first.
 *
 * Excluded anywhere means excluded: the smallest probe share stands and, as probing serves a share of
 * the people and not a lower bid, it keeps that share of the paid orders. Otherwise the nearest bid
 * modifier stands and paid orders follow spend to the power `spendElasticity`. Organic orders stay.
 */
export function computeResponse(pincode: Pincode, day: Day, inForce: InForce): Response {
  let probeShare: number | undefined;
  let bidModifier: number | undefined;
  let isPrepaidOnly = false;
  let isConfirmed = false;
  for (const subject of [pincode.id, pincode.district, pincode.state, "IN"]) {
    for (const { option, parameters } of inForce(subject, day)) {
      if (option === "exclude_geo") {
        probeShare = Math.min(probeShare ?? 1, shareOf(parameters["probeShare"], 0));
      } else if (option === "lower_bid") {
        bidModifier ??= shareOf(parameters["bidModifier"], 1);
      } else if (option === "prepaid_only") {
        isPrepaidOnly = true;
      } else if (option === "confirm_orders") {
        isConfirmed = true;
      }
    }
  }
  const isTouched = probeShare !== undefined || bidModifier !== undefined;
  if (!isTouched && !isPrepaidOnly && !isConfirmed) return UNTOUCHED;
  const { paidShare, spendElasticity } = TRUTH;
  const spend = probeShare ?? bidModifier ?? 1;
  const paid = probeShare ?? spend ** spendElasticity;
  return { orders: 1 - paidShare + paidShare * paid, spend, isPrepaidOnly, isConfirmed };
}

function shareOf(value: Json | undefined, otherwise: number): number {
  return typeof value === "number" ? Math.min(1, Math.max(0, value)) : otherwise;
}
