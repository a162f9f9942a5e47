/**
 * The ledger at rest: `core/ledger`'s entries, numbered, and the tree over them.
 *
 * Picture a visitors' book at a busy door. Whoever finds it free writes straight into it. Whoever finds it
 * in somebody's hands does not queue: a slip beside the book will do, and whoever has the book next enters
 * the slips first. A slip is as good as an entry, for it is committed with what it records; all it lacks
 * is a number.
 *
 * The book is the row of `ledger_head`, held to the commit, so that numbers become visible in order and
 * without a gap. Slips are `ledger_draft`. One session at a time, as in the embedded store, finds the book
 * free always.
 *
 * INVARIANT (ledger): what happened after something else has the higher number: slips that are visible are
 * entered before whoever holds the book writes.
 */
import {
  type LedgerDraft,
  draftToText,
  type LedgerEntry,
  textToEntryText,
} from "../../core/ledger/entry.ts";
import { listPeakEnds, listReads, type TreeReader } from "../../core/ledger/proof.ts";
import {
  computeRoot,
  EMPTY_TREE,
  GrowingTree,
  type Tree,
  type TreeHasher,
} from "../../core/ledger/tree.ts";
import { InterlockError } from "../../std/errors.ts";
import type { Hash } from "../../std/hash.ts";
import type { Month } from "../../std/time.ts";
import { type Driver, toTexts, type Tx } from "../driver/driver.ts";
import { NATIVE_HASHER } from "../tree-hasher.ts";

/** Slips that one holder of the book enters before its own entries; more wait, and its own behind them. */
const SLIPS_AT_ONCE = 5_000;

/** The last entry's number, and the hash that stands for all entries up to it. */
export type LedgerHead = { readonly n: number; readonly root: Hash };

export async function appendLedger(tx: Tx, drafts: ReadonlyArray<LedgerDraft>): Promise<void> {
  if (drafts.length === 0) return;
  const texts = drafts.map(draftToText);
  const cases = toTexts(drafts.map((draft) => draft.case));
  const tree = await holdBook(tx);
  if (tree === undefined) {
    await tx.query(
      `insert into ledger_draft (text, of_case)
       select * from unnest($1::text[], $2::text[])`,
      [toTexts(texts), cases],
    );
    return;
  }
  const sealed = seal(
    tree,
    texts.map((text, index) => textToEntryText(text, tree.n + index + 1)),
  );
  await tx.query(
    `with head as (update ledger_head set n = $6, peaks = $7)
     insert into ledger (n, text, hash, node, of_case)
     select * from unnest($1::int8[], $2::text[], $3::text[], $4::text[], $5::text[])`,
    [
      sealed.numbers,
      toTexts(sealed.texts),
      toTexts(sealed.hashes),
      toTexts(sealed.nodes),
      cases,
      ...headOf(sealed.tree),
    ],
  );
}

/** Enters what waits beside the book, unless somebody has it. Returns how many were entered. */
export async function enterSlips(driver: Driver): Promise<number> {
  let entered = 0;
  for (;;) {
    const [waiting] = await driver.query<{ some: boolean }>(
      "select exists (select from ledger_draft) as some",
    );
    if (waiting?.some !== true) return entered;
    const count = await driver.transaction(async (tx) => {
      const tree = await lockHead(tx);
      return tree === undefined ? 0 : enterSomeSlips(tx, tree);
    });
    if (count === 0) return entered;
    entered += count;
  }
}

type HeadRow = { readonly n: number; readonly peaks: ReadonlyArray<Hash>; readonly slips: boolean };

/** Undefined while another transaction has it. */
async function lockHead(tx: Tx): Promise<HeadRow | undefined> {
  const [head] = await tx.query<HeadRow>(
    `select n, peaks, exists (select from ledger_draft) as slips
     from ledger_head
     for update skip locked`,
  );
  return head;
}

/** The tree to go on from; undefined where one's own entries must wait as slips. */
async function holdBook(tx: Tx): Promise<Tree | undefined> {
  const head = await lockHead(tx);
  if (head === undefined || !head.slips) return head;
  const entered = await enterSomeSlips(tx, head);
  return entered === SLIPS_AT_ONCE ? undefined : getTree(tx);
}

/** The texts stay where they are: only their hashes come here to be put into the tree. */
async function enterSomeSlips(tx: Tx, tree: Tree): Promise<number> {
  const slips = await tx.query<{ id: number; hash: Hash }>(
    `select id, encode(sha256('\\x00'::bytea || convert_to(${numbered("text", "n")}, 'UTF8')), 'hex') as hash
     from (
       select id, text, $1::int8 + row_number() over (order by id) as n
       from ledger_draft
       order by id
       limit $2
     ) as slip
     order by id`,
    [tree.n, SLIPS_AT_ONCE],
  );
  const sealed = sealHashes(
    tree,
    slips.map(({ hash }) => hash),
  );
  await tx.query(
    `with entered as (
       delete from ledger_draft as slip
       using unnest($1::int8[], $2::int8[], $3::text[], $4::text[]) as sealed (id, n, hash, node)
       where slip.id = sealed.id
       returning sealed.n, ${numbered("slip.text", "sealed.n")} as text, sealed.hash, sealed.node,
                 slip.of_case
     ), head as (
       update ledger_head set n = $5, peaks = $6
     )
     insert into ledger (n, text, hash, node, of_case)
     select * from entered`,
    [
      slips.map(({ id }) => id),
      sealed.numbers,
      sealed.hashes,
      sealed.nodes,
      ...headOf(sealed.tree),
    ],
  );
  return slips.length;
}

/** `textToEntryText`, where the text is. */
function numbered(text: string, n: string): string {
  return `left(${text}, -1) || ',"n":' || ${n} || '}'`;
}

function seal(tree: Tree, texts: ReadonlyArray<string>) {
  return { texts, ...sealHashes(tree, texts.map(NATIVE_HASHER.leaf)) };
}

function sealHashes(from: Tree, hashes: ReadonlyArray<Hash>) {
  const growing = new GrowingTree(from, NATIVE_HASHER);
  const nodes = hashes.map((hash) => growing.add(hash));
  const numbers = hashes.map((_, index) => from.n + index + 1);
  return { tree: growing.tree, numbers, hashes, nodes };
}

function headOf({ n, peaks }: Tree): ReadonlyArray<unknown> {
  return [n, peaks];
}

async function getTree(tx: Tx): Promise<Tree> {
  const [row] = await tx.query<Tree>("select n, peaks from ledger_head");
  return row ?? EMPTY_TREE;
}

export async function getLedgerHead(tx: Tx): Promise<LedgerHead> {
  const tree = await getTree(tx);
  return { n: tree.n, root: computeRoot(tree, NATIVE_HASHER) };
}

/** Entries that wait for their number, in the order in which they will get it. */
export async function listSlips(tx: Tx): Promise<ReadonlyArray<string>> {
  const rows = await tx.query<{ text: string }>("select text from ledger_draft order by id");
  return rows.map(({ text }) => text);
}

const COLUMNS = "n, text, hash, node";

export async function listLedger(
  tx: Tx,
  after: number,
  limit: number,
): Promise<ReadonlyArray<LedgerEntry>> {
  return tx.query<LedgerEntry>(
    `select ${COLUMNS} from ledger_at_hand where n > $1 order by n limit $2`,
    [after, limit],
  );
}

export async function listLedgerOfCase(
  tx: Tx,
  caseId: string,
): Promise<ReadonlyArray<LedgerEntry>> {
  return tx.query<LedgerEntry>(
    `select ${COLUMNS} from ledger_at_hand where of_case = $1 order by n`,
    [caseId],
  );
}

export type LedgerFound = {
  readonly rows: ReadonlyArray<LedgerEntry>;
  /** Entries before this one were not looked at; null where all were. */
  readonly before: number | null;
};

/**
 * The newest entries before one, in whose text each of the words stands, whatever its case. Text has no
 * index: `span` entries are looked at, and who asks again looks further back.
 */
export async function findLedger(
  tx: Tx,
  words: ReadonlyArray<string>,
  {
    before,
    span,
    limit,
  }: { readonly before: number; readonly span: number; readonly limit: number },
): Promise<LedgerFound> {
  const [beyond] = await tx.query<{ n: number }>(
    "select n from ledger_at_hand where n < $1 order by n desc offset $2 limit 1",
    [before, span],
  );
  const hasWords = words.map((_, at) => `and strpos(lower(text), lower($${at + 4})) > 0`).join(" ");
  const rows = await tx.query<LedgerEntry>(
    `select ${COLUMNS} from ledger_at_hand
     where n > $1
       and n < $2
       ${hasWords}
     order by n desc
     limit $3`,
    [beyond?.n ?? 0, before, limit, ...words],
  );
  const last = rows.at(-1);
  if (last !== undefined && rows.length === limit) return { rows, before: last.n };
  return { rows, before: beyond === undefined ? null : beyond.n + 1 };
}

/** Who signed which of these charters, and whose which of these keys is: entries of no case. */
export async function listHouseEntries(
  tx: Tx,
  charterHashes: ReadonlyArray<Hash>,
  keyIds: ReadonlyArray<string>,
  until: number,
): Promise<ReadonlyArray<LedgerEntry>> {
  return tx.query<LedgerEntry>(
    `select ${COLUMNS}
     from ledger_at_hand
     where of_case is null
       and n <= $3
       and (
         text like '%"kind":"charter.signed"%' and text::jsonb -> 'body' ->> 'charter_hash' = any($1)
         or text like '%"kind":"signer.added"%' and text::jsonb -> 'body' ->> 'key' = any($2)
       )
     order by n`,
    [charterHashes, keyIds, until],
  );
}

/** Works out a root or a proof, with the few entries that it needs read at once. */
export async function readTree<T>(
  tx: Tx,
  ask: (reader: TreeReader, hasher: TreeHasher) => T,
): Promise<T> {
  const rows = await tx.query<Pick<LedgerEntry, "n" | "hash" | "node">>(
    `select n, hash, node from ledger where n = any($1::int8[])
     union all
     select n, hash, node from ledger_kept where n = any($1::int8[])`,
    [[...listReads(ask)]],
  );
  const byNumber = new Map(rows.map((row) => [row.n, row]));
  const archived = (await findArchivedEnd(tx))?.n ?? 0;
  const at = (n: number) => {
    const row = byNumber.get(n);
    if (row !== undefined) return row;
    throw n <= archived ? archivedEntry(n) : lost(n);
  };
  return ask({ leafAt: (n) => at(n).hash, topAt: (n) => at(n).node ?? at(n).hash }, NATIVE_HASHER);
}

function lost(n: number): InterlockError {
  return new InterlockError("ledger/broken", `entry ${n} is not in the ledger`);
}

export function archivedEntry(n: number): InterlockError {
  return new InterlockError("ledger/archived", `entry ${n} is in the archive`, {
    help: "ask again with --archive and the archive's directory",
  });
}

/** Where the archive ends and the ledger here begins. */
export type ArchivedEnd = { readonly n: number; readonly root: Hash; readonly month: Month };

export async function findArchivedEnd(tx: Tx): Promise<ArchivedEnd | undefined> {
  const rows = await tx.query<ArchivedEnd>(
    "select until_n as n, root, month from archived_month order by month desc limit 1",
  );
  return rows[0];
}

/** The tree of the first `size` entries, from its peaks. */
export async function readTreeAt(tx: Tx, size: number): Promise<Tree> {
  return readTree(tx, (reader) => ({
    n: size,
    peaks: listPeakEnds(size).map((end) => reader.topAt(end)),
  }));
}
