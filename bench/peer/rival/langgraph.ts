/**
 * LangGraph.js with its PostgreSQL checkpointer: a graph of two nodes, decide and act, one thread per signal,
 * durability `sync`. It has no inbox and takes up nothing by itself, so both are written here: a row per
 * signal, and at the start every thread without an end is invoked again.
 */
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import pg from "pg";
import type { Signal } from "../../../src/core/contract/types.ts";
import type { OpenPeer } from "../peer.ts";
import { Tally } from "../tally.ts";
import { createAdsCaller, type Decision, decide } from "../thin-loop.ts";

const CONNECTIONS = 48;
const THREADS_MAX = 48;

const State = Annotation.Root({
  signal: Annotation<Signal>,
  decision: Annotation<Decision>,
  acted: Annotation<boolean>,
});

export const open: OpenPeer = async ({ databaseUrl, adsUrl }) => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS });
  const ads = createAdsCaller(adsUrl);
  const tally = new Tally();
  const checkpointer = new PostgresSaver(pool);
  await checkpointer.setup();
  await pool.query(
    `create table if not exists inbox (
       id text primary key, body jsonb not null, done boolean not null default false
     )`,
  );
  const graph = new StateGraph(State)
    .addNode("decide", ({ signal }) => ({ decision: decide(signal) }))
    .addNode("act", async ({ signal, decision }) => {
      await ads.act(signal, decision);
      return { acted: true };
    })
    .addEdge(START, "decide")
    .addEdge("decide", "act")
    .addEdge("act", END)
    .compile({ checkpointer });

  const waiting: { readonly signal: Signal; readonly isNew: boolean }[] = [];
  let underWay = 0;
  function wake(): void {
    while (underWay < THREADS_MAX && waiting.length > 0) {
      const next = waiting.shift();
      if (next === undefined) break;
      underWay += 1;
      void carry(next.signal, next.isNew)
        .catch((error: unknown) => console.error(error))
        .finally(() => {
          underWay -= 1;
          wake();
        });
    }
  }

  async function carry(signal: Signal, isNew: boolean): Promise<void> {
    const config = { configurable: { thread_id: signal.id }, durability: "sync" } as const;
    // Without an input, a thread goes on from its last checkpoint; it may have none yet.
    const isBegun = !isNew && (await checkpointer.getTuple(config)) !== undefined;
    await graph.invoke(isBegun ? null : { signal }, config);
    await pool.query("update inbox set done = true where id = $1", [signal.id]);
    tally.add(1);
  }

  async function offer(signals: ReadonlyArray<Signal>, isNew = true): Promise<void> {
    if (isNew) {
      await pool.query(
        "insert into inbox (id, body) select * from unnest($1::text[], $2::jsonb[])",
        [signals.map(({ id }) => id), signals.map((signal) => JSON.stringify(signal))],
      );
    }
    waiting.push(...signals.map((signal) => ({ signal, isNew })));
    wake();
  }

  const left = await pool.query<{ body: Signal }>("select body from inbox where not done");
  await offer(
    left.rows.map(({ body }) => body),
    false,
  );
  return {
    accept: (signal) => offer([signal]),
    offer: (signals) => offer(signals),
    settled: (count) => tally.reached(count),
    async countDone() {
      const { rows } = await pool.query<{ count: number }>(
        "select count(*)::int as count from inbox where done",
      );
      return rows[0]?.count ?? 0;
    },
    async close() {
      await pool.end();
      await ads.close();
    },
  };
};
