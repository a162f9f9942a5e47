/** The chain of `core/ledger` at rest. Appending holds the head, so writers queue here and only here. */
import {
  appendToChain,
  type ChainFault,
  EMPTY_HEAD,
  type LedgerDraft,
  type LedgerEntry,
  type LedgerHead,
  verifyChain,
} from "../../core/ledger/chain.ts";
import type { Tx } from "../driver/driver.ts";

/** Entries read at a time while verifying. */
const PAGE_ROWS = 5_000;

export async function appendLedger(tx: Tx, drafts: ReadonlyArray<LedgerDraft>): Promise<void> {
  if (drafts.length === 0) return;
  const rows = await tx.query<LedgerHead>("select n, hash from ledger_head for update");
  const chained = appendToChain(rows[0] ?? EMPTY_HEAD, drafts);
  await tx.query(
    `with head as (update ledger_head set n = $4, hash = $5)
     insert into ledger (n, text, hash)
     select * from unnest($1::int8[], $2::text[], $3::text[])`,
    [
      chained.entries.map((entry) => entry.n),
      chained.entries.map((entry) => entry.text),
      chained.entries.map((entry) => entry.hash),
      chained.head.n,
      chained.head.hash,
    ],
  );
}

export async function getLedgerHead(tx: Tx): Promise<LedgerHead> {
  const rows = await tx.query<LedgerHead>("select n, hash from ledger_head");
  return rows[0] ?? EMPTY_HEAD;
}

export async function listLedger(
  tx: Tx,
  after: number,
  limit: number,
): Promise<ReadonlyArray<LedgerEntry>> {
  return tx.query<LedgerEntry>(
    "select n, text, hash from ledger where n > $1 order by n limit $2",
    [after, limit],
  );
}

export async function listLedgerOfCase(
  tx: Tx,
  caseId: string,
): Promise<ReadonlyArray<LedgerEntry>> {
  return tx.query<LedgerEntry>(
    `select n, text, hash from ledger
     where text::jsonb ->> 'case' = $1
     order by n`,
    [caseId],
  );
}

/** Verifies the whole chain from its first entry to the recorded head. */
export async function verifyLedger(
  tx: Tx,
  onPage: (verified: number) => void = () => undefined,
): Promise<{ readonly head: LedgerHead } | { readonly fault: ChainFault }> {
  let head = EMPTY_HEAD;
  for (;;) {
    const page = await listLedger(tx, head.n, PAGE_ROWS);
    if (page.length === 0) break;
    const checked = verifyChain(head, page);
    if ("fault" in checked) return checked;
    head = checked.head;
    onPage(head.n);
  }
  const recorded = await getLedgerHead(tx);
  if (recorded.n > head.n) {
    const why = `${recorded.n - head.n} entries at the end are missing`;
    return { fault: { n: head.n + 1, why } };
  }
  if (recorded.hash !== head.hash) {
    return { fault: { n: head.n, why: "the recorded head does not name this entry" } };
  }
  return { head };
}
