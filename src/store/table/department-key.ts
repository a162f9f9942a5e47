/** Department keys: what an agent outside shows to speak for its department. The secret is not here. */
import type { Hash } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";
import type { Tx } from "../driver/driver.ts";

export type DepartmentKeyRow = {
  readonly id: string;
  readonly department: string;
  readonly label: string;
  readonly secret_hash: Hash;
  readonly created_at: Instant;
  readonly created_by: string;
  readonly used_at: Instant | null;
  readonly revoked_at: Instant | null;
};

const COLUMNS = "id, department, label, secret_hash, created_at, created_by, used_at, revoked_at";

export async function insertDepartmentKey(
  tx: Tx,
  row: Omit<DepartmentKeyRow, "used_at" | "revoked_at">,
): Promise<void> {
  await tx.query(
    `insert into department_key (id, department, label, secret_hash, created_at, created_by)
     values ($1, $2, $3, $4, $5, $6)`,
    [row.id, row.department, row.label, row.secret_hash, row.created_at, row.created_by],
  );
}

export async function findDepartmentKey(tx: Tx, id: string): Promise<DepartmentKeyRow | undefined> {
  const rows = await tx.query<DepartmentKeyRow>(
    `select ${COLUMNS} from department_key where id = $1`,
    [id],
  );
  return rows[0];
}

export async function listDepartmentKeys(tx: Tx): Promise<ReadonlyArray<DepartmentKeyRow>> {
  return tx.query<DepartmentKeyRow>(
    `select ${COLUMNS} from department_key order by department, created_at, id`,
  );
}

/** Notes that the key was used, at most once per `every`, so that a busy agent costs no writes. */
export async function updateKeyUsed(
  tx: Tx,
  id: string,
  now: Instant,
  notSince: Instant,
): Promise<void> {
  await tx.query(
    "update department_key set used_at = $2 where id = $1 and (used_at is null or used_at < $3)",
    [id, now, notSince],
  );
}

/** Returns false when no such key is in use. */
export async function revokeDepartmentKey(tx: Tx, id: string, now: Instant): Promise<boolean> {
  const rows = await tx.query(
    "update department_key set revoked_at = $2 where id = $1 and revoked_at is null returning id",
    [id, now],
  );
  return rows.length === 1;
}
