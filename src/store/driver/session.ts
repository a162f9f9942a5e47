/**
 * One connection, spoken to in statements and transactions.
 *
 * Both drivers talk through a `pg` client: over TCP to a server, over a thread boundary to PGlite,
 * which speaks the same wire protocol. So what a statement, an error and a commit mean is written
 * once, here.
 *
 * INVARIANT (commit-is-told): `runTransaction` resolves only after the database answered COMMIT.
 * A transaction in which a statement failed and the error was swallowed is answered ROLLBACK by the
 * database, and that is an error here, never a success.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type pg from "pg";
import { assert } from "../../std/assert.ts";
import { SECOND_MS } from "../../std/time.ts";
import type { Row, Tx } from "./driver.ts";
import { QueryError, toCommitError, toStoreError } from "./query-error.ts";
import { encodeParameters } from "./value.ts";

/** `close` waits this long for running transactions, then cuts them off as a crash would. */
const CLOSE_TIMEOUT_MS = 30 * SECOND_MS;

/** False when `work` has not ended by then. */
export async function endsInTime(work: Promise<unknown>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), CLOSE_TIMEOUT_MS);
  const ended = work.then(() => true);
  try {
    return await Promise.race([ended, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Gives an error its last form; the embedded driver explains refusals of its own making. */
export type Explain = (error: Error) => Error;

export type Session = Tx & {
  /** Resolves only when the database answered COMMIT. */
  commit(): Promise<void>;
};

export function makeSession(client: pg.ClientBase, explain: Explain = (error) => error): Session {
  let last: Promise<unknown> = Promise.resolve();
  /** Statements sent together run one after another, in the order they were sent. */
  function inOrder<T>(ask: () => Promise<T>): Promise<T> {
    const answer = last.then(ask);
    last = answer.catch(() => undefined);
    return answer;
  }
  return {
    query<R extends Row>(sql: string, params: ReadonlyArray<unknown> = []) {
      return inOrder(async () => {
        const values = encodeParameters(params);
        try {
          const result = await client.query<R>(oneStatement(sql, values));
          return result.rows;
        } catch (thrown) {
          throw explain(toStoreError(thrown, sql));
        }
      });
    },
    exec(sql) {
      return inOrder(async () => {
        try {
          await client.query(sql);
        } catch (thrown) {
          throw explain(toStoreError(thrown, sql));
        }
      });
    },
    commit() {
      return inOrder(() => commit(client));
    },
  };
}

/** Statements that commit by themselves, so a lost answer leaves their outcome open. */
export function withoutTransaction(session: Tx): Tx {
  const mark = (thrown: unknown): never => {
    throw toCommitError(thrown, "statement");
  };
  return {
    query<R extends Row>(sql: string, params?: ReadonlyArray<unknown>) {
      return session.query<R>(sql, params).catch(mark);
    },
    exec(sql) {
      return session.exec(sql).catch(mark);
    },
  };
}

/**
 * Extended mode refuses several statements, with or without parameters; its types forgot it.
 * No prepared names: they save a few microseconds of 40, and after five uses PostgreSQL may plan
 * `unnest($1)` for ten rows whatever its length.
 */
function oneStatement(text: string, values: unknown[]): pg.QueryConfig {
  return { text, values, queryMode: "extended" } as pg.QueryConfig;
}

export async function runTransaction<T>(
  session: Session,
  guard: TransactionGuard,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  await session.exec("begin");
  let open = true;
  const tx: Tx = {
    query(sql, params) {
      assert(open, "a transaction was used after it ended");
      return session.query(sql, params);
    },
    exec(sql) {
      assert(open, "a transaction was used after it ended");
      return session.exec(sql);
    },
  };
  let result: T;
  try {
    result = await guard.run(() => work(tx));
  } catch (thrown) {
    open = false;
    // A connection that is gone has rolled back already; what went wrong first is what matters.
    await session.exec("rollback").catch(() => undefined);
    throw thrown;
  }
  open = false;
  await session.commit();
  return result;
}

async function commit(client: pg.ClientBase): Promise<void> {
  let answer: pg.QueryResult;
  try {
    answer = await client.query("commit");
  } catch (thrown) {
    throw toCommitError(thrown, "commit");
  }
  if (answer.command === "COMMIT") return;
  const message = "transaction was rolled back: a statement in it failed and nobody threw";
  throw new QueryError("25P02", message, "commit");
}

/**
 * Refuses the driver to code that holds one of its transactions. On one session that call would
 * wait for itself for ever; on a server it would silently escape the transaction.
 */
export type TransactionGuard = {
  run<T>(work: () => Promise<T>): Promise<T>;
  assertOutside(): void;
};

export function makeTransactionGuard(): TransactionGuard {
  // `open` outlives the transaction in whatever its work left running behind it.
  const inside = new AsyncLocalStorage<{ open: boolean }>();
  return {
    async run(work) {
      const token = { open: true };
      try {
        return await inside.run(token, work);
      } finally {
        token.open = false;
      }
    },
    assertOutside() {
      const held = inside.getStore()?.open === true;
      assert(!held, "the driver was used inside its own transaction: use the `tx` it gave");
    },
  };
}
