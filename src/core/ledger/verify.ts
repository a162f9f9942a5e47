/**
 * Reads entries in order and says of the first that does not hold why.
 *
 * What convicts: a number out of turn; a text that its hash, or its own number, does not fit; a top that
 * does not follow from the entries before it; and, against a root that was noted earlier, a past that is
 * another one. The last is the only one that somebody cannot mend who rewrites everything there is, so the
 * root has to be noted where they cannot reach: `head.ts`.
 */
import type { Hash } from "../../std/hash.ts";
import type { LedgerEntry } from "./entry.ts";
import { computeRoot, GrowingTree, PLAIN_HASHER, type Tree, type TreeHasher } from "./tree.ts";

export type LedgerFault = {
  /** The first entry that does not hold. */
  readonly n: number;
  readonly why: string;
};

/** Roots that the tree had at earlier sizes, by size. */
export type KnownRoots = ReadonlyMap<number, Hash>;

/**
 * Checks entries in order, from a tree that is trusted; feed it page by page. Returns the first fault, or
 * the tree reached.
 */
export function verifyEntries(
  from: Tree,
  entries: Iterable<LedgerEntry>,
  known: KnownRoots = new Map(),
  hasher: TreeHasher = PLAIN_HASHER,
): { readonly tree: Tree } | { readonly fault: LedgerFault } {
  const growing = new GrowingTree(from, hasher);
  for (const entry of entries) {
    const n = growing.n + 1;
    const why =
      findOwnFault(n, entry, hasher) ??
      (growing.add(entry.hash) === entry.node
        ? undefined
        : "it does not follow from the entries before it") ??
      findRootFault(n, known, () => computeRoot(growing.tree, hasher));
    if (why !== undefined) return { fault: { n, why } };
  }
  return { tree: growing.tree };
}

/** The same of texts alone, as an export has them: their hashes are made here. */
export function verifyTexts(
  from: Tree,
  texts: Iterable<string>,
  known: KnownRoots,
  hasher: TreeHasher = PLAIN_HASHER,
): { readonly tree: Tree } | { readonly fault: LedgerFault } {
  const growing = new GrowingTree(from, hasher);
  for (const text of texts) {
    const n = growing.n + 1;
    growing.add(hasher.leaf(text));
    const why =
      findNumberFault(n, text) ?? findRootFault(n, known, () => computeRoot(growing.tree, hasher));
    if (why !== undefined) return { fault: { n, why } };
  }
  return { tree: growing.tree };
}

/** What is known of entries beyond the last that there is. */
export function findMissingTail(n: number, known: KnownRoots): LedgerFault | undefined {
  const farthest = Math.max(0, ...known.keys());
  if (farthest <= n) return undefined;
  return { n: n + 1, why: `${farthest - n} entries at the end are missing` };
}

function findOwnFault(n: number, entry: LedgerEntry, hasher: TreeHasher): string | undefined {
  if (entry.n !== n) return `entry ${n} is missing; the next one is ${entry.n}`;
  if (hasher.leaf(entry.text) !== entry.hash) return "its text does not match its hash";
  return findNumberFault(n, entry.text);
}

function findNumberFault(n: number, text: string): string | undefined {
  // As `textToEntryText` writes it. Only another spelling is read as JSON: a million are quickly many.
  if (text.startsWith("{") && text.endsWith(`,"n":${n}}`)) return undefined;
  try {
    const said = JSON.parse(text) as { readonly n?: unknown } | null;
    return said?.n === n ? undefined : `its text says it is entry ${String(said?.n)}`;
  } catch {
    return "its text is not JSON";
  }
}

function findRootFault(n: number, known: KnownRoots, rootNow: () => Hash): string | undefined {
  const root = known.get(n);
  if (root === undefined || root === rootNow()) return undefined;
  const before = [...known.keys()].filter((size) => size < n).reduce((a, b) => Math.max(a, b), 0);
  return `entries ${before + 1} to ${n} are not those whose root was noted`;
}
