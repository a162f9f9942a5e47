/** `ledger witness` and `ledger key`: who remembers the ledger's heads, and what signs them. */
import { once } from "node:events";
import { Command } from "commander";
import { DEFAULT_DIRECTORY } from "../../app/data-directory.ts";
import { runWitness } from "../../app/witness-server.ts";
import {
  addWitnessNote,
  listWitnessNotes,
  nameOf,
  removeWitnessNote,
  rotateLedgerKey,
} from "../../app/witnesses.ts";
import { writePublicKey } from "../../core/sign/ssh-key.ts";
import { ledgerHeads } from "../../operation/list-heads.ts";
import { ledgerPublish, ledgerRotate } from "../../operation/publish-ledger.ts";
import { EXIT_DOES_NOT_HOLD } from "../errors.ts";
import { createOutput, table } from "../output.ts";
import { parseWhole } from "../parse.ts";
import { readPublicKeyOption } from "../public-key.ts";
import { workspaceCommand } from "../workspace-command.ts";

export function witnessCommand(): Command {
  return new Command("witness")
    .description("who keeps the ledger's signed heads where the database's owner cannot reach")
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(checkCommand())
    .addCommand(removeCommand())
    .addCommand(runCommand());
}

function addCommand(): Command {
  const command: Command = workspaceCommand(
    "add <where>",
    "Names a witness: a file, the URL of one that runs elsewhere, or a second database.",
    async (call, output, [where = ""], { data = DEFAULT_DIRECTORY }) => {
      const { key } = await call(ledgerHeads, { limit: 1 });
      const note = addWitnessNote(data, where, key);
      output.result({ witness: nameOf(note.to), key }, () =>
        [
          `${nameOf(note.to)} is shown every head from now on: by a server, or by \`ledger witness check\`.`,
          "It trusts the ledger's key as it is now:",
          `  ${key}`,
        ].join("\n"),
      );
    },
  );
  return command;
}

function listCommand(): Command {
  return workspaceCommand(
    "list",
    "The witnesses that are named, and what each said last.",
    async (call, output, _args, { data = DEFAULT_DIRECTORY }) => {
      const { witnesses: states } = await call(ledgerHeads, { limit: 1 });
      const rows = listWitnessNotes(data).map(({ to }) => {
        const name = nameOf(to);
        return { name, state: states.find((one) => one.name === name) ?? null };
      });
      output.result(rows, () =>
        rows.length === 0
          ? "Nobody witnesses this ledger. `ledger witness add` names somebody."
          : table([
              ["WITNESS", "ENTRIES", "SAYS"],
              ...rows.map(({ name, state }) => [
                name,
                `${state?.size ?? "-"}`,
                state === null
                  ? "not asked since the start"
                  : (state.dispute ?? state.error ?? "agrees"),
              ]),
            ]),
      );
    },
  );
}

function checkCommand(): Command {
  return workspaceCommand("check", ledgerPublish.summary, async (call, output) => {
    const { witnesses } = await call(ledgerPublish, {});
    output.result(witnesses, () =>
      witnesses.length === 0
        ? "The head is signed. Nobody witnesses this ledger: `ledger witness add` names somebody."
        : table(
            witnesses.map(({ name, size, dispute, error }) => [
              name,
              `${size ?? 0} entries`,
              dispute === null ? (error ?? "agrees") : `DISPUTES: ${dispute}`,
            ]),
          ),
    );
    if (witnesses.some(({ dispute }) => dispute !== null)) process.exitCode = EXIT_DOES_NOT_HOLD;
  });
}

function removeCommand(): Command {
  return new Command("remove")
    .description("Takes a witness off the list; what it keeps stays with it.")
    .argument("<where>")
    .option("--data <directory>", "data directory", DEFAULT_DIRECTORY)
    .option("--json", "print JSON")
    .action((where: string, { data, json }: { data: string; json?: boolean }) => {
      removeWitnessNote(data, where);
      createOutput(json === true).result(
        { removed: where },
        () => `${where} is shown no more heads.`,
      );
    });
}

type RunOptions = {
  readonly keep: string;
  readonly key: string;
  readonly port: number;
  readonly json?: boolean;
};

function runCommand(): Command {
  return new Command("run")
    .description("Is a witness, on this machine: takes heads over HTTP and keeps them in a file.")
    .requiredOption("--keep <file>", "where it keeps the heads that it took")
    .requiredOption("--key <key>", "the ledger's key, as a line or a file: ssh-ed25519 AAAA...")
    .option("--port <number>", "port on this machine; 0 takes any free one", parseWhole, 7_080)
    .option("--json", "print JSON")
    .action(async ({ keep, key, port, json }: RunOptions) => {
      const output = createOutput(json === true);
      const line = writePublicKey(readPublicKeyOption(key), "");
      const running = await runWitness({ keep, key: line, port }, (why) =>
        process.stderr.write(`REFUSED  ${why}\n`),
      );
      output.result({ url: running.url, keep, pid: process.pid }, () =>
        [
          `A witness listens on ${running.url} and keeps heads in ${keep}; stop it with Ctrl-C.`,
          `Where the ledger is:  interlock ledger witness add ${running.url}`,
        ].join("\n"),
      );
      await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
      await running.close();
    });
}

export function ledgerKeyCommand(): Command {
  return new Command("key").description("what signs the ledger's heads").addCommand(
    workspaceCommand(
      "rotate",
      "Makes another key: the old one signs that it follows, and is kept beside it.",
      async (call, output, _args, { data = DEFAULT_DIRECTORY }) => {
        const key = await rotateLedgerKey(data, (successor) => call(ledgerRotate, { successor }));
        output.result({ key }, () => `From now on heads are signed by\n  ${key}`);
      },
    ),
  );
}
