/** What the tree is measured against: each entry hashed over the one before, every writer at one head row. */
import { hash } from "node:crypto";
import type { LedgerDraft } from "../../src/core/ledger/entry.ts";
import { canonicalJson } from "../../src/std/canonical-json.ts";
import type { Tx } from "../../src/store/driver/driver.ts";

export async function openChain(tx: Tx): Promise<void> {
  await tx.exec(`
    create table if not exists chain (n bigint primary key, text text not null, hash text not null);
    create table if not exists chain_head (n bigint not null, hash text not null);
    truncate chain, chain_head;
    insert into chain_head values (0, repeat('0', 64));`);
}

export async function appendToChain(tx: Tx, drafts: ReadonlyArray<LedgerDraft>): Promise<void> {
  const [head] = await tx.query<{ n: number; hash: string }>(
    "select n, hash from chain_head for update",
  );
  let { n, hash: previous } = head ?? { n: 0, hash: "" };
  const rows = drafts.map((draft) => {
    n += 1;
    const text = canonicalJson({ ...draft, n, previous });
    previous = hash("sha256", text, "hex");
    return { n, text, hash: previous };
  });
  await tx.query(
    `with head as (update chain_head set n = $4, hash = $5)
     insert into chain (n, text, hash)
     select * from unnest($1::int8[], $2::text[], $3::text[])`,
    [
      rows.map((row) => row.n),
      rows.map(({ text }) => text),
      rows.map((row) => row.hash),
      n,
      previous,
    ],
  );
}
