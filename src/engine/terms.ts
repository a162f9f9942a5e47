/**
 * The papers of a case by their hashes, and those that a loop works under now.
 *
 * Registered documents never change, so they are kept. Which of them a loop works under is its row's word
 * and never its folder's: what stands in a file is a proposal until both heads have signed it.
 */
import type { Terms } from "../core/case/types.ts";
import { assert } from "../std/assert.ts";
import { InterlockError } from "../std/errors.ts";
import type { Hash } from "../std/hash.ts";
import type { Tx } from "../store/driver/driver.ts";
import { findCharter } from "../store/table/charter.ts";
import { findContract } from "../store/table/contract.ts";
import { findLoop, type LoopRow } from "../store/table/loop.ts";

const KEPT_MAX = 256;
const kept = new Map<string, Terms>();

export async function getTerms(tx: Tx, contractHash: Hash, charterHash: Hash): Promise<Terms> {
  const key = `${contractHash} ${charterHash}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const contract = await findContract(tx, contractHash);
  const charter = await findCharter(tx, charterHash);
  assert(contract && charter, "a case's papers are registered; foreign keys hold them");
  const terms: Terms = { contract, contractHash, charter, charterHash };
  if (kept.size >= KEPT_MAX) kept.clear();
  kept.set(key, terms);
  return terms;
}

/** What the loop works under now, or is about to, if nobody signed anything yet. */
export async function getLoopTerms(
  tx: Tx,
  loop: string,
): Promise<Terms & { readonly row: LoopRow }> {
  const row = await findLoop(tx, loop);
  if (row === undefined) throw new InterlockError("loop/not-found", `no loop is named \`${loop}\``);
  return { ...(await getTerms(tx, row.contract_hash, row.charter_hash)), row };
}
