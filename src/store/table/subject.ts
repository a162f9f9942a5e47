/** What is measured, and the coarser thing each belongs to. */
import type { Subject } from "../../core/port/types.ts";
import type { Tx } from "../driver/driver.ts";

export async function upsertSubjects(tx: Tx, subjects: ReadonlyArray<Subject>): Promise<void> {
  if (subjects.length === 0) return;
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
