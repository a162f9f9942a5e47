/** Who is away, loop by loop: one row a person and side, while it lasts. */
import type { Delegation } from "../../core/charter/delegation.ts";
import type { Instant } from "../../std/time.ts";
import type { Tx } from "../driver/driver.ts";

export type AbsenceRow = {
  readonly loop: string;
  readonly department: string;
  readonly person: string;
  readonly stand_in: string;
  readonly until_at: Instant;
  readonly declared_at: Instant;
};

/** The later word of one person replaces the earlier. */
export async function upsertAbsence(tx: Tx, row: AbsenceRow): Promise<void> {
  await tx.query(
    `insert into absence (loop, department, person, stand_in, until_at, declared_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (loop, department, person) do update
     set stand_in = excluded.stand_in, until_at = excluded.until_at, declared_at = excluded.declared_at`,
    [row.loop, row.department, row.person, row.stand_in, row.until_at, row.declared_at],
  );
}

/** Those that last, of one loop or of all. */
export async function listAbsences(
  tx: Tx,
  now: Instant,
  loop?: string,
): Promise<ReadonlyArray<AbsenceRow>> {
  return tx.query<AbsenceRow>(
    `select loop, department, person, stand_in, until_at, declared_at from absence
     where until_at > $1 and ($2::text is null or loop = $2)
     order by loop, department, person`,
    [now, loop ?? null],
  );
}

/** Returns those that lasted still. */
export async function deleteAbsences(
  tx: Tx,
  person: string,
  now: Instant,
): Promise<ReadonlyArray<AbsenceRow>> {
  const rows = await tx.query<AbsenceRow>(
    `delete from absence where person = $1
     returning loop, department, person, stand_in, until_at, declared_at`,
    [person],
  );
  return rows.filter(({ until_at: until }) => until > now);
}

export function toDelegation(row: AbsenceRow): Delegation {
  const { department, person, stand_in: to, until_at: until } = row;
  return { party: department, person, to, until };
}
