/**
 * What makes a charter signed: each party's owner, by a key of their own, over the same bytes.
 *
 * All of it is decided from the papers and a list of keys, so anybody can do it offline. When somebody
 * signed is the receiver's word (the ledger's, here), never the signer's: a thief with a revoked key
 * would write an earlier date. So papers are as good as who hands them on: the times of receipt, and
 * that no withdrawal was left out, are not under any signature.
 */
import { base64ToBytes, bytesToBase64 } from "../../std/bytes.ts";
import { isSignedBy } from "../../std/ed25519.ts";
import { InterlockError } from "../../std/errors.ts";
import type { Hash } from "../../std/hash.ts";
import { type Instant, isInstant } from "../../std/time.ts";
import { dayIn } from "../../std/zone.ts";
import { InvalidDocumentError } from "../document.ts";
import {
  bytesOfStatement,
  encodeForSigning,
  type Envelope,
  PAYLOAD_TYPES,
  readEnvelope,
} from "../sign/envelope.ts";
import { keyIdOf } from "../sign/ssh-key.ts";
import { readSshSignature } from "../sign/ssh-signature.ts";
import { checkSigner, findSigner, type Signer } from "../sign/signers.ts";
import { charterHash, checkCharter } from "./parse.ts";
import { inTerm, normaliseEmail } from "./seat.ts";
import type { Charter, Party } from "./types.ts";
import { checkWithdraws, readWithdrawal } from "./withdrawal.ts";

/** One owner's signature as it was given: of an envelope, or made by ssh-keygen over the same bytes. */
export type GivenSignature =
  | { readonly form: "dsse"; readonly keyId: string; readonly signature: string }
  | { readonly form: "sshsig"; readonly signature: string };

/** A signature that was checked. */
export type CharterSignature = {
  readonly party: string;
  readonly person: string;
  readonly keyId: string;
  readonly form: "dsse" | "sshsig";
  readonly signature: string;
  readonly signedAt: Instant;
};

/** A charter with its signatures in one piece, as it is handed on. */
export type SignedCharter = {
  /** With the signatures of the `dsse` form. */
  readonly envelope: Envelope;
  /** Those of the other form, and when each key's signature was received. */
  readonly sshSignatures: ReadonlyArray<string>;
  readonly receivedAt: { readonly [keyId: string]: Instant };
  /** The signed act that ended it, if one did, and when it was received. */
  readonly withdrawal?: { readonly envelope: Envelope; readonly receivedAt: Instant };
};

/** Checks one owner's signature, received at `at`. Every refusal has a code of its own. */
export function checkCharterSignature(
  charter: Charter,
  party: string,
  given: GivenSignature,
  signers: ReadonlyArray<Signer>,
  at: Instant,
): CharterSignature {
  const signing = charter.parties.find(({ department }) => department === party);
  if (signing === undefined) {
    throw new InterlockError("charter/not-owner", `\`${party}\` is not a party of this charter`);
  }
  const bytes = bytesOfStatement(charter);
  const keyId =
    given.form === "dsse"
      ? given.keyId
      : keyIdOf(readSshSignature(given.signature, "charter", bytes));
  const signer = checkOwner(charter, signing, findSigner(signers, keyId), keyId, at);
  if (given.form === "dsse") {
    const signature = base64ToBytes(given.signature);
    const message = encodeForSigning(PAYLOAD_TYPES.charter, bytes);
    if (signature === undefined || !isSignedBy(message, signature, signer.key.bytes)) {
      throw new InterlockError("sign/bad-signature", "the signature is not over this charter", {
        help: "sign the bytes that `charter show --canonical` gives",
      });
    }
  }
  const { form, signature } = given;
  return { party, person: signer.person, keyId, form, signature, signedAt: at };
}

function checkOwner(
  charter: Charter,
  { department, owner }: Party,
  signer: Signer | undefined,
  keyId: string,
  at: Instant,
): Signer {
  if (signer !== undefined && normaliseEmail(signer.person) !== normaliseEmail(owner.email)) {
    throw new InterlockError(
      "charter/not-owner",
      `${signer.person} is not the owner of ${department} by this charter`,
      { help: `the owner is ${owner.email}` },
    );
  }
  const said = { keyId, person: owner.email, kind: "charter" } as const;
  const valid = checkSigner(signer, said, at);
  if (!inTerm(owner, dayIn(at, charter.timeZone))) {
    throw new InterlockError(
      "charter/not-owner",
      `${owner.name} does not speak for ${department} then`,
      {
        help: "the term of office in the charter does not cover that day",
      },
    );
  }
  return valid;
}

export type VerifiedCharter = {
  readonly charter: Charter;
  readonly hash: Hash;
  readonly signatures: ReadonlyArray<CharterSignature>;
};

/**
 * Throws with the code of the first thing that is wrong, or gives what both heads signed. `value` is a
 * `SignedCharter` from wherever; what was received after `at` is as if it were not there.
 */
export function verifyCharter(
  value: unknown,
  signers: ReadonlyArray<Signer>,
  at: Instant,
): VerifiedCharter {
  const signed = checkPapers(value);
  const { envelope, statement } = readEnvelope("charter", signed.envelope);
  const checked = checkCharter(statement);
  if (checked.kind === "invalid") throw new InvalidDocumentError("not a charter", checked.problems);
  const { charter } = checked;
  const hash = charterHash(charter);
  const given = listGiven(charter, envelope, signed.sshSignatures);
  const signatures = given.map(({ keyId, given: one }): CharterSignature => {
    const receivedAt = signed.receivedAt[keyId] ?? at;
    const signer = findSigner(signers, keyId);
    const party = charter.parties.find(
      ({ owner }) =>
        signer !== undefined && normaliseEmail(owner.email) === normaliseEmail(signer.person),
    );
    if (signer !== undefined && party === undefined) {
      throw new InterlockError(
        "charter/not-owner",
        `${signer.person} owns no party of this charter`,
      );
    }
    const department = party?.department ?? charter.parties[0]?.department ?? "";
    return checkCharterSignature(charter, department, one, signers, receivedAt);
  });
  checkDistinct(signatures);
  for (const { department } of charter.parties) {
    if (signatures.some(({ party }) => party === department)) continue;
    throw new InterlockError("charter/unsigned", `the owner of ${department} has not signed`);
  }
  checkInForce(charter, hash, signed.withdrawal, signers, at);
  const late = signatures.find(({ signedAt }) => signedAt > at);
  if (late !== undefined) {
    throw new InterlockError(
      "charter/unsigned",
      `the owner of ${late.party} signed only at ${late.signedAt}`,
    );
  }
  return { charter, hash, signatures };
}

const SSH_SIGNATURES_MAX = 20;

function checkPapers(value: unknown): SignedCharter {
  const papers = (value ?? {}) as Partial<SignedCharter>;
  const { sshSignatures, receivedAt, withdrawal } = papers;
  const isList = Array.isArray(sshSignatures) && sshSignatures.length <= SSH_SIGNATURES_MAX;
  if (!isList || !sshSignatures.every((one) => typeof one === "string")) {
    throw malformed("they have no list of signatures by ssh-keygen, be it empty");
  }
  if (typeof receivedAt !== "object" || !Object.values(receivedAt ?? {}).every(isInstant)) {
    throw malformed("they do not say when each signature was received");
  }
  if (withdrawal !== undefined && !isInstant(withdrawal?.receivedAt)) {
    throw malformed("they do not say when the withdrawal was received");
  }
  return papers as SignedCharter;
}

function malformed(why: string): InterlockError {
  return new InterlockError("sign/malformed", `these are no papers of a charter: ${why}`);
}

function listGiven(
  charter: Charter,
  envelope: Envelope,
  sshSignatures: ReadonlyArray<string>,
): ReadonlyArray<{ readonly keyId: string; readonly given: GivenSignature }> {
  const bytes = bytesOfStatement(charter);
  const given = [
    ...envelope.signatures.map(({ keyid, sig }) => ({
      keyId: keyid,
      given: { form: "dsse", keyId: keyid, signature: sig } as const,
    })),
    ...sshSignatures.map((signature) => ({
      keyId: keyIdOf(readSshSignature(signature, "charter", bytes)),
      given: { form: "sshsig", signature } as const,
    })),
  ];
  const keys = given.map(({ keyId }) => keyId);
  const twice = keys.find((keyId, index) => keys.indexOf(keyId) !== index);
  if (twice !== undefined) {
    throw new InterlockError("charter/same-signer", `the key ${twice} signed twice`);
  }
  return given;
}

/** Two keys of one person are one person. */
export function checkDistinct(signatures: ReadonlyArray<CharterSignature>): void {
  const people = signatures.map(({ person }) => normaliseEmail(person));
  const twice = people.find((person, index) => people.indexOf(person) !== index);
  if (twice === undefined) return;
  throw new InterlockError("charter/same-signer", `${twice} signed for two parties`, {
    help: "each side signs by its own head; nobody agrees with themselves",
  });
}

function checkInForce(
  charter: Charter,
  hash: Hash,
  withdrawal: SignedCharter["withdrawal"],
  signers: ReadonlyArray<Signer>,
  at: Instant,
): void {
  if (withdrawal !== undefined && withdrawal.receivedAt <= at) {
    const said = readWithdrawal(withdrawal.envelope, signers, withdrawal.receivedAt);
    checkWithdraws(said, charter, hash);
    const { person, party, reason } = said;
    throw new InterlockError("charter/withdrawn", `${person} withdrew ${party} from it`, {
      help: `because: ${reason}`,
    });
  }
  const { from, until } = charter.effective;
  const today = dayIn(at, charter.timeZone);
  if (today < from) throw new InterlockError("charter/not-yet", `it is in force from ${from}`);
  if (today >= until) throw new InterlockError("charter/expired", `it was in force until ${until}`);
}

/** The envelope of a charter with its signatures, to be handed on. */
export function packCharter(
  charter: Charter,
  signatures: ReadonlyArray<CharterSignature>,
  withdrawal?: SignedCharter["withdrawal"],
): SignedCharter {
  return {
    envelope: {
      payloadType: PAYLOAD_TYPES.charter,
      payload: bytesToBase64(bytesOfStatement(charter)),
      signatures: signatures
        .filter(({ form }) => form === "dsse")
        .map(({ keyId, signature }) => ({ keyid: keyId, sig: signature })),
    },
    sshSignatures: signatures.filter(({ form }) => form === "sshsig").map((one) => one.signature),
    receivedAt: Object.fromEntries(signatures.map(({ keyId, signedAt }) => [keyId, signedAt])),
    ...(withdrawal === undefined ? {} : { withdrawal }),
  };
}
