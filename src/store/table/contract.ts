/**
 * Contracts by their canonical hash, and where each version stands. A registered document never
 * changes; only its state does.
 */
import { canonicalJson } from "../../std/canonical-json.ts";
import { InterlockError } from "../../std/errors.ts";
import type { Hash } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";
import type { Contract } from "../../core/contract/types.ts";
import type { Tx } from "../driver/driver.ts";

/**
 * `draft` waits for both parties, `in-force` is the newest that both accepted, `deprecated` was so and
 * runs beside its successor, `retired` is accepted no more.
 */
export type ContractState = "draft" | "in-force" | "deprecated" | "retired";

export type ContractRow = {
  readonly hash: Hash;
  readonly name: string;
  readonly version: string;
  readonly state: ContractState;
  readonly proposed_by: string;
  readonly registered_at: Instant;
  readonly changed_at: Instant;
  readonly contract: Contract;
};

type StoredRow = Omit<ContractRow, "contract"> & { readonly document: string };

const COLUMNS = "hash, name, version, state, proposed_by, registered_at, changed_at, document";

function parseRow({ document, ...row }: StoredRow): ContractRow {
  return { ...row, contract: JSON.parse(document) as Contract };
}

/**
 * Registers a draft. Returns false when this very document was registered before, and throws
 * `contract/version-taken` when its name and version belong to another one.
 */
export async function insertContract(
  tx: Tx,
  hash: Hash,
  contract: Contract,
  now: Instant,
  proposedBy = "engine",
): Promise<boolean> {
  const rows = await tx.query(
    `insert into contract
       (hash, name, version, document, proposed_by, registered_at, changed_at)
     values ($1, $2, $3, $4, $5, $6, $6)
     on conflict do nothing
     returning hash`,
    [hash, contract.name, contract.version, canonicalJson(contract), proposedBy, now],
  );
  if (rows.length === 1) return true;
  const taken = await findContractVersion(tx, contract.name, contract.version);
  if (taken === undefined || taken.hash === hash) return false;
  throw new InterlockError(
    "contract/version-taken",
    `version ${contract.version} of contract \`${contract.name}\` is registered with other content`,
    { help: "a registered version never changes: give the changed document a version of its own" },
  );
}

export async function findContract(tx: Tx, hash: Hash): Promise<Contract | undefined> {
  const rows = await tx.query<{ document: string }>(
    "select document from contract where hash = $1",
    [hash],
  );
  return rows[0] === undefined ? undefined : (JSON.parse(rows[0].document) as Contract);
}

export async function findContractRow(tx: Tx, hash: Hash): Promise<ContractRow | undefined> {
  const rows = await tx.query<StoredRow>(`select ${COLUMNS} from contract where hash = $1`, [hash]);
  return rows[0] === undefined ? undefined : parseRow(rows[0]);
}

export async function findContractVersion(
  tx: Tx,
  name: string,
  version: string,
): Promise<ContractRow | undefined> {
  const rows = await tx.query<StoredRow>(
    `select ${COLUMNS} from contract where name = $1 and version = $2`,
    [name, version],
  );
  return rows[0] === undefined ? undefined : parseRow(rows[0]);
}

/**
 * Versions of the name that both parties accepted and nobody retired, kept as they are until the
 * transaction ends; others may keep them so too.
 */
export async function keepSpokenContracts(
  tx: Tx,
  name: string,
): Promise<ReadonlyArray<ContractRow>> {
  const rows = await tx.query<StoredRow>(
    `select ${COLUMNS} from contract
     where name = $1 and state in ('in-force', 'deprecated')
     order by hash
     for share`,
    [name],
  );
  return rows.map(parseRow);
}

/** Every version of the name, held against every other change until the transaction ends. */
export async function lockContractVersions(
  tx: Tx,
  name: string,
): Promise<ReadonlyArray<ContractRow>> {
  const rows = await tx.query<StoredRow>(
    `select ${COLUMNS} from contract where name = $1 order by hash for update`,
    [name],
  );
  return rows.map(parseRow);
}

/** Newest registered last. */
export async function listContracts(
  tx: Tx,
  name: string | null,
): Promise<ReadonlyArray<ContractRow>> {
  const rows = await tx.query<StoredRow>(
    `select ${COLUMNS} from contract
     where $1::text is null or name = $1
     order by name, registered_at, version`,
    [name],
  );
  return rows.map(parseRow);
}

export async function updateContractState(
  tx: Tx,
  hash: Hash,
  state: ContractState,
  now: Instant,
): Promise<void> {
  await tx.query("update contract set state = $2, changed_at = $3 where hash = $1", [
    hash,
    state,
    now,
  ]);
}
