/**
 * The reference charter as both heads signed it, in either form of signature, and the keys that verify
 * it; so that a test can forge what it likes from there.
 */
import { simulatedSecretOf } from "../../src/app/simulated-owners.ts";
import type { SignedCharter } from "../../src/core/charter/signing.ts";
import type { Charter } from "../../src/core/charter/types.ts";
import {
  bytesOfStatement,
  openEnvelope,
  signEnvelope,
  type StatementKind,
} from "../../src/core/sign/envelope.ts";
import type { Signer } from "../../src/core/sign/signers.ts";
import { blobOf, keyIdOf, type PublicKey } from "../../src/core/sign/ssh-key.ts";
import { namespaceOf } from "../../src/core/sign/ssh-signature.ts";
import { writeArmour, writeString, writeUint32 } from "../../src/core/sign/ssh-wire.ts";
import { bytesToBase64, concatBytes, utf8ToBytes } from "../../src/std/bytes.ts";
import { publicKeyOf, signBytes } from "../../src/std/ed25519.ts";
import { sha512 } from "../../src/std/hash.ts";
import { referenceCharter } from "./reference-loop.ts";

export const HEADS = {
  logistics: "head@logistics.example.com",
  marketing: "head@marketing.example.com",
} as const;
/** When the heads' keys begin to count, and when their signatures were received. */
export const KEYS_FROM = "2026-01-01T00:00:00.000Z";
export const SIGNED_AT = "2026-02-01T06:00:00.000Z";

export type Form = "dsse" | "sshsig";
export type WhoSigned = { readonly person: string; readonly form: Form };
export const BY_BOTH: ReadonlyArray<WhoSigned> = Object.values(HEADS).map((person) => ({
  person,
  form: "dsse",
}));

/** A person's key; more than one by giving it a name. */
export function keyOf(person: string, name = ""): { secret: Uint8Array; key: PublicKey } {
  const secret = simulatedSecretOf(`${person}${name}`);
  return { secret, key: { type: "ssh-ed25519", bytes: publicKeyOf(secret) } };
}

export function keyIdFor(person: string, name = ""): string {
  return keyIdOf(keyOf(person, name).key);
}

export function signerOf(person: string, change: Partial<Signer> = {}, name = ""): Signer {
  return { person, key: keyOf(person, name).key, validFrom: KEYS_FROM, ...change };
}

export const SIGNERS: ReadonlyArray<Signer> = Object.values(HEADS).map((person) =>
  signerOf(person),
);

export function signCharterAs(
  who: ReadonlyArray<WhoSigned> = BY_BOTH,
  charter: Charter = referenceCharter(),
): SignedCharter {
  const inForm = (form: Form) => who.filter((one) => one.form === form);
  return {
    envelope: inForm("dsse").reduce(
      (envelope, { person }) => signEnvelope(envelope, keyOf(person).secret),
      openEnvelope("charter", charter),
    ),
    sshSignatures: inForm("sshsig").map(({ person }) =>
      signAsSsh("charter", bytesOfStatement(charter), keyOf(person).secret),
    ),
    receivedAt: Object.fromEntries(who.map(({ person }) => [keyIdFor(person), SIGNED_AT])),
  };
}

/** What `ssh-keygen -Y sign` makes; `sign.test.ts` holds the reader against the real one. */
export function signAsSsh(
  kind: StatementKind,
  message: Uint8Array,
  secret: Uint8Array,
  namespace = namespaceOf(kind),
): string {
  const head = utf8ToBytes("SSHSIG");
  const said = [writeString(namespace), writeString(""), writeString("sha512")];
  const signed = concatBytes(head, ...said, writeString(sha512(message)));
  const key = blobOf({ type: "ssh-ed25519", bytes: publicKeyOf(secret) });
  const signature = concatBytes(writeString("ssh-ed25519"), writeString(signBytes(signed, secret)));
  const blob = concatBytes(head, writeUint32(1), writeString(key), ...said, writeString(signature));
  return writeArmour(bytesToBase64(blob), "SSH SIGNATURE");
}

/** A withdrawal as one head signs it. */
export function signWithdrawal(said: object, person: string): SignedCharter["envelope"] {
  return signEnvelope(openEnvelope("withdrawal", said), keyOf(person).secret);
}
