import { REJECT_REASONS, type RejectReason } from "../core/case/types.ts";
import { castVote } from "../engine/votes.ts";
import { type ErrorCode, InterlockError } from "../std/errors.ts";
import { CASE_FIELD, DIGEST_FIELD, inputSchema, nameField, type Operation } from "./operation.ts";
import { caseVote } from "./vote-case.ts";

/** As many as a person can have looked at on one page. */
const BATCH_MAX = 100;

export type BatchInput = {
  /** The party that all of them are for. */
  readonly department: string;
  readonly choice: "agree" | "reject";
  readonly because?: RejectReason;
  readonly reason?: string;
  /** Each case with the digest of the action as it was shown. */
  readonly votes: ReadonlyArray<{ readonly id: string; readonly digest: string }>;
};

/** In the order in which they were asked. */
export type BatchAnswer = ReadonlyArray<
  { readonly id: string } & (
    | { readonly counted: true }
    | {
        readonly counted: false;
        readonly code: ErrorCode;
        readonly message: string;
        readonly help: string | null;
      }
  )
>;

/**
 * One person's word on many cases, which is many votes: each is bound to its own digest, proved, counted or
 * refused by itself, so that one which came too late keeps no other from counting. What breaks half-way may
 * be sent again: those that counted then say so.
 */
export const batchVote: Operation<BatchInput, BatchAnswer> = {
  name: "batch.vote",
  summary:
    "One answer to several cases of one party, each bound to its own action and answered by itself.",
  access: "approver",
  errors: ["vote/unproved"],
  input: inputSchema(
    {
      department: nameField("the party whose votes they are"),
      choice: { enum: ["agree", "reject"], description: "the vote on each" },
      because: { enum: REJECT_REASONS, description: "the kind of reason for a rejection" },
      reason: { type: "string", maxLength: 2_000, description: "why, for both departments" },
      votes: {
        type: "array",
        minItems: 1,
        maxItems: BATCH_MAX,
        description: "each case with its action",
        items: inputSchema({ id: CASE_FIELD, digest: DIGEST_FIELD }),
      },
    },
    ["because", "reason"],
  ),
  async handler({ engine, signedIn }, { department: party, votes, choice, ...said }) {
    if (signedIn === undefined) {
      throw new InterlockError("vote/unproved", "nothing shows who votes", {
        help: "sign in; a key or the token of a letter votes one by one, with `case vote`",
      });
    }
    const { because = null, reason = "" } = said;
    const answers: Array<BatchAnswer[number]> = [];
    for (const { id, digest } of votes) {
      const vote = { signedIn, case: id, party, digest, choice, because, reason };
      try {
        await castVote(engine.context, id, vote);
        answers.push({ id, counted: true });
      } catch (error) {
        if (!isRefusal(error)) throw error;
        const { code, message, help = null } = error;
        answers.push({ id, counted: false, code, message, help });
      }
    }
    return answers;
  },
};

/** A no to this very vote; anything else is no answer to it. */
function isRefusal(error: unknown): error is InterlockError {
  return error instanceof InterlockError && caseVote.errors.includes(error.code);
}
