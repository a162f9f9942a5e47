import { listSigningKeys, type SigningKeyRow } from "../store/table/signing-key.ts";
import { inputSchema, type Operation } from "./operation.ts";

export const signerList: Operation<Record<string, never>, ReadonlyArray<SigningKeyRow>> = {
  name: "signer.list",
  summary: "Every person's signing key, with from when until when it counts.",
  access: "viewer",
  errors: [],
  input: inputSchema({}),
  handler: ({ engine }) => listSigningKeys(engine.context.driver),
};
