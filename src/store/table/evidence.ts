/** Evidence for the gates of a loop: the newest result of each kind of test, and what it holds for. */
import type { Json } from "../../std/canonical-json.ts";
import type { Hash } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";
import type { Tx } from "../driver/driver.ts";

export type EvidenceKind =
  | "sender-conformance"
  | "receiver-conformance"
  | "receiver-calibration"
  | "receiver-trust"
  | "connectors"
  | "measurement"
  | "drill";

export type EvidenceRow = {
  readonly loop: string;
  readonly kind: EvidenceKind;
  /** Hash of what was tested; evidence about anything else is no evidence. */
  readonly about: Hash;
  readonly body: Json;
  readonly made_at: Instant;
};

/** Replaces the evidence of the same kind. */
export async function writeEvidence(tx: Tx, row: EvidenceRow): Promise<void> {
  await tx.query(
    `insert into evidence (loop, kind, about, body, made_at)
     values ($1, $2, $3, $4::jsonb, $5)
     on conflict (loop, kind) do update
     set about = excluded.about, body = excluded.body, made_at = excluded.made_at`,
    [row.loop, row.kind, row.about, JSON.stringify(row.body), row.made_at],
  );
}

export async function findEvidence(
  tx: Tx,
  loop: string,
  kind: EvidenceKind,
): Promise<EvidenceRow | undefined> {
  const rows = await tx.query<EvidenceRow>(
    "select loop, kind, about, body, made_at from evidence where loop = $1 and kind = $2",
    [loop, kind],
  );
  return rows[0];
}

export async function listEvidence(
  tx: Tx,
  loop: string,
): Promise<ReadonlyMap<EvidenceKind, EvidenceRow>> {
  const rows = await tx.query<EvidenceRow>(
    "select loop, kind, about, body, made_at from evidence where loop = $1 order by kind",
    [loop],
  );
  return new Map(rows.map((row) => [row.kind, row]));
}
