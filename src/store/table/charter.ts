/**
 * Charters by their canonical hash, where each stands, and who signed them for which party.
 *
 *   proposed -> in-force (every owner signed) -> replaced (by a later one) | withdrawn (by one party)
 */
import { canonicalJson } from "../../std/canonical-json.ts";
import { InterlockError } from "../../std/errors.ts";
import type { Hash } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";
import type { CharterSignature } from "../../core/charter/signing.ts";
import type { Charter } from "../../core/charter/types.ts";
import type { Envelope } from "../../core/sign/envelope.ts";
import type { Tx } from "../driver/driver.ts";

/**
 * Registers a charter; the same document again changes nothing. Throws `charter/version-taken` when its
 * name and version belong to another one: a signed paper is never changed under its signatures.
 */
export async function insertCharter(
  tx: Tx,
  hash: Hash,
  charter: Charter,
  now: Instant,
  proposedBy = "engine",
): Promise<void> {
  const { name, version, loop } = charter;
  const rows = await tx.query(
    `insert into charter
       (hash, name, version, loop, document, proposed_by, registered_at, changed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $7)
     on conflict do nothing
     returning hash`,
    [hash, name, version, loop, canonicalJson(charter), proposedBy, now],
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
  signature: CharterSignature,
): Promise<boolean> {
  const rows = await tx.query(
    `insert into charter_signature
       (charter_hash, party, person, key_id, form, signature, signed_at)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (charter_hash, party) do nothing
     returning party`,
    [
      charterHash,
      signature.party,
      signature.person,
      signature.keyId,
      signature.form,
      signature.signature,
      signature.signedAt,
    ],
  );
  return rows.length === 1;
}

export async function listSignatures(
  tx: Tx,
  charterHash: Hash,
): Promise<ReadonlyArray<CharterSignature>> {
  return tx.query<CharterSignature>(
    `select party, person, key_id as "keyId", form, signature, signed_at as "signedAt"
     from charter_signature
     where charter_hash = $1
     order by party`,
    [charterHash],
  );
}

export type CharterRow = {
  readonly hash: Hash;
  readonly loop: string;
  readonly state: CharterState;
  readonly proposed_by: string;
  readonly registered_at: Instant;
  readonly changed_at: Instant;
  readonly charter: Charter;
};

/** Every version of a loop's charter, the newest first. */
export async function listCharters(tx: Tx, loop: string): Promise<ReadonlyArray<CharterRow>> {
  const rows = await tx.query<Omit<CharterRow, "charter"> & { document: string }>(
    `select hash, loop, state, proposed_by, registered_at, changed_at, document
     from charter
     where loop = $1
     order by version desc, name`,
    [loop],
  );
  return rows.map(({ document, ...row }) => ({
    ...row,
    charter: JSON.parse(document) as Charter,
  }));
}

export type WithdrawalRow = {
  readonly party: string;
  readonly person: string;
  readonly reason: string;
  readonly envelope: Envelope;
  readonly withdrawn_at: Instant;
};

/** Returns false when it was withdrawn before. */
export async function insertWithdrawal(
  tx: Tx,
  charterHash: Hash,
  row: WithdrawalRow,
): Promise<boolean> {
  const rows = await tx.query(
    `insert into charter_withdrawal (charter_hash, party, person, reason, envelope, withdrawn_at)
     values ($1, $2, $3, $4, $5::jsonb, $6)
     on conflict (charter_hash) do nothing
     returning party`,
    [
      charterHash,
      row.party,
      row.person,
      row.reason,
      JSON.stringify(row.envelope),
      row.withdrawn_at,
    ],
  );
  return rows.length === 1;
}

export async function findWithdrawal(
  tx: Tx,
  charterHash: Hash,
): Promise<WithdrawalRow | undefined> {
  const rows = await tx.query<WithdrawalRow>(
    `select party, person, reason, envelope, withdrawn_at
     from charter_withdrawal
     where charter_hash = $1`,
    [charterHash],
  );
  return rows[0];
}
