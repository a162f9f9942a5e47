/** What is due and not done: letters that no case has read, effects that nobody has carried out. */
import type { Instant } from "../../std/time.ts";
import type { Tx } from "../driver/driver.ts";

/** Counted no further than `most`. */
export async function countWaiting(tx: Tx, now: Instant, most: number): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `select (select count(*) from (
               select from effect where state in ('ready', 'leased') and due_at <= $1 limit $2) e)
          + (select count(*) from (
               select from case_event where due_at <= $1 limit $2) l) as count`,
    [now, most],
  );
  return Number(row?.count ?? 0);
}
