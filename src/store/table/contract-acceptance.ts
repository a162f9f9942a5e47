/** Who accepted which version of a contract for which department, and when. */
import type { Hash } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";
import type { Tx } from "../driver/driver.ts";

export type Acceptance = {
  readonly contract_hash: Hash;
  readonly department: string;
  readonly person: string;
  readonly accepted_at: Instant;
};

/** Returns false when the department had accepted this version before. */
export async function insertAcceptance(tx: Tx, acceptance: Acceptance): Promise<boolean> {
  const rows = await tx.query(
    `insert into contract_acceptance (contract_hash, department, person, accepted_at)
     values ($1, $2, $3, $4)
     on conflict (contract_hash, department) do nothing
     returning department`,
    [acceptance.contract_hash, acceptance.department, acceptance.person, acceptance.accepted_at],
  );
  return rows.length === 1;
}

export async function listAcceptances(
  tx: Tx,
  hashes: ReadonlyArray<Hash>,
): Promise<ReadonlyArray<Acceptance>> {
  return tx.query<Acceptance>(
    `select contract_hash, department, person, accepted_at
     from contract_acceptance
     where contract_hash = any($1::text[])
     order by contract_hash, accepted_at, department`,
    [hashes],
  );
}
