/** What one person says under one signature: a withdrawal, a vote, a step of autonomy. */
import type { Json } from "../../std/canonical-json.ts";
import { InterlockError } from "../../std/errors.ts";
import type { Instant } from "../../std/time.ts";
import { type Envelope, isSigned, type StatementKind } from "./envelope.ts";
import { checkSigner, findSigner, type Signer } from "./signers.ts";

/** Throws `sign/malformed` unless each of these fields of the statement is a text. */
export function checkTexts(
  kind: StatementKind,
  statement: Json,
  fields: ReadonlyArray<string>,
): { readonly [field: string]: Json } {
  const said = (statement ?? {}) as { readonly [field: string]: Json };
  const wrong = fields.find(
    (field) => !Object.hasOwn(said, field) || typeof said[field] !== "string",
  );
  if (wrong === undefined) return said;
  throw new InterlockError("sign/malformed", `the signed ${kind} has no \`${wrong}\``);
}

/** The id of the key by which `person`, and nobody else, signed this envelope. */
export function checkStatementSigner(
  envelope: Envelope,
  kind: StatementKind,
  person: string,
  signers: ReadonlyArray<Signer>,
  receivedAt: Instant,
): string {
  const [signature, ...others] = envelope.signatures;
  if (signature === undefined || others.length > 0) {
    throw new InterlockError("sign/malformed", `a ${kind} has exactly one signature`);
  }
  const { keyid } = signature;
  const said = { keyId: keyid, person, kind };
  const signer = checkSigner(findSigner(signers, keyid), said, receivedAt);
  if (!isSigned(envelope, signer.key)) {
    throw new InterlockError("sign/bad-signature", `the signature is not over this ${kind}`);
  }
  return keyid;
}
