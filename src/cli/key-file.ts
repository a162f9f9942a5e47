/**
 * Where a person's private key lies on this machine, and how it is used: read, signed with, never sent.
 *
 * Looked for in this order: the file that is named, `keys/` of the data directory (made by `charter key
 * create`), `~/.ssh/id_ed25519`.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { readPrivateKey, writePrivateKey, writePublicKey } from "../core/sign/ssh-key.ts";
import { publicKeyOf, SECRET_BYTES } from "../std/ed25519.ts";
import { InterlockError } from "../std/errors.ts";

const ONLY_MINE = 0o600;
const CHECK_BYTES = 4;

export function keyFileIn(directory: string, person: string): string {
  return join(directory, "keys", `${person.trim().toLowerCase()}.key`);
}

/** Makes a key pair: the private half in a file that only its owner reads. Returns the public line. */
export function createKeyFile(file: string, person: string): string {
  if (existsSync(file)) {
    throw new InterlockError("cli/usage", `there is a key at ${file} already`, {
      help: "name another file with --out; a key is never overwritten",
    });
  }
  const secret = Uint8Array.from(randomBytes(SECRET_BYTES));
  mkdirSync(dirname(file), { recursive: true });
  const text = writePrivateKey(secret, person, Uint8Array.from(randomBytes(CHECK_BYTES)));
  writeFileSync(file, text, { mode: ONLY_MINE, flag: "wx" });
  const line = writePublicKey({ type: "ssh-ed25519", bytes: publicKeyOf(secret) }, person);
  writeFileSync(`${file}.pub`, `${line}\n`);
  return line;
}

/** The private key to sign with for this person, and where it was found. */
export function readKeyFile(
  named: string | undefined,
  directory: string,
  person: string,
): { readonly secret: Uint8Array; readonly file: string } {
  const places = named === undefined ? [keyFileIn(directory, person), sshKey()] : [named];
  const file = places.find((place) => existsSync(place));
  if (file === undefined) {
    throw new InterlockError(
      "cli/usage",
      `no key of ${person} was found at ${places.join(" or ")}`,
      {
        help: `make one:  interlock charter key create --person ${person}\nor name one with --key FILE`,
      },
    );
  }
  return { secret: readPrivateKey(readFileSync(file, "utf8")), file };
}

function sshKey(): string {
  return join(homedir(), ".ssh", "id_ed25519");
}
