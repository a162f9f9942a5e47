/**
 * The ledger's tree (RFC 9162, section 2.1): one hash, the root, that stands for every entry there is.
 *
 * Picture a knock-out table of a tournament, drawn from the left as players arrive. Each entry is a leaf;
 * two neighbours meet in a node, two nodes in the next. Whatever is changed below shows at the top. Of a
 * table that is still growing only the winners of its finished parts are kept in hand, the peaks: at most
 * one of each size, so a tree of a million entries is twenty hashes.
 *
 *   leaf   SHA-256(0x00 || text)
 *   node   SHA-256(0x01 || left || right)
 *
 * The entry that finishes a part keeps the part's top beside it (`LedgerEntry.node`). That is one more
 * hash for every second entry, and every subtree that a proof needs is at hand or a few hashes away.
 */
import { bytesToHex, concatBytes, hexToBytes } from "../../std/bytes.ts";
import { assert } from "../../std/assert.ts";
import { type Hash, hashText, sha256 } from "../../std/hash.ts";
import { draftToText, type LedgerDraft, type LedgerEntry, textToEntryText } from "./entry.ts";

/** A store passes in its platform's own SHA-256, which is several times as fast. */
export type TreeHasher = {
  leaf(text: string): Hash;
  node(left: Hash, right: Hash): Hash;
};

const NODE_PREFIX = Uint8Array.of(1);

export const PLAIN_HASHER: TreeHasher = {
  // U+0000 is the byte 0x00 in UTF-8.
  leaf: (text) => hashText(`\u0000${text}`),
  node: (left, right) =>
    bytesToHex(sha256(concatBytes(NODE_PREFIX, hexToBytes(left), hexToBytes(right)))),
};

/** `n` entries, and the tops of its full subtrees, the largest first. */
export type Tree = { readonly n: number; readonly peaks: ReadonlyArray<Hash> };

export const EMPTY_TREE: Tree = { n: 0, peaks: [] };
/** The root of no entries, as the RFC has it: the hash of nothing. */
export const EMPTY_ROOT: Hash = hashText("");

export function computeRoot({ peaks }: Tree, hasher: TreeHasher = PLAIN_HASHER): Hash {
  return peaks.length === 0
    ? EMPTY_ROOT
    : peaks.reduceRight((right, left) => hasher.node(left, right));
}

/** A tree that takes leaves, for as long as a batch of them lasts. */
export class GrowingTree {
  readonly #hasher: TreeHasher;
  readonly #peaks: Hash[];
  #n: number;

  constructor(from: Tree, hasher: TreeHasher = PLAIN_HASHER) {
    this.#hasher = hasher;
    this.#peaks = [...from.peaks];
    this.#n = from.n;
  }

  get n(): number {
    return this.#n;
  }

  get tree(): Tree {
    return { n: this.#n, peaks: [...this.#peaks] };
  }

  /** Returns the top of the largest subtree that this leaf finishes; null where that is the leaf. */
  add(leaf: Hash): Hash | null {
    this.#n += 1;
    let top = leaf;
    for (let rest = this.#n; rest % 2 === 0; rest /= 2) {
      const left = this.#peaks.pop();
      assert(left !== undefined, "a tree has a peak for each binary digit of its size");
      top = this.#hasher.node(left, top);
    }
    this.#peaks.push(top);
    return this.#n % 2 === 0 ? top : null;
  }
}

/** Enters drafts, in order. */
export function appendToTree(
  from: Tree,
  drafts: ReadonlyArray<LedgerDraft>,
  hasher: TreeHasher = PLAIN_HASHER,
): { readonly tree: Tree; readonly entries: ReadonlyArray<LedgerEntry> } {
  const growing = new GrowingTree(from, hasher);
  const entries = drafts.map((draft) => {
    const n = growing.n + 1;
    const text = textToEntryText(draftToText(draft), n);
    const hash = hasher.leaf(text);
    return { n, text, hash, node: growing.add(hash) };
  });
  return { tree: growing.tree, entries };
}
