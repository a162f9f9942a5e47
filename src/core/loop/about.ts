/**
 * What a piece of evidence is about, as one hash: when the thing changes, its evidence is about
 * something else, and no longer counts. Whoever makes evidence and whoever reads it ask here.
 */
import { type Hash, hashJson } from "../../std/hash.ts";

export type AgentId = {
  readonly department: string;
  readonly name: string;
  readonly version: string;
};

/** One agent, at one version: what its record in its own domain is about. */
export function hashOfAgent({ department, name, version }: AgentId): Hash {
  return hashJson({ department, name, version });
}

/** One end of a loop: an agent's version against a contract. A conformance result is about this. */
export function hashOfEnd(contractHash: Hash, agent: AgentId): Hash {
  return hashJson({ contract: contractHash, agent: hashOfAgent(agent) });
}

/** The whole way of a signal: both ends, contract and charter. A drill is about this. */
export function hashOfRoute(
  papers: { readonly contractHash: Hash; readonly charterHash: Hash },
  sender: AgentId,
  receiver: AgentId,
): Hash {
  return hashJson({
    contract: papers.contractHash,
    charter: papers.charterHash,
    sender: hashOfAgent(sender),
    receiver: hashOfAgent(receiver),
  });
}
