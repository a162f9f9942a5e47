import { revokeSigner } from "../engine/signers.ts";
import type { SigningKeyRow } from "../store/table/signing-key.ts";
import { inputSchema, nameField, type Operation, sentenceField } from "./operation.ts";

export const signerRevoke: Operation<
  { readonly id: string; readonly by: string; readonly reason: string },
  SigningKeyRow
> = {
  name: "signer.revoke",
  summary:
    "Ends a person's signing key now: what it signed stays signed, what follows does not count.",
  access: "admin",
  errors: ["sign/unknown-key"],
  input: inputSchema({
    id: nameField("the key's fingerprint, SHA256:..."),
    by: nameField("the email of who revokes it"),
    reason: sentenceField("why"),
  }),
  handler: ({ engine }, said) => revokeSigner(engine.context, said),
};
