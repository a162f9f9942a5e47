/**
 * The digest of the resolved action: what exactly would be done, under which papers.
 *
 * INVARIANT (no-ungoverned-action): a vote carries this digest, the dispatch recomputes it from the
 * case, and any difference fails closed.
 */
import { type Hash, hashJson } from "../../std/hash.ts";
import type { Proposal } from "../contract/types.ts";

export function computeActionDigest(input: {
  readonly caseId: string;
  readonly subject: string;
  readonly proposal: Proposal;
  readonly contractHash: Hash;
  readonly charterHash: Hash;
}): Hash {
  return hashJson({
    case: input.caseId,
    subject: input.subject,
    option: input.proposal.option,
    parameters: input.proposal.parameters,
    resource: input.proposal.resource,
    standingDays: input.proposal.standingDays,
    valueAtStake: input.proposal.valueAtStake,
    contract: input.contractHash,
    charter: input.charterHash,
  });
}
