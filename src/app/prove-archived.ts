/**
 * Proofs of what has left the database, from the archive alone: an entry is under the root of the archive's
 * last month, and that root is the beginning of a head that was signed.
 */
import { join } from "node:path";
import { scanParquet } from "../connector/table-file/index.ts";
import {
  listReads,
  proveConsistency,
  proveInclusion,
  type TreeHead,
  type TreeReader,
} from "../core/ledger/proof.ts";
import {
  computeRoot,
  EMPTY_TREE,
  GrowingTree,
  type Tree,
  type TreeHasher,
} from "../core/ledger/tree.ts";
import type { Envelope } from "../core/sign/envelope.ts";
import { InterlockError } from "../std/errors.ts";
import type { Hash } from "../std/hash.ts";
import { NATIVE_HASHER } from "../store/tree-hasher.ts";
import { getManifest } from "./archive-month.ts";
import { listMonths } from "./verify-archive.ts";

export type ArchivedProof = {
  readonly entry: { readonly n: number; readonly text: string; readonly path: ReadonlyArray<Hash> };
  /** Of the archive's last month. */
  readonly end: TreeHead;
  /** From the ledger of `since` entries to that; empty where that was not asked. */
  readonly consistency: ReadonlyArray<Hash>;
  /** The head that goes on from there, as it was signed. */
  readonly signed: { readonly envelope: Envelope; readonly path: ReadonlyArray<Hash> };
};

/** Throws `archive/bad-file` where it has no such entry. Believes the files: `verifyArchive` does not. */
export async function proveArchived(
  directory: string,
  n: number,
  since: number,
): Promise<ArchivedProof> {
  const months = listMonths(directory);
  const { statement, head, path } = getManifest(directory, months.at(-1) ?? "");
  const size = statement.until.n;
  if (n < 1 || n > size || since > size) {
    throw new InterlockError("archive/bad-file", `the archive has entries 1 to ${size}`, {
      help: "later ones are in the database: ask without --archive",
    });
  }
  const ask = (reader: TreeReader, hasher: TreeHasher) => ({
    path: proveInclusion(n, size, reader, hasher),
    consistency: proveConsistency(since, size, reader, hasher),
  });
  const reads = listReads(ask);
  const found = new Map<number, { readonly leaf: Hash; readonly top: Hash }>();
  let text = "";
  let tree: Tree = EMPTY_TREE;
  for (const month of months) {
    await scanParquet(
      join(directory, month, "ledger.parquet"),
      () => ["text"],
      (page) => {
        const growing = new GrowingTree(tree, NATIVE_HASHER);
        for (const said of Array.from(page.columns[0] ?? [], String)) {
          const leaf = NATIVE_HASHER.leaf(said);
          const top = growing.add(leaf) ?? leaf;
          if (reads.has(growing.n)) found.set(growing.n, { leaf, top });
          if (growing.n === n) text = said;
        }
        tree = growing.tree;
      },
    );
  }
  const at = (of: number) => found.get(of) ?? { leaf: "", top: "" };
  const proved = ask({ leafAt: (of) => at(of).leaf, topAt: (of) => at(of).top }, NATIVE_HASHER);
  return {
    entry: { n, text, path: proved.path },
    end: { size, root: computeRoot(tree, NATIVE_HASHER) },
    consistency: proved.consistency,
    signed: { envelope: head, path },
  };
}
