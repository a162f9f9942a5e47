import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hashText } from "../../std/hash.ts";
import {
  appendToChain,
  EMPTY_HEAD,
  type LedgerDraft,
  type LedgerEntry,
  verifyChain,
} from "./chain.ts";

function drafts(count: number): ReadonlyArray<LedgerDraft> {
  return Array.from({ length: count }, (_, n) => ({
    at: `2026-03-02T06:00:0${n % 10}.000Z`,
    kind: "case.moved",
    loop: "logistics-marketing",
    case: `case-${n % 3}`,
    actor: "engine",
    body: { from: "received", to: "evaluating", n },
  }));
}

function chainOf(count: number) {
  return appendToChain(EMPTY_HEAD, drafts(count));
}

test("a chain that nobody touched verifies from its beginning to its head", () => {
  const { head, entries } = chainOf(7);
  assert.deepEqual(
    entries.map(({ n }) => n),
    [1, 2, 3, 4, 5, 6, 7],
  );
  assert.deepEqual(verifyChain(EMPTY_HEAD, entries), { head });
  assert.deepEqual(verifyChain(EMPTY_HEAD, []), { head: EMPTY_HEAD });
});

test("appending in parts makes the same chain as appending at once", () => {
  const all = drafts(9);
  const first = appendToChain(EMPTY_HEAD, all.slice(0, 4));
  const second = appendToChain(first.head, all.slice(4));
  assert.deepEqual([...first.entries, ...second.entries], chainOf(9).entries);
});

test("a chain verifies page by page, each page from the head that the one before it reached", () => {
  const { head, entries } = chainOf(9);
  const first = verifyChain(EMPTY_HEAD, entries.slice(0, 5));
  assert.ok("head" in first);
  assert.deepEqual(verifyChain(first.head, entries.slice(5)), { head });
});

test("an entry's hash is the SHA-256 of its very text, which names its number and its forerunner", () => {
  const [first, second] = chainOf(2).entries;
  assert.ok(first && second);
  assert.equal(second.hash, hashText(second.text));
  const said = JSON.parse(second.text) as { n: number; previous: string };
  assert.equal(said.n, 2);
  assert.equal(said.previous, first.hash);
});

type Alteration = (entries: LedgerEntry[], at: number) => void;

const ALTERATIONS: Readonly<Record<string, Alteration>> = {
  "a changed text": (entries, at) => {
    const entry = entries[at];
    if (entry) entries[at] = { ...entry, text: entry.text.replace("engine", "nobody") };
  },
  "a changed hash": (entries, at) => {
    const entry = entries[at];
    if (entry) entries[at] = { ...entry, hash: hashText("other") };
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
  "a rewritten entry with its own good hash": (entries, at) => {
    const entry = entries[at];
    if (!entry) return;
    const text = entry.text.replace(/"previous":"[0-9a-f]+"/, `"previous":"${"1".repeat(64)}"`);
    entries[at] = { ...entry, text, hash: hashText(text) };
  },
};

for (const [what, alter] of Object.entries(ALTERATIONS)) {
  test(`${what} is found at the very entry, wherever it stands`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 20 }), fc.nat(), (count, pick) => {
        const entries = [...chainOf(count).entries];
        const at = pick % (count - 1);
        alter(entries, at);
        const checked = verifyChain(EMPTY_HEAD, entries);
        assert.ok("fault" in checked, "it is found");
        assert.equal(checked.fault.n, at + 1);
      }),
    );
  });
}

test("a rewritten entry whose own chain is whole gives itself away at the next one", () => {
  const { entries } = chainOf(6);
  const third = entries[2];
  assert.ok(third);
  const text = third.text.replace("engine", "nobody");
  const forged = entries.with(2, { ...third, text, hash: hashText(text) });
  assert.deepEqual(verifyChain(EMPTY_HEAD, forged), {
    fault: { n: 4, why: "it does not follow from the entry before it" },
  });
});

test("an entry that is not JSON is a fault and not a crash", () => {
  const checked = verifyChain(EMPTY_HEAD, [{ n: 1, text: "{", hash: hashText("{") }]);
  assert.deepEqual(checked, { fault: { n: 1, why: "its text is not JSON" } });
});
