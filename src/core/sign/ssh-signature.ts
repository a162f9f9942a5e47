/**
 * Signatures made by `ssh-keygen -Y sign` (SSHSIG): for keys under a passphrase, in an agent, on a token.
 *
 * They are over the same canonical bytes as an envelope's, under a namespace of the kind of statement, so
 * that a signature for a commit or for another kind of statement can never pass for it.
 */
import { areSameBytes, base64ToBytes, concatBytes, utf8ToBytes } from "../../std/bytes.ts";
import { isSignedBy } from "../../std/ed25519.ts";
import { InterlockError } from "../../std/errors.ts";
import { sha256, sha512 } from "../../std/hash.ts";
import type { StatementKind } from "./envelope.ts";
import { type PublicKey, readKeyBlob } from "./ssh-key.ts";
import { readArmour, SshReader, writeString } from "./ssh-wire.ts";

const MAGIC = utf8ToBytes("SSHSIG");
const HASHES = new Map<string, (bytes: Uint8Array) => Uint8Array>([
  ["sha256", sha256],
  ["sha512", sha512],
]);

/** What `ssh-keygen -Y sign -n` is told: `interlock-charter@v1`. */
export function namespaceOf(kind: StatementKind): string {
  return `interlock-${kind}@v1`;
}

/** The key that made this signature over exactly these bytes; throws `sign/bad-signature` otherwise. */
export function readSshSignature(
  armoured: string,
  kind: StatementKind,
  message: Uint8Array,
): PublicKey {
  const blob = base64ToBytes(readArmour(armoured, "SSH SIGNATURE") ?? "");
  if (blob === undefined || blob.length === 0) {
    throw new InterlockError("sign/malformed", "this is no signature of ssh-keygen");
  }
  const reader = new SshReader(blob, "the signature");
  if (!areSameBytes(reader.take(MAGIC.length), MAGIC) || reader.uint32() !== 1) {
    throw new InterlockError("sign/malformed", "unknown form of signature");
  }
  const key = readKeyBlob(reader.string());
  const namespace = reader.text();
  const reserved = reader.string();
  const hashName = reader.text();
  const hash = HASHES.get(hashName);
  const signature = new SshReader(reader.string(), "the signature");
  if (namespace !== namespaceOf(kind)) {
    throw new InterlockError(
      "sign/wrong-type",
      `the signature is for \`${namespace.slice(0, 60)}\`, not for \`${namespaceOf(kind)}\``,
      { help: `ssh-keygen -Y sign -n ${namespaceOf(kind)} -f KEY FILE` },
    );
  }
  if (hash === undefined || signature.text() !== "ssh-ed25519") {
    throw new InterlockError("sign/malformed", "the signature is of a kind we do not take");
  }
  const made = signature.string();
  if (!signature.isAtEnd || !reader.isAtEnd) {
    throw new InterlockError("sign/malformed", "something follows the signature");
  }
  const signed = concatBytes(
    MAGIC,
    writeString(namespace),
    writeString(reserved),
    writeString(hashName),
    writeString(hash(message)),
  );
  if (!isSignedBy(signed, made, key.bytes)) {
    throw new InterlockError("sign/bad-signature", "the signature is not over these bytes");
  }
  return key;
}
