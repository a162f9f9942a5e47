/** Loops: where each stands in its life, and under which papers new cases open. */
import type { Hash } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";
import type { AutonomyLevel } from "../../core/charter/types.ts";
import type { LoopState } from "../../core/loop/lifecycle.ts";
import type { Tx } from "../driver/driver.ts";

export type LoopRow = {
  readonly name: string;
  readonly state: LoopState;
  readonly autonomy: AutonomyLevel;
  readonly autonomy_since: Instant;
  readonly contract_hash: Hash;
  readonly charter_hash: Hash;
  readonly why: string;
  readonly changed_at: Instant;
};

const COLUMNS =
  "name, state, autonomy, autonomy_since, contract_hash, charter_hash, why, changed_at";

export async function insertLoop(
  tx: Tx,
  row: Pick<LoopRow, "name" | "autonomy" | "contract_hash" | "charter_hash" | "changed_at">,
): Promise<boolean> {
  const rows = await tx.query(
    `insert into loop
       (name, state, autonomy, autonomy_since, contract_hash, charter_hash, why, changed_at)
     values ($1, 'draft', $2, $5, $3, $4, 'created', $5)
     on conflict (name) do nothing
     returning name`,
    [row.name, row.autonomy, row.contract_hash, row.charter_hash, row.changed_at],
  );
  return rows.length === 1;
}

export async function listLoops(tx: Tx): Promise<ReadonlyArray<LoopRow>> {
  return tx.query<LoopRow>(`select ${COLUMNS} from loop order by name`);
}

export async function findLoop(tx: Tx, name: string): Promise<LoopRow | undefined> {
  const rows = await tx.query<LoopRow>(`select ${COLUMNS} from loop where name = $1`, [name]);
  return rows[0];
}

/** The loop, kept as it is until the transaction ends; others may keep it so too. */
export async function keepLoop(tx: Tx, name: string): Promise<LoopRow | undefined> {
  const rows = await tx.query<LoopRow>(`select ${COLUMNS} from loop where name = $1 for share`, [
    name,
  ]);
  return rows[0];
}

/**
 * The loop, held against every other change of it until the transaction ends. Its key is left free: rows
 * that only name the loop (a notice that tells of a stop) are written meanwhile, and nobody who holds
 * another lock waits here for them.
 */
export async function lockLoop(tx: Tx, name: string): Promise<LoopRow | undefined> {
  const rows = await tx.query<LoopRow>(
    `select ${COLUMNS} from loop where name = $1 for no key update`,
    [name],
  );
  return rows[0];
}

export async function updateLoopState(
  tx: Tx,
  name: string,
  change: { readonly state: LoopState; readonly why: string; readonly changed_at: Instant },
): Promise<void> {
  await tx.query("update loop set state = $2, why = $3, changed_at = $4 where name = $1", [
    name,
    change.state,
    change.why,
    change.changed_at,
  ]);
}

export async function updateLoopPapers(
  tx: Tx,
  name: string,
  papers: {
    readonly contract_hash: Hash;
    readonly charter_hash: Hash;
    readonly changed_at: Instant;
  },
): Promise<void> {
  await tx.query(
    "update loop set contract_hash = $2, charter_hash = $3, changed_at = $4 where name = $1",
    [name, papers.contract_hash, papers.charter_hash, papers.changed_at],
  );
}

export async function updateLoopAutonomy(
  tx: Tx,
  name: string,
  autonomy: AutonomyLevel,
  now: Instant,
): Promise<void> {
  await tx.query("update loop set autonomy = $2, autonomy_since = $3 where name = $1", [
    name,
    autonomy,
    now,
  ]);
}
