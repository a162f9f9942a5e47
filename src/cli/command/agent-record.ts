/** What `agent` says of a receiver by itself: its record, and who trusts it. */
import type { Command } from "commander";
import pc from "picocolors";
import { agentCalibrate, type AgentRecord, agentTrust } from "../../operation/trust-agent.ts";
import { EXIT_DOES_NOT_HOLD } from "../errors.ts";
import { workspaceCommand } from "../workspace-command.ts";

export function recordCommands(): ReadonlyArray<Command> {
  return [
    workspaceCommand(
      "calibrate <loop>",
      agentCalibrate.summary,
      async (call, output, [loop = ""]) => {
        const record = await call(agentCalibrate, { loop });
        output.result(record, () => recordToText(record));
        if (!record.ok) process.exitCode = EXIT_DOES_NOT_HOLD;
      },
    ),
    workspaceCommand(
      "trust <loop>",
      agentTrust.summary,
      async (call, output, [loop = ""], { by: person = "" }) => {
        const record = await call(agentTrust, { loop, person });
        output.result(record, () => recordToText(record));
      },
    ).requiredOption("--by <email>", "who you are: the owner of the receiving department"),
  ];
}

function recordToText({ loop, agent, record, ok, words, trustedBy }: AgentRecord): string {
  const told = "words" in record && typeof record.words === "string" ? [`  ${record.words}`] : [];
  return [
    `${ok ? pc.green("holds") : pc.red("off  ")}  ${agent}: ${words}, as of ${record.asOf}`,
    ...told,
    trustedBy === null
      ? `  not trusted yet: agent trust ${loop} --by <owner's e-mail>`
      : `  trusted by ${trustedBy.person} since ${trustedBy.at}`,
  ].join("\n");
}
