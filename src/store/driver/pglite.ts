/**
 * PostgreSQL without a server: PGlite in a worker thread, made safe to keep data in.
 *
 * Think of one counter with one clerk. Callers queue, first come first served; a transaction is one
 * customer however many statements it has. Between customers the clerk tidies up: CHECKPOINT once
 * enough log was written or enough time has passed, VACUUM (ANALYZE) of the tables that changed,
 * both of which a server does in the background and PGlite not at all.
 *
 * What stands between an acknowledged row and its loss (docs: operate/embedded):
 *
 * | danger                        | answer                                                        |
 * | ----------------------------- | ------------------------------------------------------------- |
 * | power cut                     | `durable-fs.ts`, and a start that fails unless fsync rose     |
 * | two processes, one directory  | `directory-lock.ts`                                           |
 * | crash while creating          | `data-directory.ts`                                           |
 * | full disk                     | transactions become read-only under the floor, `free-space.ts`|
 * | a Postgres that spins         | `pglite-worker.ts` ends itself; `pglite-link.ts` watches      |
 * | a blocked event loop          | the worker thread                                             |
 *
 * After a failure the driver stays failed: every call throws the first reason, and opening again
 * recovers from the log. Left out: more than one session; for that use a server.
 */
import pg from "pg";
import { InterlockError } from "../../std/errors.ts";
import { MINUTE_MS, SECOND_MS } from "../../std/time.ts";
import { lockDirectory } from "./directory-lock.ts";
import type { DirectoryLock } from "./directory-lock.ts";
import { Doorbell } from "./doorbell.ts";
import type { Driver, Row, Tx } from "./driver.ts";
import { computeSpaceFloor, readDiskSpace } from "./free-space.ts";
import type { ReadDiskSpace } from "./free-space.ts";
import { PgliteLink } from "./pglite-link.ts";
import { sqlStateOf, toStoreError } from "./query-error.ts";
import {
  endsInTime,
  makeSession,
  makeTransactionGuard,
  runTransaction,
  withoutTransaction,
} from "./session.ts";
import type { Session } from "./session.ts";
import { Turnstile } from "./turnstile.ts";
import { typeParsers } from "./value.ts";

export type EmbeddedSettings = {
  /** A statement, or the opening, that takes longer than this is taken for hung. */
  readonly stalledAfterMs: number;
  readonly checkpointEveryMs: number;
  readonly checkpointAfterBytes: number;
  /** How old a reading of the free space may be. */
  readonly spaceReadingMs: number;
  readonly readDiskSpace: ReadDiskSpace;
};

const MB = 1024 * 1024;
export const EMBEDDED_SETTINGS: EmbeddedSettings = {
  stalledAfterMs: 2 * MINUTE_MS,
  checkpointEveryMs: MINUTE_MS,
  checkpointAfterBytes: 32 * MB,
  spaceReadingMs: SECOND_MS,
  readDiskSpace,
};
const TIDY_PERIOD_MS = SECOND_MS;
export type EmbeddedOptions = Partial<EmbeddedSettings> & {
  readonly directory?: string | undefined;
};

export async function openPglite(options: EmbeddedOptions): Promise<Driver> {
  const { directory } = options;
  const settings = { ...EMBEDDED_SETTINGS, ...options };
  const lock = directory === undefined ? undefined : lockDirectory(directory);
  const link = new PgliteLink(directory, settings.stalledAfterMs);
  const client = new pg.Client({
    stream: () => link,
    user: "postgres",
    database: "postgres",
    application_name: "interlock",
    pipeline: true,
    types: typeParsers,
  });
  let failure: Error | undefined;
  client.on("error", (error) => (failure ??= toStoreError(error, "")));
  const failureOf = () => failure;
  try {
    await link.ready;
    await client.connect();
    if (directory !== undefined) await assertDurable(client, link);
    const driver = new PgliteDriver({ client, link, lock, settings, directory, failureOf });
    await driver.begin();
    return driver;
  } catch (thrown) {
    await link.terminate();
    lock?.release();
    throw failure ?? toStoreError(thrown, "connect");
  }
}

/** Commits once and demands that the commit reached the disk, whatever PGlite became since. */
async function assertDurable(client: pg.Client, link: PgliteLink): Promise<void> {
  const before = link.fsyncCount;
  await client.query("select pg_logical_emit_message(true, 'interlock', 'self-test')");
  if (link.fsyncCount > before) return;
  throw new InterlockError("store/not-durable", "a commit was answered without reaching the disk", {
    help: "this build of the embedded database is not safe to keep data in: use a PostgreSQL server",
  });
}

type Parts = {
  readonly client: pg.Client;
  readonly link: PgliteLink;
  readonly lock: DirectoryLock | undefined;
  readonly settings: EmbeddedSettings;
  readonly directory: string | undefined;
  /** Why the link broke, once it did. */
  readonly failureOf: () => Error | undefined;
};

class PgliteDriver implements Driver {
  readonly kind = "pglite";
  readonly #parts: Parts;
  readonly #session: Session;
  readonly #autocommit: Tx;
  readonly #turnstile = new Turnstile();
  readonly #doorbell = new Doorbell();
  readonly #guard = makeTransactionGuard();
  #tidyTimer: NodeJS.Timeout | undefined;
  #readOnly = false;
  #spaceReadAt = -Infinity;
  #usedSinceTidy = false;
  #checkpointedAt = performance.now();
  #checkpointedLsn = 0;
  #closed: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#session = makeSession(parts.client, (error) => this.#explain(error));
    this.#autocommit = withoutTransaction(this.#session);
  }

  async begin(): Promise<void> {
    this.#checkpointedLsn = await this.#readLsn();
    const period = Math.min(TIDY_PERIOD_MS, this.#parts.settings.checkpointEveryMs);
    this.#tidyTimer = setInterval(() => this.#scheduleTidy(), period).unref();
  }

  query<R extends Row>(sql: string, params?: ReadonlyArray<unknown>): Promise<ReadonlyArray<R>> {
    return this.#inTurn(() => this.#autocommit.query<R>(sql, params));
  }

  exec(sql: string): Promise<void> {
    return this.#inTurn(() => this.#autocommit.exec(sql));
  }

  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#inTurn(() => runTransaction(this.#session, this.#guard, work));
  }

  ring(): void {
    this.#doorbell.ring();
  }

  listen(hear: () => void): () => void {
    return this.#doorbell.listen(hear);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #inTurn<T>(use: () => Promise<T>): Promise<T> {
    this.#guard.assertOutside();
    const done = await this.#turnstile.enter();
    try {
      const failure = this.#parts.failureOf();
      if (failure !== undefined) throw failure;
      await this.#gateWrites();
      this.#usedSinceTidy = true;
      return await use();
    } finally {
      done();
    }
  }

  /** Makes new transactions read-only while the disk is too full, and writable once it is not. */
  async #gateWrites(): Promise<void> {
    if (this.#parts.directory === undefined) return;
    const now = performance.now();
    if (now - this.#spaceReadAt < this.#parts.settings.spaceReadingMs) return;
    this.#spaceReadAt = now;
    const space = await this.#parts.settings.readDiskSpace(this.#parts.directory);
    const readOnly = space.freeBytes < computeSpaceFloor(space.totalBytes);
    if (readOnly === this.#readOnly) return;
    await this.#session.exec(`set default_transaction_read_only = ${readOnly ? "on" : "off"}`);
    this.#readOnly = readOnly;
  }

  #explain(error: Error): Error {
    if (!this.#readOnly || sqlStateOf(error) !== READ_ONLY_TRANSACTION) return error;
    const message = `disk of \`${this.#parts.directory}\` has too little free space to write safely`;
    return new InterlockError("store/no-space", message, {
      retry: "later",
      help: "free space on that disk; writing resumes by itself, reading goes on meanwhile",
      cause: error,
    });
  }

  #scheduleTidy(): void {
    if (!this.#usedSinceTidy || this.#parts.failureOf() !== undefined) return;
    this.#usedSinceTidy = false;
    this.#turnstile
      .enter()
      .then((done) => this.#tidy().finally(done))
      .catch(() => undefined); // closed, or failed: the next caller is told
  }

  async #tidy(): Promise<void> {
    const written = (await this.#readLsn()) - this.#checkpointedLsn;
    const elapsedMs = performance.now() - this.#checkpointedAt;
    const { checkpointAfterBytes, checkpointEveryMs } = this.#parts.settings;
    if (written < checkpointAfterBytes && elapsedMs < checkpointEveryMs) {
      this.#usedSinceTidy = true; // what was written still waits for its checkpoint
      return;
    }
    if (!this.#readOnly) await this.#vacuum();
    await this.#session.exec("checkpoint");
    this.#checkpointedAt = performance.now();
    this.#checkpointedLsn = await this.#readLsn();
  }

  /** How far the log was written, in bytes since the database was made. */
  async #readLsn(): Promise<number> {
    const [log] = await this.#session.query<{ lsn: number }>(CURRENT_LSN);
    return log?.lsn ?? 0;
  }

  async #vacuum(): Promise<void> {
    const tables = await this.#session.query<{ name: string }>(TABLES_TO_VACUUM);
    if (tables.length === 0) return;
    await this.#session.exec(`vacuum (analyze) ${tables.map(({ name }) => name).join(", ")}`);
  }

  async #close(): Promise<void> {
    clearInterval(this.#tidyTimer);
    const ended = await endsInTime(this.#turnstile.close());
    if (ended && this.#parts.failureOf() === undefined) {
      await this.#parts.client.end().catch(() => undefined); // Postgres's own shutdown checkpoint
    }
    await this.#parts.link.terminate();
    this.#parts.lock?.release();
  }
}

const READ_ONLY_TRANSACTION = "25006";

const CURRENT_LSN = "select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::int8 as lsn";

/** Tables of which a tenth changed since they were last looked at, most dead rows first. */
const TABLES_TO_VACUUM = `
  select format('%I.%I', schemaname, relname) as name
  from pg_stat_user_tables
  where n_dead_tup > 500 + 0.1 * n_live_tup
     or n_mod_since_analyze > 500 + 0.1 * n_live_tup
  order by n_dead_tup desc
  limit 32`;
