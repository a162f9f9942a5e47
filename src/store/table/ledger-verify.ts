/**
 * Reads the ledger from where the archive ends to the recorded head, and says of the first entry that does
 * not hold why.
 *
 * What an archive took is not here to be read. What is: the hashes that later proofs lean on, which must
 * come to the root that was archived, and the entries that stayed at hand, which must be among those.
 */
import { isIncluded, proveInclusion } from "../../core/ledger/proof.ts";
import { computeRoot, EMPTY_TREE, type Tree } from "../../core/ledger/tree.ts";
import {
  findMissingTail,
  type KnownRoots,
  type LedgerFault,
  verifyEntries,
} from "../../core/ledger/verify.ts";
import { assert } from "../../std/assert.ts";
import { InterlockError } from "../../std/errors.ts";
import type { Driver, Tx } from "../driver/driver.ts";
import { NATIVE_HASHER } from "../tree-hasher.ts";
import {
  type ArchivedEnd,
  enterSlips,
  findArchivedEnd,
  type LedgerHead,
  listLedger,
  readTree,
  readTreeAt,
} from "./ledger.ts";

/** Entries read at a time. */
const PAGE_ROWS = 5_000;

export type Verified = {
  readonly head: LedgerHead;
  /** The entries up to here are in the archive, and were not read. */
  readonly archived?: ArchivedEnd;
};

export type Verification = Verified | { readonly fault: LedgerFault };

/** Verifies every entry up to the recorded head, and the roots that are known from elsewhere. */
export async function verifyLedger(
  driver: Driver,
  onPage: (verified: number) => void = () => undefined,
  known: KnownRoots = new Map(),
): Promise<Verification> {
  await enterSlips(driver);
  for (;;) {
    const archived = await findArchivedEnd(driver);
    const checked = await verifyEntered(driver, onPage, known);
    if (!("fault" in checked)) return checked;
    // A month that left meanwhile is not missing.
    if ((await findArchivedEnd(driver))?.month === archived?.month) return checked;
  }
}

/** The same of what is entered, and writes nothing. */
export async function verifyEntered(
  tx: Tx,
  onPage: (verified: number) => void = () => undefined,
  known: KnownRoots = new Map(),
): Promise<Verification> {
  const archived = await findArchivedEnd(tx);
  // In one look: entries that are written meanwhile are beyond both.
  const [recorded] = await tx.query<Tree & { readonly last: number }>(
    "select n, peaks, coalesce((select max(n) from ledger), 0) as last from ledger_head",
  );
  assert(recorded !== undefined, "there is a head");
  const begun = archived === undefined ? EMPTY_TREE : await beginAfter(tx, archived, known);
  if ("fault" in begun) return begun;
  let tree: Tree = begun;
  while (tree.n < recorded.n) {
    const page = await listLedger(tx, tree.n, Math.min(PAGE_ROWS, recorded.n - tree.n));
    if (page.length === 0) break;
    const checked = verifyEntries(tree, page, known, NATIVE_HASHER);
    if ("fault" in checked) return checked;
    tree = checked.tree;
    onPage(tree.n);
  }
  return (
    findEndFault(tree, recorded, known) ?? {
      head: { n: tree.n, root: computeRoot(tree, NATIVE_HASHER) },
      ...(archived === undefined ? {} : { archived }),
    }
  );
}

/** The tree that the archive ends with, once everything that is kept of it was found to be under its root. */
async function beginAfter(
  tx: Tx,
  archived: ArchivedEnd,
  known: KnownRoots,
): Promise<Tree | { readonly fault: LedgerFault }> {
  const fault = (n: number, why: string) => ({ fault: { n, why } });
  try {
    const tree = await readTreeAt(tx, archived.n);
    const noted = known.get(archived.n) ?? archived.root;
    if (computeRoot(tree, NATIVE_HASHER) !== archived.root || noted !== archived.root) {
      return fault(archived.n, "what is kept of the archive is not what was archived");
    }
    const head = { size: archived.n, root: archived.root };
    for (let after = 0; ;) {
      const page = (await listLedger(tx, after, PAGE_ROWS)).filter(({ n }) => n <= archived.n);
      if (page.length === 0) return tree;
      const paths = await readTree(tx, (reader, hasher) =>
        page.map(({ n }) => proveInclusion(n, archived.n, reader, hasher)),
      );
      for (const [index, { n, text }] of page.entries()) {
        const leaf = { n, hash: NATIVE_HASHER.leaf(text) };
        if (!isIncluded(leaf, head, paths[index] ?? [], NATIVE_HASHER)) {
          return fault(n, "it was kept of the archive, and is not what was archived");
        }
      }
      after = page.at(-1)?.n ?? archived.n;
    }
  } catch (error) {
    if (!(error instanceof InterlockError) || error.code !== "ledger/archived") throw error;
    return fault(archived.n, `of what is kept of the archive a part is missing: ${error.message}`);
  }
}

function findEndFault(
  tree: Tree,
  recorded: Tree & { readonly last: number },
  known: KnownRoots,
): { readonly fault: LedgerFault } | undefined {
  const missing = findMissingTail(tree.n, new Map([...known, [recorded.n, ""]]));
  if (missing !== undefined) return { fault: missing };
  if (recorded.peaks.join() !== tree.peaks.join()) {
    return { fault: { n: tree.n, why: "the recorded head does not name this entry" } };
  }
  return recorded.last > tree.n
    ? { fault: { n: tree.n + 1, why: "it stands behind the recorded head" } }
    : undefined;
}
