/** What one writes first: each signal on its own, each step a transaction. */
import pg from "pg";
import type { Signal } from "../../../src/core/contract/types.ts";
import type { OpenPeer } from "../peer.ts";
import { Tally } from "../tally.ts";
import { createAdsCaller, decide, inParallel } from "../thin-loop.ts";
import {
  countDone,
  createThinTables,
  insertDecided,
  insertSignals,
  inTransaction,
  listOpen,
  updateDone,
} from "../thin-tables.ts";

const CONNECTIONS = 24;

export const open: OpenPeer = async ({ databaseUrl, adsUrl }) => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS });
  const ads = createAdsCaller(adsUrl);
  const tally = new Tally();
  await createThinTables(pool);

  async function act(signal: Signal): Promise<void> {
    const decision = decide(signal);
    await inTransaction(pool, (client) => insertDecided(client, [{ signal, decision }]));
    await finish(signal);
  }

  async function finish(signal: Signal): Promise<void> {
    await ads.act(signal, decide(signal));
    await inTransaction(pool, (client) => updateDone(client, [signal.id]));
    tally.add(1);
  }

  async function accept(signal: Signal): Promise<void> {
    await inTransaction(pool, (client) => insertSignals(client, [signal]));
    void act(signal);
  }

  const left = await listOpen(pool);
  const { rows } = await pool.query<{ signal: string }>("select signal from thin_decision");
  const decided = new Set(rows.map((row) => row.signal));
  void inParallel(left, CONNECTIONS, (signal) =>
    decided.has(signal.id) ? finish(signal) : act(signal),
  );
  return {
    accept,
    settled: (count) => tally.reached(count),
    countDone: () => countDone(pool),
    async close() {
      await pool.end();
      await ads.close();
    },
  };
};
