/**
 * A signed statement: DSSE (Dead Simple Signing Envelope, v1), https://github.com/secure-systems-lab/dsse.
 *
 * The kind of statement is signed along with its bytes, so that a signature for one can never pass for
 * another. Our payloads are canonical JSON: whoever signs and whoever verifies sees the same bytes, and
 * one thing has one hash. Verify first, then read the SAME bytes.
 */
import { canonicalJson, type Json } from "../../std/canonical-json.ts";
import {
  base64ToBytes,
  bytesToBase64,
  bytesToUtf8,
  concatBytes,
  utf8ToBytes,
} from "../../std/bytes.ts";
import { isSignedBy, publicKeyOf, signBytes } from "../../std/ed25519.ts";
import { InterlockError } from "../../std/errors.ts";
import { keyIdOf, type PublicKey } from "./ssh-key.ts";

/** What may be signed, each under a type of its own. */
export const PAYLOAD_TYPES = {
  charter: "application/vnd.interlock.charter+json;v=1",
  withdrawal: "application/vnd.interlock.withdrawal+json;v=1",
  vote: "application/vnd.interlock.vote+json;v=1",
  promotion: "application/vnd.interlock.promotion+json;v=1",
  head: "application/vnd.interlock.ledger-head+json;v=1",
} as const;
export type StatementKind = keyof typeof PAYLOAD_TYPES;

export type EnvelopeSignature = { readonly keyid: string; readonly sig: string };

export type Envelope = {
  readonly payloadType: string;
  /** Base64 of the statement's canonical JSON. */
  readonly payload: string;
  readonly signatures: ReadonlyArray<EnvelopeSignature>;
};

/** Pre-authentication encoding: the bytes that a signature is over. */
export function encodeForSigning(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = utf8ToBytes(payloadType);
  const head = `DSSEv1 ${type.length} `;
  return concatBytes(utf8ToBytes(head), type, utf8ToBytes(` ${payload.length} `), payload);
}

/** The bytes of a statement, before anybody signed it. */
export function bytesOfStatement(statement: unknown): Uint8Array {
  return utf8ToBytes(canonicalJson(statement));
}

export function openEnvelope(kind: StatementKind, statement: unknown): Envelope {
  const payload = bytesToBase64(bytesOfStatement(statement));
  return { payloadType: PAYLOAD_TYPES[kind], payload, signatures: [] };
}

/** The envelope with one signature more. `secret` is the 32-byte seed of an Ed25519 key. */
export function signEnvelope(envelope: Envelope, secret: Uint8Array): Envelope {
  const payload = base64ToBytes(envelope.payload);
  if (payload === undefined) throw malformed("its payload is not base64");
  const message = encodeForSigning(envelope.payloadType, payload);
  const signature: EnvelopeSignature = {
    keyid: keyIdOf({ type: "ssh-ed25519", bytes: publicKeyOf(secret) }),
    sig: bytesToBase64(signBytes(message, secret)),
  };
  return { ...envelope, signatures: [...envelope.signatures, signature] };
}

/**
 * The statement in an envelope of that kind. Throws `sign/malformed` where it is no such envelope or its
 * payload is not the canonical form of what it says; says nothing about its signatures.
 */
export function readEnvelope(
  kind: StatementKind,
  value: unknown,
): {
  readonly envelope: Envelope;
  readonly statement: Json;
} {
  const envelope = checkShape(value);
  if (envelope.payloadType !== PAYLOAD_TYPES[kind]) {
    throw new InterlockError(
      "sign/wrong-type",
      `the envelope holds \`${envelope.payloadType.slice(0, 100)}\`, not a ${kind}`,
    );
  }
  const bytes = base64ToBytes(envelope.payload);
  if (bytes === undefined) throw malformed("its payload is not base64");
  return { envelope, statement: parseCanonical(bytes) };
}

function parseCanonical(bytes: Uint8Array): Json {
  try {
    const text = bytesToUtf8(bytes);
    const statement = JSON.parse(text) as Json;
    if (canonicalJson(statement) === text) return statement;
  } catch {
    // Said below: a text that is no JSON is not canonical JSON either.
  }
  throw new InterlockError("sign/not-canonical", "the signed bytes are not canonical JSON", {
    help: "sign the bytes that Interlock gives; another spelling of the same thing has another hash",
  });
}

/** Whether that key made one of the signatures over exactly these bytes and this type. */
export function isSigned(envelope: Envelope, key: PublicKey): boolean {
  const payload = base64ToBytes(envelope.payload);
  if (payload === undefined) return false;
  const message = encodeForSigning(envelope.payloadType, payload);
  const keyid = keyIdOf(key);
  return envelope.signatures.some((one) => {
    const signature = one.keyid === keyid ? base64ToBytes(one.sig) : undefined;
    return signature !== undefined && isSignedBy(message, signature, key.bytes);
  });
}

const SIGNATURES_MAX = 20;

function checkShape(value: unknown): Envelope {
  const { payloadType, payload, signatures } = (value ?? {}) as Partial<Envelope>;
  if (typeof payloadType !== "string" || typeof payload !== "string") {
    throw malformed("it has no payloadType and payload");
  }
  if (!Array.isArray(signatures) || signatures.length > SIGNATURES_MAX) {
    throw malformed(`it has no list of at most ${SIGNATURES_MAX} signatures`);
  }
  return {
    payloadType,
    payload,
    signatures: signatures.map((one: unknown) => {
      const { keyid, sig } = (one ?? {}) as Partial<EnvelopeSignature>;
      if (typeof keyid !== "string" || typeof sig !== "string") {
        throw malformed("a signature of it has no keyid and sig");
      }
      return { keyid, sig };
    }),
  };
}

function malformed(why: string): InterlockError {
  return new InterlockError("sign/malformed", `this is no signed envelope: ${why}`);
}
