/** Where somebody has a seat by the charters, and which deputies could be asked there instead of them. */
import { listDeputies } from "../../../src/core/charter/delegation.ts";
import { membersOf, normaliseEmail } from "../../../src/core/charter/seat.ts";
import type { Charter } from "../../../src/core/charter/types.ts";
import type { Instant } from "../../../src/std/time.ts";

export type OwnSeat = {
  readonly department: string;
  /** Addresses, each once; empty where the charter names nobody else. */
  readonly deputies: ReadonlyArray<string>;
};

/** One a department, however many of the charters give it a seat. */
export function listOwnSeats(
  charters: ReadonlyArray<Charter>,
  email: string,
  at: Instant,
): ReadonlyArray<OwnSeat> {
  const deputiesOf = new Map<string, Set<string>>();
  for (const charter of charters) {
    for (const party of charter.parties) {
      if (!membersOf(party).some((one) => isSame(one.email, email))) continue;
      const deputies = deputiesOf.get(party.department) ?? new Set();
      deputiesOf.set(party.department, deputies);
      for (const deputy of listDeputies(charter, party, email, at)) deputies.add(deputy.email);
    }
  }
  return [...deputiesOf].map(([department, deputies]) => ({
    department,
    deputies: [...deputies],
  }));
}

export function isSame(a: string, b: string): boolean {
  return normaliseEmail(a) === normaliseEmail(b);
}
