/** `agent`: who stands at the ends of the loops, and the keys with which they speak. */
import { Command } from "commander";
import { keyCreate } from "../../operation/create-key.ts";
import { agentList } from "../../operation/list-agents.ts";
import { keyList } from "../../operation/list-keys.ts";
import { keyRevoke } from "../../operation/revoke-key.ts";
import { table } from "../output.ts";
import { workspaceCommand } from "../workspace-command.ts";
import { recordCommands } from "./agent-record.ts";

const NEVER = "never";

export function agentCommand(): Command {
  const command = new Command("agent")
    .description("agents at the ends of loops, and their keys")
    .addCommand(listCommand())
    .addCommand(keyCommand());
  for (const child of recordCommands()) command.addCommand(child);
  return command;
}

function listCommand(): Command {
  return workspaceCommand("list", agentList.summary, async (call, output) => {
    const agents = await call(agentList, {});
    output.result(agents, () =>
      table([
        ["LOOP", "END", "AGENT", "VERSION", "REACHED", "LAST HEARD", "DATA TO"],
        ...agents.map((agent) => [
          agent.loop,
          agent.side,
          `${agent.department}/${agent.name}`,
          agent.version,
          agent.url ?? (agent.route === "poll" ? "fetches" : agent.route),
          agent.seen_at,
          agent.data_complete_to ?? "",
        ]),
      ]),
    );
  });
}

function keyCommand(): Command {
  return new Command("key")
    .description("keys with which agents elsewhere speak for their department")
    .addCommand(createCommand())
    .addCommand(
      workspaceCommand("list", keyList.summary, async (call, output) => {
        const keys = await call(keyList, {});
        output.result(keys, () =>
          table([
            ["ID", "DEPARTMENT", "LABEL", "CREATED", "BY", "LAST USED", "REVOKED"],
            ...keys.map((key) => [
              key.id,
              key.department,
              key.label,
              key.created_at,
              key.created_by,
              key.used_at ?? NEVER,
              key.revoked_at ?? "",
            ]),
          ]),
        );
      }),
    )
    .addCommand(
      workspaceCommand(
        "revoke <id>",
        keyRevoke.summary,
        async (call, output, [id = ""], { by: person = "" }) => {
          const key = await call(keyRevoke, { id, person });
          output.result(
            key,
            () => `Key ${key.id} (${key.department}, ${key.label}) opens nothing any more.`,
          );
        },
      ).requiredOption("--by <email>", "who you are"),
    );
}

function createCommand(): Command {
  return workspaceCommand(
    "create",
    keyCreate.summary,
    async (call, output, _args, { department = "", label = "", by: person = "" }) => {
      const made = await call(keyCreate, { department, label, person });
      output.result(made, () =>
        [
          made.key,
          "",
          `This is the only time the key is shown. It speaks for ${made.department}.`,
          `To end it: interlock agent key revoke ${made.id} --by ${person}`,
        ].join("\n"),
      );
    },
  )
    .requiredOption("--department <name>", "the department that the key speaks for")
    .requiredOption("--label <text>", "what it is for, such as the agent's name")
    .requiredOption("--by <email>", "who you are");
}
