/** Entries a second as writers write them side by side, beside the row-by-row chain and a bare insert. */
import type { LedgerDraft } from "../../src/core/ledger/entry.ts";
import { canonicalJson } from "../../src/std/canonical-json.ts";
import { instantFromMs } from "../../src/std/time.ts";
import { type Driver, openDriver, type Tx } from "../../src/store/driver/driver.ts";
import { appendLedger, enterSlips } from "../../src/store/table/ledger.ts";
import { makeSignal } from "../action/papers.ts";
import { type Sample, summarise } from "../sample.ts";
import { appendToChain, openChain } from "./chain.ts";

export type AppendRow = {
  readonly writers: number;
  /** Entries in one transaction. */
  readonly batch: number;
  readonly way: string;
  readonly perSecond: Sample;
  /** This process's CPU time for 1,000 entries, in milliseconds. */
  readonly cpuMs: Sample;
};

/** A large entry, as a case's first one is: its signal is in it. */
export function draftsOf(count: number): ReadonlyArray<LedgerDraft> {
  const at = instantFromMs(Date.now());
  return Array.from({ length: count }, (_, index) => ({
    at,
    kind: "signal.admitted",
    loop: "logistics-marketing",
    case: `case-${index}`,
    actor: "engine",
    body: { from: "received", to: "evaluating", signal: { ...makeSignal(index, at) } },
  }));
}

type Append = (tx: Tx, drafts: ReadonlyArray<LedgerDraft>) => Promise<void>;

const WAYS: ReadonlyArray<readonly [name: string, append: Append]> = [
  ["tree", appendLedger],
  ["chain", appendToChain],
  [
    "bare insert",
    async (tx, drafts) =>
      void (await tx.query("insert into bare (text) select * from unnest($1::text[])", [
        drafts.map(canonicalJson),
      ])),
  ],
];

export async function measureAppends(
  url: string,
  shapes: ReadonlyArray<readonly [writers: number, batch: number]>,
  rounds: number,
  seconds: number,
  report: (done: number, total: number) => void,
): Promise<ReadonlyArray<AppendRow>> {
  const driver = await openDriver({ url, connectionsMax: 16 });
  try {
    await openChain(driver);
    await driver.exec(
      "create table if not exists bare (id bigint generated always as identity primary key, text text)",
    );
    const rows: AppendRow[] = [];
    for (const [writers, batch] of shapes) {
      const taken = WAYS.map(() => ({ perSecond: [] as number[], cpuMs: [] as number[] }));
      for (let round = 0; round < rounds; round++) {
        for (const [index, [, append]] of WAYS.entries()) {
          const run = await runWriters(driver, append, writers, batch, seconds);
          taken[index]?.perSecond.push(run.perSecond);
          taken[index]?.cpuMs.push(run.cpuMs);
        }
      }
      for (const [index, [way]] of WAYS.entries()) {
        const { perSecond = [], cpuMs = [] } = taken[index] ?? {};
        rows.push({
          ...{ writers, batch, way },
          ...{ perSecond: summarise(perSecond), cpuMs: summarise(cpuMs) },
        });
      }
      report(rows.length / WAYS.length, shapes.length);
    }
    return rows;
  } finally {
    await driver.close();
  }
}

async function runWriters(
  driver: Driver,
  append: Append,
  writers: number,
  batch: number,
  seconds: number,
): Promise<{ readonly perSecond: number; readonly cpuMs: number }> {
  const drafts = draftsOf(batch);
  const cpu = process.cpuUsage();
  const from = performance.now();
  let entries = 0;
  const write = async () => {
    while (performance.now() - from < seconds * 1_000) {
      await driver.transaction((tx) => append(tx, drafts));
      entries += batch;
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  // What was put off is part of the work.
  if (append === appendLedger) await enterSlips(driver);
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSecond: entries / ((performance.now() - from) / 1_000),
    cpuMs: (user + system) / entries,
  };
}
