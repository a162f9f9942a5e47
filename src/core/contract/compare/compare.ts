/**
 * Two versions of a contract: what changed, whom it concerns, and in which order the two departments
 * can move without a signal or an answer being refused on the way.
 *
 * A contract is heard in two directions. Signals go from sender to receiver; replies, with the chosen
 * option and its parameters, go back to the sender's side, the charter and the connectors. Moving the
 * receiver first is safe (**backward**) when the new receiver takes every old signal and the old sender's
 * side takes every new reply. Moving the sender first is safe (**forward**) when the old receiver takes
 * every new signal and the new sender's side takes every old reply. Both: **full**. Neither: **breaking**.
 *
 * SOUNDNESS: "compatible" is only said where it is proved (see `solve.ts`). What cannot be shown counts
 * as incompatible and says so.
 */
import { contractHash } from "../parse.ts";
import type { Contract } from "../types.ts";
import { payloadThing } from "./judge.ts";
import { listOptionChanges } from "./option-change.ts";
import { computeOrder, needOf, verdictOf } from "./order.ts";
import { listSchemaChanges } from "./schema-change.ts";
import {
  listConfidenceChanges,
  listExpiryChanges,
  listPartyChanges,
  listSubjectChanges,
  listWordChanges,
} from "./term-change.ts";
import type { Change, Comparison } from "./types.ts";
import { bumpBetween, isEnough } from "./version.ts";

export function compareContracts(before: Contract, after: Contract): Comparison {
  const changes = [
    ...listPartyChanges(before, after),
    ...listSubjectChanges(before, after),
    ...listPayloadChanges(before, after),
    ...listOptionChanges(before, after),
    ...listConfidenceChanges(before, after),
    ...listExpiryChanges(before, after),
    ...listWordChanges(before, after),
  ];
  const verdict = verdictOf(changes);
  const isSame = contractHash(before) === contractHash(after);
  const bump = isSame ? "none" : needOf(verdict, changes);
  const declared = bumpBetween(before.version, after.version);
  const { parties, words } = computeOrder(verdict, changes);
  return {
    contract: after.name,
    from: before.version,
    to: after.version,
    verdict,
    bump,
    declared: { bump: declared, enough: isEnough(declared, bump) },
    words,
    changes,
    parties,
  };
}

function listPayloadChanges(before: Contract, after: Contract): Change[] {
  return listSchemaChanges(payloadThing(before), payloadThing(after), {
    at: "/payload",
    of: "payload",
    channel: "signal",
  });
}
