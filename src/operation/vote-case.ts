import { REJECT_REASONS, type RejectReason } from "../core/case/types.ts";
import type { Envelope } from "../core/sign/envelope.ts";
import { castVote } from "../engine/votes.ts";
import { InterlockError } from "../std/errors.ts";
import { CASE_FIELD, ENVELOPE_FIELD, inputSchema, type Operation } from "./operation.ts";

export type VoteInput = {
  readonly id: string;
  /** Signed by the voter's own key ... */
  readonly envelope?: Envelope;
  /** ... or by the token of the letter that only their mailbox was sent, with the vote beside it. */
  readonly token?: string;
  readonly choice?: "agree" | "reject";
  readonly because?: RejectReason;
  readonly reason?: string;
};

export const caseVote: Operation<VoteInput, { readonly id: string; readonly counted: true }> = {
  name: "case.vote",
  summary: "One person's agree or reject, proved by key or letter, bound to the very action.",
  access: "approver",
  errors: [
    "case/not-found",
    "vote/not-asked",
    "vote/not-entitled",
    "vote/out-of-term",
    "vote/both-sides",
    "vote/self-approval",
    "vote/other-action",
    "vote/already-cast",
    "vote/party-answered",
    "vote/too-early",
    "vote/too-late",
    "vote/expired",
    "vote/unproved",
    "vote/bad-proof",
    "vote/reason-missing",
    "sign/malformed",
    "sign/wrong-type",
    "sign/not-canonical",
    "sign/bad-signature",
    "sign/unknown-key",
    "sign/other-person",
    "sign/key-not-valid",
    "sign/key-revoked",
  ],
  input: inputSchema(
    {
      id: CASE_FIELD,
      envelope: ENVELOPE_FIELD,
      token: { type: "string", maxLength: 2_000, description: "of the letter that asked" },
      choice: { enum: ["agree", "reject"], description: "the vote, beside a token" },
      because: { enum: REJECT_REASONS, description: "the kind of reason for a rejection" },
      reason: { type: "string", maxLength: 2_000, description: "why, for both departments" },
    },
    ["envelope", "token", "choice", "because", "reason"],
  ),
  async handler({ engine }, { id, envelope, token, choice, because, reason }) {
    if (envelope !== undefined) await castVote(engine.context, id, { envelope });
    else if (token !== undefined && choice !== undefined) {
      const vote = { token, choice, because: because ?? null, reason: reason ?? "" };
      await castVote(engine.context, id, vote);
    } else {
      throw new InterlockError("vote/unproved", "nothing shows who votes", {
        help: "sign it (--key FILE), or give the token of the letter that asked (--token)",
      });
    }
    return { id, counted: true };
  },
};
