import { Command } from "commander";
import { CASE_STATES, type CaseState } from "../../core/case/types.ts";
import { caseAsk } from "../../operation/ask-again.ts";
import { caseExplain } from "../../operation/explain-case.ts";
import { caseList } from "../../operation/list-cases.ts";
import { caseShow } from "../../operation/show-case.ts";
import { caseUndo } from "../../operation/undo-case.ts";
import { caseVote } from "../../operation/vote-case.ts";
import { type BallotPaper, signBallotPaper } from "../../core/charter/ballot-paper.ts";
import { REJECT_REASONS } from "../../core/case/types.ts";
import type { Envelope } from "../../core/sign/envelope.ts";
import type { CallOperation } from "../../operation/operation.ts";
import { InterlockError } from "../../std/errors.ts";
import { addMs, HOUR_MS } from "../../std/time.ts";
import { readKeyFile } from "../key-file.ts";
import { table } from "../output.ts";
import { workspaceCommand } from "../workspace-command.ts";

export function caseCommand(): Command {
  return new Command("case")
    .description("cases: what followed from each signal")
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(explainCommand())
    .addCommand(voteCommand())
    .addCommand(undoCommand())
    .addCommand(askCommand());
}

function listCommand(): Command {
  return workspaceCommand("list", caseList.summary, async (call, output, _args, options) => {
    const { state, subject, loop } = options;
    const cases = await call(caseList, {
      ...(loop === undefined ? {} : { loop }),
      ...(state === undefined ? {} : { state: parseState(state) }),
      ...(subject === undefined ? {} : { subject }),
    });
    output.result(cases, () =>
      cases.length === 0
        ? "No case fits."
        : table([
            ["CASE", "STATE", "OPTION", "VERDICT", "OPENED", "SUBJECT"],
            ...cases.map((of) => [
              of.id,
              of.closeReason ?? of.state,
              of.option ?? "-",
              of.verdict ?? "-",
              of.openedAt.slice(0, 16),
              `${of.subject} ${of.subjectName}`,
            ]),
          ]),
    );
  })
    .option("--loop <name>", "only of this loop")
    .option("--state <state>", `only in this state: ${CASE_STATES.join(", ")}`)
    .option("--subject <id>", "only of this subject");
}

function parseState(text: string): CaseState {
  const state = CASE_STATES.find((known) => known === text);
  if (state !== undefined) return state;
  throw new InterlockError("cli/usage", `\`${text}\` is not a state of a case`, {
    help: `the states are ${CASE_STATES.join(", ")}`,
  });
}

function showCommand(): Command {
  return workspaceCommand("show <case>", caseShow.summary, async (call, output, [id = ""]) => {
    const view = await call(caseShow, { id });
    output.result(view, () => JSON.stringify(view, null, 2));
  });
}

function explainCommand(): Command {
  return workspaceCommand(
    "explain <case>",
    caseExplain.summary,
    async (call, output, [id = ""]) => {
      const told = await call(caseExplain, { id });
      output.result(told, () =>
        [
          told.account,
          "",
          "Step by step",
          table(
            told.steps.map((step) => [
              `  ${step.n}`,
              step.at.slice(0, 19),
              step.kind,
              step.actor,
              step.moved || step.detail,
            ]),
          ),
        ].join("\n"),
      );
    },
  );
}

function voteCommand(): Command {
  return workspaceCommand(
    "vote <case>",
    caseVote.summary,
    async (call, output, [id = ""], options) => {
      const { agree, reject, reason = "", token } = options;
      if ((agree === undefined) === (reject === undefined)) {
        throw new InterlockError("cli/usage", "a vote is --agree or --reject KIND", {
          help: `the kinds of reason for a rejection are ${REJECT_REASONS.join(", ")}`,
        });
      }
      const choice = agree === undefined ? "reject" : "agree";
      const because = REJECT_REASONS.find((kind) => kind === reject);
      const said = { choice, reason, ...(because === undefined ? {} : { because }) } as const;
      const voted =
        token === undefined
          ? await call(caseVote, { id, envelope: await signedVote(call, id, said, options) })
          : await call(caseVote, { id, token, ...said });
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
    .option("--token <token>", "of the letter that asked you, instead of a key");
}

/** Signed here, over the action as it waits now; the key stays on this machine. */
async function signedVote(
  call: CallOperation,
  id: string,
  said: Pick<BallotPaper, "choice" | "reason" | "because">,
  { data = "", party, person, key }: { readonly [name: string]: string | undefined },
): Promise<Envelope> {
  if (party === undefined || person === undefined) {
    throw new InterlockError("vote/unproved", "nothing shows who votes", {
      help: "sign it (--party, --person and a key), or give the token of the letter (--token)",
    });
  }
  const { secret } = readKeyFile(key, data, person);
  const { case: of } = await call(caseShow, { id });
  const now = new Date().toISOString();
  const digest = of.digest ?? "";
  const expires = of.clocks.find((clock) => clock.party === party)?.stages.at(-1)?.dueAt;
  const paper = { case: id, party, person, ...said, digest, at: now };
  return signBallotPaper({ ...paper, expires: expires ?? addMs(now, HOUR_MS) }, secret);
}

function undoCommand(): Command {
  return workspaceCommand(
    "undo <case>",
    caseUndo.summary,
    async (call, output, [id = ""], { person = "", reason = "" }) => {
      await call(caseUndo, { id, person, why: reason });
      const { case: after } = await call(caseShow, { id });
      output.result({ id, state: after.state, closeReason: after.closeReason ?? null }, () =>
        after.closeReason === undefined
          ? `Asked; the case is ${after.state}.`
          : `The case is closed: ${after.closeReason}.`,
      );
    },
  )
    .requiredOption("--person <email>", "who asks for it")
    .option("--reason <words>", "why");
}

function askCommand(): Command {
  return workspaceCommand(
    "ask <case>",
    caseAsk.summary,
    async (call, output, [id = ""], { person = "" }) => {
      const asked = await call(caseAsk, { id, person });
      output.result(asked, () => `The agent is asked about ${asked.id} again.`);
    },
  ).requiredOption("--person <email>", "who you are");
}
