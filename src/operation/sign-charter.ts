import { signCharter } from "../engine/charters.ts";
import type { CharterStanding } from "../engine/standing.ts";
import { getWiring, inputSchema, LOOP_FIELD, nameField, type Operation } from "./operation.ts";

export type SignInput = {
  readonly loop: string;
  /** Hash of the version that is signed. */
  readonly charter: string;
  readonly party: string;
  readonly form: "dsse" | "sshsig";
  /** Fingerprint of the key; of an `sshsig` it is in the signature. */
  readonly keyId: string;
  readonly signature: string;
};

export const charterSign: Operation<SignInput, CharterStanding> = {
  name: "charter.sign",
  summary: "Takes one owner's signature under a version; the last owner's brings it into force.",
  access: "owner",
  errors: [
    "loop/not-found",
    "charter/not-found",
    "charter/not-owner",
    "charter/not-newer",
    "charter/same-signer",
    "sign/malformed",
    "sign/wrong-type",
    "sign/bad-signature",
    "sign/unknown-key",
    "sign/key-not-valid",
    "sign/key-revoked",
  ],
  input: inputSchema({
    loop: LOOP_FIELD,
    charter: nameField("hash of the version that is signed"),
    party: nameField("the department that signs"),
    form: { enum: ["dsse", "sshsig"], description: "an envelope's signature, or ssh-keygen's" },
    keyId: nameField("fingerprint of the key, SHA256:..."),
    signature: {
      type: "string",
      minLength: 1,
      maxLength: 4_000,
      description: "base64 or armoured",
    },
  }),
  handler(context, { loop, charter, party, form, keyId, signature }) {
    const given = form === "dsse" ? { form, keyId, signature } : { form, signature };
    const wiring = getWiring(context, loop);
    return signCharter(context.engine.context, wiring, { charter, party, given });
  },
};
