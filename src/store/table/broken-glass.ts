/** Broken glass: which owner lifted a loop's guardrails, why, until when. */
import type { Instant } from "../../std/time.ts";
import type { Tx } from "../driver/driver.ts";

export type GlassRow = {
  readonly id: number;
  readonly loop: string;
  readonly party: string;
  readonly person: string;
  readonly reason: string;
  readonly broken_at: Instant;
  readonly until: Instant;
  readonly closed_by: string | null;
  readonly closed_at: Instant | null;
};

const COLUMNS = "id, loop, party, person, reason, broken_at, until, closed_by, closed_at";

export async function insertGlass(
  tx: Tx,
  row: Pick<GlassRow, "loop" | "party" | "person" | "reason" | "broken_at" | "until">,
): Promise<GlassRow | undefined> {
  const rows = await tx.query<GlassRow>(
    `insert into broken_glass (loop, party, person, reason, broken_at, until)
     values ($1, $2, $3, $4, $5, $6)
     returning ${COLUMNS}`,
    [row.loop, row.party, row.person, row.reason, row.broken_at, row.until],
  );
  return rows[0];
}

/** The glass of a loop that is broken at that moment, the newest first. */
export async function findGlass(tx: Tx, loop: string, now: Instant): Promise<GlassRow | undefined> {
  const rows = await tx.query<GlassRow>(
    `select ${COLUMNS} from broken_glass
     where loop = $1 and until > $2 and closed_at is null
     order by broken_at desc, id desc
     limit 1`,
    [loop, now],
  );
  return rows[0];
}

export async function closeGlass(
  tx: Tx,
  loop: string,
  person: string,
  now: Instant,
): Promise<ReadonlyArray<GlassRow>> {
  return tx.query<GlassRow>(
    `update broken_glass set closed_by = $2, closed_at = $3
     where loop = $1 and until > $3 and closed_at is null
     returning ${COLUMNS}`,
    [loop, person, now],
  );
}

export async function listGlass(tx: Tx): Promise<ReadonlyArray<GlassRow>> {
  return tx.query<GlassRow>(`select ${COLUMNS} from broken_glass order by broken_at, id`);
}
