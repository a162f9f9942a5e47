/**
 * The ledger: an append-only chain in which every entry carries the hash of the one before it.
 *
 * Picture a bound book with numbered pages whose every page repeats the last word of the page before.
 * Tear one out, or change a word, and the next page no longer follows. An entry's text is canonical
 * JSON and is stored as that text, because its hash is over those very bytes.
 *
 * INVARIANT (ledger): text n names number n and the hash of entry n-1; the head names the last entry.
 * What a chain alone cannot show is a rewrite of everything including the head; for that a copy of
 * the head must be kept elsewhere.
 */
import { canonicalJson, type Json } from "../../std/canonical-json.ts";
import { type Hash, hashText } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";

/** What happened, to what, by whom, under which papers. */
export type LedgerDraft = {
  readonly at: Instant;
  /** Noun, past verb: `action.done`. */
  readonly kind: string;
  readonly loop: string | null;
  readonly case: string | null;
  readonly actor: string;
  readonly contract?: Hash;
  readonly charter?: Hash;
  readonly body: { readonly [key: string]: Json | undefined };
};

export type LedgerEntry = { readonly n: number; readonly text: string; readonly hash: Hash };

export type LedgerHead = { readonly n: number; readonly hash: Hash };

export const EMPTY_HEAD: LedgerHead = { n: 0, hash: "0".repeat(64) };

/** Chains drafts onto `head`, in order. */
export function appendToChain(
  head: LedgerHead,
  drafts: ReadonlyArray<LedgerDraft>,
): { readonly head: LedgerHead; readonly entries: ReadonlyArray<LedgerEntry> } {
  const entries: LedgerEntry[] = [];
  let { n, hash } = head;
  for (const draft of drafts) {
    n += 1;
    const text = canonicalJson({ ...draft, n, previous: hash });
    hash = hashText(text);
    entries.push({ n, text, hash });
  }
  return { head: { n, hash }, entries };
}

export type ChainFault = { readonly n: number; readonly why: string };

/**
 * Checks entries in order from a trusted head; feed it page by page. Returns the first fault, or the
 * head reached.
 */
export function verifyChain(
  from: LedgerHead,
  entries: Iterable<LedgerEntry>,
): { readonly head: LedgerHead } | { readonly fault: ChainFault } {
  let head = from;
  for (const entry of entries) {
    const fault = faultOf(head, entry);
    if (fault !== undefined) return { fault: { n: head.n + 1, why: fault } };
    head = { n: entry.n, hash: entry.hash };
  }
  return { head };
}

function faultOf(head: LedgerHead, entry: LedgerEntry): string | undefined {
  if (entry.n !== head.n + 1) return `entry ${head.n + 1} is missing; the next one is ${entry.n}`;
  if (hashText(entry.text) !== entry.hash) return "its text does not match its hash";
  let said: { n?: unknown; previous?: unknown };
  try {
    said = JSON.parse(entry.text) as typeof said;
  } catch {
    return "its text is not JSON";
  }
  if (said.n !== entry.n) return `its text says it is entry ${String(said.n)}`;
  if (said.previous !== head.hash) return "it does not follow from the entry before it";
  return undefined;
}
