/** The payload of contract `logistics.geo-risk` 1.0.0, as this agent fills it. Rates are 0..1. */
import type { Day } from "../../std/time.ts";

export type GeoRiskPayload = {
  readonly metric: "ndr_rate";
  readonly level: "pincode" | "district" | "state" | "nation";
  /** Since the estimated change. */
  readonly measure: {
    readonly rate: number;
    readonly events: number;
    readonly trials: number;
    readonly from: Day;
    readonly to: Day;
  };
  /** What was to be expected of the same days, with its 95% interval. */
  readonly baseline: { readonly rate: number; readonly low: number; readonly high: number };
  /** The shrunk rise in rate points, with its 95% interval. */
  readonly change: {
    readonly onDay: Day;
    readonly size: number;
    readonly low: number;
    readonly high: number;
  };
  readonly evidence: {
    readonly log10: number;
    readonly threshold: number;
    readonly daysObserved: number;
  };
  /** 0..1: share of the outcomes since the change that are known, with those still open. */
  readonly maturity: number;
  readonly cause: {
    readonly owner: "courier" | "checkout" | "address" | "demand" | "unknown";
    readonly split: ReadonlyArray<{
      readonly dimension: string;
      readonly value: string;
      readonly trials: number;
      readonly events: number;
      readonly rate: number;
      readonly baselineRate: number;
      readonly shareOfExcess: number;
    }>;
  };
  readonly exposure: {
    readonly ordersPerDay: number;
    /** 0 where the data does not say how orders are paid. */
    readonly codShare: number;
    /** Pincodes that the geography covers. */
    readonly subjects: number;
  };
};
