/**
 * By hand, as well as one can on PostgreSQL: whatever waits is taken in together, decided and written in one
 * transaction, called side by side, and marked done in another. It has no retries, no caps, no ledger, no
 * lease: one process, and whoever replaces it does again what is not marked.
 */
import pg from "pg";
import type { Signal } from "../../../src/core/contract/types.ts";
import type { OpenPeer } from "../peer.ts";
import { Tally } from "../tally.ts";
import { CALLS_MAX, createAdsCaller, type Decision, decide, inParallel } from "../thin-loop.ts";
import {
  countDone,
  createThinTables,
  insertDecided,
  insertSignals,
  inTransaction,
  listOpen,
  updateDone,
} from "../thin-tables.ts";

const BATCH_MAX = 1_000;
/** Batches under way at one time: while one is called, another is written. */
const BATCHES_MAX = 3;

type Waiting = { readonly signal: Signal; accepted(): void; refused(error: unknown): void };
type Decided = { readonly signal: Signal; readonly decision: Decision };

export const open: OpenPeer = async ({ databaseUrl, adsUrl }) => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 8 });
  const ads = createAdsCaller(adsUrl);
  const tally = new Tally();
  const waiting: Waiting[] = [];
  let underWay = 0;
  await createThinTables(pool);

  async function finish(decided: ReadonlyArray<Decided>): Promise<void> {
    await inParallel(decided, CALLS_MAX, ({ signal, decision }) => ads.act(signal, decision));
    const ids = decided.map(({ signal }) => signal.id);
    await inTransaction(pool, (client) => updateDone(client, ids));
    tally.add(ids.length);
  }

  async function takeIn(batch: ReadonlyArray<Waiting>): Promise<void> {
    const decided = batch.map(({ signal }) => ({ signal, decision: decide(signal) }));
    try {
      await inTransaction(pool, async (client) => {
        await insertSignals(
          client,
          decided.map(({ signal }) => signal),
        );
        await insertDecided(client, decided);
      });
    } catch (error) {
      for (const one of batch) one.refused(error);
      return;
    }
    for (const one of batch) one.accepted();
    await finish(decided);
  }

  function wake(): void {
    while (underWay < BATCHES_MAX && waiting.length > 0) {
      underWay += 1;
      void takeIn(waiting.splice(0, BATCH_MAX)).finally(() => {
        underWay -= 1;
        wake();
      });
    }
  }

  const accept = (signal: Signal): Promise<void> =>
    new Promise((accepted, refused) => {
      waiting.push({ signal, accepted, refused });
      // What arrives in the same turn of the event loop goes together.
      if (waiting.length === 1) setImmediate(wake);
    });

  const left = await listOpen(pool);
  void finish(left.map((signal) => ({ signal, decision: decide(signal) })));
  return {
    accept,
    async offer(signals) {
      await Promise.all(signals.map(accept));
    },
    settled: (count) => tally.reached(count),
    countDone: () => countDone(pool),
    async close() {
      await pool.end();
      await ads.close();
    },
  };
};
