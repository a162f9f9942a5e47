/**
 * The counts of everything that lies within a place, by day, summed as they are stored.
 *
 * The rule: a row here is the sum of the observations of all subjects strictly under the place. A count that
 * is restated changes it by the difference; a place that moves to another parent has all sums made anew.
 */
import type { Day } from "../../std/time.ts";
import type { Tx } from "../driver/driver.ts";
import type { DailyCount, Window } from "./observation.ts";

/** Two that store counts of one metric at the same time would each miss the other's difference. */
export async function lockSums(tx: Tx, metrics: ReadonlyArray<string>): Promise<void> {
  await tx.query(
    `select pg_advisory_xact_lock(hashtextextended('within_day ' || metric, 0))
     from unnest($1::text[]) as metric`,
    [[...new Set(metrics)].sort()],
  );
}

/** By how much what lies directly in a place has changed on a day. */
export type Difference = {
  readonly metric: string;
  readonly place: string;
  readonly day: Day;
  readonly n: number;
  readonly k: number;
};

/** Adds each difference to its place and to everything around it. */
export async function addDifferences(
  tx: Tx,
  differences: ReadonlyArray<Difference>,
): Promise<void> {
  const changed = differences.filter(({ n, k }) => n !== 0 || k !== 0);
  if (changed.length === 0) return;
  const parents = await readParents(tx, [...new Set(changed.map(({ place }) => place))]);
  const sums = new Map<string, Difference>();
  for (const { metric, place, day, n, k } of changed) {
    for (const at of walkUp(place, parents)) {
      const key = JSON.stringify([metric, at, day]);
      const sum = sums.get(key) ?? { metric, place: at, day, n: 0, k: 0 };
      sums.set(key, { ...sum, n: sum.n + n, k: sum.k + k });
    }
  }
  const rows = [...sums.values()];
  await tx.query(
    `insert into within_day (metric, place, day, n, k)
     select * from unnest($1::text[], $2::text[], $3::date[], $4::int8[], $5::int8[])
     on conflict (metric, place, day) do update
     set n = within_day.n + excluded.n, k = within_day.k + excluded.k`,
    [
      rows.map(({ metric }) => metric),
      rows.map(({ place }) => place),
      rows.map(({ day }) => day),
      rows.map(({ n }) => n),
      rows.map(({ k }) => k),
    ],
  );
}

/** The parent of each of the places and of everything around them. */
async function readParents(
  tx: Tx,
  places: ReadonlyArray<string>,
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.query<{ id: string; parent: string }>(
    `with recursive around as (
       select id, parent from subject where id = any($1::text[]) and parent is not null
       union
       select s.id, s.parent from around join subject s on s.id = around.parent
       where s.parent is not null
     )
     select id, parent from around`,
    [places],
  );
  return new Map(rows.map(({ id, parent }) => [id, parent]));
}

/** The place and everything around it, once each: a circle of parents ends where it began. */
function walkUp(place: string, parents: ReadonlyMap<string, string>): ReadonlySet<string> {
  const seen = new Set<string>();
  for (
    let at: string | undefined = place;
    at !== undefined && !seen.has(at);
    at = parents.get(at)
  ) {
    seen.add(at);
  }
  return seen;
}

/** After places have moved. Every sum, from every observation: seconds for millions of them. */
export async function rebuildSums(tx: Tx): Promise<void> {
  await tx.query("delete from within_day");
  await addDifferences(
    tx,
    await tx.query<Difference>(
      `select o.metric, s.parent as place, o.day, sum(o.n)::int8 as n, sum(o.k)::int8 as k
       from observation o join subject s on s.id = o.subject
       where s.parent is not null
       group by o.metric, s.parent, o.day`,
    ),
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
