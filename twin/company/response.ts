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
};

const UNTOUCHED: Response = { orders: 1, spend: 1, isPrepaidOnly: false };

/**
 * Paid orders follow spend to the power `spendElasticity`; the others come by themselves. The place
 * and the places around it are all looked at; spend multipliers multiply.
 */
export function computeResponse(pincode: Pincode, day: Day, inForce: InForce): Response {
  let spend = 1;
  let isPrepaidOnly = false;
  let touched = false;
  for (const subject of [pincode.id, pincode.district, pincode.state]) {
    for (const { option, parameters } of inForce(subject, day)) {
      touched = true;
      if (option === "exclude_geo") spend *= numberOf(parameters["probeShare"], 0);
      if (option === "lower_bid") spend *= numberOf(parameters["bidModifier"], 1);
      if (option === "prepaid_only") isPrepaidOnly = true;
    }
  }
  if (!touched) return UNTOUCHED;
  const { paidShare, spendElasticity } = TRUTH;
  return { orders: 1 - paidShare + paidShare * spend ** spendElasticity, spend, isPrepaidOnly };
}

function numberOf(value: Json | undefined, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}
