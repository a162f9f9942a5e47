/** `webhook`: who outside is told of what happens. */
import { Command } from "commander";
import { webhookAdd, webhookList, webhookRemove, webhookResume } from "../../operation/webhook.ts";
import { table } from "../output.ts";
import { parseWhole } from "../parse.ts";
import { workspaceCommand } from "../workspace-command.ts";

const BY = ["--by <email>", "who you are"] as const;

export function webhookCommand(): Command {
  return new Command("webhook")
    .description("whoever outside is told of what happens")
    .addCommand(listCommand())
    .addCommand(addCommand())
    .addCommand(removeCommand())
    .addCommand(resumeCommand());
}

function listCommand(): Command {
  return workspaceCommand("list", webhookList.summary, async (call, output) => {
    const rows = await call(webhookList, {});
    output.result(rows, () =>
      rows.length === 0
        ? "Nobody outside is told. `webhook add` names an address."
        : table([
            ["ID", "TO", "OF", "SEEN", "BEHIND", "STATE"],
            ...rows.map(({ id, url, loop, kinds, seen, behind, paused_at, last_error }) => [
              id,
              url,
              [loop ?? "every loop", ...kinds].join(" "),
              `${seen}`,
              `${behind}`,
              paused_at === null ? (last_error ?? "told") : `paused: ${last_error ?? ""}`,
            ]),
          ]),
    );
  });
}

function addCommand(): Command {
  return workspaceCommand(
    "add <url>",
    webhookAdd.summary,
    async (call, output, [url = ""], { loop, kinds, by = "" }) => {
      const added = await call(webhookAdd, {
        url,
        by,
        ...(loop === undefined ? {} : { loop }),
        ...(kinds === undefined ? {} : { kinds: kinds.split(",").map((kind) => kind.trim()) }),
      });
      output.result(added, () =>
        [
          `${added.id} is told from now on. Its secret, shown only now:`,
          "",
          added.secret,
          "",
          "Every message is signed with it, as Standard Webhooks has it; compare ids: one may come twice.",
        ].join("\n"),
      );
    },
  )
    .option("--loop <name>", "only of this loop")
    .option("--kinds <list>", "only these kinds of entries, such as action,vote.cast")
    .requiredOption(...BY);
}

function removeCommand(): Command {
  return workspaceCommand(
    "remove <id>",
    webhookRemove.summary,
    async (call, output, [webhook = ""], { by = "" }) => {
      const done = await call(webhookRemove, { webhook, by });
      output.result(done, () => `${webhook} is told no more.`);
    },
  ).requiredOption(...BY);
}

function resumeCommand(): Command {
  return workspaceCommand(
    "resume <id>",
    webhookResume.summary,
    async (call, output, [webhook = ""], { from, by = "" }) => {
      const done = await call(webhookResume, {
        webhook,
        by,
        ...(from === undefined ? {} : { from: parseWhole(from) }),
      });
      output.result(done, () => `${webhook} goes on with entry ${done.from}.`);
    },
  )
    .option("--from <entry>", "send again from this entry of the ledger on")
    .requiredOption(...BY);
}
