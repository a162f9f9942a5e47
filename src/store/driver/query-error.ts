/**
 * What the database refused, and how a caller reads why.
 *
 * Three things can come back from a statement that failed:
 * - `QueryError`: the database understood and refused (a constraint, a syntax error, a deadlock).
 *   `sqlStateOf` and `constraintOf` read it through any number of `cause`s.
 * - `InterlockError` `store/*`: the database cannot serve now; `retry` says whether waiting helps.
 * - `AssertionFailed`: we sent or stored a value that cannot be carried.
 *
 * A connection lost while a COMMIT (or a statement that commits itself) was on its way is the one
 * failure with two possible pasts. It is marked: `isCommitUnknown(error)` means look the row up by
 * its key, never assume either.
 */
import pg from "pg";
import { InterlockError } from "../../std/errors.ts";
import { AssertionFailed } from "../../std/assert.ts";

export class QueryError extends Error {
  override readonly name = "QueryError";
  /** Five characters, e.g. `23505` for a broken unique constraint. */
  readonly sqlState: string;
  readonly constraint: string | undefined;
  readonly table: string | undefined;
  /** The start of the statement, without its parameters. */
  readonly statement: string;

  constructor(sqlState: string, message: string, statement: string, cause?: pg.DatabaseError) {
    super(message, cause === undefined ? undefined : { cause });
    this.sqlState = sqlState;
    this.constraint = cause?.constraint;
    this.table = cause?.table;
    this.statement = statement.slice(0, STATEMENT_CHARACTERS_MAX);
  }
}

const STATEMENT_CHARACTERS_MAX = 500;

/** The SQLSTATE of the refusal that `error` is or was caused by. */
export function sqlStateOf(error: unknown): string | undefined {
  return findQueryError(error)?.sqlState;
}

/** The name of the constraint that was broken, if that is what happened. */
export function constraintOf(error: unknown): string | undefined {
  return findQueryError(error)?.constraint;
}

/** True when what was sent may or may not have been committed. */
export function isCommitUnknown(error: unknown): boolean {
  return causesOf(error).some((cause) => cause instanceof CommitUnknown);
}

class CommitUnknown extends Error {
  override readonly name = "CommitUnknown";
}

function findQueryError(error: unknown): QueryError | undefined {
  return causesOf(error).find((cause) => cause instanceof QueryError);
}

function causesOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let at = error; at instanceof Error && chain.length < 16; at = at.cause) chain.push(at);
  return chain;
}

/** Whatever the client threw for `statement`, as one of the three kinds above. */
export function toStoreError(thrown: unknown, statement: string): Error {
  if (thrown instanceof pg.DatabaseError && thrown.code !== undefined) {
    return refusalToError(thrown, thrown.code, statement);
  }
  if (isOurs(thrown)) return thrown;
  return unavailable(thrown);
}

/** A COMMIT, or a statement that commits itself: plainly refused, or lost and so unknown. */
export function toCommitError(thrown: unknown, what: "commit" | "statement"): Error {
  const error = toStoreError(thrown, what);
  if (!(error instanceof InterlockError) || error.code !== "store/unavailable") return error;
  const message = `${error.message}; the ${what} may or may not have taken effect`;
  return new InterlockError("store/unavailable", message, {
    retry: error.retry,
    help: "look the rows up by their key before trying again",
    cause: new CommitUnknown(`no answer to the ${what}`, { cause: error }),
  });
}

/** Connection loss (08), shutdown and start (57P), no free connection (53300). */
const UNAVAILABLE = /^(08|57P0|53300)/;
/** Wrong password or user (28), no such database (3D): waiting does not help. */
const MISCONFIGURED = /^(28|3D)/;
const DISK_FULL = "53100";

function refusalToError(refusal: pg.DatabaseError, sqlState: string, statement: string): Error {
  if (UNAVAILABLE.test(sqlState)) return unavailable(refusal);
  if (MISCONFIGURED.test(sqlState)) {
    return new InterlockError("store/unavailable", `database refused us: ${refusal.message}`, {
      help: "check user, password and database name in the connection URL",
      cause: refusal,
    });
  }
  if (sqlState === DISK_FULL) {
    return new InterlockError("store/no-space", `database disk is full: ${refusal.message}`, {
      retry: "later",
      help: "free space on the database's disk",
      cause: refusal,
    });
  }
  return new QueryError(sqlState, refusal.message, statement, refusal);
}

function unavailable(cause: unknown): InterlockError {
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new InterlockError("store/unavailable", `database cannot be reached: ${reason}`, {
    retry: "later",
    help: "see that the database is running and reachable; Interlock tries again by itself",
    cause,
  });
}

/** Errors that did not come from the connection: already ours, or a bug in a value or in code. */
function isOurs(thrown: unknown): thrown is Error {
  return (
    thrown instanceof InterlockError ||
    thrown instanceof QueryError ||
    thrown instanceof AssertionFailed ||
    thrown instanceof TypeError ||
    thrown instanceof RangeError ||
    thrown instanceof SyntaxError
  );
}
