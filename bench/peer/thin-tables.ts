/**
 * The four tables of the peers that write to PostgreSQL themselves, and the two writes of the thin loop:
 * what was decided, before the call; what came of it, after. Set-based: one signal is a batch of one.
 */
import type pg from "pg";
import type { Signal } from "../../src/core/contract/types.ts";
import type { Decision } from "./thin-loop.ts";

export type Client = Pick<pg.ClientBase, "query">;
export type Decided = { readonly signal: Signal; readonly decision: Decision };

const TABLES = `
  create table if not exists thin_signal (id text primary key, subject text not null, body jsonb not null);
  create table if not exists thin_decision (signal text primary key, option text not null, rule text not null);
  create table if not exists thin_action (
    signal text primary key, state text not null, modifier double precision not null
  );
  create index if not exists thin_action_open on thin_action (signal) where state <> 'done';
  create table if not exists thin_entry (
    n bigint generated always as identity primary key, signal text not null, kind text not null
  );`;

export async function createThinTables(client: Client): Promise<void> {
  await client.query(TABLES);
}

export async function insertSignals(client: Client, signals: ReadonlyArray<Signal>): Promise<void> {
  await client.query({
    name: "thin-signal",
    text: `insert into thin_signal (id, subject, body)
           select id, subject, body from unnest($1::text[], $2::text[], $3::jsonb[]) as t (id, subject, body)`,
    values: [
      signals.map(({ id }) => id),
      signals.map(({ subject }) => subject),
      signals.map((signal) => JSON.stringify(signal)),
    ],
  });
}

/** Decision, action that is about to be sent, and an entry of the log. */
export async function insertDecided(client: Client, rows: ReadonlyArray<Decided>): Promise<void> {
  await client.query({
    name: "thin-decided",
    text: `with said as (
             select * from unnest($1::text[], $2::text[], $3::text[], $4::float8[])
               as t (signal, option, rule, modifier)
           ), decision as (
             insert into thin_decision (signal, option, rule) select signal, option, rule from said
           ), action as (
             insert into thin_action (signal, state, modifier) select signal, 'sending', modifier from said
           )
           insert into thin_entry (signal, kind) select signal, 'decided' from said`,
    values: [
      rows.map(({ signal }) => signal.id),
      rows.map(({ decision }) => decision.option),
      rows.map(({ decision }) => decision.rule),
      rows.map(({ decision }) => decision.modifier),
    ],
  });
}

export async function updateDone(client: Client, ids: ReadonlyArray<string>): Promise<void> {
  await client.query({
    name: "thin-done",
    text: `with done as (
             update thin_action set state = 'done' where signal = any($1::text[]) returning signal
           )
           insert into thin_entry (signal, kind) select signal, 'done' from done`,
    values: [ids],
  });
}

/** What was taken in and is not done: where a process that was killed stopped. */
export async function listOpen(client: Client): Promise<ReadonlyArray<Signal>> {
  const { rows } = await client.query<{ body: Signal }>(
    `select body from thin_signal s
     where not exists (select from thin_action a where a.signal = s.id and a.state = 'done')`,
  );
  return rows.map(({ body }) => body);
}

export async function countDone(client: Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    "select count(*)::int as count from thin_action where state = 'done'",
  );
  return rows[0]?.count ?? 0;
}

/** Commits if `work` resolves. */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const result = await work(client);
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}
