/**
 * DBOS: one workflow per signal with two steps, decide and act, whose results are kept in its own rows.
 * Accepted is when the workflow's row is committed. Workflows of a process that died are taken up at launch.
 */
import { DBOS } from "@dbos-inc/dbos-sdk";
import pg from "pg";
import type { Signal } from "../../../src/core/contract/types.ts";
import type { OpenPeer } from "../peer.ts";
import { Tally } from "../tally.ts";
import { createAdsCaller, decide } from "../thin-loop.ts";

const CONNECTIONS = 10;

export const open: OpenPeer = async ({ databaseUrl, adsUrl }) => {
  const ads = createAdsCaller(adsUrl);
  const tally = new Tally();
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  DBOS.setConfig({
    name: "thin-loop",
    systemDatabaseUrl: databaseUrl,
    systemDatabasePoolSize: CONNECTIONS,
    logLevel: "error",
    applicationVersion: "1",
  });
  const loop = DBOS.registerWorkflow(
    async (signal: Signal): Promise<void> => {
      const decision = await DBOS.runStep(() => Promise.resolve(decide(signal)), {
        name: "decide",
      });
      await DBOS.runStep(() => ads.act(signal, decision), { name: "act" });
    },
    { name: "loop" },
  );
  await DBOS.launch();
  async function accept(signal: Signal): Promise<void> {
    const handle = await DBOS.startWorkflow(loop, { workflowID: signal.id })(signal);
    void handle.getResult().then(() => tally.add(1));
  }
  return {
    accept,
    settled: (count) => tally.reached(count),
    async countDone() {
      const { rows } = await pool.query<{ count: number }>(
        "select count(*)::int as count from dbos.workflow_status where status = 'SUCCESS'",
      );
      return rows[0]?.count ?? 0;
    },
    async close() {
      await DBOS.shutdown();
      await pool.end();
      await ads.close();
    },
  };
};
