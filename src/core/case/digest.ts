/**
 * The digest of the resolved action: what exactly would be done, to what as it stood, under which papers,
 * in which round.
 *
 * INVARIANT (no-ungoverned-action): a vote carries this digest, the dispatch recomputes it from the case,
 * and any difference fails closed.
 */
import { assert } from "../../std/assert.ts";
import { type Hash, hashJson } from "../../std/hash.ts";
import type { Proposal } from "../contract/types.ts";
import type { Intervention } from "../port/types.ts";
import type { Case } from "./types.ts";

/** What a connector is asked for, of a case that has a proposal. */
export function interventionOf({ proposal, signal }: Case): Intervention {
  assert(proposal, "only a proposal is carried out");
  const { option, parameters, resource } = proposal;
  return { option, parameters, subject: signal.subject, resource };
}

/** A proposal is never changed, only replaced: the same object has the same hash. */
const hashes = new WeakMap<Proposal, Hash>();

function hashOfProposal(proposal: Proposal): Hash {
  let hash = hashes.get(proposal);
  if (hash === undefined) hashes.set(proposal, (hash = hashJson(proposal)));
  return hash;
}

/** Of a case that has a proposal. */
export function computeActionDigest(of: Case): Hash {
  const { proposal, target } = of;
  assert(proposal, "only a proposal is resolved into an action");
  return hashJson({
    case: of.id,
    round: of.round,
    subject: of.signal.subject,
    option: proposal.option,
    parameters: proposal.parameters,
    resource: proposal.resource,
    standingDays: proposal.standingDays,
    valueAtStake: proposal.valueAtStake,
    proposal: hashOfProposal(proposal),
    ...(target === undefined
      ? {}
      : { connector: target.connector, before: target.before, after: target.after }),
    contract: of.contractHash,
    charter: of.charterHash,
  });
}
