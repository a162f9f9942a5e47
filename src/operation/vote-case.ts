import { findVoteRefusal } from "../core/charter/votes.ts";
import type { CaseVote } from "../core/case/types.ts";
import { getTerms } from "../engine/terms.ts";
import { InterlockError } from "../std/errors.ts";
import { insertCaseEvents } from "../store/table/case-event.ts";
import { lockCase } from "../store/table/signal-case.ts";
import { CASE_FIELD, inputSchema, nameField, type Operation, sentenceField } from "./operation.ts";

export type VoteInput = {
  readonly id: string;
  readonly party: string;
  readonly person: string;
  readonly choice: "agree" | "reject";
  readonly reason: string;
  /** Digest of the action the voter saw; a vote on anything else is refused. */
  readonly digest: string;
};

export const caseVote: Operation<VoteInput, { readonly id: string; readonly counted: boolean }> = {
  name: "case.vote",
  summary: "One person's agree or reject, bound to the digest of the very action.",
  access: "approver",
  errors: ["case/not-found", "case/not-held", "case/vote-refused"],
  input: inputSchema({
    id: CASE_FIELD,
    party: nameField("the department that the vote is for"),
    person: nameField("the email of who votes"),
    choice: { enum: ["agree", "reject"], description: "the vote" },
    reason: sentenceField("why, for both departments"),
    digest: nameField("the digest of the action that the voter saw"),
  }),
  async handler({ engine }, { id, ...said }) {
    const { driver, clock } = engine.context;
    const at = clock.now();
    return driver.transaction(async (tx) => {
      const of = await lockCase(tx, id);
      if (of === undefined)
        throw new InterlockError("case/not-found", `no case has the id \`${id}\``);
      if (of.state !== "held" || of.verdict === undefined || of.digest === undefined) {
        throw new InterlockError("case/not-held", `case \`${id}\` is ${of.state}, not held`, {
          help: "only a held case waits for votes; `case show` tells what became of it",
        });
      }
      const terms = await getTerms(tx, of.contractHash, of.charterHash);
      const vote: CaseVote = { ...said, at };
      const refusal = findVoteRefusal(
        of.verdict.votes,
        of.votes,
        vote,
        terms.charter.parties,
        of.digest,
      );
      if (refusal !== undefined) throw new InterlockError("case/vote-refused", refusal);
      await insertCaseEvents(tx, [{ caseId: id, event: { kind: "vote.cast", at, vote } }]);
      return { id, counted: true };
    });
  },
};
