/** SHA-256 that runs the same in Node and in a browser, synchronously. */
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { canonicalJson } from "./canonical-json.ts";

export { sha256, sha512 };

/** 64 lower-case hex digits. */
export type Hash = string;

export function isHash(value: unknown): value is Hash {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

export function hashText(text: string): Hash {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

export function hashBytes(bytes: Uint8Array): Hash {
  return bytesToHex(sha256(bytes));
}

/** The hash of a value's canonical JSON. */
export function hashJson(value: unknown): Hash {
  return hashText(canonicalJson(value));
}
