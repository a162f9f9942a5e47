/** Daily counts per subject and stratum, the batches they came in, and the days declared complete. */
import { hashJson } from "../../std/hash.ts";
import type { Day, Instant } from "../../std/time.ts";
import type { Observation, ObservationBatch } from "../../core/port/types.ts";
import type { Tx } from "../driver/driver.ts";
import { addDifferences, type Difference, lockSums } from "./within-day.ts";

export type BatchReceipt = "new" | "repeated" | "conflicting";

/** INVARIANT (batch counts once): the same batch twice counts once; other content is refused. */
export async function insertBatch(
  tx: Tx,
  batch: ObservationBatch,
  now: Instant,
): Promise<BatchReceipt> {
  const contentHash = hashJson([batch.metric, batch.completeDays, batch.observations]);
  const inserted = await tx.query(
    `insert into observation_batch (source, id, content_hash, metric, rows, received_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (source, id) do nothing
     returning id`,
    [batch.source, batch.id, contentHash, batch.metric, batch.observations.length, now],
  );
  if (inserted.length === 1) return "new";
  const known = await tx.query<{ content_hash: string }>(
    "select content_hash from observation_batch where source = $1 and id = $2",
    [batch.source, batch.id],
  );
  return known[0]?.content_hash === contentHash ? "repeated" : "conflicting";
}

/** Later counts of a day restate it, and what lies around it with it. */
export async function upsertObservations(
  tx: Tx,
  observations: ReadonlyArray<Observation>,
): Promise<void> {
  if (observations.length === 0) return;
  const metrics = observations.map((o) => o.metric);
  await lockSums(tx, metrics);
  const differences = await tx.query<Difference>(
    `with fresh as (
       select metric, subject, day, stratum, n, k, reasons::json
       from unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::int[], $6::int[], $7::text[])
         as t (metric, subject, day, stratum, n, k, reasons)
     ),
     stored as (
       insert into observation (metric, subject, day, stratum, n, k, reasons)
       select metric, subject, day, stratum, n, k, reasons from fresh
       order by metric, day, subject, stratum
       on conflict (metric, day, subject, stratum) do update
       set n = excluded.n, k = excluded.k, reasons = excluded.reasons
     )
     -- One statement sees one moment: here, what stood before it was stored.
     select f.metric, s.parent as place, f.day,
            sum(f.n - coalesce(o.n, 0))::int8 as n, sum(f.k - coalesce(o.k, 0))::int8 as k
     from fresh f
     join subject s on s.id = f.subject and s.parent is not null
     left join observation o
       on o.metric = f.metric and o.day = f.day and o.subject = f.subject and o.stratum = f.stratum
     group by f.metric, s.parent, f.day`,
    [
      metrics,
      observations.map((o) => o.subject),
      observations.map((o) => o.day),
      observations.map((o) => o.stratum),
      observations.map((o) => o.n),
      observations.map((o) => o.k),
      observations.map((o) => (o.reasons === undefined ? null : JSON.stringify(o.reasons))),
    ],
  );
  await addDifferences(tx, differences);
}

export async function insertCompleteDays(
  tx: Tx,
  metric: string,
  days: ReadonlyArray<Day>,
  now: Instant,
): Promise<void> {
  if (days.length === 0) return;
  await tx.query(
    `insert into complete_day (metric, day, completed_at)
     select $1, day, $3 from unnest($2::date[]) as t (day)
     on conflict do nothing`,
    [metric, days, now],
  );
}

/** Complete days after `after` (or all), oldest first. */
export async function listCompleteDays(
  tx: Tx,
  metric: string,
  after: Day | undefined,
): Promise<ReadonlyArray<Day>> {
  const rows = await tx.query<{ day: Day }>(
    `select day from complete_day
     where metric = $1 and day > coalesce($2::date, '-infinity')
     order by day`,
    [metric, after ?? null],
  );
  return rows.map((row) => row.day);
}

export async function findNewestCompleteDay(tx: Tx, metric: string): Promise<Day | undefined> {
  const rows = await tx.query<{ day: Day | null }>(
    "select max(day) as day from complete_day where metric = $1",
    [metric],
  );
  return rows[0]?.day ?? undefined;
}

export async function listObservationsOfDay(
  tx: Tx,
  metric: string,
  day: Day,
): Promise<ReadonlyArray<Observation>> {
  const rows = await tx.query<{
    subject: string;
    stratum: string;
    n: number;
    k: number;
    reasons: { readonly [reason: string]: number } | null;
  }>(
    `select subject, stratum, n, k, reasons
     from observation
     where metric = $1 and day = $2
     order by subject, stratum`,
    [metric, day],
  );
  return rows.map(({ reasons, ...row }) => ({
    metric,
    day,
    ...row,
    ...(reasons === null ? {} : { reasons }),
  }));
}

/** Rows of a metric from a day on. */
export async function countObservationsSince(tx: Tx, metric: string, day: Day): Promise<number> {
  const rows = await tx.query<{ count: number }>(
    "select count(*)::int as count from observation where metric = $1 and day >= $2",
    [metric, day],
  );
  return rows[0]?.count ?? 0;
}

export type Window = { readonly from: Day; readonly until: Day };

/** Trials of every observed subject in a window of days, `from <= day < until`. */
export async function listVolumes(
  tx: Tx,
  metric: string,
  { from, until }: Window,
): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.query<{ subject: string; n: number }>(
    `select subject, sum(n)::int as n
     from observation
     where metric = $1 and day >= $2 and day < $3
     group by subject
     order by subject`,
    [metric, from, until],
  );
  return new Map(rows.map((row) => [row.subject, row.n]));
}

/** Events over trials of all subjects in a window of days; 0 where nothing was tried. */
export async function readRate(tx: Tx, metric: string, { from, until }: Window): Promise<number> {
  const rows = await tx.query<{ n: number; k: number }>(
    `select coalesce(sum(n), 0)::int as n, coalesce(sum(k), 0)::int as k
     from observation
     where metric = $1 and day >= $2 and day < $3`,
    [metric, from, until],
  );
  const [sum] = rows;
  return sum === undefined || sum.n === 0 ? 0 : sum.k / sum.n;
}

export type DailyCount = {
  readonly subject: string;
  readonly day: Day;
  readonly n: number;
  readonly k: number;
};

/** Daily counts of the given subjects, strata summed; days without data are absent. */
export async function listDailyCounts(
  tx: Tx,
  metric: string,
  subjects: ReadonlyArray<string>,
  { from, until }: Window,
): Promise<ReadonlyArray<DailyCount>> {
  return tx.query<DailyCount>(
    `select subject, day, sum(n)::int as n, sum(k)::int as k
     from observation
     where metric = $1 and subject = any($2::text[]) and day >= $3 and day < $4
     group by subject, day
     order by subject, day`,
    [metric, subjects, from, until],
  );
}

export async function countObservations(
  tx: Tx,
): Promise<{ readonly observations: number; readonly subjects: number }> {
  const rows = await tx.query<{ observations: number; subjects: number }>(
    `select (select count(*)::int from observation) as observations,
            (select count(distinct subject)::int from observation) as subjects`,
  );
  return rows[0] ?? { observations: 0, subjects: 0 };
}
