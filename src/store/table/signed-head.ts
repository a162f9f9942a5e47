/** Heads of the ledger as they were signed, in order. */
import { type LedgerHead, readHead } from "../../core/ledger/head.ts";
import type { Envelope } from "../../core/sign/envelope.ts";
import { canonicalJson } from "../../std/canonical-json.ts";
import type { Hash } from "../../std/hash.ts";
import { toJson, type Tx } from "../driver/driver.ts";

/** Any constant of ours; it names the right to sign. */
const ADVISORY_LOCK = 4_917_311_206;

export type SignedHeadRow = {
  readonly id: number;
  readonly size: number;
  readonly root: Hash;
  readonly envelope: Envelope;
  /** That signed it: `ssh-ed25519 AAAA...`. */
  readonly key: string;
};

const COLUMNS = "id, size, root, envelope, key";

/** One at a time, until the transaction ends. */
export async function lockHeads(tx: Tx): Promise<void> {
  await tx.query("select pg_advisory_xact_lock($1)", [ADVISORY_LOCK]);
}

export async function findNewestHead(tx: Tx): Promise<SignedHeadRow | undefined> {
  const [row] = await tx.query<SignedHeadRow>(
    `select ${COLUMNS} from signed_head order by id desc limit 1`,
  );
  return row;
}

export async function insertHead(
  tx: Tx,
  head: LedgerHead,
  envelope: Envelope,
  key: string,
): Promise<SignedHeadRow | undefined> {
  const [row] = await tx.query<SignedHeadRow>(
    `insert into signed_head (size, root, envelope, key, names_successor, signed_at)
     values ($1, $2, $3, $4, $5, $6)
     returning ${COLUMNS}`,
    [head.size, head.root, toJson(envelope), key, head.successor !== undefined, head.at],
  );
  return row;
}

export async function listHeads(
  tx: Tx,
  after: number,
  limit: number,
): Promise<ReadonlyArray<SignedHeadRow>> {
  return tx.query<SignedHeadRow>(
    `select ${COLUMNS} from signed_head where id > $1 order by id limit $2`,
    [after, limit],
  );
}

/** The first head that covers an entry. */
export async function findHeadOver(tx: Tx, n: number): Promise<SignedHeadRow | undefined> {
  const [row] = await tx.query<SignedHeadRow>(
    `select ${COLUMNS} from signed_head where size >= $1 order by size, id limit 1`,
    [n],
  );
  return row;
}

/** What somebody needs who has come to `last`: heads that name another key, and the newest. */
export async function listHeadsAfter(
  tx: Tx,
  last: LedgerHead | undefined,
): Promise<ReadonlyArray<{ readonly envelope: Envelope; readonly head: LedgerHead }>> {
  const rows = await tx.query<SignedHeadRow>(
    `select ${COLUMNS} from signed_head
     where size >= $1 and (names_successor or id = (select max(id) from signed_head))
     order by id`,
    [last?.size ?? 0],
  );
  const read = rows.map(({ envelope }) => ({ envelope, head: readHead(envelope).head }));
  // Several may have one size: those up to the very one that it has are not news.
  const at = read.findIndex(({ head }) => canonicalJson(head) === canonicalJson(last ?? null));
  return read.slice(at + 1);
}
