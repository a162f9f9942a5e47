import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { integerBetween, randomFrom } from "../../std/random.ts";
import type { LedgerDraft, LedgerEntry } from "./entry.ts";
import {
  computeRootAt,
  isConsistent,
  isIncluded,
  listPeakEnds,
  listReads,
  listReadsBelow,
  proveConsistency,
  proveInclusion,
  type TreeReader,
} from "./proof.ts";
import {
  appendToTree,
  computeRoot,
  EMPTY_ROOT,
  EMPTY_TREE,
  PLAIN_HASHER,
  type Tree,
  type TreeHasher,
} from "./tree.ts";
import { verifyEntries } from "./verify.ts";

/** The platform's own, so that thousands of trees are a matter of a second. */
const QUICK: TreeHasher = {
  leaf: (text) => hash("sha256", `\u0000${text}`, "hex"),
  node: (left, right) => hash("sha256", Buffer.from(`01${left}${right}`, "hex"), "hex"),
};

function drafts(count: number): ReadonlyArray<LedgerDraft> {
  return Array.from({ length: count }, (_, n) => ({
    at: `2026-03-02T06:00:0${n % 10}.000Z`,
    kind: "case.moved",
    loop: "logistics-marketing",
    case: `case-${n % 3}`,
    actor: "engine",
    body: { from: "received", to: "evaluating", count: n },
  }));
}

function treeOf(count: number) {
  return appendToTree(EMPTY_TREE, drafts(count), QUICK);
}

function readerOf(entries: ReadonlyArray<LedgerEntry>): TreeReader {
  const at = (n: number) => {
    const entry = entries[n - 1];
    assert(entry, `there is an entry ${n}`);
    return entry;
  };
  return { leafAt: (n) => at(n).hash, topAt: (n) => at(n).node ?? at(n).hash };
}

/** RFC 9162, section 2.1.1, as it is written there: slow and obvious. */
function rootByDefinition(leaves: ReadonlyArray<string>): string {
  if (leaves.length <= 1) return leaves[0] ?? hash("sha256", "", "hex");
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return QUICK.node(rootByDefinition(leaves.slice(0, k)), rootByDefinition(leaves.slice(k)));
}

test("hashes are those of RFC 9162: leaves and nodes are told apart by their first byte", () => {
  assert.equal(EMPTY_ROOT, hash("sha256", "", "hex"));
  const [leaf, other] = [PLAIN_HASHER.leaf("ä"), PLAIN_HASHER.leaf("b")];
  assert.equal(leaf, hash("sha256", Buffer.from([0, 0xc3, 0xa4]), "hex"));
  const both = Buffer.from(leaf + other, "hex");
  assert.equal(
    PLAIN_HASHER.node(leaf, other),
    hash("sha256", Buffer.concat([Buffer.of(1), both]), "hex"),
  );
});

test("for every size the root is the definition's, appended at once or in parts", () => {
  const { entries } = treeOf(70);
  for (let size = 0; size <= entries.length; size++) {
    const leaves = entries.slice(0, size).map((entry) => entry.hash);
    const expected = rootByDefinition(leaves);
    assert.equal(computeRoot(treeOf(size).tree, QUICK), expected);
    assert.equal(computeRootAt(size, readerOf(entries), QUICK), expected);
    const first = appendToTree(EMPTY_TREE, drafts(70).slice(0, size), QUICK);
    const rest = appendToTree(first.tree, drafts(70).slice(size), QUICK);
    assert.deepEqual([...first.entries, ...rest.entries], entries);
  }
});

test("a ledger that nobody touched verifies to its tree, at once and page by page", () => {
  const { tree, entries } = treeOf(9);
  assert.deepEqual(
    entries.map(({ n }) => n),
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
  assert.deepEqual(verifyEntries(EMPTY_TREE, entries), { tree });
  assert.deepEqual(verifyEntries(EMPTY_TREE, []), { tree: EMPTY_TREE });
  const first = verifyEntries(EMPTY_TREE, entries.slice(0, 5));
  assert.ok("tree" in first);
  assert.deepEqual(verifyEntries(first.tree, entries.slice(5)), { tree });
});

test("an entry's hash is its leaf: SHA-256 of a zero byte and its very text, which names its number", () => {
  const [, second] = treeOf(2).entries;
  assert.ok(second);
  assert.equal(second.hash, hash("sha256", `\u0000${second.text}`, "hex"));
  assert.equal((JSON.parse(second.text) as { n: number }).n, 2);
});

test("inclusion is proved for every entry in every tree, and for no other entry, root or size", () => {
  const { entries } = treeOf(40);
  const reader = readerOf(entries);
  for (let size = 1; size <= entries.length; size++) {
    const root = computeRootAt(size, reader, QUICK);
    for (const { n, hash: leaf } of entries.slice(0, size)) {
      const path = proveInclusion(n, size, reader, QUICK);
      const head = { size, root };
      assert(isIncluded({ n, hash: leaf }, head, path, QUICK), `${n} of ${size}`);
      assert(!isIncluded({ n: n + 1, hash: leaf }, head, path, QUICK));
      assert(!isIncluded({ n, hash: root }, head, path, QUICK) || size === 1);
      assert(!isIncluded({ n, hash: leaf }, { size, root: leaf }, path, QUICK) || size === 1);
      assert(!isIncluded({ n, hash: leaf }, head, [...path, root], QUICK));
      if (path.length > 0) assert(!isIncluded({ n, hash: leaf }, head, path.slice(1), QUICK));
    }
  }
});

test("consistency is proved between every two sizes, and a changed past is consistent with nothing", () => {
  const { entries } = treeOf(40);
  const reader = readerOf(entries);
  const heads = Array.from({ length: 41 }, (_, size) => ({
    size,
    root: computeRootAt(size, reader, QUICK),
  }));
  for (const head of heads) {
    for (const earlier of heads.slice(0, head.size + 1)) {
      const path = proveConsistency(earlier.size, head.size, reader, QUICK);
      assert(isConsistent(earlier, head, path, QUICK), `${earlier.size} to ${head.size}`);
      assert(!isConsistent({ ...earlier, root: "a".repeat(64) }, head, path, QUICK));
      assert(
        !isConsistent(earlier, { ...head, root: "a".repeat(64) }, path, QUICK) ||
          earlier.size === 0,
      );
      assert(!isConsistent(earlier, head, [...path, head.root], QUICK));
      if (earlier.size !== head.size) assert(!isConsistent(head, earlier, path, QUICK));
    }
  }
});

test("what a proof reads is known beforehand, and is little however large the tree", () => {
  const [n, size, earlier] = [123_456_789, 987_654_321, 500_000_001];
  const reads = listReads((reader, hasher) => {
    proveInclusion(n, size, reader, hasher);
    proveConsistency(earlier, size, reader, hasher);
  });
  assert(reads.size < 30 * 30, `${reads.size} reads`);
  assert([...reads].every((at) => at >= 1 && at <= size));
});

test("wherever a ledger is cut, what is kept below proves every kept entry and head in every later tree", () => {
  const { entries } = treeOf(36);
  const whole = readerOf(entries);
  for (let cut = 1; cut <= 21; cut++) {
    for (let kept = 1; kept <= cut; kept++) {
      const below = listReadsBelow(cut, [kept], [kept]);
      assert([...below].every((n) => n <= cut));
      const missing = (n: number) => assert.fail(`entry ${n} is read, cut after ${cut}`);
      const rest: TreeReader = {
        leafAt: (n) => (n > cut || below.has(n) ? whole.leafAt(n) : missing(n)),
        topAt: (n) => (n > cut || below.has(n) ? whole.topAt(n) : missing(n)),
      };
      for (let size = cut; size <= entries.length; size++) {
        for (const prove of [proveInclusion, proveConsistency]) {
          assert.deepEqual(prove(kept, size, rest, QUICK), prove(kept, size, whole, QUICK));
        }
        assert.equal(computeRootAt(size, rest, QUICK), computeRootAt(size, whole, QUICK));
      }
      assert.equal(computeRootAt(kept, rest, QUICK), computeRootAt(kept, whole, QUICK));
      assert.deepEqual(
        { n: cut, peaks: listPeakEnds(cut).map((n) => rest.topAt(n)) },
        treeOf(cut).tree,
      );
    }
  }
});

type Alteration = (entries: LedgerEntry[], at: number) => void;

const ALTERATIONS: Readonly<Record<string, Alteration>> = {
  "a changed text": (entries, at) => {
    const entry = entries[at];
    if (entry) entries[at] = { ...entry, text: entry.text.replace("engine", "nobody") };
  },
  "a changed hash": (entries, at) => {
    const entry = entries[at];
    if (entry) entries[at] = { ...entry, hash: QUICK.leaf("other") };
  },
  "a changed number": (entries, at) => {
    const entry = entries[at];
    if (entry) entries[at] = { ...entry, n: entry.n + 1 };
  },
  "a missing entry": (entries, at) => void entries.splice(at, 1),
  "a doubled entry": (entries, at) => {
    const before = entries[at - 1];
    if (before) entries.splice(at, 0, before);
    else entries.splice(at, 1);
  },
  "two entries in each other's place": (entries, at) => {
    const [one, other] = [entries[at], entries[at + 1]];
    if (one && other) entries.splice(at, 2, other, one);
  },
  "two entries in each other's place, renumbered": (entries, at) => {
    const [one, other] = [entries[at], entries[at + 1]];
    if (one && other) entries.splice(at, 2, { ...other, n: one.n }, { ...one, n: other.n });
  },
  "a changed top": (entries, at) => {
    const entry = entries[at];
    if (entry) entries[at] = { ...entry, node: QUICK.leaf("other") };
  },
};

for (const [what, alter] of Object.entries(ALTERATIONS)) {
  test(`${what} is found at the very entry, wherever it stands`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 20 }), fc.nat(), (count, pick) => {
        const entries = [...treeOf(count).entries];
        const at = pick % (count - 1);
        alter(entries, at);
        const checked = verifyEntries(EMPTY_TREE, entries, new Map(), QUICK);
        assert.ok("fault" in checked, "it is found");
        assert.equal(checked.fault.n, at + 1);
      }),
    );
  });
}

test("an entry rewritten with its own good hash gives itself away at the next top over it", () => {
  const { entries } = treeOf(6);
  const third = entries[2];
  assert.ok(third);
  const text = third.text.replace("engine", "nobody");
  const forged = entries.with(2, { ...third, text, hash: QUICK.leaf(text) });
  assert.deepEqual(verifyEntries(EMPTY_TREE, forged), {
    fault: { n: 4, why: "it does not follow from the entries before it" },
  });
});

test("an entry that is not JSON is a fault and not a crash", () => {
  const text = "{";
  const checked = verifyEntries(EMPTY_TREE, [{ n: 1, text, hash: QUICK.leaf(text), node: null }]);
  assert.deepEqual(checked, { fault: { n: 1, why: "its text is not JSON" } });
});

/** Everything after an alteration made good again, as somebody would who owns the store. */
function reseal(texts: ReadonlyArray<string>): { tree: Tree; entries: ReadonlyArray<LedgerEntry> } {
  const parsed = texts.map((text) => JSON.parse(text) as LedgerDraft & { n?: number });
  return appendToTree(
    EMPTY_TREE,
    parsed.map(({ n: _n, ...draft }) => draft),
    QUICK,
  );
}

const TAMPERINGS = 10_000;

test("of 10,000 random alterations none is missed from an earlier root, sealed anew or not", () => {
  const random = randomFrom("tampering");
  const count = 32;
  const { tree, entries } = treeOf(count);
  const early = 24;
  const known = new Map([
    [early, computeRootAt(early, readerOf(entries), QUICK)],
    [count, computeRoot(tree, QUICK)],
  ]);
  const kinds = ["bit", "delete", "insert", "swap", "reorder", "truncate"] as const;
  const seen = new Map<string, number>();
  for (let round = 0; round < TAMPERINGS; round++) {
    const kind = kinds[round % kinds.length] ?? "bit";
    const isSealedAnew = integerBetween(random, 0, 1) === 1;
    let altered: LedgerEntry[] = [...entries];
    const at = integerBetween(random, 0, count - 1);
    const [one] = altered.slice(at, at + 1);
    assert(one);
    switch (kind) {
      case "bit": {
        const chars = Buffer.from(one.text, "utf8");
        const byte = integerBetween(random, 0, chars.length - 1);
        chars[byte] = (chars[byte] ?? 0) ^ (1 << integerBetween(random, 0, 6));
        altered[at] = { ...one, text: chars.toString("latin1") };
        break;
      }
      case "delete":
        altered.splice(at, integerBetween(random, 1, 3));
        break;
      case "insert":
        altered.splice(at, 0, { ...one, text: one.text.replace("engine", "nobody") });
        break;
      case "swap": {
        const other = (at + integerBetween(random, 1, count - 1)) % count;
        const there = altered[other];
        assert(there);
        altered = altered.with(at, there).with(other, one);
        break;
      }
      case "reorder": {
        const shift = integerBetween(random, 1, count - 1);
        altered = [...altered.slice(shift), ...altered.slice(0, shift)];
        break;
      }
      default:
        altered = altered.slice(0, integerBetween(random, early - 4, count - 1));
    }
    const isReadable = altered.every(({ text }) => isJson(text));
    const forged = isSealedAnew && isReadable ? reseal(altered.map(({ text }) => text)) : undefined;
    const checked = verifyEntries(EMPTY_TREE, forged?.entries ?? altered, known, QUICK);
    const isMissed =
      "tree" in checked &&
      checked.tree.n === count &&
      computeRoot(checked.tree, QUICK) === known.get(count);
    const isSame = (forged?.entries ?? altered).every(
      (entry, n) => entry.text === entries[n]?.text,
    );
    assert(!isMissed || (isSame && altered.length === count), `round ${round}: ${kind} was missed`);
    if (!isMissed) seen.set(kind, (seen.get(kind) ?? 0) + 1);
  }
  // A swap of equals or a bit that a rewriting normalises away alters nothing; there are few of those.
  for (const kind of kinds) assert((seen.get(kind) ?? 0) > TAMPERINGS / kinds.length - 100, kind);
});

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}
