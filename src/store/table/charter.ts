/**
 * Charters by their canonical hash, where each stands, and who signed them for which party.
 *
 *   proposed -> in-force (every owner signed) -> replaced (by a later one) | withdrawn (by one party)
 */
import { canonicalJson } from "../../std/canonical-json.ts";
import { InterlockError } from "../../std/errors.ts";
import type { Hash } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";
import type { Charter } from "../../core/charter/types.ts";
import type { Tx } from "../driver/driver.ts";

export type Signature = {
  readonly party: string;
  readonly person: string;
  readonly signed_at: Instant;
};

/**
 * Registers a charter; the same document again changes nothing. Throws `charter/version-taken` when its
 * name and version belong to another one: a signed paper is never changed under its signatures.
 */
export async function insertCharter(
  tx: Tx,
  hash: Hash,
  charter: Charter,
  now: Instant,
): Promise<void> {
  const rows = await tx.query(
    `insert into charter (hash, name, version, loop, document, registered_at, changed_at)
     values ($1, $2, $3, $4, $5, $6, $6)
     on conflict do nothing
     returning hash`,
    [hash, charter.name, charter.version, charter.loop, canonicalJson(charter), now],
  );
  if (rows.length === 1 || (await findCharter(tx, hash)) !== undefined) return;
  throw new InterlockError(
    "charter/version-taken",
    `charter \`${charter.name}\` has a version ${charter.version} with other content`,
    { help: "raise `version` in the charter; both heads then sign the new one" },
  );
}

export type CharterState = "proposed" | "in-force" | "replaced" | "withdrawn";

export async function findCharterState(tx: Tx, hash: Hash): Promise<CharterState | undefined> {
  const rows = await tx.query<{ state: CharterState }>(
    "select state from charter where hash = $1",
    [hash],
  );
  return rows[0]?.state;
}

export async function updateCharterState(
  tx: Tx,
  hash: Hash,
  state: CharterState,
  now: Instant,
): Promise<void> {
  await tx.query("update charter set state = $2, changed_at = $3 where hash = $1", [
    hash,
    state,
    now,
  ]);
}

export async function findCharter(tx: Tx, hash: Hash): Promise<Charter | undefined> {
  const rows = await tx.query<{ document: string }>(
    "select document from charter where hash = $1",
    [hash],
  );
  return rows[0] === undefined ? undefined : (JSON.parse(rows[0].document) as Charter);
}

/** Returns false when the party had signed this charter before. */
export async function insertSignature(
  tx: Tx,
  charterHash: Hash,
  signature: Signature,
): Promise<boolean> {
  const rows = await tx.query(
    `insert into charter_signature (charter_hash, party, person, signed_at)
     values ($1, $2, $3, $4)
     on conflict (charter_hash, party) do nothing
     returning party`,
    [charterHash, signature.party, signature.person, signature.signed_at],
  );
  return rows.length === 1;
}

export async function listSignatures(tx: Tx, charterHash: Hash): Promise<ReadonlyArray<Signature>> {
  return tx.query<Signature>(
    `select party, person, signed_at
     from charter_signature
     where charter_hash = $1
     order by party`,
    [charterHash],
  );
}
