/**
 * Ed25519 keys in OpenSSH's forms: the public line, its fingerprint, the private file.
 *
 * A company that has SSH keys has signing keys already, and the files of ours work in its tools. A
 * private key under a passphrase is not opened here: `ssh-keygen -Y sign` signs with it instead.
 */
import {
  areSameBytes,
  base64ToBytes,
  bytesToBase64,
  concatBytes,
  utf8ToBytes,
} from "../../std/bytes.ts";
import { publicKeyOf, SECRET_BYTES } from "../../std/ed25519.ts";
import { InterlockError } from "../../std/errors.ts";
import { sha256 } from "../../std/hash.ts";
import { readArmour, SshReader, writeArmour, writeString, writeUint32 } from "./ssh-wire.ts";

export type PublicKey = { readonly type: "ssh-ed25519"; readonly bytes: Uint8Array };

const TYPE = "ssh-ed25519";
const PUBLIC_BYTES = 32;
const PRIVATE_ARMOUR = "OPENSSH PRIVATE KEY";
const PRIVATE_MAGIC = utf8ToBytes("openssh-key-v1\0");
/** Padding of an unencrypted private part. */
const BLOCK_BYTES = 8;

export function blobOf(key: PublicKey): Uint8Array {
  return concatBytes(writeString(TYPE), writeString(key.bytes));
}

/** `SHA256:...`, as `ssh-keygen -l` prints it. */
export function keyIdOf(key: PublicKey): string {
  return `SHA256:${bytesToBase64(sha256(blobOf(key))).replace(/=+$/, "")}`;
}

/** `ssh-ed25519 AAAA... comment` */
export function writePublicKey(key: PublicKey, comment: string): string {
  return `${TYPE} ${bytesToBase64(blobOf(key))} ${comment}`.trim();
}

/** Throws `sign/malformed` for anything but one Ed25519 key. */
export function readPublicKey(line: string): PublicKey {
  const [type, base64 = ""] = line.trim().split(/\s+/);
  if (type !== TYPE) {
    throw new InterlockError(
      "sign/malformed",
      `\`${(type ?? "").slice(0, 40)}\` is no key we take`,
      {
        help: "only Ed25519 keys are taken: ssh-keygen -t ed25519",
      },
    );
  }
  const blob = base64ToBytes(base64);
  if (blob === undefined) throw new InterlockError("sign/malformed", "the key is not base64");
  return readKeyBlob(blob);
}

export function readKeyBlob(blob: Uint8Array): PublicKey {
  const reader = new SshReader(blob, "the key");
  const type = reader.text();
  const bytes = reader.string();
  if (type !== TYPE || bytes.length !== PUBLIC_BYTES || !reader.isAtEnd) {
    throw new InterlockError("sign/malformed", "the key is not an Ed25519 key");
  }
  return { type: TYPE, bytes };
}

/** An unencrypted private key file. `check` are four random bytes, as the form asks for. */
export function writePrivateKey(secret: Uint8Array, comment: string, check: Uint8Array): string {
  const bytes = publicKeyOf(secret);
  const body = concatBytes(
    check,
    check,
    writeString(TYPE),
    writeString(bytes),
    writeString(concatBytes(secret, bytes)),
    writeString(comment),
  );
  const missing = (BLOCK_BYTES - (body.length % BLOCK_BYTES)) % BLOCK_BYTES;
  const padding = Uint8Array.from({ length: missing }, (_, index) => index + 1);
  const blob = concatBytes(
    PRIVATE_MAGIC,
    writeString("none"),
    writeString("none"),
    writeString(""),
    writeUint32(1),
    writeString(blobOf({ type: TYPE, bytes })),
    writeString(concatBytes(body, padding)),
  );
  return writeArmour(bytesToBase64(blob), PRIVATE_ARMOUR);
}

/** The 32-byte seed in a private key file. Throws `sign/malformed`, or says that it has a passphrase. */
export function readPrivateKey(text: string): Uint8Array {
  const blob = base64ToBytes(readArmour(text, PRIVATE_ARMOUR) ?? "");
  if (blob === undefined || blob.length === 0) {
    throw new InterlockError("sign/malformed", "this is no OpenSSH private key file");
  }
  const reader = new SshReader(blob, "the private key");
  if (!areSameBytes(reader.take(PRIVATE_MAGIC.length), PRIVATE_MAGIC)) {
    throw new InterlockError("sign/malformed", "this is no OpenSSH private key file");
  }
  const cipher = reader.text();
  if (cipher !== "none") {
    throw new InterlockError("sign/malformed", "the private key is under a passphrase", {
      help: "sign with `ssh-keygen -Y sign` and give its file with --signature",
    });
  }
  reader.string();
  reader.string();
  if (reader.uint32() !== 1)
    throw new InterlockError("sign/malformed", "the file holds several keys");
  const key = readKeyBlob(reader.string());
  const body = new SshReader(reader.string(), "the private key");
  body.take(2 * 4);
  if (body.text() !== TYPE) throw new InterlockError("sign/malformed", "it is no Ed25519 key");
  body.string();
  const secret = body.string().slice(0, SECRET_BYTES);
  if (!areSameBytes(publicKeyOf(secret), key.bytes)) {
    throw new InterlockError("sign/malformed", "the private key does not belong to its public key");
  }
  return secret;
}
