/** Whether a charter binds both sides now, as the records have it. */
import type { Charter } from "../core/charter/types.ts";
import type { Hash } from "../std/hash.ts";
import type { Instant } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import { findWithdrawal, listSignatures } from "../store/table/charter.ts";

export type CharterStanding = {
  readonly signedBy: ReadonlyArray<string>;
  readonly isSigned: boolean;
  readonly withdrawn?: { readonly party: string; readonly person: string; readonly at: Instant };
};

/** INVARIANT (no-ungoverned-action): the verdict and the dispatch both ask here. */
export async function readStanding(
  tx: Tx,
  { parties }: Charter,
  hash: Hash,
): Promise<CharterStanding> {
  const [signatures, withdrawal] = await Promise.all([
    listSignatures(tx, hash),
    findWithdrawal(tx, hash),
  ]);
  const signedBy = signatures.map(({ party }) => party);
  return {
    signedBy,
    isSigned: parties.every(({ department }) => signedBy.includes(department)),
    ...(withdrawal === undefined
      ? {}
      : {
          withdrawn: {
            party: withdrawal.party,
            person: withdrawal.person,
            at: withdrawal.withdrawn_at,
          },
        }),
  };
}
