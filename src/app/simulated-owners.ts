/**
 * The people of a simulated company: their keys are made from their addresses, so that one run signs as
 * the next does. Nobody real has such a key.
 */
import { type BallotPaper, signBallotPaper } from "../core/charter/ballot-paper.ts";
import { openEnvelope, signEnvelope } from "../core/sign/envelope.ts";
import { keyIdOf, writePublicKey } from "../core/sign/ssh-key.ts";
import type { Charter } from "../core/charter/types.ts";
import { utf8ToBytes } from "../std/bytes.ts";
import { publicKeyOf } from "../std/ed25519.ts";
import { hashText, type Hash } from "../std/hash.ts";
import { normaliseEmail } from "../core/charter/seat.ts";
import type { Engine } from "../engine/engine.ts";
import { signerAdd } from "../operation/add-signer.ts";
import { charterSign } from "../operation/sign-charter.ts";

const SECRET_BYTES = 32;

export function simulatedSecretOf(email: string): Uint8Array {
  const digest = hashText(`a simulated person of Interlock: ${normaliseEmail(email)}`);
  return utf8ToBytes(digest).slice(0, SECRET_BYTES);
}

export function simulatedKeyOf(email: string): { readonly keyId: string; readonly line: string } {
  const key = { type: "ssh-ed25519", bytes: publicKeyOf(simulatedSecretOf(email)) } as const;
  return { keyId: keyIdOf(key), line: writePublicKey(key, email) };
}

/** Registers the person's key; the same again changes nothing. */
export async function registerSimulatedKey(engine: Engine, person: string): Promise<void> {
  const { line } = simulatedKeyOf(person);
  await signerAdd.handler({ engine }, { person, publicKey: line, by: person });
}

/** One owner signs one version, as `charter sign` would. */
export async function signAsOwner(
  engine: Engine,
  loop: string,
  charter: Charter,
  hash: Hash,
  party: string,
): Promise<void> {
  const owner = charter.parties.find(({ department }) => department === party)?.owner.email ?? "";
  await registerSimulatedKey(engine, owner);
  const [signature] = signEnvelope(
    openEnvelope("charter", charter),
    simulatedSecretOf(owner),
  ).signatures;
  if (signature === undefined) return;
  const { keyid: keyId, sig } = signature;
  const said = { loop, charter: hash, party, form: "dsse", keyId, signature: sig } as const;
  await charterSign.handler({ engine }, said);
}

/** A vote as its person would sign it. */
export function signVote(paper: BallotPaper) {
  return signBallotPaper(paper, simulatedSecretOf(paper.person));
}
