/** What can be set on the logistics agent; whoever deploys it writes only what differs. */
import type { DetectorSettings } from "../../stats/detect/settings.ts";

export type LogisticsSettings = {
  readonly metric: "ndr_rate";
  /** The contract that signals are sent under. */
  readonly contract: string;
  readonly contractVersion: string;
  /** Every option of that contract, in the order offered. */
  readonly options: ReadonlyArray<string>;
  /** Offered when the courier is at fault: nothing that punishes the geography for long. */
  readonly courierOptions: ReadonlyArray<string>;
  readonly expiryHours: number;
  /** Minutes that the business day runs ahead of UTC; India has 330. */
  readonly utcOffsetMinutes: number;
  /**
   * 0..1: share of outcomes that is known, at the least, of a day whose source does not say. The importer
   * holds days back until then.
   */
  readonly knownShare: number;
  /** Half-life of the counts before the change in the cause split, days. */
  readonly strataHalfLifeDays: number;
  /** Near misses reported per day, at most. */
  readonly nearMissesMax: number;
  readonly detector: Partial<DetectorSettings>;
};

export const LOGISTICS_DEFAULTS: LogisticsSettings = {
  metric: "ndr_rate",
  contract: "logistics.geo-risk",
  contractVersion: "1.0.0",
  options: [
    "exclude_geo",
    "lower_bid",
    "prepaid_only",
    "confirm_orders",
    "hand_back",
    "do_nothing",
  ],
  courierOptions: ["lower_bid", "hand_back", "do_nothing"],
  expiryHours: 72,
  utcOffsetMinutes: 330,
  knownShare: 0.95,
  strataHalfLifeDays: 120,
  nearMissesMax: 100,
  detector: {},
};
