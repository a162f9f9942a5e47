/** What this machine can do at most, with nothing built on it: the ceiling over every row of the comparison. */
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { type Sample, summarise } from "../sample.ts";
import type { Stage } from "./stage.ts";
import { createAdsCaller, CALLS_MAX, inParallel } from "./thin-loop.ts";

export type Limit = { readonly name: string; readonly perSecond: Sample };

const FLUSHES = 500;
const FLUSHED_BYTES = 1_024;
const CALLS = 5_000;
const ROWS = 50_000;
const ROWS_AT_ONCE = 1_000;
const COMMITS = 400;
const ROUNDS = 3;

export async function measureLimits(
  stage: Stage,
  databaseUrl: string,
  directory: string,
): Promise<ReadonlyArray<Limit>> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  await pool.query("create table if not exists bare (id bigint primary key, body text not null)");
  let next = 0;
  const limits: readonly [name: string, measure: () => Promise<number>][] = [
    ["appends of 1 kB, each flushed (fdatasync)", () => Promise.resolve(flush(directory))],
    ["HTTP calls of one Node process, 64 sockets", () => callAds(stage)],
    [
      `rows of PostgreSQL, ${ROWS_AT_ONCE} a statement, each its own commit`,
      async () => {
        const seconds = await timed(async () => {
          for (let at = 0; at < ROWS; at += ROWS_AT_ONCE) {
            const ids = Array.from({ length: ROWS_AT_ONCE }, () => next++);
            await pool.query(
              "insert into bare (id, body) select id, 'a row of no great length' from unnest($1::bigint[]) as t (id)",
              [ids],
            );
          }
        });
        return ROWS / seconds;
      },
    ],
    [
      "commits of one row, one connection",
      async () => {
        const seconds = await timed(async () => {
          for (let i = 0; i < COMMITS; i++) {
            await pool.query("insert into bare (id, body) values ($1, 'one')", [next++]);
          }
        });
        return COMMITS / seconds;
      },
    ],
  ];
  const found: number[][] = limits.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, [, measure]] of limits.entries()) found[index]?.push(await measure());
  }
  await pool.end();
  return limits.map(([name], index) => ({ name, perSecond: summarise(found[index] ?? []) }));
}

async function timed(work: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1_000;
}

function flush(directory: string): number {
  const file = openSync(path.join(directory, "flushed"), "a");
  const page = Buffer.alloc(FLUSHED_BYTES, 1);
  const from = performance.now();
  for (let i = 0; i < FLUSHES; i++) {
    writeSync(file, page);
    fdatasyncSync(file);
  }
  const seconds = (performance.now() - from) / 1_000;
  closeSync(file);
  return FLUSHES / seconds;
}

async function callAds({ ads }: Stage): Promise<number> {
  const caller = createAdsCaller(ads.url);
  const decision = { option: "lower_bid", modifier: 0.5, rule: "auto" };
  const indexes = Array.from({ length: CALLS }, (_, i) => i);
  const seconds = await timed(() =>
    inParallel(indexes, CALLS_MAX, (i) =>
      caller.act({ id: `limit-${i}`, subject: `limit-${i}` }, decision),
    ),
  );
  await caller.close();
  return CALLS / seconds;
}
