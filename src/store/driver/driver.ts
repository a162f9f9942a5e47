/**
 * One door to PostgreSQL, whichever PostgreSQL it is.
 *
 * Embedded (PGlite in a worker thread, nothing to install) and a server (`postgres://...`) answer
 * the same SQL with the same values and the same errors; one conformance suite holds both to it.
 * The rule: a transaction commits if and only if its work resolves and the database says COMMIT.
 *
 * What differs is concurrency. The embedded database has one session, so transactions queue first
 * come first served; a server runs them side by side. Inside `transaction` use the `tx` it gives
 * you: asking the driver itself from there would wait for a session that you hold, and is refused.
 *
 * Left out: retries (a turn is retried by whoever owns it), streaming of large results, COPY.
 */
import { openPglite } from "./pglite.ts";
import { openPostgres } from "./postgres.ts";
import type { EmbeddedSettings } from "./pglite.ts";

export type Row = { readonly [column: string]: unknown };

export type Tx = {
  /**
   * One statement. Values go in and come out as the table in `value.ts` says. Of a transaction's statements,
   * those that are sent before others are answered run in the order in which they were sent.
   */
  query<R extends Row = Row>(
    sql: string,
    params?: ReadonlyArray<unknown>,
  ): Promise<ReadonlyArray<R>>;
  /** Several statements without parameters, as migrations need. */
  exec(sql: string): Promise<void>;
};

export type Driver = Tx & {
  readonly kind: "pglite" | "postgres";
  /** Commits if and only if `work` resolves; otherwise rolls back and throws what was thrown. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Says that there is work, to whoever listens here and in every other process; it may get lost. */
  ring(): void;
  /** Returns how to stop listening. */
  listen(hear: () => void): () => void;
  /** Lets running transactions end, refuses queued ones with `store/closed`. Twice is once. */
  close(): Promise<void>;
};

export type DriverOptions = {
  /** `postgres://user:password@host/database`; given, it wins over `directory`. */
  readonly url?: string | undefined;
  /** Most connections to the server at once. */
  readonly connectionsMax?: number | undefined;
  /** Where the embedded database lives; absent means in memory and gone at `close`. */
  readonly directory?: string | undefined;
  readonly embedded?: Partial<EmbeddedSettings> | undefined;
};

export async function openDriver(options: DriverOptions): Promise<Driver> {
  if (options.url !== undefined) {
    return openPostgres({ url: options.url, connectionsMax: options.connectionsMax });
  }
  return openPglite({ directory: options.directory, ...options.embedded });
}

export { constraintOf, isCommitUnknown, QueryError, sqlStateOf } from "./query-error.ts";
export { toJson, toTexts } from "./value.ts";
