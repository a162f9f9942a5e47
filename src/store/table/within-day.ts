/**
 * The counts of everything that lies within a place, by day, summed as they are stored.
 *
 * The rule: a row here is the sum of the observations of all subjects strictly under the place. A count that
 * is restated changes it by the difference; a place that moves to another parent has all sums made anew.
 */
import type { Day } from "../../std/time.ts";
import type { Tx } from "../driver/driver.ts";
import type { DailyCount, Window } from "./observation.ts";

/** Every subject with everything that it lies in; a circle of parents ends where it began. */
const ABOVE = `
  above as (
    select s.id as subject, s.parent as place
    from subject s
    where s.parent is not null and s.id in (select subject from below)
    union
    select above.subject, s.parent
    from above join subject s on s.id = above.place
    where s.parent is not null
  )`;

/** Two that store counts of one metric at the same time would each miss the other's difference. */
export async function lockSums(tx: Tx, metrics: ReadonlyArray<string>): Promise<void> {
  await tx.query(
    `select pg_advisory_xact_lock(hashtextextended('within_day ' || metric, 0))
     from unnest($1::text[]) as metric`,
    [[...new Set(metrics)].sort()],
  );
}

/** SQL that adds what `fresh` (metric, subject, day, stratum, n, k) changes; it sees what stood before. */
export const ADD_DIFFERENCE = `
  difference as (
    select f.metric, f.subject, f.day, sum(f.n - coalesce(o.n, 0)) as n, sum(f.k - coalesce(o.k, 0)) as k
    from fresh f
    left join observation o
      on o.metric = f.metric and o.day = f.day and o.subject = f.subject and o.stratum = f.stratum
    group by f.metric, f.subject, f.day
  ),
  below as (select distinct subject from difference),
  ${ABOVE},
  added as (
    insert into within_day (metric, place, day, n, k)
    select d.metric, a.place, d.day, sum(d.n), sum(d.k)
    from difference d join above a on a.subject = d.subject
    group by d.metric, a.place, d.day
    on conflict (metric, place, day) do update
    set n = within_day.n + excluded.n, k = within_day.k + excluded.k
  )`;

/** After places have moved. Every sum, from every observation: seconds for millions of them. */
export async function rebuildSums(tx: Tx): Promise<void> {
  await tx.query("delete from within_day");
  await tx.query(
    `insert into within_day (metric, place, day, n, k)
     with recursive below as (select id as subject from subject), ${ABOVE}
     select o.metric, a.place, o.day, sum(o.n), sum(o.k)
     from observation o join above a on a.subject = o.subject
     group by o.metric, a.place, o.day`,
  );
}

/** Daily counts of places with everything in them, `from <= day < until`; days without data are absent. */
export async function listPlaceDays(
  tx: Tx,
  metric: string,
  places: ReadonlyArray<string>,
  { from, until }: Window,
): Promise<ReadonlyArray<DailyCount>> {
  return tx.query<{ subject: string; day: Day; n: number; k: number }>(
    `select subject, day, sum(n)::int8 as n, sum(k)::int8 as k
     from (
       select place as subject, day, n, k from within_day
       where metric = $1 and place = any($2::text[]) and day >= $3 and day < $4
       union all
       select subject, day, n, k from observation
       where metric = $1 and subject = any($2::text[]) and day >= $3 and day < $4
     ) as counted
     group by subject, day
     order by subject, day`,
    [metric, places, from, until],
  );
}
