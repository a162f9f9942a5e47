/**
 * Two thousand people with the dashboard open while a hundred cases a second change: what the server's memory
 * does, how late an entry arrives, and whether anybody missed one. Beside it, the same people asking
 * every five seconds.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { LedgerDraft } from "../../src/core/ledger/entry.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { startServer } from "../../src/server/http/server.ts";
import { appendLedger, getLedgerHead } from "../../src/store/table/ledger.ts";
import type { Count, Order } from "./watcher-child.ts";

const CHILD = fileURLToPath(new URL("./watcher-child.ts", import.meta.url));
const TOKEN = "token-of-the-bench-of-watchers";
const CASES_A_SECOND = 100;
const TICKS_A_SECOND = 10;
const BREAKS_A_SECOND = 0.01;
const POLL_MS = 5_000;

export type WatchRow = {
  readonly name: string;
  readonly watchers: number;
  readonly seconds: number;
  readonly written: number;
  readonly delivered: number;
  readonly missed: number;
  readonly repeated: number;
  readonly reconnects: number;
  readonly lagP50Ms: number;
  readonly lagP99Ms: number;
  readonly serverCpuShare: number;
  readonly idleMb: number;
  readonly openMb: number;
  readonly peakMb: number;
};

export async function measureWatchers(
  engine: Engine,
  way: { readonly watchers: number; readonly seconds: number; readonly polls: boolean },
): Promise<WatchRow> {
  const { driver } = engine.context;
  const server = await startServer({ engine, operatorToken: TOKEN });
  const idleMb = readMb();
  const from = (await getLedgerHead(driver)).n;
  const child = fork(CHILD, { execArgv: [] });
  try {
    const order: Order = {
      url: server.url,
      token: TOKEN,
      watchers: way.watchers,
      from,
      breaks: BREAKS_A_SECOND,
      ...(way.polls ? { pollMs: POLL_MS } : {}),
    };
    child.send(order);
    await once(child, "message");
    const openMb = readMb();
    const begun = process.cpuUsage();
    const since = performance.now();
    let peakMb = openMb;
    for (let tick = 0; tick < way.seconds * TICKS_A_SECOND; tick++) {
      await driver.transaction((tx) => appendLedger(tx, draftCases(tick)));
      peakMb = Math.max(peakMb, readMb());
      await delay(Math.max(0, since + ((tick + 1) * 1_000) / TICKS_A_SECOND - performance.now()));
    }
    const { n: last } = await getLedgerHead(driver);
    child.send({ last });
    const [count] = (await once(child, "message")) as [Count];
    const seconds = (performance.now() - since) / 1_000;
    const { user, system } = process.cpuUsage(begun);
    const lags = [...count.lagMs].sort((a, b) => a - b);
    const lagAt = (share: number): number => lags[Math.floor(share * (lags.length - 1))] ?? 0;
    return {
      name: way.polls ? `asking every ${POLL_MS / 1_000} s` : "watching",
      watchers: way.watchers,
      seconds,
      written: last - from,
      delivered: count.delivered,
      missed: count.missed,
      repeated: count.repeated,
      reconnects: count.reconnects,
      lagP50Ms: lagAt(0.5),
      lagP99Ms: lagAt(0.99),
      serverCpuShare: (user + system) / 1e6 / seconds,
      idleMb,
      openMb,
      peakMb,
    };
  } finally {
    if (child.exitCode === null) child.kill("SIGKILL");
    await server.close();
  }
}

/** One entry a case that changed, dated by the wall so that lateness can be told. */
function draftCases(tick: number): ReadonlyArray<LedgerDraft> {
  const at = new Date().toISOString();
  return Array.from({ length: CASES_A_SECOND / TICKS_A_SECOND }, (_, index) => ({
    at,
    kind: "case.changed",
    loop: "logistics-marketing",
    case: `case-${tick}-${index}`,
    actor: "engine",
    body: { state: "watching" },
  }));
}

function readMb(): number {
  return process.memoryUsage().rss / 2 ** 20;
}
