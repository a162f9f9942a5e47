/**
 * pg-boss: two queues, `decide` and `act`. Its transactional workers write decision and next job, and outcome
 * and completion, in one transaction; LISTEN/NOTIFY wakes them.
 */
import { type Db, type Job, PgBoss } from "pg-boss";
import pg from "pg";
import type { Signal } from "../../../src/core/contract/types.ts";
import type { OpenPeer } from "../peer.ts";
import { Tally } from "../tally.ts";
import { CALLS_MAX, createAdsCaller, decide, inParallel } from "../thin-loop.ts";
import {
  type Client,
  countDone,
  createThinTables,
  insertDecided,
  insertSignals,
  updateDone,
} from "../thin-tables.ts";

const BATCH = 100;
const WORKERS = 2;
/** Least that it allows; without it, a job of a worker that died waits out 15 minutes. */
const HEARTBEAT_SECONDS = 10;

export const open: OpenPeer = async ({ databaseUrl, adsUrl }) => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
  await createThinTables(pool);
  const ads = createAdsCaller(adsUrl);
  const tally = new Tally();
  const boss = new PgBoss({
    connectionString: databaseUrl,
    max: 16,
    useListenNotify: true,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
  });
  boss.on("error", (error) => console.error(error));
  await boss.start();
  for (const queue of ["decide", "act"]) {
    await boss.createQueue(queue, { notify: true, heartbeatSeconds: HEARTBEAT_SECONDS });
  }
  const options = {
    batchSize: BATCH,
    localConcurrency: WORKERS,
    pollingIntervalSeconds: 0.5,
    burstWhenBatchFull: true,
    transactional: true,
  } as const;
  await boss.work("decide", options, async (jobs: Job<Signal>[], tx: Db) => {
    const decided = jobs.map(({ data }) => ({ signal: data, decision: decide(data) }));
    const client = clientOf(tx);
    await insertSignals(
      client,
      decided.map(({ signal }) => signal),
    );
    await insertDecided(client, decided);
    await boss.insert(
      "act",
      decided.map(({ signal }) => ({ data: signal })),
      { db: tx },
    );
  });
  await boss.work("act", options, async (jobs: Job<Signal>[], tx: Db) => {
    await inParallel(jobs, CALLS_MAX / WORKERS, ({ data }) => ads.act(data, decide(data)));
    await updateDone(
      clientOf(tx),
      jobs.map(({ data }) => data.id),
    );
    tally.add(jobs.length);
  });
  return {
    async accept(signal) {
      await boss.send("decide", signal);
    },
    async offer(signals) {
      await boss.insert(
        "decide",
        signals.map((signal) => ({ data: signal })),
      );
    },
    settled: (count) => tally.reached(count),
    countDone: () => countDone(pool),
    async close() {
      await boss.stop({ graceful: false });
      await pool.end();
      await ads.close();
    },
  };
};

/** Its transaction takes text and values; ours are statements with names, which it need not know. */
function clientOf(tx: Db): Client {
  return {
    query: ({ text, values }: pg.QueryConfig) => tx.executeSql(text, values),
  } as unknown as Client;
}
