/** A public key that somebody names: the line itself, or a file that begins with it. */
import { existsSync, readFileSync } from "node:fs";
import { type PublicKey, readPublicKey } from "../core/sign/ssh-key.ts";
import { InterlockError } from "../std/errors.ts";

export function readPublicKeyOption(named: string | undefined): PublicKey {
  if (named === undefined) {
    throw new InterlockError("cli/usage", "no key is named, and no head was signed yet", {
      help: "name the ledger's key: --key 'ssh-ed25519 AAAA...'",
    });
  }
  return readPublicKey(existsSync(named) ? readFileSync(named, "utf8") : named);
}
