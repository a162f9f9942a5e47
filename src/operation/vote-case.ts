import { REJECT_REASONS, type RejectReason } from "../core/case/types.ts";
import type { Envelope } from "../core/sign/envelope.ts";
import { castVote } from "../engine/votes.ts";
import { InterlockError } from "../std/errors.ts";
import {
  CASE_FIELD,
  DIGEST_FIELD,
  ENVELOPE_FIELD,
  inputSchema,
  nameField,
  type Operation,
} from "./operation.ts";

export type VoteInput = {
  readonly id: string;
  /** Signed by the voter's own key ... */
  readonly envelope?: Envelope;
  /** ... or by the token of the letter that only their mailbox was sent, with the vote beside it ... */
  readonly token?: string;
  /** ... or by whoever signed in, for a party, on the action with that digest. */
  readonly party?: string;
  readonly digest?: string;
  readonly choice?: "agree" | "reject";
  readonly because?: RejectReason;
  readonly reason?: string;
};

export const caseVote: Operation<VoteInput, { readonly id: string; readonly counted: true }> = {
  name: "case.vote",
  summary:
    "One person's agree or reject, proved by key, letter or sign-in, bound to the very action.",
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
      party: nameField("whose vote it is, of somebody who signed in"),
      digest: DIGEST_FIELD,
      choice: { enum: ["agree", "reject"], description: "the vote, where it is not signed" },
      because: { enum: REJECT_REASONS, description: "the kind of reason for a rejection" },
      reason: { type: "string", maxLength: 2_000, description: "why, for both departments" },
    },
    ["envelope", "token", "party", "digest", "choice", "because", "reason"],
  ),
  async handler({ engine, signedIn }, { id, envelope, token, party, digest, choice, ...said }) {
    const { because = null, reason = "" } = said;
    if (envelope !== undefined) await castVote(engine.context, id, { envelope });
    else if (token !== undefined && choice !== undefined) {
      await castVote(engine.context, id, { token, choice, because, reason });
    } else if (signedIn && party !== undefined && digest !== undefined && choice !== undefined) {
      const vote = { signedIn, case: id, party, digest, choice, because, reason };
      await castVote(engine.context, id, vote);
    } else {
      throw new InterlockError("vote/unproved", "nothing shows who votes", {
        help: "sign it (--key FILE), give the token of the letter that asked (--token), or sign in",
      });
    }
    return { id, counted: true };
  },
};
