/** Stop buttons: who pressed which, why, and whether it was released. */
import type { StopFact } from "../../core/charter/types.ts";
import type { Instant } from "../../std/time.ts";
import type { Tx } from "../driver/driver.ts";

export type StopRow = StopFact & {
  readonly id: number;
  readonly pressed_at: Instant;
  readonly released_by: string | null;
  readonly released_at: Instant | null;
};

const COLUMNS = "id, scope, name, person, reason, pressed_at, released_by, released_at";

/** Shared by every dispatch that writes an intent, held alone by whoever presses a stop. */
const STOP_LOCK = 0x5709;

/**
 * Kept until the transaction ends: no stop is pressed meanwhile, so what is read of stops still holds
 * when an intent is committed.
 */
export async function holdOffStops(tx: Tx): Promise<void> {
  await tx.query("select pg_advisory_xact_lock_shared($1)", [STOP_LOCK]);
}

/** Waits for every transaction that is writing an intent; those after it see the stop. */
export async function waitForIntents(tx: Tx): Promise<void> {
  await tx.query("select pg_advisory_xact_lock($1)", [STOP_LOCK]);
}

/** Returns the stop that stands: this one, or the one that was pressed before. */
export async function insertStop(
  tx: Tx,
  { scope, name, person, reason }: StopFact,
  now: Instant,
): Promise<{ readonly row: StopRow; readonly isNew: boolean }> {
  const made = await tx.query<StopRow>(
    `insert into stop (scope, name, person, reason, pressed_at)
     values ($1, $2, $3, $4, $5)
     on conflict (scope, name) where released_at is null do nothing
     returning ${COLUMNS}`,
    [scope, name, person, reason, now],
  );
  if (made[0] !== undefined) return { row: made[0], isNew: true };
  const [row] = await tx.query<StopRow>(
    `select ${COLUMNS} from stop where scope = $1 and name = $2 and released_at is null`,
    [scope, name],
  );
  if (row === undefined) return insertStop(tx, { scope, name, person, reason }, now);
  return { row, isNew: false };
}

/** Undefined when no such stop is pressed. */
export async function releaseStop(
  tx: Tx,
  stop: Pick<StopFact, "scope" | "name">,
  person: string,
  now: Instant,
): Promise<StopRow | undefined> {
  const rows = await tx.query<StopRow>(
    `update stop set released_by = $3, released_at = $4
     where scope = $1 and name = $2 and released_at is null
     returning ${COLUMNS}`,
    [stop.scope, stop.name, person, now],
  );
  return rows[0];
}

/** The stops that are pressed, the oldest first; with `all`, released ones too. */
export async function listStops(
  tx: Tx,
  which: "pressed" | "all" = "pressed",
): Promise<ReadonlyArray<StopRow>> {
  return tx.query<StopRow>(
    `select ${COLUMNS} from stop
     where $1 or released_at is null
     order by pressed_at, id`,
    [which === "all"],
  );
}
