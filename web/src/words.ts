/** Numbers, money and times as people read them. Pure; the zone is an argument. */
import { moneyToText } from "../../src/std/money.ts";
import type { Money } from "../../src/std/money.ts";
import type { Day, Instant } from "../../src/std/time.ts";

const LAKH = 100_000;
const CRORE = 10_000_000;
// Made once: making one takes a hundred times as long as using it.
const INDIAN = new Intl.NumberFormat("en-IN", { maximumFractionDigits: 0 });
const ZONED = new Map<string | undefined, Intl.DateTimeFormat>();
const DAY = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});

/** `Rs 12.4 lakh`, `Rs 3,226`; whole below a lakh. */
export function moneyToShortText(money: Money): string {
  const whole = money.amountMinor / 100;
  const size = Math.abs(whole);
  if (money.currency !== "INR" || size < LAKH) return moneyToText(money);
  const [unit, word] = size < CRORE ? [LAKH, "lakh"] : [CRORE, "crore"];
  return `${whole < 0 ? "-" : ""}Rs ${(size / unit).toFixed(size / unit < 10 ? 2 : 1)} ${word}`;
}

/** 0.2917 -> `29.2%` */
export function shareToText(share: number): string {
  const digits = Math.abs(share) < 0.1 ? 1 : 0;
  return `${Number((share * 100).toFixed(digits))}%`;
}

/** As India writes large numbers: 1234567 -> `12,34,567`. */
export function countToText(count: number): string {
  return INDIAN.format(count);
}

/** In points of a rate: 0.1301 -> `+13.0` */
export function pointsToText(points: number): string {
  const text = (points * 100).toFixed(1);
  return points > 0 ? `+${text}` : text;
}

/** Letters that are read one by one. */
const ACRONYMS = /\b(ndr|rto|cod)\b/g;

/** `exclude_geo` -> `Exclude geo`, `ndr_rate` -> `NDR rate` */
export function toTitle(name: string): string {
  const words = name
    .replaceAll(/[_-]/g, " ")
    .replaceAll(ACRONYMS, (letters) => letters.toUpperCase());
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** With a capital and a full stop; a name such as `lower_bid` or `google-ads` keeps its letters. */
export function sentence(text: string): string {
  const isName = /^[\w.]*[_/-]\w/.test(text);
  const first = isName ? text : text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

export function instantToText(at: Instant, zone?: string): string {
  let format = ZONED.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-GB", {
      weekday: "short",
      day: "numeric",
      month: "short",
      hour: "2-digit",
      minute: "2-digit",
      ...(zone === undefined ? {} : { timeZone: zone }),
    });
    ZONED.set(zone, format);
  }
  return format.format(new Date(at));
}

/** A day of the business, which has no zone: `2026-02-27` -> `Fri, 27 Feb 2026` */
export function dayToText(day: Day): string {
  return DAY.format(new Date(`${day}T00:00:00.000Z`));
}

/** From how many milliseconds a unit is used: a day and a bit is better told in hours. */
const SPANS: ReadonlyArray<readonly [from: number, unit: number, word: string]> = [
  [172_800_000, 86_400_000, "day"],
  [3_600_000, 3_600_000, "hour"],
  [60_000, 60_000, "minute"],
  [0, 1_000, "second"],
];

/** In whole units, rounded down: `4 hours`, `3 seconds`. */
export function spanToText(ms: number): string {
  const [, unit, word] = SPANS.find(([from]) => Math.abs(ms) >= from) ?? [0, 1_000, "second"];
  const count = Math.floor(Math.abs(ms) / unit);
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** `in 4 hours`, `2 days ago` */
export function distanceToText(at: Instant, now: Instant): string {
  const ms = Date.parse(at) - Date.parse(now);
  return ms >= 0 ? `in ${spanToText(ms)}` : `${spanToText(ms)} ago`;
}
