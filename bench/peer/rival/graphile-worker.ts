/**
 * graphile-worker: the signal's row and its job in one transaction, then a job that decides, writes, calls and
 * writes again. Its jobs are unlocked by nobody for four hours when their worker dies, so a process that
 * starts here unlocks those of the one before it, as its documentation advises.
 */
import { makeWorkerUtils, run } from "graphile-worker";
import pg from "pg";
import type { Signal } from "../../../src/core/contract/types.ts";
import type { OpenPeer } from "../peer.ts";
import { Tally } from "../tally.ts";
import { createAdsCaller, decide } from "../thin-loop.ts";
import {
  countDone,
  createThinTables,
  insertDecided,
  insertSignals,
  inTransaction,
  updateDone,
} from "../thin-tables.ts";

const JOBS = 12;

export const open: OpenPeer = async ({ databaseUrl, adsUrl }) => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: JOBS + 8 });
  await createThinTables(pool);
  const ads = createAdsCaller(adsUrl);
  const tally = new Tally();
  const tools = await makeWorkerUtils({ pgPool: pool });
  await tools.migrate();
  const { rows } = await pool.query<{ worker: string }>(
    "select distinct locked_by as worker from graphile_worker.jobs where locked_by is not null",
  );
  await tools.forceUnlockWorkers(rows.map(({ worker }) => worker));
  const runner = await run({
    pgPool: pool,
    noHandleSignals: true,
    preset: {
      worker: {
        concurrentJobs: JOBS,
        pollInterval: 1_000,
        completeJobBatchDelay: 5,
      },
    },
    taskList: {
      loop: async (payload) => {
        const signal = payload as Signal;
        const decision = decide(signal);
        await inTransaction(pool, (client) => insertOnce(client, signal));
        await ads.act(signal, decision);
        await inTransaction(pool, (client) => updateDone(client, [signal.id]));
        tally.add(1);
      },
    },
  });
  /** A job that is run again finds its decision written. */
  async function insertOnce(client: pg.PoolClient, signal: Signal): Promise<void> {
    const found = await client.query("select from thin_action where signal = $1", [signal.id]);
    if (found.rowCount === 0) await insertDecided(client, [{ signal, decision: decide(signal) }]);
  }
  async function offer(signals: ReadonlyArray<Signal>): Promise<void> {
    await inTransaction(pool, async (client) => {
      await insertSignals(client, signals);
      await client.query(
        `select count(*) from unnest($1::json[]) as t (payload),
           lateral graphile_worker.add_job('loop', t.payload)`,
        [signals.map((signal) => JSON.stringify(signal))],
      );
    });
  }
  return {
    accept: (signal) => offer([signal]),
    offer,
    settled: (count) => tally.reached(count),
    countDone: () => countDone(pool),
    async close() {
      await runner.stop();
      await tools.release();
      await pool.end();
      await ads.close();
    },
  };
};
