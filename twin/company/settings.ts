/**
 * The simulated company's settings, and the true figures that Interlock is not told.
 *
 * The figures are plausible values inside ranges that Indian companies, couriers and their software
 * vendors publish; vendors disagree, so none is a measurement. Money is in paise.
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
  /** If chance gives fewer breaks that are plain to see, the busiest pincodes break as well. */
  readonly breaksMin: number;
  /** Share of breaks that end by themselves, 25 to 50 days later. */
  readonly recoveryShare: number;
  /** One- or two-day spikes per pincode, and per district, and 30 days. */
  readonly spikesPerMonth: number;
  readonly districtSpikesPerMonth: number;
  /** Share of pincode-days, and of state-days, of which the courier's feed says nothing. */
  readonly silentPincodeShare: number;
  readonly silentStateShare: number;
};

export const COMPANY_DEFAULTS: CompanySettings = {
  seed: 1,
  startDay: "2026-01-05",
  days: 120,
  geographies: 2_400,
  historyDays: 60,
  ordersPerDay: 20_000,
  breaksPerMonth: 0.017,
  districtBreaksPerMonth: 0.025,
  breaksMin: 1,
  recoveryShare: 0.15,
  spikesPerMonth: 0.07,
  districtSpikesPerMonth: 0.02,
  silentPincodeShare: 0.01,
  silentStateShare: 0.003,
};

type Range = { readonly min: number; readonly max: number; readonly isWhole: boolean };

const SHARE: Range = { min: 0, max: 1, isWhole: false };
const RANGES: { readonly [name in Exclude<keyof CompanySettings, "startDay">]: Range } = {
  seed: { min: 0, max: Number.MAX_SAFE_INTEGER, isWhole: true },
  days: { min: 10, max: 1_000, isWhole: true },
  geographies: { min: 20, max: 9_000, isWhole: true },
  historyDays: { min: 1, max: 999, isWhole: true },
  ordersPerDay: { min: 1, max: 2_000_000, isWhole: false },
  breaksPerMonth: SHARE,
  districtBreaksPerMonth: SHARE,
  breaksMin: { min: 0, max: 20, isWhole: true },
  recoveryShare: SHARE,
  spikesPerMonth: SHARE,
  districtSpikesPerMonth: SHARE,
  silentPincodeShare: SHARE,
  silentStateShare: SHARE,
};

/** The defaults with what is given instead. Throws `twin/invalid-setting`, naming setting and range. */
export function checkSettings(given: Partial<CompanySettings>): CompanySettings {
  const settings = { ...COMPANY_DEFAULTS, ...given };
  for (const [name, value] of Object.entries(settings)) {
    if (name === "startDay") continue;
    const range = (RANGES as { readonly [name: string]: Range | undefined })[name];
    if (range === undefined) {
      throw new InterlockError("twin/invalid-setting", `the company has no setting \`${name}\``, {
        help: `settings are ${Object.keys(COMPANY_DEFAULTS).join(", ")}`,
      });
    }
    checkRange(name, value, range);
  }
  if (!isDay(settings.startDay)) {
    throw new InterlockError("twin/invalid-setting", `startDay is \`${settings.startDay}\``, {
      help: "write a day as 2026-01-05",
    });
  }
  checkRange("historyDays", settings.historyDays, {
    min: 1,
    max: settings.days - 1,
    isWhole: true,
  });
  return settings;
}

function checkRange(name: string, value: unknown, { min, max, isWhole }: Range): void {
  if (
    typeof value === "number" &&
    value >= min &&
    value <= max &&
    (!isWhole || Number.isInteger(value))
  ) {
    return;
  }
  throw new InterlockError(
    "twin/invalid-setting",
    `${name} is \`${String(value)}\`; it must be ${isWhole ? "a whole number" : "a number"} ` +
      `from ${min} to ${max}`,
  );
}

/** What is true of this company's money and customers; per order, in paise where it is money. */
export const TRUTH = {
  /** Net of tax and discount. Published order values: Rs 820 for COD to Rs 1,400 prepaid. */
  netPriceMinor: 90_000,
  goodsMinor: 42_000,
  /** A return costs both freights, packing and the check: Rs 185. Published: Rs 150 to 300. */
  forwardMinor: 7_500,
  reverseMinor: 7_500,
  packingMinor: 2_000,
  receiptMinor: 1_500,
  /** Share of the goods' cost that a return loses. */
  writeDownShare: 0.1,
  /** Paid for delivered orders only. Published COD handling: Rs 30 to 60. */
  codFeeMinor: 4_000,
  gatewayFeeMinor: 1_800,
  /** Ad spend per order on an ordinary day, before geographies differ. */
  spendPerOrderMinor: 17_000,
  /** Share of orders that ads bring; the rest come by themselves. */
  paidShare: 0.8,
  /** Paid orders go as spend to this power. Published: 0.5 to 0.8. */
  spendElasticity: 0.7,
  /** Contribution before ads of the first rupee moved to other geographies; more moved earn less. */
  marginalValue: 1.05,
  /** Share of COD buyers who pay ahead when COD is off. Published: 0.15 to 0.4; vendors vary. */
  prepaidSwitchShare: 0.3,
  /** What asking a COD buyer to confirm costs; share by which returns then fall, and of orders cancelled. */
  confirmationMinor: 800,
  confirmationReduction: 0.2,
  confirmationCancelled: 0.04,
} as const;

/** Share of orders whose first attempt is 1, 2 and 3 days after the order. */
export const ATTEMPT_LAG_SHARES: ReadonlyArray<number> = [0.5, 0.35, 0.15];

export const COURIERS: ReadonlyArray<string> = ["bluedart", "delhivery", "ekart"];
export const PAYMENTS = ["cod", "prepaid"] as const;
export type Payment = (typeof PAYMENTS)[number];
