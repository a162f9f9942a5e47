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
import { dropOldPlans, forgetRefused, nameOf } from "./prepared.ts";
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
  return {
    async query<R extends Row>(sql: string, params: ReadonlyArray<unknown> = []) {
      const values = encodeParameters(params);
      const name = nameOf(sql, params);
      dropOldPlans(client);
      // Extended mode refuses several statements, with or without parameters; its types forgot it.
      const statement = { text: sql, values, queryMode: "extended", ...(name && { name }) };
      try {
        const result = await client.query<R>(statement as pg.QueryConfig);
        return result.rows;
      } catch (thrown) {
        forgetRefused(sql, thrown);
        throw explain(toStoreError(thrown, sql));
      }
    },
    async exec(sql) {
      try {
        await client.query(sql);
      } catch (thrown) {
        throw explain(toStoreError(thrown, sql));
      }
    },
    commit: () => commit(client),
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

/** Sent along with `begin`; nothing is written until the transaction is known to be open. */
const READS = /^\s*select\b/i;

export async function runTransaction<T>(
  session: Session,
  guard: TransactionGuard,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  let open = true;
  const begun = session.exec("begin");
  begun.catch(() => undefined); // told to whoever sends the first statement
  let isToWait = false;
  function assertOpen(): void {
    assert(open, "a transaction was used after it ended");
  }
  async function send<A>(isToWaitFor: boolean, ask: () => Promise<A>): Promise<A> {
    // Whoever comes behind one that waits waits, too: statements run in the order in which they were sent.
    isToWait ||= isToWaitFor;
    if (isToWait) {
      await begun;
      assertOpen();
    }
    const answer = await ask();
    await begun;
    return answer;
  }
  const tx: Tx = {
    query<R extends Row>(sql: string, params?: ReadonlyArray<unknown>) {
      assertOpen();
      return send(!READS.test(sql), () => session.query<R>(sql, params));
    },
    exec(sql) {
      assertOpen();
      return send(true, () => session.exec(sql));
    },
  };
  let result: T;
  try {
    result = await guard.run(() => work(tx));
    await begun;
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
