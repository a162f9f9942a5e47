/**
 * PostgreSQL as a server: a pool of connections, each with its limits set at birth.
 *
 * Every connection speaks UTC and ISO dates whatever the server's defaults, gives up on a statement
 * or a forgotten transaction after a stated time, and carries our name in `pg_stat_activity`. The
 * limits are start-up parameters, so a connection never exists without them; a pooler in front of
 * the server (PgBouncer) must be told to let them through, and to carry prepared statements.
 *
 * Left out: read replicas. Every statement goes to the address in the URL, which must be a primary.
 */
import pg from "pg";
import { InterlockError } from "../../std/errors.ts";
import { MINUTE_MS, SECOND_MS } from "../../std/time.ts";
import { ServerDoorbell } from "./doorbell.ts";
import type { Driver, Row } from "./driver.ts";
import { toStoreError } from "./query-error.ts";
import { checkServer } from "./server-check.ts";
import {
  endsInTime,
  makeSession,
  makeTransactionGuard,
  runTransaction,
  withoutTransaction,
} from "./session.ts";
import type { Session } from "./session.ts";
import { typeParsers } from "./value.ts";

const CONNECTIONS_MAX = 10;
/** Also the longest wait for a free connection of the pool. */
const CONNECT_TIMEOUT_MS = 10 * SECOND_MS;
const STATEMENT_TIMEOUT_MS = MINUTE_MS;
const LOCK_TIMEOUT_MS = 20 * SECOND_MS;
/** Shorter than a lease: a worker that was stopped in the middle of a transaction blocks nobody for longer. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10 * SECOND_MS;
const IDLE_CONNECTION_MS = 30 * SECOND_MS;

const SESSION_SETTINGS = [
  "TimeZone=UTC",
  "DateStyle=ISO",
  "IntervalStyle=iso_8601",
  "bytea_output=hex",
  "extra_float_digits=1",
  `lock_timeout=${LOCK_TIMEOUT_MS}`,
];

export async function openPostgres(options: {
  readonly url: string;
  readonly connectionsMax?: number | undefined;
}): Promise<Driver> {
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: "interlock",
    max: options.connectionsMax ?? CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_CONNECTION_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    options: SESSION_SETTINGS.map((setting) => `-c ${setting}`).join(" "),
    keepAlive: true,
    pipeline: true,
    allowExitOnIdle: true,
    types: typeParsers,
  });
  // An idle connection that breaks is dropped by the pool; the next statement opens another. One that breaks
  // in the instant between its opening and its first use is nobody's: its first statement will say so.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  const guard = makeTransactionGuard();
  let closing: Promise<void> | undefined;

  const running = new Set<Promise<unknown>>();

  /** Counted from here on, so that `close` knows what to wait for. */
  function withClient<T>(use: (session: Session) => Promise<T>): Promise<T> {
    const outcome = lendClient(use);
    const counted = outcome.then(forget, forget);
    function forget(): void {
      running.delete(counted);
    }
    running.add(counted);
    return outcome;
  }

  async function lendClient<T>(use: (session: Session) => Promise<T>) {
    guard.assertOutside();
    if (closing !== undefined) throw closedError();
    let client: pg.PoolClient;
    try {
      client = await pool.connect();
    } catch (thrown) {
      throw toStoreError(thrown, "connect");
    }
    let broken = false;
    const markBroken = () => (broken = true);
    client.on("error", markBroken);
    try {
      if (closing !== undefined) throw closedError(); // closed while it waited for a connection
      return await use(makeSession(client));
    } catch (thrown) {
      broken ||= thrown instanceof InterlockError && thrown.code === "store/unavailable";
      throw thrown;
    } finally {
      client.off("error", markBroken);
      client.release(broken);
    }
  }

  async function close(): Promise<void> {
    await doorbell.close();
    const ended = await endsInTime(Promise.all(running));
    const closed = pool.end();
    // A transaction that never ends keeps its connection until the server's own limit cuts it.
    if (ended) await closed;
  }

  const doorbell = new ServerDoorbell({
    config: {
      connectionString: options.url,
      application_name: "interlock doorbell",
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
    },
    say: (sql, params) => driver.query(sql, params),
  });
  const driver: Driver = {
    kind: "postgres",
    ring: () => doorbell.ring(),
    listen: (hear) => doorbell.listen(hear),
    query<R extends Row>(sql: string, params?: ReadonlyArray<unknown>) {
      return withClient((session) => withoutTransaction(session).query<R>(sql, params));
    },
    exec(sql) {
      return withClient((session) => withoutTransaction(session).exec(sql));
    },
    transaction(work) {
      return withClient((session) => runTransaction(session, guard, work));
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
  try {
    await checkServer(driver); // a wrong URL, too, is told now, not at the first signal
  } catch (thrown) {
    await driver.close();
    throw thrown;
  }
  return driver;
}

export function closedError(): InterlockError {
  return new InterlockError("store/closed", "the database driver is closed");
}
