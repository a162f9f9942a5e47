/**
 * What must be true of a database at every moment, whoever looks and whatever just crashed.
 *
 * Picture an auditor with a list. Each line is one sentence, one way to look it up, and what to do if it
 * does not hold; the same list is worked through by `interlock doctor` on a live system, by the
 * simulator after every step and by tests. A look only reads, and gives every row that breaks the
 * sentence, named so that a person finds it.
 *
 * Some sentences are about the world outside, which a database cannot see: they take the outside's own
 * record, kept by the sandbox of a test, and are passed over where there is none. What no look at rows can
 * show (fairness, isolation, an upgrade) is listed with the test that shows it in docs/operate/doctor.md.
 */
import type { EngineLimits } from "../wiring.ts";
import type { Instant } from "../../std/time.ts";
import type { Tx } from "../../store/driver/driver.ts";
import type { History, HistoryLine } from "./history.ts";

export type Violation = { readonly row: string; readonly why: string };

/** What the outside says it got and did: a sandbox's own record, never the engine's. */
export type OutsideRecord = {
  /** Every change that was really made, in order. `key` is the call's idempotency key. */
  readonly effects: ReadonlyArray<{
    readonly key: string;
    /** The setting before and after, where the sandbox keeps it. */
    readonly before?: string;
    readonly after?: string;
  }>;
  /** Keys of every call that asked for a change, whatever became of it. */
  readonly calls?: ReadonlyArray<string>;
  /** Resources that somebody changed by hand: there, what we find may not be what we left. */
  readonly edited?: ReadonlyArray<string>;
  /** Signals whose sender was answered. */
  readonly acknowledged?: ReadonlyArray<{
    readonly source: string;
    readonly id: string;
    readonly caseId: string;
  }>;
  /** Message ids of the notices that arrived, each time that they did. */
  readonly delivered?: ReadonlyArray<string>;
};

export type Look = {
  readonly tx: Tx;
  /** Business time. Leases are judged by the database's own clock. */
  readonly now: Instant;
  readonly limits: EngineLimits;
  readonly outside?: OutsideRecord;
};

/**
 * What a look grows with: `open` with the work that is under way, `cases` with every case there ever was,
 * `ledger` with every entry, which are all read once for all such sentences together.
 */
export type Cost = "open" | "cases" | "ledger";

type Named = {
  readonly name: string;
  /** As a fact. */
  readonly sentence: string;
  /** What to do when it is broken. */
  readonly help: string;
  readonly cost: Cost;
  /** Can only be looked up beside the outside's record. */
  readonly needsOutside?: true;
};

/** Looked up in the tables. */
export type RowInvariant = Named & {
  find(look: Look): Promise<ReadonlyArray<Violation>>;
};

/** Read off the ledger, entry by entry, in their order. */
export type HistoryInvariant = Named & {
  readonly cost: "ledger";
  begin(look: Look): Promise<HistoryReader>;
};

export type HistoryReader = {
  /** `history` is as it stands before this line. */
  read(line: HistoryLine, history: History): Violation | undefined;
  /** After each page, and once more at the end: what had to be asked of the database. */
  endPage?(history: History, isLast: boolean): Promise<ReadonlyArray<Violation>>;
};

export type Invariant = RowInvariant | HistoryInvariant;

/** Rows that one sentence names at most; more do not tell more. */
export const VIOLATIONS_MAX = 100;

/** A statement that gives `row` and `why` for each row that breaks the sentence. */
export function findRows(
  { tx }: Look,
  sql: string,
  params: ReadonlyArray<unknown> = [],
): Promise<ReadonlyArray<Violation>> {
  return tx.query<Violation>(`${sql}\nlimit ${VIOLATIONS_MAX}`, params);
}
