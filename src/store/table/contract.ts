/** Contracts by their canonical hash. A registered document never changes. */
import { canonicalJson } from "../../std/canonical-json.ts";
import type { Hash } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";
import type { Contract } from "../../core/contract/types.ts";
import type { Tx } from "../driver/driver.ts";

export async function insertContract(
  tx: Tx,
  hash: Hash,
  contract: Contract,
  now: Instant,
): Promise<void> {
  await tx.query(
    `insert into contract (hash, name, version, document, registered_at, changed_at)
     values ($1, $2, $3, $4, $5, $5)
     on conflict (hash) do nothing`,
    [hash, contract.name, contract.version, canonicalJson(contract), now],
  );
}

export async function findContract(tx: Tx, hash: Hash): Promise<Contract | undefined> {
  const rows = await tx.query<{ document: string }>(
    "select document from contract where hash = $1",
    [hash],
  );
  return rows[0] === undefined ? undefined : (JSON.parse(rows[0].document) as Contract);
}
