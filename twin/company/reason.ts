/**
 * Why first attempts fail, and how many of those parcels come back in the end.
 *
 * Each failure has one origin: the usual troubles of its payment mode, a break's cause, or a spike. The
 * origin gives the reason the courier writes down, the reason gives the chance that the parcel is
 * returned after the further attempts, three to five days later.
 */
import type { Random } from "../../src/std/random.ts";
import { pick } from "./draw.ts";

/** `usual-*` by payment mode; the others are what breaks and spikes add. */
export const ORIGINS = [
  "usual-cod",
  "usual-prepaid",
  "demand",
  "courier",
  "address",
  "spike",
] as const;
export type Origin = (typeof ORIGINS)[number];

const WEIGHTS: { readonly [origin in Origin]: { readonly [reason: string]: number } } = {
  "usual-cod": {
    customer_unavailable: 0.35,
    refused: 0.24,
    customer_unreachable: 0.13,
    address_issue: 0.1,
    payment_not_ready: 0.08,
    courier_no_attempt: 0.05,
    misroute_or_delay: 0.03,
    unknown: 0.02,
  },
  "usual-prepaid": {
    customer_unavailable: 0.42,
    refused: 0.06,
    customer_unreachable: 0.19,
    address_issue: 0.16,
    courier_no_attempt: 0.08,
    misroute_or_delay: 0.05,
    out_of_delivery_area: 0.02,
    unknown: 0.02,
  },
  demand: { refused: 0.75, payment_not_ready: 0.15, customer_unreachable: 0.1 },
  courier: { courier_no_attempt: 0.7, misroute_or_delay: 0.3 },
  address: { address_issue: 0.9, customer_unreachable: 0.1 },
  spike: { weather_or_strike: 0.6, customer_unavailable: 0.25, misroute_or_delay: 0.15 },
};

/** Chance that a parcel with this reason at its first attempt is returned in the end. */
const RETURN_CHANCE: { readonly [reason: string]: number } = {
  customer_unavailable: 0.45,
  customer_unreachable: 0.65,
  refused: 0.88,
  address_issue: 0.62,
  payment_not_ready: 0.55,
  courier_no_attempt: 0.4,
  misroute_or_delay: 0.3,
  out_of_delivery_area: 0.85,
  weather_or_strike: 0.2,
  unknown: 0.5,
};

/** Share of failures of an origin that come back, 0..1. */
export const RETURN_SHARES = Object.fromEntries(
  ORIGINS.map((origin) => [
    origin,
    Object.entries(WEIGHTS[origin]).reduce(
      (sum, [reason, weight]) => sum + weight * (RETURN_CHANCE[reason] ?? 0),
      0,
    ),
  ]),
) as { readonly [origin in Origin]: number };

const TABLES = Object.fromEntries(
  ORIGINS.map((origin) => [
    origin,
    { names: Object.keys(WEIGHTS[origin]), weights: Object.values(WEIGHTS[origin]) },
  ]),
) as { readonly [origin in Origin]: { readonly names: string[]; readonly weights: number[] } };

export function drawReason(random: Random, origin: Origin): string {
  const { names, weights } = TABLES[origin];
  return names[pick(random, weights)] ?? "unknown";
}
