import { registerSigner } from "../engine/signers.ts";
import type { SigningKeyRow } from "../store/table/signing-key.ts";
import { inputSchema, nameField, type Operation, sentenceField } from "./operation.ts";

export const signerAdd: Operation<
  { readonly person: string; readonly publicKey: string; readonly by: string },
  SigningKeyRow
> = {
  name: "signer.add",
  summary: "Registers the public half of a person's key: from now on it signs and votes for them.",
  access: "admin",
  errors: ["sign/malformed", "sign/other-person"],
  input: inputSchema({
    person: nameField("the email of whose key it is"),
    publicKey: sentenceField("the key as one OpenSSH line: ssh-ed25519 AAAA..."),
    by: nameField("the email of who registers it"),
  }),
  handler: ({ engine }, said) => registerSigner(engine.context, said),
};
