/** Who is compared, how signals come in, and how many of them a run takes. */
import type { Folder } from "./package-folder.ts";

export type Ingress = "bulk" | "http";

export type Contender = {
  /** Its name on the command line; several rows may share one. */
  readonly peer: string;
  readonly title: string;
  readonly ingress: Ingress;
  readonly module: string;
  /** Packages that it is made of, and where they are installed; none for what is ours. */
  readonly packages: ReadonlyArray<string>;
  readonly folder: Folder | null;
  /** Signals of a run, sized so that it takes a few seconds on two small cores. */
  readonly signals: number;
  readonly crashSignals: number;
  /** Whether an acknowledged signal is meant to survive a kill. */
  readonly durable: boolean;
  readonly store: "postgres" | "own";
  readonly note: string;
};

const OURS = { packages: [], folder: null, durable: true } as const;
const THEIRS = { folder: "peer", durable: true } as const;

export const ROSTER: ReadonlyArray<Contender> = [
  {
    ...OURS,
    peer: "interlock",
    title: "Interlock, PostgreSQL",
    ingress: "bulk",
    module: "./own/interlock-postgres.ts",
    signals: 3_000,
    crashSignals: 2_000,
    store: "postgres",
    note: "everything on; four calls an action, three of them reading or dry",
  },
  {
    ...OURS,
    peer: "interlock",
    title: "Interlock, PostgreSQL",
    ingress: "http",
    module: "./own/interlock-postgres.ts",
    signals: 2_000,
    crashSignals: 2_000,
    store: "postgres",
    note: "its own door: a department's key, one CloudEvent a request",
  },
  {
    ...OURS,
    peer: "interlock",
    title: "Interlock, embedded",
    ingress: "bulk",
    module: "./own/interlock-embedded.ts",
    signals: 2_000,
    crashSignals: 1_000,
    store: "own",
    note: "everything on, nothing to install, every commit flushed",
  },
  {
    ...OURS,
    peer: "batch",
    title: "by hand, batches",
    ingress: "bulk",
    module: "./own/batch.ts",
    signals: 20_000,
    crashSignals: 4_000,
    store: "postgres",
    note: "two transactions a batch of up to 1,000; no retries, no ledger, one process",
  },
  {
    ...OURS,
    peer: "batch",
    title: "by hand, batches",
    ingress: "http",
    module: "./own/batch.ts",
    signals: 8_000,
    crashSignals: 4_000,
    store: "postgres",
    note: "the same behind a plain door",
  },
  {
    ...OURS,
    peer: "transaction",
    title: "by hand, a transaction a step",
    ingress: "bulk",
    module: "./own/transaction.ts",
    signals: 4_000,
    crashSignals: 2_000,
    store: "postgres",
    note: "24 connections",
  },
  {
    ...THEIRS,
    peer: "pgboss",
    title: "pg-boss",
    ingress: "bulk",
    module: "./rival/pg-boss.ts",
    packages: ["pg-boss"],
    signals: 8_000,
    crashSignals: 2_000,
    store: "postgres",
    note: "two transactional queues, batches of 100, inserted 500 at a time; heartbeat 10 s",
  },
  {
    ...THEIRS,
    peer: "pgboss",
    title: "pg-boss",
    ingress: "http",
    module: "./rival/pg-boss.ts",
    packages: ["pg-boss"],
    signals: 2_500,
    crashSignals: 2_000,
    store: "postgres",
    note: "one send a request",
  },
  {
    ...THEIRS,
    peer: "graphile",
    title: "graphile-worker",
    ingress: "bulk",
    module: "./rival/graphile-worker.ts",
    packages: ["graphile-worker"],
    signals: 2_500,
    crashSignals: 1_500,
    store: "postgres",
    note: "12 jobs side by side; a dead worker's jobs are unlocked by our code",
  },
  {
    ...THEIRS,
    peer: "dbos",
    title: "DBOS",
    ingress: "bulk",
    module: "./rival/dbos.ts",
    packages: ["@dbos-inc/dbos-sdk"],
    signals: 1_200,
    crashSignals: 1_000,
    store: "postgres",
    note: "two steps in its own rows, ten connections",
  },
  {
    ...THEIRS,
    peer: "langgraph",
    title: "LangGraph.js, PostgreSQL",
    ingress: "bulk",
    module: "./rival/langgraph.ts",
    packages: [
      "@langchain/langgraph",
      "@langchain/langgraph-checkpoint-postgres",
      "@langchain/core",
    ],
    signals: 500,
    crashSignals: 600,
    store: "postgres",
    note: "two nodes, durability sync, 48 threads; inbox and resume are our code",
  },
  {
    ...THEIRS,
    peer: "restate",
    title: "Restate",
    ingress: "http",
    module: "./rival/restate.ts",
    packages: ["@restatedev/restate-server", "@restatedev/restate-sdk"],
    signals: 2_500,
    crashSignals: 1_500,
    store: "own",
    note: "an object a signal, decision in its state, 4 partitions",
  },
  {
    peer: "nodered",
    title: "Node-RED",
    ingress: "http",
    module: "./rival/node-red.ts",
    packages: ["node-red"],
    folder: "node-red",
    signals: 4_000,
    crashSignals: 2_000,
    durable: false,
    store: "own",
    note: "acknowledges first; what is under way is in memory",
  },
];
