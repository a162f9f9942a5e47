/**
 * Money as a charter writes it: `INR 75000`, `INR 75000.50`. The currency stands beside every amount, so
 * that a page with two currencies is seen to have two.
 */
import { assert } from "../../std/assert.ts";
import type { Money } from "../../std/money.ts";
import type { MoneyText } from "./types.ts";

/** What the schema asks of the text; at most thirteen digits, so that paise stay exact. */
export const MONEY_PATTERN = "^[A-Z]{3} [0-9]{1,13}(\\.[0-9]{2})?$";
const PARTS = /^([A-Z]{3}) (\d{1,13})(?:\.(\d\d))?$/;

/** Of a text that the schema let through. */
export function readMoney(text: MoneyText): Money {
  const parts = PARTS.exec(text);
  assert(parts, `\`${text}\` is money as a charter writes it`);
  const [, currency = "", whole = "", minor = "00"] = parts;
  return { currency, amountMinor: Number(whole) * 100 + Number(minor) };
}

/** In minor units, whatever the currency; a charter in two currencies is not brought into force. */
export function amountOf(text: MoneyText): number {
  return readMoney(text).amountMinor;
}

export function writeMoney({ amountMinor, currency }: Money): MoneyText {
  const whole = Math.trunc(amountMinor / 100);
  const minor = amountMinor % 100;
  return minor === 0
    ? `${currency} ${whole}`
    : `${currency} ${whole}.${String(minor).padStart(2, "0")}`;
}
