/**
 * What leaves the database with a month, and what stays behind of it.
 *
 * Picture moving old ledgers to the cellar: the case of today that began then keeps its pages at hand, and
 * of the volume that is gone the few hashes stay that later proofs lean on. `ledger_kept` is both; it is
 * made anew with each month, and `ledger verify` holds it to the root that was archived.
 *
 * A case leaves with its last entry. What one month's queries call "going" is closed, has nothing left to
 * do, and has no entry after the month's end.
 */
import type { LedgerEntry } from "../../core/ledger/entry.ts";
import type { Hash } from "../../std/hash.ts";
import { addMonths, firstDayOf, type Instant, type Month, startOf } from "../../std/time.ts";
import type { Tx } from "../driver/driver.ts";
import type { CaseStand } from "./signal-case.ts";
import { lockSums } from "./within-day.ts";

export type ArchivedMonthRow = {
  readonly month: Month;
  readonly until_n: number;
  readonly root: Hash;
  readonly statement: Hash;
  readonly entries: number;
  readonly cases: number;
  readonly observations: number;
  readonly archived_at: Instant;
};

const COLUMNS = "month, until_n, root, statement, entries, cases, observations, archived_at";

/** Metrics that were observed, each found by one look into the index, whatever the rows. */
const METRICS = `with recursive metrics as (
       select min(metric) as metric from observation
       union all
       select (select min(o.metric) from observation o where o.metric > m.metric)
       from metrics m
       where m.metric is not null
     )`;
const OF_MONTH = `metric in (select metric from metrics) and day >= $1 and day < $2`;

export async function listArchivedMonths(tx: Tx): Promise<ReadonlyArray<ArchivedMonthRow>> {
  return tx.query<ArchivedMonthRow>(`select ${COLUMNS} from archived_month order by month`);
}

/** Refused by the database unless the root is its own and the ledger quotes the statement. */
export async function insertArchivedMonth(tx: Tx, row: ArchivedMonthRow): Promise<void> {
  await tx.query(
    `insert into archived_month (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...[row.month, row.until_n, row.root, row.statement],
      ...[row.entries, row.cases, row.observations, row.archived_at],
    ],
  );
}

/** The months of the oldest entry after `after` and of the oldest observation; null where there is none. */
export async function findOldestMonths(
  tx: Tx,
  after: number,
): Promise<{ readonly entry: Month | null; readonly observation: Month | null }> {
  const [row] = await tx.query<{ entry: Month | null; observation: Month | null }>(
    `${METRICS}
     select (select left(text::jsonb ->> 'at', 7) from ledger where n > $1 order by n limit 1) as entry,
            (select to_char(min(first.day), 'YYYY-MM')
             from metrics m
             cross join lateral (
               select day from observation o where o.metric = m.metric order by day limit 1
             ) as first) as observation`,
    [after],
  );
  return row ?? { entry: null, observation: null };
}

export async function readEntryAt(tx: Tx, n: number): Promise<Instant | undefined> {
  const rows = await tx.query<{ at: Instant }>(
    "select text::jsonb ->> 'at' as at from ledger where n = $1",
    [n],
  );
  return rows[0]?.at;
}

/** The last of the entries `after + 1` to `until` that was written before an instant; `after` if none was. */
export async function findLastBefore(
  tx: Tx,
  { after, until }: { readonly after: number; readonly until: number },
  before: Instant,
): Promise<number> {
  let [known, beyond] = [after, until + 1];
  // Numbers follow the time, so a look at twenty entries finds one among a million.
  while (beyond - known > 1) {
    const middle = Math.floor((known + beyond) / 2);
    const at = await readEntryAt(tx, middle);
    if (at !== undefined && at < before) known = middle;
    else beyond = middle;
  }
  return known;
}

/** A case that keeps back what it may still be measured on. */
export async function findOpenCaseBefore(
  tx: Tx,
  before: Instant,
): Promise<{ readonly id: string; readonly opened_at: Instant } | undefined> {
  const rows = await tx.query<{ id: string; opened_at: Instant }>(
    `select id, opened_at from signal_case
     where state <> 'closed' and opened_at < $1
     order by opened_at
     limit 1`,
    [before],
  );
  return rows[0];
}

/** `$1` is the month's last entry, `$2` the instant at which it is over. */
const GOING = `c.closed_at < $2
  and not exists (select from ledger e where e.of_case = c.id and e.n > $1)
  and not exists (select from ledger_draft d where d.of_case = c.id)
  and not exists (select from case_event e where e.case_id = c.id)
  and not exists (
    select from effect e
    where e.case_id = c.id and e.state in ('ready', 'leased', 'needs-person'))`;

/** How many rows, and what they come to, whatever their order: other rows, another mark. */
export type Mark = { readonly rows: number; readonly mark: string };

export type MonthEnd = { readonly month: Month; readonly until: number };

const over = (month: Month): Instant => startOf(addMonths(month, 1));
const days = (month: Month) => [firstDayOf(month), firstDayOf(addMonths(month, 1))];

export async function markCases(tx: Tx, { month, until }: MonthEnd): Promise<Mark> {
  const rows = await tx.query<Mark>(
    `select count(*)::int as rows, coalesce(bit_xor(hashtextextended(c.id, 0)), 0)::text as mark
     from signal_case c
     where ${GOING}`,
    [until, over(month)],
  );
  return rows[0] ?? { rows: 0, mark: "0" };
}

export async function markObservations(tx: Tx, month: Month): Promise<Mark> {
  const rows = await tx.query<Mark>(
    `${METRICS}
     select count(*)::int as rows,
            coalesce(bit_xor(hashtextextended(
              concat_ws(' ', metric, day, subject, stratum, n, k, reasons), 0)), 0)::text as mark
     from observation
     where ${OF_MONTH}`,
    days(month),
  );
  return rows[0] ?? { rows: 0, mark: "0" };
}

/** A case as it leaves: its document, its signal word for word, what it ordered. All three are JSON. */
export type GoingCase = {
  readonly id: string;
  readonly document: string;
  readonly signal: string;
  readonly effects: string;
};

export async function listGoingCases(
  tx: Tx,
  { month, until }: MonthEnd,
  after: string,
  limit: number,
): Promise<ReadonlyArray<GoingCase>> {
  return tx.query<GoingCase>(
    `select c.id, c.body::text as document, s.body as signal,
            coalesce(
              (select json_agg(row_to_json(e) order by e.step) from effect e where e.case_id = c.id),
              '[]')::text as effects
     from signal_case c
     join signal s on s.case_id = c.id
     where ${GOING} and c.id > $3
     order by c.id
     limit $4`,
    [until, over(month), after, limit],
  );
}

export type GoingObservation = {
  readonly metric: string;
  readonly day: string;
  readonly subject: string;
  readonly stratum: string;
  readonly n: number;
  readonly k: number;
  /** JSON. */
  readonly reasons: string | null;
};

export async function listGoingObservations(
  tx: Tx,
  month: Month,
  after: Partial<Pick<GoingObservation, "metric" | "day" | "subject" | "stratum">> | undefined,
  limit: number,
): Promise<ReadonlyArray<GoingObservation>> {
  return tx.query<GoingObservation>(
    // Metric by metric, so that each page is one stretch of the index.
    `${METRICS}
     select page.*
     from metrics m
     cross join lateral (
       select metric, day, subject, stratum, n, k, reasons::text as reasons
       from observation o
       where o.metric = m.metric and day >= $1 and day < $2
         and (o.metric, day, subject, stratum) > ($3, $4::date, $5, $6)
       order by day, subject, stratum
       limit $7
     ) as page
     order by metric, day, subject, stratum
     limit $7`,
    [
      ...days(month),
      ...[after?.metric ?? "", after?.day ?? "0001-01-01", after?.subject ?? ""],
      ...[after?.stratum ?? "", limit],
    ],
  );
}

/** The cases leave; their ids and their signals' ids stay for ever. Returns how many left. */
export async function dropCases(tx: Tx, { month, until }: MonthEnd): Promise<number> {
  const rows = await tx.query<{ id: string }>(
    `insert into archived_case (id, month, source, signal, content_hash, problems)
     select c.id, $3, s.source, s.id, s.content_hash, c.body -> 'problems'
     from signal_case c
     join signal s on s.case_id = c.id
     where ${GOING}
     returning id`,
    [until, over(month), month],
  );
  const ids = [rows.map(({ id }) => id)];
  await tx.query("delete from signal where case_id = any($1::text[])", ids);
  await tx.query("delete from effect where case_id = any($1::text[])", ids);
  await tx.query("delete from signal_case where id = any($1::text[])", ids);
  return rows.length;
}

/** Nobody stores counts until the transaction ends. */
export async function lockObservations(tx: Tx): Promise<void> {
  const rows = await tx.query<{ metric: string }>(
    `${METRICS} select metric from metrics where metric is not null`,
  );
  await lockSums(
    tx,
    rows.map(({ metric }) => metric),
  );
}

export async function dropObservations(tx: Tx, month: Month): Promise<void> {
  for (const table of ["within_day", "observation"]) {
    await tx.query(`${METRICS} delete from ${table} where ${OF_MONTH}`, days(month));
  }
}

/** Entries up to a month's end that stay at hand: those of cases that are here, and of no case `kinds`. */
export async function listLeanedOn(
  tx: Tx,
  until: number,
  kinds: ReadonlyArray<string>,
): Promise<ReadonlyArray<number>> {
  const rows = await tx.query<{ n: number }>(
    `select n from ledger_at_hand e
     where n <= $1
       and case when of_case is null
             then text::jsonb ->> 'kind' = any($2::text[])
             else exists (select from signal_case c where c.id = e.of_case)
           end
     order by n`,
    [until, kinds],
  );
  return rows.map(({ n }) => n);
}

/** Makes what is kept anew: `entries` with their texts, `hashes` without. */
export async function replaceKept(
  tx: Tx,
  entries: ReadonlyArray<number>,
  hashes: ReadonlyArray<number>,
): Promise<void> {
  await tx.query(
    `delete from ledger_kept k
     where not exists (select from unnest($1::int8[]) as still (n) where still.n = k.n)`,
    [[...entries, ...hashes]],
  );
  await tx.query(
    `update ledger_kept k set text = null, of_case = null
     where text is not null
       and not exists (select from unnest($1::int8[]) as still (n) where still.n = k.n)`,
    [entries],
  );
  await tx.query(
    `insert into ledger_kept (n, text, hash, node, of_case)
     select n, text, hash, node, of_case from ledger where n = any($1::int8[])`,
    [entries],
  );
  await tx.query(
    `insert into ledger_kept (n, hash, node)
     select n, hash, node from ledger where n = any($1::int8[])
     on conflict (n) do nothing`,
    [hashes],
  );
}

/** Entries up to the last archived month's end leave the ledger. */
export async function dropEntries(tx: Tx): Promise<void> {
  await tx.query("select drop_archived_entries()");
}

/** Signed heads of the month; those that name another key stay. */
export async function dropHeads(tx: Tx, until: number): Promise<void> {
  await tx.query("delete from signed_head where size <= $1 and not names_successor", [until]);
}

/** Sizes of the heads up to there that stay. */
export async function listKeptHeadSizes(tx: Tx, until: number): Promise<ReadonlyArray<number>> {
  const rows = await tx.query<{ size: number }>(
    "select distinct size from signed_head where size <= $1 and names_successor order by size",
    [until],
  );
  return rows.map(({ size }) => size);
}

/** The newest entry that seals this statement. */
export async function findSeal(
  tx: Tx,
  statement: Hash,
  after: number,
): Promise<Pick<LedgerEntry, "n" | "text"> | undefined> {
  const rows = await tx.query<Pick<LedgerEntry, "n" | "text">>(
    `select n, text from ledger
     where n > $2 and strpos(text, $1) > 0 and text like '%"kind":"archive.sealed"%'
     order by n desc
     limit 1`,
    [statement, after],
  );
  return rows[0];
}

export async function findArchivedCase(
  tx: Tx,
  id: string,
): Promise<{ readonly month: Month } | undefined> {
  const rows = await tx.query<{ month: Month }>("select month from archived_case where id = $1", [
    id,
  ]);
  return rows[0];
}

/** Where archived cases among these stand: for a signal that comes again. */
export async function listArchivedStands(
  tx: Tx,
  ids: ReadonlyArray<string>,
): Promise<ReadonlyArray<CaseStand>> {
  return tx.query<CaseStand>(
    `select id, 'closed' as state, problems from archived_case where id = any($1::text[])`,
    [ids],
  );
}
