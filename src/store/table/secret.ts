/** What the engine keeps to itself: made once, the same for every worker on this database. */
import type { Instant } from "../../std/time.ts";
import type { Tx } from "../driver/driver.ts";

/** The secret of that name; the one given if there was none. */
export async function keepSecret(
  tx: Tx,
  name: string,
  made: string,
  now: Instant,
): Promise<string> {
  await tx.query(
    "insert into secret (name, value, made_at) values ($1, $2, $3) on conflict (name) do nothing",
    [name, made, now],
  );
  const rows = await tx.query<{ value: string }>("select value from secret where name = $1", [
    name,
  ]);
  return rows[0]?.value ?? made;
}
