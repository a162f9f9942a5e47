/** The public halves of people's keys, and from when until when each counts. */
import type { Instant } from "../../std/time.ts";
import type { Tx } from "../driver/driver.ts";

export type SigningKeyRow = {
  /** Its fingerprint, `SHA256:...`. */
  readonly id: string;
  readonly person: string;
  /** The OpenSSH line. */
  readonly public_key: string;
  readonly valid_from: Instant;
  readonly valid_until: Instant | null;
  readonly registered_at: Instant;
  readonly registered_by: string;
};

const COLUMNS = "id, person, public_key, valid_from, valid_until, registered_at, registered_by";

/** Returns false when the key is registered already, to whomever. */
export async function insertSigningKey(tx: Tx, row: SigningKeyRow): Promise<boolean> {
  const rows = await tx.query(
    `insert into signing_key (${COLUMNS})
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (id) do nothing
     returning id`,
    [
      row.id,
      row.person,
      row.public_key,
      row.valid_from,
      row.valid_until,
      row.registered_at,
      row.registered_by,
    ],
  );
  return rows.length === 1;
}

export async function listSigningKeys(tx: Tx): Promise<ReadonlyArray<SigningKeyRow>> {
  return tx.query<SigningKeyRow>(
    `select ${COLUMNS} from signing_key order by person, valid_from, id`,
  );
}

export async function findSigningKey(tx: Tx, id: string): Promise<SigningKeyRow | undefined> {
  const rows = await tx.query<SigningKeyRow>(`select ${COLUMNS} from signing_key where id = $1`, [
    id,
  ]);
  return rows[0];
}

/** Ends a key; one that ended before keeps its earlier end. Returns whether it ended now. */
export async function endSigningKey(tx: Tx, id: string, at: Instant): Promise<boolean> {
  const rows = await tx.query(
    `update signing_key set valid_until = $2
     where id = $1 and (valid_until is null or valid_until > $2)
     returning id`,
    [id, at],
  );
  return rows.length === 1;
}
