/**
 * SHA-256 that runs the same in Node and in a browser, synchronously.
 *
 * What comes with us is JavaScript. Whoever composes a process that has a faster one of its own hands it
 * in once (`useTextHash`); a hash is the same whoever worked it out, so nothing else can tell.
 */
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { assert } from "./assert.ts";
import { canonicalJson } from "./canonical-json.ts";

export { sha256, sha512 };

/** 64 lower-case hex digits. */
export type Hash = string;

export function isHash(value: unknown): value is Hash {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

type TextHash = (text: string) => Hash;

const ownTextHash: TextHash = (text) => bytesToHex(sha256(utf8ToBytes(text)));
let textHash = ownTextHash;

/** Takes a text hash over, once it has shown on a text of its own that it is the same. */
export function useTextHash(other: TextHash): void {
  const probe = "a\u00e9\u20ac\u{1f686}".repeat(40);
  assert(other(probe) === ownTextHash(probe), "another SHA-256 gives the same digits");
  textHash = other;
}

export function hashText(text: string): Hash {
  return textHash(text);
}

export function hashBytes(bytes: Uint8Array): Hash {
  return bytesToHex(sha256(bytes));
}

/** The hash of a value's canonical JSON. */
export function hashJson(value: unknown): Hash {
  return hashText(canonicalJson(value));
}
