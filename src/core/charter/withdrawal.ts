/**
 * One party's signed act that ends a charter.
 *
 * Whoever verifies offline sees only the withdrawals that they were given: papers from which one was
 * left out still verify. Whether a charter stands today is known where it is kept.
 */
import { InterlockError } from "../../std/errors.ts";
import type { Hash } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";
import { readEnvelope } from "../sign/envelope.ts";
import type { Signer } from "../sign/signers.ts";
import { checkStatementSigner, checkTexts } from "../sign/statement.ts";
import { normaliseEmail } from "./seat.ts";
import type { Charter } from "./types.ts";

export type Withdrawal = {
  readonly charter: Hash;
  readonly loop: string;
  readonly party: string;
  readonly person: string;
  readonly reason: string;
  readonly at: Instant;
};

const FIELDS = ["charter", "loop", "party", "person", "reason", "at"];

/** What a withdrawal says, once its one signature is found to be that person's, valid when received. */
export function readWithdrawal(
  value: unknown,
  signers: ReadonlyArray<Signer>,
  receivedAt: Instant,
): Withdrawal & { readonly keyId: string } {
  const { envelope, statement } = readEnvelope("withdrawal", value);
  const said = checkTexts("withdrawal", statement, FIELDS) as unknown as Withdrawal;
  const keyId = checkStatementSigner(envelope, "withdrawal", said.person, signers, receivedAt);
  return { ...said, keyId };
}

/** Throws unless who withdraws owns the party by this charter, whose hash it names. */
export function checkWithdraws(said: Withdrawal, charter: Charter, hash: Hash): void {
  if (said.charter !== hash || said.loop !== charter.loop) {
    throw new InterlockError("charter/not-found", "it withdraws from another charter", {
      help: `the charter that stands is ${hash}`,
    });
  }
  const owner = charter.parties.find(({ department }) => department === said.party)?.owner;
  if (owner === undefined || normaliseEmail(owner.email) !== normaliseEmail(said.person)) {
    throw new InterlockError("charter/not-owner", `${said.person} does not own ${said.party}`);
  }
}
