/** The registry's side of `contract`: propose, accept, list, show, deprecate, retire. */
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import pc from "picocolors";
import { parseDocument } from "../../core/document.ts";
import { listWords } from "../../core/problem.ts";
import { type ContractEntry, contractList } from "../../operation/list-contracts.ts";
import {
  contractAccept,
  contractDeprecate,
  type ContractMove,
  contractRetire,
} from "../../operation/move-contract.ts";
import type { Operation } from "../../operation/operation.ts";
import { contractPropose } from "../../operation/propose-contract.ts";
import { contractShow, type ContractView } from "../../operation/show-contract.ts";
import { readText } from "../lint.ts";
import { table } from "../output.ts";
import { workspaceCommand } from "../workspace-command.ts";

export function registryCommands(): ReadonlyArray<Command> {
  return [
    asParty(
      workspaceCommand(
        "propose <file>",
        contractPropose.summary,
        async (call, output, [file = ""], { as: department = "", by: person = "" }) => {
          const document = parseDocument(await readText(file, readFile), file).value;
          const view = await call(contractPropose, { document, department, person });
          output.result(view, () => standing(view));
        },
      ),
    ),
    moveCommand("accept", contractAccept),
    workspaceCommand("list [name]", contractList.summary, async (call, output, [name]) => {
      const entries = await call(contractList, name === undefined ? {} : { name });
      output.result(entries, () => entriesToText(entries));
    }),
    workspaceCommand(
      "show <name> [version]",
      contractShow.summary,
      async (call, output, [name = "", version]) => {
        const asked = version === undefined ? { name } : { name, version };
        const view = await call(contractShow, asked);
        output.result(view, () => viewToText(view));
      },
    ),
    moveCommand("deprecate", contractDeprecate),
    moveCommand("retire", contractRetire),
  ];
}

function moveCommand(verb: string, operation: Operation<ContractMove, ContractView>): Command {
  return asParty(
    workspaceCommand(
      `${verb} <name> <version>`,
      operation.summary,
      async (call, output, [name = "", version = ""], { as: department = "", by = "" }) => {
        const view = await call(operation, { name, version, department, person: by });
        output.result(view, () => standing(view));
      },
    ),
  );
}

function asParty(command: Command): Command {
  return command
    .requiredOption("--as <department>", "the party for which you do it")
    .requiredOption("--by <email>", "who you are");
}

/** Where a version stands, in one sentence. */
function standing(entry: ContractEntry): string {
  const verb = entry.missing.length === 1 ? "accepts" : "accept";
  const waiting =
    entry.state === "draft" ? ` until ${listWords(entry.missing, "and")} ${verb} it` : "";
  return `${entry.name} ${entry.version} is ${stateWords(entry.state)}${waiting}.`;
}

function stateWords(state: ContractEntry["state"]): string {
  if (state === "draft") return "a draft";
  return state === "in-force" ? "in force" : state;
}

function entriesToText(entries: ReadonlyArray<ContractEntry>): string {
  if (entries.length === 0) return "No contract is registered.";
  return table([
    ["CONTRACT", "VERSION", "STATE", "OPEN", "LOOPS", "PARTIES"],
    ...entries.map((entry) => [
      entry.name,
      entry.version,
      entry.state,
      `${entry.openCases}`,
      entry.loops.join(", ") || "-",
      partiesOf(entry)
        .map((party) => (entry.missing.includes(party) ? `${party} not yet` : `${party} accepted`))
        .join(", "),
    ]),
  ]);
}

function viewToText(view: ContractView): string {
  const { contract } = view;
  return [
    `${pc.bold(`${view.name} ${view.version}`)}  ${stateWords(view.state)}  ${contract.title}`,
    "",
    `  ${view.sender} ──> ${view.receiver}, proposed by ${view.proposedBy} at ${view.registeredAt}`,
    ...view.acceptances.map(
      ({ department, person, accepted_at }) =>
        `  ${pc.green("accepted")}  ${department}: ${person} at ${accepted_at}`,
    ),
    ...view.missing.map((party) => `  ${pc.red("missing ")}  ${party}`),
    `  used by ${view.openCases} open case(s), ` +
      (view.loops.length === 0 ? "no loop" : `loop ${listWords(view.loops, "and")}`),
    `  options: ${listWords(
      contract.options.map(({ name }) => name),
      "and",
    )}`,
    `  hash ${view.hash}`,
  ].join("\n");
}

function partiesOf({ sender, receiver }: ContractEntry): ReadonlyArray<string> {
  return [...new Set([sender, receiver])];
}
