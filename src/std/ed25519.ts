/** Ed25519 signatures (RFC 8032), the same in Node and in a browser. Signing is deterministic. */
import { ed25519 } from "@noble/curves/ed25519.js";

export const SECRET_BYTES = 32;
export const PUBLIC_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** `secret` are 32 random bytes, the seed of RFC 8032. */
export function publicKeyOf(secret: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(secret);
}

export function signBytes(message: Uint8Array, secret: Uint8Array): Uint8Array {
  return ed25519.sign(message, secret);
}

/** Strict: no malleable and no small-order signature is taken. Anything malformed is false. */
export function isSignedBy(
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  if (signature.length !== SIGNATURE_BYTES || publicKey.length !== PUBLIC_BYTES) return false;
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
