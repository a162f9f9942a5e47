import { readFileSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import { verifyCaseFile } from "../../core/case/case-file.ts";
import { CASE_STATES, type CaseState } from "../../core/case/types.ts";
import { caseAsk } from "../../operation/ask-again.ts";
import { caseExplain } from "../../operation/explain-case.ts";
import { caseList } from "../../operation/list-cases.ts";
import { caseShow } from "../../operation/show-case.ts";
import { caseUndo } from "../../operation/undo-case.ts";
import { writePublicKey } from "../../core/sign/ssh-key.ts";
import { caseExport } from "../../operation/export-case.ts";
import { canonicalJson } from "../../std/canonical-json.ts";
import { InterlockError } from "../../std/errors.ts";
import { EXIT_DOES_NOT_HOLD } from "../errors.ts";
import { createOutput, table } from "../output.ts";
import { readPublicKeyOption } from "../public-key.ts";
import { workspaceCommand } from "../workspace-command.ts";
import { delegateCommand } from "./away.ts";
import { voteCommand } from "./case-vote.ts";

export function caseCommand(): Command {
  return new Command("case")
    .description("cases: what followed from each signal")
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(explainCommand())
    .addCommand(voteCommand())
    .addCommand(delegateCommand())
    .addCommand(undoCommand())
    .addCommand(askCommand())
    .addCommand(exportCommand())
    .addCommand(verifyCommand());
}

function exportCommand(): Command {
  return workspaceCommand(
    "export <case>",
    caseExport.summary,
    async (call, output, [id = ""], { out }) => {
      const exported = await call(caseExport, { id });
      if (out === undefined) {
        // The file itself: as it is, it can be piped and kept.
        process.stdout.write(`${canonicalJson(exported)}\n`);
        return;
      }
      writeFileSync(out, `${canonicalJson(exported)}\n`);
      output.result({ file: out, key: exported.key }, () =>
        [
          `${id} is in ${out}, with ${exported.entries.length} entries and their proofs. Verify it anywhere:`,
          `  interlock case verify ${out} --key '${exported.key}'`,
        ].join("\n"),
      );
    },
  ).option("--out <file>", "where to; standard output if left out");
}

function verifyCommand(): Command {
  return new Command("verify")
    .description(
      "Verifies an exported case from its file alone: entries, papers, signatures, rules.",
    )
    .argument("<file>")
    .option("--key <key>", "the ledger's key, as a line or a file: ssh-ed25519 AAAA...")
    .option("--json", "print JSON")
    .action((file: string, { key, json }: { key?: string; json?: boolean }) => {
      const check = verifyCaseFile(
        parseJson(file),
        key === undefined ? undefined : writePublicKey(readPublicKeyOption(key), ""),
      );
      createOutput(json === true).result(check, () =>
        [
          check.holds ? `${check.case} holds.` : `The file does NOT hold.`,
          ...check.faults.map((fault) => `  wrong      ${fault}`),
          ...check.shown.map((what) => `  shown      ${what}`),
          ...check.notShown.map((what) => `  not shown  ${what}`),
        ].join("\n"),
      );
      if (!check.holds) process.exitCode = EXIT_DOES_NOT_HOLD;
    });
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new InterlockError("cli/usage", `\`${file}\` is not readable as JSON`, { cause });
  }
}

function listCommand(): Command {
  return workspaceCommand("list", caseList.summary, async (call, output, _args, options) => {
    const { state, subject, loop, find } = options;
    const cases = await call(caseList, {
      ...(loop === undefined ? {} : { loop }),
      ...(state === undefined ? {} : { state: parseState(state) }),
      ...(subject === undefined ? {} : { subject }),
      ...(find === undefined ? {} : { find }),
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
    .option("--subject <id>", "only of this subject")
    .option("--find <words>", "only those that have all these words");
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
