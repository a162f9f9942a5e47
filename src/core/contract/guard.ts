/**
 * A receiver that need not check its signals itself: the guard at its door does.
 *
 * Signals that come through the intake were checked there. An agent may be asked by others too, and the
 * conformance suite asks it about what no intake would let through; behind the guard it refuses that
 * with `RefusedSignalError`, whose problems are the validator's. The time of the question is the
 * question's own, so the guard has no clock.
 */
import { type Hash } from "../../std/hash.ts";
import type { ReceivingAgent } from "../port/types.ts";
import { contractHash } from "./parse.ts";
import { RefusedSignalError } from "./refusal.ts";
import { createSignalValidator, type SignalValidator } from "./signal.ts";
import type { Contract } from "./types.ts";

/** Contracts kept compiled: a loop speaks one, and the one before it while old cases are open. */
const VALIDATORS_MAX = 16;

export function guardReceiver(agent: ReceivingAgent): ReceivingAgent {
  const validatorOf = rememberValidators();
  return {
    department: agent.department,
    name: agent.name,
    version: agent.version,
    ...(agent.isRemote === undefined ? {} : { isRemote: agent.isRemote }),
    ...(agent.predictOwnDomain === undefined
      ? {}
      : { predictOwnDomain: (input) => agent.predictOwnDomain!(input) }),
    async evaluate(request) {
      const { contract, now } = request;
      const checked = validatorOf(contract)(request.signal, { now });
      if (checked.ok) return agent.evaluate({ ...request, signal: checked.signal });
      const [first] = checked.problems;
      const where = first === undefined || first.path === "" ? "" : `${first.path}: `;
      throw new RefusedSignalError(
        `\`${agent.name}\` refused the signal: ${where}${first?.message ?? "it is not valid"}`,
        checked.problems,
      );
    },
  };
}

/** By the object first, which is cheap; by content when the same contract comes as another object. */
function rememberValidators(): (contract: Contract) => SignalValidator {
  const byObject = new WeakMap<Contract, SignalValidator>();
  const byHash = new Map<Hash, SignalValidator>();
  return (contract) => {
    let validator = byObject.get(contract);
    if (validator !== undefined) return validator;
    const hash = contractHash(contract);
    validator = byHash.get(hash) ?? createSignalValidator(contract);
    if (byHash.size >= VALIDATORS_MAX) byHash.clear();
    byHash.set(hash, validator);
    byObject.set(contract, validator);
    return validator;
  };
}
