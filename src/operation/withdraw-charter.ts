import type { Envelope } from "../core/sign/envelope.ts";
import { withdrawCharter } from "../engine/charters.ts";
import type { CharterStanding } from "../engine/standing.ts";
import { ENVELOPE_FIELD, getWiring, inputSchema, LOOP_FIELD, type Operation } from "./operation.ts";

export const charterWithdraw: Operation<
  { readonly loop: string; readonly envelope: Envelope },
  CharterStanding
> = {
  name: "charter.withdraw",
  summary: "One party's signed act that ends the charter; the loop stops at once.",
  access: "owner",
  errors: [
    "loop/not-found",
    "charter/not-found",
    "charter/not-owner",
    "sign/malformed",
    "sign/wrong-type",
    "sign/bad-signature",
    "sign/unknown-key",
    "sign/key-revoked",
  ],
  input: inputSchema({ loop: LOOP_FIELD, envelope: ENVELOPE_FIELD }),
  handler: (context, { loop, envelope }) =>
    withdrawCharter(context.engine.context, getWiring(context, loop), envelope),
};
