/** What is measured, and the coarser thing each belongs to. */
import type { Subject } from "../../core/port/types.ts";
import type { Tx } from "../driver/driver.ts";
import { rebuildSums } from "./within-day.ts";

/** Levels that are walked upwards; a circle of parents ends here. */
const LEVELS_MAX = 16;

export async function upsertSubjects(tx: Tx, subjects: ReadonlyArray<Subject>): Promise<void> {
  if (subjects.length === 0) return;
  const isMoving = await hasMoved(tx, subjects);
  await tx.query(
    `insert into subject (id, kind, level, name, parent)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
     on conflict (id) do update
     set kind = excluded.kind, level = excluded.level, name = excluded.name, parent = excluded.parent
     where (subject.kind, subject.level, subject.name, subject.parent)
       is distinct from (excluded.kind, excluded.level, excluded.name, excluded.parent)`,
    [
      subjects.map((s) => s.id),
      subjects.map((s) => s.kind),
      subjects.map((s) => s.level),
      subjects.map((s) => s.name),
      subjects.map((s) => s.parent),
    ],
  );
  if (isMoving) await rebuildSums(tx);
}

/** True when something that was counted already, itself or within it, gets another parent. */
async function hasMoved(tx: Tx, subjects: ReadonlyArray<Subject>): Promise<boolean> {
  const [row] = await tx.query<{ moved: boolean }>(
    `select exists (
       select from unnest($1::text[], $2::text[]) as t (id, parent)
       left join subject s on s.id = t.id
       where s.parent is distinct from t.parent
         and (exists (select from within_day w where w.place = t.id)
              or (s.id is not null
                  and exists (select from observation o where o.subject = t.id)))
     ) as moved`,
    [subjects.map((s) => s.id), subjects.map((s) => s.parent)],
  );
  return row?.moved === true;
}

/** Names by id; a subject that nobody delivered data about has none. */
export async function listSubjectNames(
  tx: Tx,
  ids: ReadonlyArray<string>,
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.query<{ id: string; name: string }>(
    "select id, name from subject where id = any($1::text[])",
    [ids],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

export async function listSubjects(tx: Tx): Promise<ReadonlyArray<Subject>> {
  return tx.query<Subject>("select id, kind, level, name, parent from subject order by id");
}

/** Those of the ids that are subjects here. */
export async function listKnownSubjects(
  tx: Tx,
  ids: ReadonlyArray<string>,
): Promise<ReadonlyArray<string>> {
  const rows = await tx.query<{ id: string }>("select id from subject where id = any($1::text[])", [
    ids,
  ]);
  return rows.map(({ id }) => id);
}

/** A place with what it lies in, itself first, the widest last. */
export async function listAround(tx: Tx, id: string): Promise<ReadonlyArray<Subject>> {
  return tx.query<Subject>(
    `with recursive around as (
       select id, kind, level, name, parent, 0 as step from subject where id = $1
       union
       select s.id, s.kind, s.level, s.name, s.parent, around.step + 1
       from around join subject s on s.id = around.parent
       where around.step < $2
     )
     select id, kind, level, name, parent from around order by step`,
    [id, LEVELS_MAX],
  );
}

export type Place = Subject & {
  /** How many lie directly in it. */
  readonly finer: number;
};

/** What lies directly in a place; what lies in nothing, for null. */
export async function listPlacesIn(tx: Tx, parent: string | null): Promise<ReadonlyArray<Place>> {
  return tx.query<Place>(
    `select id, kind, level, name, parent,
            (select count(*)::int from subject inner_one where inner_one.parent = s.id) as finer
     from subject s
     where s.parent is not distinct from $1
     order by name, id`,
    [parent],
  );
}

/** How many of the finest places a place has in it; 1 for one of the finest. */
export async function countFinest(tx: Tx, id: string): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `with recursive inside as (
       select $1::text as id
       union
       select s.id from inside join subject s on s.parent = inside.id
     )
     select count(*)::int as count from inside
     where not exists (select from subject s where s.parent = inside.id)`,
    [id],
  );
  return row?.count ?? 0;
}
