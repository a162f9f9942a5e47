/**
 * `case vote`: the action is shown, its digest worked out again here, and signed here; the private key
 * stays on this machine. With the token of a letter nothing is signed: the token is the proof.
 */
import type { Command } from "commander";
import { computeActionDigest } from "../../core/case/digest.ts";
import { type Case, REJECT_REASONS } from "../../core/case/types.ts";
import { type BallotPaper, signBallotPaper } from "../../core/charter/ballot-paper.ts";
import type { Envelope } from "../../core/sign/envelope.ts";
import { caseShow } from "../../operation/show-case.ts";
import { caseVote } from "../../operation/vote-case.ts";
import { InterlockError } from "../../std/errors.ts";
import { addMs, HOUR_MS } from "../../std/time.ts";
import { ballotToScreen } from "../ballot-screen.ts";
import { askYesNo, isAttended } from "../confirm.ts";
import { readKeyFile } from "../key-file.ts";
import { workspaceCommand } from "../workspace-command.ts";

type Options = { readonly [name: string]: string | undefined };

export function voteCommand(): Command {
  return workspaceCommand(
    "vote <case>",
    caseVote.summary,
    async (call, output, [id = ""], options) => {
      const { token, yes } = options;
      const said = readSaid(options);
      const { case: of } = await call(caseShow, { id });
      const vote =
        token === undefined ? { envelope: signVote(of, said, options) } : { token, ...said };
      if (yes === undefined && isAttended()) {
        process.stderr.write(`${ballotToScreen(of)}\n\n`);
        const question = said.choice === "agree" ? "Agree to exactly this?" : "Reject this?";
        if (!(await askYesNo(question))) {
          output.result({ id, counted: false, state: of.state }, () => "Nothing was sent.");
          return;
        }
      }
      const voted = await call(caseVote, { id, ...vote });
      const { case: after } = await call(caseShow, { id });
      output.result({ ...voted, state: after.state }, () => `Counted. The case is ${after.state}.`);
    },
  )
    .option("--agree", "agree to exactly the change that `case explain` shows")
    .option("--reject <kind>", `reject it: ${REJECT_REASONS.join(", ")}`)
    .option("--reason <words>", "why, for both departments; a rejection needs it")
    .option("--party <department>", "the side you vote for, when you sign")
    .option("--person <email>", "who you are, when you sign")
    .option("--key <file>", "your private key (default: keys/ of the data directory, then ~/.ssh)")
    .option("--token <token>", "of the letter that asked you, instead of a key")
    .option("--yes", "do not show the change and ask again");
}

type Said = Pick<BallotPaper, "choice" | "reason" | "because">;

function readSaid({ agree, reject, reason = "" }: Options): Said {
  if ((agree === undefined) === (reject === undefined)) {
    throw new InterlockError("cli/usage", "a vote is --agree or --reject KIND", {
      help: `the kinds of reason for a rejection are ${REJECT_REASONS.join(", ")}`,
    });
  }
  if (agree !== undefined) return { choice: "agree", reason };
  const because = REJECT_REASONS.find((kind) => kind === reject);
  return { choice: "reject", reason, ...(because === undefined ? {} : { because }) };
}

function signVote(of: Case, said: Said, { data = "", party, person, key }: Options): Envelope {
  if (party === undefined || person === undefined) {
    throw new InterlockError("vote/unproved", "nothing shows who votes", {
      help: "sign it (--party, --person and a key), or give the token of the letter (--token)",
    });
  }
  const { digest = "" } = of;
  if (of.proposal !== undefined && computeActionDigest(of) !== digest) {
    throw new InterlockError("vote/other-action", "the case shows another action than it asks for");
  }
  const { secret } = readKeyFile(key, data, person);
  const at = new Date().toISOString();
  const expires = of.clocks.find((clock) => clock.party === party)?.stages.at(-1)?.dueAt;
  const paper = { case: of.id, party, person, ...said, digest, at };
  return signBallotPaper({ ...paper, expires: expires ?? addMs(at, HOUR_MS) }, secret);
}
