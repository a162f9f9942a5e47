/**
 * An entry of the ledger: what happened, to what, by whom, under which papers.
 *
 * An entry is canonical JSON and is stored as that very text, because its hash is over those very bytes.
 * It says its own number: one that was moved to another place gives itself away there.
 */
import { canonicalJson, type Json } from "../../std/canonical-json.ts";
import type { Hash } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";

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

export type LedgerEntry = {
  /** From 1, without a gap. */
  readonly n: number;
  readonly text: string;
  /** Over the text: its leaf in the tree. */
  readonly hash: Hash;
  /** The largest full subtree that ends with this entry; null where that is the leaf itself. */
  readonly node: Hash | null;
};

export function draftToText(draft: LedgerDraft): string {
  return canonicalJson(draft);
}

/**
 * The entry's text. `n` is the last of the keys in their canonical order, so it is put in at the end:
 * the store does the same to a draft that waited for its number.
 */
export function textToEntryText(draftText: string, n: number): string {
  return `${draftText.slice(0, -1)},"n":${n}}`;
}
