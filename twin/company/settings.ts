/**
 * The simulated company's settings, and the true figures that Interlock is not told.
 *
 * Ranges are those that Indian D2C companies and couriers publish; each is one plausible value, not a
 * measurement. Money is in paise.
 */
import { InterlockError } from "../../src/std/errors.ts";
import { type Day, isDay } from "../../src/std/time.ts";

export type CompanySettings = {
  readonly seed: number;
  readonly startDay: Day;
  readonly days: number;
  /** Pincodes the company ships to. */
  readonly geographies: number;
  /** Days at the start without any structural break. */
  readonly historyDays: number;
  /** Orders a day over all geographies, on an ordinary day. */
  readonly ordersPerDay: number;
  /** Share of pincodes that break per 30 days, and the same for districts. */
  readonly breaksPerMonth: number;
  readonly districtBreaksPerMonth: number;
  /** One- or two-day spikes per pincode and 30 days. */
  readonly spikesPerMonth: number;
};

export const COMPANY_DEFAULTS: CompanySettings = {
  seed: 1,
  startDay: "2026-01-05",
  days: 120,
  geographies: 2_400,
  historyDays: 60,
  ordersPerDay: 20_000,
  breaksPerMonth: 0.017,
  districtBreaksPerMonth: 0.02,
  spikesPerMonth: 0.07,
};

const GEOGRAPHIES_MIN = 20;
const GEOGRAPHIES_MAX = 9_000;
const DAYS_MIN = 10;
const DAYS_MAX = 1_000;

export function checkSettings(given: Partial<CompanySettings>): CompanySettings {
  const settings = { ...COMPANY_DEFAULTS, ...given };
  const whole = (name: keyof CompanySettings, min: number, max: number) => {
    const value = settings[name];
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max)
      return;
    throw new InterlockError(
      "twin/invalid-setting",
      `${name} is \`${String(value)}\`; it must be a whole number from ${min} to ${max}`,
    );
  };
  whole("seed", 0, Number.MAX_SAFE_INTEGER);
  whole("days", DAYS_MIN, DAYS_MAX);
  whole("geographies", GEOGRAPHIES_MIN, GEOGRAPHIES_MAX);
  whole("historyDays", 1, settings.days - 1);
  if (!isDay(settings.startDay)) {
    throw new InterlockError("twin/invalid-setting", `startDay is \`${settings.startDay}\``, {
      help: "write a day as 2026-01-05",
    });
  }
  return settings;
}

/** What is true of this company's money and customers; per order, in paise where it is money. */
export const TRUTH = {
  /** Net price, cost of goods, forward and reverse freight, packing, re-receipt, write-down share. */
  netPriceMinor: 90_000,
  goodsMinor: 42_000,
  forwardMinor: 7_500,
  reverseMinor: 7_500,
  packingMinor: 2_000,
  receiptMinor: 1_500,
  writeDownShare: 0.1,
  codFeeMinor: 4_000,
  gatewayFeeMinor: 1_800,
  /** Ad spend per order on an ordinary day. */
  spendPerOrderMinor: 19_000,
  /** Share of orders that ads bring; the rest come by themselves. */
  paidShare: 0.8,
  /** Paid orders go as spend to this power. */
  spendElasticity: 0.7,
  /** Contribution before ads of a rupee moved to other geographies. */
  marginalValue: 1.05,
  /** Share of COD buyers who pay ahead when COD is off. */
  prepaidSwitchShare: 0.3,
  /** Share of failed first attempts that come back in the end. */
  returnsPerFailure: 0.62,
} as const;

/** Share of orders whose first attempt is 1, 2 and 3 days after the order. */
export const ATTEMPT_LAG_SHARES: ReadonlyArray<number> = [0.5, 0.35, 0.15];

export const COURIERS: ReadonlyArray<string> = ["bluedart", "delhivery", "ekart"];
export const PAYMENTS = ["cod", "prepaid"] as const;
