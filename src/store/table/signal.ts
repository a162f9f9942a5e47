/** Signals as they arrived, word for word. An id is used once, for ever: of an archived case it stays. */
import type { Hash } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";
import { toTexts, type Tx } from "../driver/driver.ts";

export type SignalRow = {
  readonly source: string;
  readonly id: string;
  readonly loop: string;
  readonly content_hash: Hash;
  readonly body: string;
  readonly case_id: string;
  readonly accepted_at: Instant;
};

export async function insertSignals(tx: Tx, rows: ReadonlyArray<SignalRow>): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into signal (source, id, loop, content_hash, body, case_id, accepted_at)
     select * from unnest(
       $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[]
     )`,
    [
      rows.map((r) => r.source),
      rows.map((r) => r.id),
      rows.map((r) => r.loop),
      rows.map((r) => r.content_hash),
      toTexts(rows.map((r) => r.body)),
      rows.map((r) => r.case_id),
      rows.map((r) => r.accepted_at),
    ],
  );
}

/** Signals already known among the given ids, by `source` and `id`. */
export async function listKnownSignals(
  tx: Tx,
  ids: ReadonlyArray<{ readonly source: string; readonly id: string }>,
): Promise<ReadonlyArray<Pick<SignalRow, "source" | "id" | "content_hash" | "case_id">>> {
  if (ids.length === 0) return [];
  return tx.query(
    `select s.source, s.id, s.content_hash, s.case_id
     from signal s
     join unnest($1::text[], $2::text[]) as asked (source, id)
       on asked.source = s.source and asked.id = s.id
     union all
     select a.source, a.signal as id, a.content_hash, a.id as case_id
     from archived_case a
     join unnest($1::text[], $2::text[]) as asked (source, id)
       on asked.source = a.source and asked.id = a.signal`,
    [ids.map((i) => i.source), ids.map((i) => i.id)],
  );
}
