/**
 * One row judged by the mapping: used, skipped under a reason, or broken.
 *
 * A row must be sound before it may be skipped: a bad date in a row that a filter would drop anyway
 * is still reported, because whoever wrote the file will want to know. The order is therefore fixed:
 * every field, then the filters in the mapping's order, then the outcome.
 */
import { findNearest } from "../../core/problem.ts";
import type { Day } from "../../std/time.ts";
import { isDay } from "../../std/time.ts";
import { createDateReader } from "./date-format.ts";
import { excerptOfText } from "./excerpt.ts";
import { foldText, remembering } from "./fold-text.ts";
import { compileDateFormats } from "./mapping.ts";
import type { ColumnRole, Mapping, RejectCode, StatusMeaning } from "./types.ts";

/** What every sound row says, used or not. */
export type SoundRow = {
  readonly day: Day;
  readonly dateFormat: string;
  /** Without inner spaces; empty when the row has none. */
  readonly postalCode: string;
  /** Canonical name, empty when absent or not known to the mapping. */
  readonly state: string;
  readonly stateText: string;
  readonly city: string;
  readonly amountMinor: number | null;
  readonly stratum: string;
};

export type Judged =
  | {
      readonly kind: "used";
      readonly row: SoundRow;
      readonly failed: boolean;
      readonly reason: string;
    }
  | {
      readonly kind: "skipped";
      readonly row: SoundRow;
      readonly reason: string;
      readonly passedFilters: boolean;
    }
  | {
      readonly kind: "rejected";
      readonly code: RejectCode;
      readonly column: string;
      readonly message: string;
    };

export type RowJudge = {
  /** Names of the columns that `judge` wants, in this order. */
  readonly columns: ReadonlyArray<string>;
  judge(cells: ReadonlyArray<string>): Judged;
  /** True when the cells have a known date and status: nobody writes that by accident. */
  isRow(cells: ReadonlyArray<string>): boolean;
};

/** No postal code is longer; the pattern need not be tried on a megabyte of text. */
const CODE_LENGTH_MAX = 32;

/** Dates of typed columns arrive as ISO days; they count under this name. */
export const TYPED_DATE = "typed date";

export function createRowJudge(mapping: Mapping, dates: "text" | "typed"): RowJudge {
  const wanted: string[] = [];
  const indexOf = (name: string): number => {
    if (!wanted.includes(name)) wanted.push(name);
    return wanted.indexOf(name);
  };
  const at = (role: ColumnRole): number => {
    const name = mapping.columns[role];
    return name === undefined ? -1 : indexOf(name);
  };
  const roles = {
    orderDate: at("orderDate"),
    status: at("status"),
    postalCode: at("postalCode"),
    state: at("state"),
    city: at("city"),
    amount: at("amount"),
    currency: at("currency"),
    quantity: at("quantity"),
    courier: at("courier"),
    payment: at("payment"),
  };
  const nameOf = (role: ColumnRole): string => mapping.columns[role] ?? role;
  const filters = mapping.filters.map((filter) => ({
    at: indexOf(filter.column),
    keep: new Set(filter.keep.map(foldText)),
    reason: filter.reason,
  }));

  const readFormats = createDateReader(compileDateFormats(mapping));
  const readDate =
    dates === "text"
      ? readFormats
      : (text: string) => (isDay(text) ? { day: text, format: TYPED_DATE } : undefined);
  const statuses = new Map<string, StatusMeaning>(
    Object.entries(mapping.statuses).map(([status, meaning]) => [foldText(status), meaning]),
  );
  const statusOf = remembering((text) => statuses.get(foldText(text)));
  const stateOf = remembering(createSpelling(mapping.states));
  const paymentOf = remembering(createSpelling(mapping.payments));
  const fold = remembering(foldText);
  const codePattern = new RegExp(`^(?:${mapping.postalCode.pattern})$`, "u");
  const strata = createStrata(roles.courier, roles.payment, paymentOf);

  function judge(cells: ReadonlyArray<string>): Judged {
    const cell = (index: number): string => (index < 0 ? "" : (cells[index] ?? "").trim());

    const dateText = cell(roles.orderDate);
    if (dateText === "") return missing(nameOf("orderDate"));
    const date = readDate(dateText);
    if (date === undefined) {
      const formats = mapping.dates.formats.map((format) => `\`${format}\``).join(", ");
      const message = `${quote(dateText)} is not a date of the formats ${formats}`;
      return rejected("bad-date", nameOf("orderDate"), message);
    }
    const { earliest, latest } = mapping.dates;
    if (earliest !== undefined && date.day < earliest) {
      const message = `${date.day} is before the mapping's earliest day ${earliest}`;
      return rejected("date-out-of-range", nameOf("orderDate"), message);
    }
    if (latest !== undefined && date.day > latest) {
      const message = `${date.day} is after the mapping's latest day ${latest}`;
      return rejected("date-out-of-range", nameOf("orderDate"), message);
    }

    const statusText = cell(roles.status);
    if (statusText === "") return missing(nameOf("status"));
    const meaning = statusOf(statusText);
    if (meaning === undefined) {
      const meant = findNearest(statusText, Object.keys(mapping.statuses));
      const hint = meant === undefined ? "" : `; the nearest it knows is \`${meant}\``;
      const message = `the mapping has no meaning for status ${quote(statusText)}${hint}`;
      return rejected("unknown-status", nameOf("status"), message);
    }

    const amount = readAmount(cell(roles.amount));
    if (typeof amount === "string") {
      return rejected(amount, nameOf("amount"), amountMessage(amount, cell(roles.amount)));
    }
    const currency = cell(roles.currency);
    if (amount !== null && currency !== "" && currency.toUpperCase() !== mapping.currency) {
      const message = `the amount is in ${quote(currency)}, the mapping reads ${mapping.currency}`;
      return rejected("other-currency", nameOf("currency"), message);
    }
    const quantity = cell(roles.quantity);
    if (quantity !== "" && !/^\d{1,9}(\.0+)?$/.test(quantity)) {
      const message = `${quote(quantity)} is not a whole number from 0`;
      return rejected("bad-quantity", nameOf("quantity"), message);
    }
    const postalCode = readPostalCode(cell(roles.postalCode));
    if (
      postalCode.length > CODE_LENGTH_MAX ||
      (postalCode !== "" && !codePattern.test(postalCode))
    ) {
      const message = `${quote(postalCode)} does not match \`${mapping.postalCode.pattern}\``;
      return rejected("bad-postal-code", nameOf("postalCode"), message);
    }

    const stateText = cell(roles.state);
    const row: SoundRow = {
      day: date.day,
      dateFormat: date.format,
      postalCode,
      state: stateText === "" ? "" : (stateOf(stateText) ?? ""),
      stateText,
      city: cell(roles.city),
      amountMinor: amount,
      stratum: strata(cells),
    };
    for (const filter of filters) {
      if (filter.keep.has(fold(cell(filter.at)))) continue;
      return { kind: "skipped", row, reason: filter.reason, passedFilters: false };
    }
    switch (meaning.outcome) {
      case "cancelled":
        return { kind: "skipped", row, reason: "cancelled", passedFilters: true };
      case "unknown":
        return { kind: "skipped", row, reason: "outcome-unknown", passedFilters: true };
      case "delivered":
      case "failed-attempt":
      case "returned":
        break;
    }
    if (postalCode === "" && mapping.postalCode.whenMissing === "skip") {
      return { kind: "skipped", row, reason: "postal-code-missing", passedFilters: true };
    }
    const failed = meaning.outcome !== "delivered";
    return { kind: "used", row, failed, reason: failed ? (meaning.reason ?? "") : "" };
  }

  function isRow(cells: ReadonlyArray<string>): boolean {
    const date = (cells[roles.orderDate] ?? "").trim();
    const status = (cells[roles.status] ?? "").trim();
    return readDate(date) !== undefined && statusOf(status) !== undefined;
  }

  return { columns: wanted, judge, isRow };
}

function rejected(code: RejectCode, column: string, message: string): Judged {
  return { kind: "rejected", code, column, message };
}

function missing(column: string): Judged {
  return rejected("missing-value", column, `column \`${column}\` is empty`);
}

/** User input in backticks, made safe and short: a broken row may hold anything. */
function quote(text: string): string {
  return `\`${excerptOfText(text).replaceAll("`", "'")}\``;
}

/** Minor units; null when empty. Thousands separators are allowed only where they group digits. */
function readAmount(text: string): number | null | "bad-amount" | "negative-amount" {
  if (text === "") return null;
  const plain = /^-?\d{1,3}(,\d{2,3})+(\.\d+)?$/.test(text) ? text.replaceAll(",", "") : text;
  if (!/^-?\d{1,12}(\.\d{1,12})?$/.test(plain)) return "bad-amount";
  const amount = Number(plain);
  return amount < 0 ? "negative-amount" : Math.abs(Math.round(amount * 100));
}

function amountMessage(code: "bad-amount" | "negative-amount", text: string): string {
  return code === "bad-amount"
    ? `${quote(text)} is not an amount`
    : `the amount ${quote(text)} is below zero`;
}

/** Spreadsheets turn codes into numbers (`560001.0`) and people space them (`560 001`). */
function readPostalCode(text: string): string {
  return text
    .replace(/\s+/g, "")
    .replace(/^(\d+)\.0+$/, "$1")
    .toUpperCase();
}

/** Any spelling -> the canonical name. */
function createSpelling(
  record: Readonly<Record<string, ReadonlyArray<string>>>,
): (text: string) => string | undefined {
  const names = new Map<string, string>();
  for (const [name, others] of Object.entries(record)) {
    for (const spelling of [name, ...others]) names.set(foldText(spelling), name);
  }
  return (text) => names.get(foldText(text));
}

/** Canonical stratum text, keys sorted; empty when the mapping splits by nothing. */
function createStrata(
  courierAt: number,
  paymentAt: number,
  paymentOf: (text: string) => string | undefined,
): (cells: ReadonlyArray<string>) => string {
  const courierOf = remembering((text) => foldText(text).replaceAll(" ", "-") || "unknown");
  return (cells) => {
    const parts: string[] = [];
    if (courierAt >= 0) parts.push(`courier=${courierOf(cells[courierAt] ?? "")}`);
    if (paymentAt >= 0) parts.push(`payment=${paymentOf(cells[paymentAt] ?? "") ?? "unknown"}`);
    return parts.join("|");
  };
}
