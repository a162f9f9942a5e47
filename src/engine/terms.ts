/** The papers of a case by their hashes. Registered documents never change, so they are kept. */
import type { Terms } from "../core/case/types.ts";
import { assert } from "../std/assert.ts";
import type { Hash } from "../std/hash.ts";
import type { Tx } from "../store/driver/driver.ts";
import { findCharter } from "../store/table/charter.ts";
import { findContract } from "../store/table/contract.ts";

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
