/**
 * The real store, as one process after another sees it over a connection that fails.
 *
 * A whole run is one transaction of the real database, taken back at its end; each transaction of the
 * engine is a savepoint in it. So a run begins from the same rows as every other, and nothing has to be
 * emptied. The database's clock is the scheduler's.
 *
 * | fault          | what became of the transaction | what its worker hears              |
 * |----------------|--------------------------------|------------------------------------|
 * | worker dies    | taken back                     | nothing ever                       |
 * | connection cut | taken back                     | `store/unavailable`                |
 * | commit unknown | kept, or taken back            | the same, marked as unknown        |
 * | disk full      | taken back                     | `store/no-space`                   |
 */
import { InterlockError } from "../../../src/std/errors.ts";
import type { Random } from "../../../src/std/random.ts";
import type { Driver, Row, Tx } from "../../../src/store/driver/driver.ts";
import { toCommitError } from "../../../src/store/driver/query-error.ts";
import type { Actor, Scheduler } from "./scheduler.ts";

export type StoreFault =
  "connection-cut" | "commit-unknown-kept" | "commit-unknown-lost" | "disk-full";

export class SimulatedStore {
  readonly #base: Tx;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #onFault: (fault: StoreFault) => void;
  /** Whose transaction is open. */
  #owner: Actor | undefined;
  /** A savepoint that was kept, to be released along with the next one's beginning. */
  #isToRelease = false;
  /** Counts what may have made work due: commits that wrote, and whatever else stirs. */
  stirred = 0;
  faultShare = 0;
  isDiskFull = false;

  constructor(
    base: Tx,
    scheduler: Scheduler,
    random: Random,
    onFault: (fault: StoreFault) => void,
  ) {
    this.#base = base;
    this.#scheduler = scheduler;
    this.#random = random;
    this.#onFault = onFault;
  }

  /** A connection of one process. */
  connect(actor: Actor): Driver {
    const transaction = <T>(work: (tx: Tx) => Promise<T>) => this.#transaction(actor, work);
    return {
      kind: "pglite",
      transaction,
      query: async <R extends Row>(sql: string, params?: ReadonlyArray<unknown>) => {
        if (/^\s*(?:select|with recursive)\b/.test(sql)) {
          await this.#scheduler.step(actor, "query", this.#isFree);
          return this.#scheduler.busy(() => this.#base.query<R>(sql, params));
        }
        return transaction((tx) => tx.query<R>(sql, params));
      },
      exec: (sql) => transaction((tx) => tx.exec(sql)),
      ring: () => undefined,
      listen: () => () => undefined,
      close: () => Promise.resolve(),
    };
  }

  get isFree(): boolean {
    return this.#owner === undefined;
  }

  readonly #isFree = (): boolean => this.#owner === undefined;

  /** Its open transaction, if it has one, is taken back, as the server does when a client is gone. */
  async kill(actor: Actor): Promise<void> {
    this.#scheduler.kill(actor);
    if (this.#owner === actor) await this.#takeBack();
  }

  #begin(): Promise<void> {
    const at = new Date(this.#scheduler.now).toISOString();
    const release = this.#isToRelease ? "release savepoint work; " : "";
    this.#isToRelease = false;
    return this.#scheduler.busy(() =>
      this.#base.exec(`${release}set local simulation.now = '${at}'; savepoint work`),
    );
  }

  #keep(): void {
    this.#isToRelease = true;
    this.#owner = undefined;
  }

  #takeBack(): Promise<void> {
    return this.#scheduler.busy(async () => {
      await this.#base.exec("rollback to savepoint work; release savepoint work");
      this.#owner = undefined;
    });
  }

  async #transaction<T>(actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> {
    await this.#scheduler.step(actor, "begin", this.#isFree);
    this.#owner = actor;
    // Not waited for: the statements of one session run in the order in which they are sent.
    const begun = this.#begin();
    let wrote = false;
    let failed: Error | undefined;
    const ask = async <R>(run: () => Promise<R>): Promise<R> => {
      if (actor.isDead) return new Promise(() => undefined);
      try {
        return await this.#scheduler.busy(run);
      } catch (error) {
        failed ??= error as Error;
        throw error;
      }
    };
    const tx: Tx = {
      query: async <R extends Row>(sql: string, params?: ReadonlyArray<unknown>) => {
        const rows = await ask(() => this.#base.query<R>(sql, params));
        wrote ||= WRITES.test(sql) && (rows.length > 0 || !/\breturning\b/.test(sql));
        return rows;
      },
      exec: (sql) => ask(() => this.#base.exec(sql)),
    };
    let result: T;
    try {
      result = await work(tx);
      await begun;
      // Nobody threw it on: the server answers such a commit with a rollback.
      if (failed !== undefined) throw failed;
    } catch (error) {
      if (actor.isDead) return new Promise(() => undefined);
      await this.#takeBack();
      throw error;
    }
    const fault = this.#drawFault(wrote);
    await this.#scheduler.step(actor, "commit");
    if (wrote) this.stirred += 1;
    if (fault === undefined || fault === "commit-unknown-kept") this.#keep();
    else await this.#takeBack();
    if (fault !== undefined) {
      this.#onFault(fault);
      throw errorOf(fault);
    }
    await this.#scheduler.step(actor, "committed");
    return result;
  }

  #drawFault(wrote: boolean): StoreFault | undefined {
    if (this.isDiskFull && wrote) return "disk-full";
    const drawn = this.#random.next();
    if (drawn >= this.faultShare) return undefined;
    if (drawn < this.faultShare / 3) return "connection-cut";
    return drawn < (2 * this.faultShare) / 3 ? "commit-unknown-kept" : "commit-unknown-lost";
  }
}

/** A claim that found nothing due gives no row back, and wrote nothing. */
const WRITES = /\b(?:insert into|update (?!of\b|skip\b)[a-z_]+|delete from)\b/;

function errorOf(fault: StoreFault): Error {
  if (fault === "disk-full") {
    return new InterlockError("store/no-space", "the disk is full", { retry: "later" });
  }
  const gone = new InterlockError("store/unavailable", "the connection is gone", {
    retry: "later",
  });
  return fault === "connection-cut" ? gone : toCommitError(gone, "commit");
}
