/** How each gate stood when it was last looked at, and since when. */
import type { GateName } from "../../core/loop/gates.ts";
import type { Instant } from "../../std/time.ts";
import type { Tx } from "../driver/driver.ts";

export type GateRow = {
  readonly loop: string;
  readonly name: GateName;
  readonly holds: boolean;
  readonly since: Instant;
};

/** Notes how the gates stand; `since` moves only where a gate turned. */
export async function upsertGates(tx: Tx, rows: ReadonlyArray<GateRow>): Promise<void> {
  await tx.query(
    `insert into gate (loop, name, holds, since)
     select loop, name, holds, since
     from jsonb_to_recordset($1::jsonb) as t(loop text, name text, holds boolean, since timestamptz)
     on conflict (loop, name) do update
     set holds = excluded.holds, since = excluded.since
     where gate.holds <> excluded.holds`,
    [JSON.stringify(rows)],
  );
}

export async function listGates(tx: Tx, loop: string): Promise<ReadonlyArray<GateRow>> {
  return tx.query<GateRow>(
    "select loop, name, holds, since from gate where loop = $1 order by name",
    [loop],
  );
}
