import type { Envelope } from "../core/sign/envelope.ts";
import { type AutonomyView, signPromotion } from "../engine/autonomy.ts";
import { ENVELOPE_FIELD, getWiring, inputSchema, LOOP_FIELD, type Operation } from "./operation.ts";

export const loopPromote: Operation<
  { readonly loop: string; readonly envelope: Envelope },
  AutonomyView
> = {
  name: "loop.promote",
  summary:
    "Takes one owner's signature under the proposed step of autonomy; the last one takes it.",
  access: "owner",
  errors: [
    "loop/not-found",
    "autonomy/nothing-proposed",
    "autonomy/other-step",
    "charter/not-owner",
    "sign/malformed",
    "sign/wrong-type",
    "sign/bad-signature",
    "sign/unknown-key",
    "sign/key-revoked",
  ],
  input: inputSchema({ loop: LOOP_FIELD, envelope: ENVELOPE_FIELD }),
  handler: (context, { loop, envelope }) =>
    signPromotion(context.engine.context, getWiring(context, loop), envelope),
};
