/**
 * What a shipment mapping says and what reading a shipment file gives. Nothing here runs.
 *
 * The one identity that every reading keeps: `rows.read = rows.used + sum(rows.skipped)`. A row is
 * used, or it is skipped under a reason that the mapping names, or it is broken and skipped under a
 * reject code. There is no fourth place.
 */
import type { ObservationBatch, Subject } from "../../core/port/types.ts";
import type { Money } from "../../std/money.ts";
import type { Day } from "../../std/time.ts";

// Mapping -----------------------------------------------------------------------------------------

export const OUTCOMES = [
  "delivered",
  "failed-attempt",
  "returned",
  "cancelled",
  "unknown",
] as const;
/** `failed-attempt` and `returned` are events; `cancelled` and `unknown` are no trial at all. */
export type Outcome = (typeof OUTCOMES)[number];

/** Roles a column may play; the date and the status are the least a mapping can do with. */
export type ColumnRole =
  | "orderDate"
  | "status"
  | "postalCode"
  | "state"
  | "city"
  | "amount"
  | "currency"
  | "quantity"
  | "courier"
  | "payment";

export type StatusMeaning = { readonly outcome: Outcome; readonly reason?: string };

/** Rows whose `column` holds none of `keep` are skipped under `reason`. */
export type RowFilter = {
  readonly column: string;
  readonly keep: ReadonlyArray<string>;
  readonly reason: string;
};

export type Mapping = {
  readonly interlock: "shipment-mapping/1";
  readonly name: string;
  readonly description: string;
  readonly metric: string;
  readonly country: { readonly code: string; readonly name: string };
  readonly currency: string;
  /** A cohort of orders is read only when it is this old at the file's snapshot. */
  readonly maturityDays: number;
  /** Where the field separator is not a comma. */
  readonly delimiter: string;
  /** Turns instants of typed columns (Parquet) into business days; India is 330. */
  readonly utcOffsetMinutes: number;
  readonly columns: Readonly<Partial<Record<ColumnRole, string>>> & {
    readonly orderDate: string;
    readonly status: string;
  };
  readonly dates: {
    readonly formats: ReadonlyArray<string>;
    readonly earliest?: Day;
    readonly latest?: Day;
  };
  readonly statuses: Readonly<Record<string, StatusMeaning>>;
  readonly filters: ReadonlyArray<RowFilter>;
  readonly postalCode: {
    /** Regular expression of the whole code. */
    readonly pattern: string;
    /** How many leading characters name the district. */
    readonly districtPrefix: number;
    /** A row without a code still counts for its state, or is skipped as `postal-code-missing`. */
    readonly whenMissing: "count-at-state" | "skip";
  };
  /** Canonical name of a state -> other spellings; case, spaces and `&` or `and` do not matter. */
  readonly states: Readonly<Record<string, ReadonlyArray<string>>>;
  /** Canonical payment mode -> spellings in the file. */
  readonly payments: Readonly<Record<string, ReadonlyArray<string>>>;
};

// Result ------------------------------------------------------------------------------------------

/** Every way in which a row can be broken, with one sentence. Public: programs may match them. */
export const REJECT_CODES = {
  "line-too-long": "the line is longer than any shipment row can be",
  "not-utf-8": "the row has bytes that are not UTF-8 text",
  "nul-byte": "the row has a NUL byte",
  "unclosed-quote": "a quoted field opens and never closes",
  "broken-quotes": "a quote stands where the CSV rules allow none",
  "missing-columns": "the row has fewer columns than the header",
  "too-many-columns": "the row has more columns than the header",
  "repeated-header": "the header stands again among the rows",
  "cut-short": "the file breaks off inside this row",
  "damaged-row-group": "a Parquet row group cannot be decoded",
  "missing-value": "a column that every row needs is empty",
  "bad-date": "the date has none of the mapping's formats",
  "date-out-of-range": "the date lies outside the mapping's range",
  "unknown-status": "the mapping does not say what this status means",
  "bad-amount": "the amount is not a number",
  "negative-amount": "the amount is below zero",
  "other-currency": "the amount is in another currency than the mapping's",
  "bad-quantity": "the quantity is not a whole number from 0",
  "bad-postal-code": "the postal code does not match the mapping's pattern",
} as const satisfies Record<string, string>;

export type RejectCode = keyof typeof REJECT_CODES;

export type Reject = {
  /** Data row from 1; the header and blank lines are not rows. */
  readonly row: number;
  /** Line of the file from 1 on which the row starts; null where a format has no lines. */
  readonly line: number | null;
  readonly column?: string;
  readonly code: RejectCode;
  readonly message: string;
  /** The row's first 80 characters at most, control characters and stray bytes escaped. */
  readonly excerpt: string;
};

/** Why a file could be read only up to a point. Its days are then never called complete. */
export type Damage = {
  readonly kind: "truncated" | "corrupt";
  readonly message: string;
  /** Bytes of the file that were read, and bytes of text that came out of them. */
  readonly bytesRead: number;
  readonly bytesDecoded: number;
};

export type FileFormat = "csv" | "csv.gz" | "parquet";

export type Progress = {
  readonly bytesRead: number;
  readonly bytesTotal: number;
  readonly rows: number;
};

/** One cohort day that was mature at the snapshot, and the first day on which that was known. */
export type ShipmentCohort = {
  readonly day: Day;
  /** `day` plus the mapping's maturity; a replay hands the batch over on this day. */
  readonly dueDay: Day;
  readonly rows: number;
  readonly batch: ObservationBatch;
};

export type ShipmentImport = {
  readonly file: {
    readonly name: string;
    readonly format: FileFormat;
    readonly bytes: number;
    /** SHA-256 of the file as it lies on disk. */
    readonly hash: string;
  };
  readonly mapping: { readonly name: string; readonly metric: string; readonly hash: string };
  readonly rows: {
    readonly read: number;
    readonly used: number;
    readonly skipped: Readonly<Record<string, number>>;
  };
  readonly blankLines: number;
  /** Rows that every filter kept, whatever their outcome. */
  readonly passedFilters: number;
  /** Equal to `rows.used`: a used row is one whose outcome is known. */
  readonly knownOutcome: number;
  readonly notDelivered: number;
  /** Rows by the date format that read them. */
  readonly dateFormats: Readonly<Record<string, number>>;
  readonly rejected: { readonly total: number; readonly byCode: Readonly<Record<string, number>> };
  /** The first rejects in file order, at most `rejectsMax`; the counts above are whole. */
  readonly rejects: ReadonlyArray<Reject>;
  readonly places: {
    readonly pincodes: number;
    readonly districts: number;
    readonly states: number;
    /** Over all sound rows, used or skipped. */
    readonly rowsWithoutPostalCode: number;
    readonly stateSpellings: number;
    readonly stateNames: ReadonlyArray<string>;
    /** Spellings that the mapping does not know; their rows go where their postal code says. */
    readonly unknownStates: ReadonlyArray<{ readonly text: string; readonly rows: number }>;
  };
  /** Sum over used rows that state an amount. */
  readonly amount: Money & { readonly rows: number };
  /** Order dates of all sound rows; null when there is none. */
  readonly days: { readonly first: Day; readonly last: Day } | null;
  /** The file shows the world as of this day: its last order date. */
  readonly snapshotDay: Day | null;
  readonly maturityDays: number;
  readonly immature: { readonly days: ReadonlyArray<Day>; readonly rows: number };
  readonly damage: Damage | null;
  readonly subjects: ReadonlyArray<Subject>;
  /** Mature cohorts in order of day. */
  readonly cohorts: ReadonlyArray<ShipmentCohort>;
};
