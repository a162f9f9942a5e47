/**
 * Proofs: a few hashes that show a thing about a ledger to somebody who has only its root.
 *
 *   inclusion     this entry is in the ledger whose root you hold             RFC 9162, section 2.1.3
 *   consistency   the ledger whose root you hold now begins with the one      RFC 9162, section 2.1.4
 *                 whose root you held before: nothing in it was changed
 *
 * About twenty hashes for a million entries. Whoever checks needs this file's two `is...` functions and no
 * access to anything.
 */
import { assert } from "../../std/assert.ts";
import { type Hash, isHash } from "../../std/hash.ts";
import { EMPTY_ROOT, PLAIN_HASHER, type TreeHasher } from "./tree.ts";

/** What stands beside an entry; throws for one that it does not have. */
export type TreeReader = {
  /** The entry's own hash. */
  leafAt(n: number): Hash;
  /** The top of the largest full subtree that ends with the entry. */
  topAt(n: number): Hash;
};

/** Shows that entry `n` is in the tree of the first `size` entries; the sibling nearest to it first. */
export function proveInclusion(
  n: number,
  size: number,
  reader: TreeReader,
  hasher: TreeHasher = PLAIN_HASHER,
): ReadonlyArray<Hash> {
  assert(n >= 1 && n <= size, "an entry is proved within the tree");
  const path: Hash[] = [];
  let [from, until] = [0, size];
  while (until - from > 1) {
    const middle = from + largestPowerBelow(until - from);
    if (n <= middle) {
      path.push(hashRange(middle, until, reader, hasher));
      until = middle;
    } else {
      path.push(hashRange(from, middle, reader, hasher));
      from = middle;
    }
  }
  return path.reverse();
}

/** Shows that the tree of `size` entries begins with that of the first `earlier`. */
export function proveConsistency(
  earlier: number,
  size: number,
  reader: TreeReader,
  hasher: TreeHasher = PLAIN_HASHER,
): ReadonlyArray<Hash> {
  assert(earlier >= 0 && earlier <= size, "a tree grows");
  if (earlier === 0 || earlier === size) return [];
  const path: Hash[] = [];
  let [from, until] = [0, size];
  while (until > earlier) {
    const middle = from + largestPowerBelow(until - from);
    if (earlier <= middle) {
      path.push(hashRange(middle, until, reader, hasher));
      until = middle;
    } else {
      path.push(hashRange(from, middle, reader, hasher));
      from = middle;
    }
  }
  // A part that begins at the beginning is the earlier tree itself, whose root the other side has.
  if (from > 0) path.push(hashRange(from, until, reader, hasher));
  return path.reverse();
}

export function computeRootAt(
  size: number,
  reader: TreeReader,
  hasher: TreeHasher = PLAIN_HASHER,
): Hash {
  return size === 0 ? EMPTY_ROOT : hashRange(0, size, reader, hasher);
}

/** The entries that end the full subtrees of a tree of `size` entries, the largest first. */
export function listPeakEnds(size: number): ReadonlyArray<number> {
  const ends: number[] = [];
  for (let at = 0; at < size; ends.push(at)) at += largestPowerUpTo(size - at);
  return ends;
}

/** The entries that stand beside what is asked for, so that a store can read them all at once. */
export function listReads(ask: (reader: TreeReader, hasher: TreeHasher) => void): Set<number> {
  const reads = new Set<number>();
  const note = (n: number): Hash => {
    reads.add(n);
    return "";
  };
  // What is read never depends on what was read.
  ask({ leafAt: note, topAt: note }, { leaf: () => "", node: () => "" });
  return reads;
}

/**
 * Of a ledger that is cut after entry `until`: the entries whose hashes every later proof of `entries`, and
 * from the earlier `sizes`, reads of what came before the cut.
 */
export function listReadsBelow(
  until: number,
  entries: ReadonlyArray<number>,
  sizes: ReadonlyArray<number>,
): ReadonlySet<number> {
  const reads = listReads((reader, hasher) => {
    computeRootAt(until, reader, hasher);
    for (const n of entries) proveInclusion(n, until, reader, hasher);
    for (const size of sizes) {
      computeRootAt(size, reader, hasher);
      proveConsistency(size, until, reader, hasher);
    }
  });
  return reads;
}

/** The root over entries `from + 1` to `until`, which a split of the tree gave. */
function hashRange(from: number, until: number, reader: TreeReader, hasher: TreeHasher): Hash {
  const width = largestPowerUpTo(until - from);
  const left = hashFull(from + width, width, reader, hasher);
  return from + width === until
    ? left
    : hasher.node(left, hashRange(from + width, until, reader, hasher));
}

/** The top of the full subtree of `width` entries that ends with entry `until`. */
function hashFull(until: number, width: number, reader: TreeReader, hasher: TreeHasher): Hash {
  if (until % (width * 2) !== 0) return reader.topAt(until);
  // A right half: what is kept at its end is the larger one around it, so it is put together.
  let top = reader.leafAt(until);
  for (let step = 1; step < width; step *= 2) top = hasher.node(reader.topAt(until - step), top);
  return top;
}

function largestPowerUpTo(count: number): number {
  let power = 1;
  while (power * 2 <= count) power *= 2;
  return power;
}

function largestPowerBelow(count: number): number {
  return largestPowerUpTo(count - 1);
}

export type TreeHead = { readonly size: number; readonly root: Hash };

/** RFC 9162, section 2.1.3.2. */
export function isIncluded(
  entry: { readonly n: number; readonly hash: Hash },
  head: TreeHead,
  path: ReadonlyArray<Hash>,
  hasher: TreeHasher = PLAIN_HASHER,
): boolean {
  if (!isSize(entry.n) || !isSize(head.size)) return false;
  if (entry.n < 1 || entry.n > head.size || !path.every(isHash)) return false;
  let [at, last] = [entry.n - 1, head.size - 1];
  let top = entry.hash;
  for (const sibling of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      top = hasher.node(sibling, top);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, half(last)];
    } else {
      top = hasher.node(top, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && top === head.root;
}

/** RFC 9162, section 2.1.4.2. */
export function isConsistent(
  earlier: TreeHead,
  head: TreeHead,
  path: ReadonlyArray<Hash>,
  hasher: TreeHasher = PLAIN_HASHER,
): boolean {
  if (!isSize(earlier.size) || !isSize(head.size) || !path.every(isHash)) return false;
  if (earlier.size === head.size) return path.length === 0 && earlier.root === head.root;
  if (earlier.size === 0) return path.length === 0 && earlier.root === EMPTY_ROOT;
  if (earlier.size > head.size) return false;
  let [at, last] = [earlier.size - 1, head.size - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  const rest = [...path];
  const first = at === 0 ? earlier.root : rest.shift();
  if (first === undefined) return false;
  let [before, now] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      before = hasher.node(sibling, before);
      now = hasher.node(sibling, now);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, half(last)];
    } else {
      now = hasher.node(now, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && before === earlier.root && now === head.root;
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function half(of: number): number {
  return Math.floor(of / 2);
}
