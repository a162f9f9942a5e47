/** Duties: what one worker at a time does for all of them. They run on the database's own clock. */
import type { Tx } from "../driver/driver.ts";

export type Held = { readonly name: string; readonly holder: string };

const IN = (n: number) => `clock_timestamp() + $${n} * interval '1 millisecond'`;

/** False when somebody has it, or did it so recently that it is not due. */
export async function claimDuty(tx: Tx, { name, holder }: Held, leaseMs: number): Promise<boolean> {
  const rows = await tx.query(
    `insert into duty (name, holder, free_at)
     values ($1, $2, ${IN(3)})
     on conflict (name) do update
     set holder = excluded.holder, free_at = excluded.free_at
     where duty.free_at <= clock_timestamp()
     returning name`,
    [name, holder, leaseMs],
  );
  return rows.length === 1;
}

/** Kept for so long from now, or left for so long, by whoever still has it. */
export async function updateDuty(tx: Tx, { name, holder }: Held, freeInMs: number): Promise<void> {
  await tx.query(`update duty set free_at = ${IN(3)} where name = $1 and holder = $2`, [
    name,
    holder,
    freeInMs,
  ]);
}
