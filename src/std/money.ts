/** Money is an integer count of the currency's minor unit (paise, cents) with its ISO 4217 code. */
export type Money = { readonly amountMinor: number; readonly currency: string };

// Made once: making one takes a hundred times as long as using it.
const INDIAN = new Intl.NumberFormat("en-IN", { maximumFractionDigits: 0 });
const BRITISH = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });

/**
 * For people: `Rs 1,23,456` in Indian grouping for INR, the currency's code otherwise.
 * Whole units only; fractions of a rupee help nobody decide.
 */
export function moneyToText(money: Money): string {
  const whole = Math.round(money.amountMinor / 100);
  const digits = (money.currency === "INR" ? INDIAN : BRITISH).format(Math.abs(whole));
  const sign = whole < 0 ? "-" : "";
  return money.currency === "INR" ? `${sign}Rs ${digits}` : `${sign}${digits} ${money.currency}`;
}
