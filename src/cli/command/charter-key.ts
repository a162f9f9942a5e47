/** `charter key`: the keys with which people sign and vote. */
import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { writeSigners } from "../../core/sign/signers.ts";
import { readPublicKey } from "../../core/sign/ssh-key.ts";
import { signerAdd } from "../../operation/add-signer.ts";
import { signerList } from "../../operation/list-signers.ts";
import { signerRevoke } from "../../operation/revoke-signer.ts";
import { createKeyFile, keyFileIn } from "../key-file.ts";
import { readText } from "../lint.ts";
import { table } from "../output.ts";
import { workspaceCommand } from "../workspace-command.ts";

export function charterKeyCommand(): Command {
  return new Command("key")
    .description("keys with which people sign charters and votes")
    .addCommand(createCommand())
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(revokeCommand());
}

function createCommand(): Command {
  return workspaceCommand(
    "create",
    "Makes a key pair for a person and registers its public half; the private half stays in a file.",
    async (call, output, _args, { data = "", person = "", out }) => {
      const file = out ?? keyFileIn(data, person);
      const publicKey = createKeyFile(file, person);
      const row = await call(signerAdd, { person, publicKey, by: person });
      output.result({ ...row, file }, () =>
        [
          `${row.id} signs for ${row.person} from now on.`,
          `The private half is in ${file}. Whoever has it signs as ${row.person}: keep it to yourself.`,
        ].join("\n"),
      );
    },
  )
    .requiredOption("--person <email>", "whose key it is")
    .option("--out <file>", "where the private half goes (default: keys/ in the data directory)");
}

function addCommand(): Command {
  return workspaceCommand(
    "add",
    signerAdd.summary,
    async (call, output, _args, { person = "", public: file = "" }) => {
      const publicKey = (await readText(file, readFile)).trim();
      const row = await call(signerAdd, { person, publicKey, by: person });
      output.result(row, () => `${row.id} signs for ${row.person} from now on.`);
    },
  )
    .requiredOption("--person <email>", "whose key it is")
    .requiredOption("--public <file>", "the public half, such as ~/.ssh/id_ed25519.pub");
}

function listCommand(): Command {
  return workspaceCommand("list", signerList.summary, async (call, output, _args, options) => {
    const keys = await call(signerList, {});
    output.result(keys, () =>
      options["signers"] === undefined
        ? table([
            ["KEY", "PERSON", "FROM", "UNTIL"],
            ...keys.map((key) => [key.id, key.person, key.valid_from, key.valid_until ?? ""]),
          ])
        : writeSigners(
            keys.map((key) => ({
              person: key.person,
              key: readPublicKey(key.public_key),
              validFrom: key.valid_from,
              ...(key.valid_until === null ? {} : { validUntil: key.valid_until }),
            })),
          ).trimEnd(),
    );
  }).option("--signers", "as a file of OpenSSH's allowed signers");
}

function revokeCommand(): Command {
  return workspaceCommand(
    "revoke <id>",
    signerRevoke.summary,
    async (call, output, [id = ""], { by = "", reason = "" }) => {
      const row = await call(signerRevoke, { id, by, reason });
      output.result(
        row,
        () => `${row.id} (${row.person}) counts only until ${row.valid_until ?? ""}.`,
      );
    },
  )
    .requiredOption("--by <email>", "who you are")
    .requiredOption("--reason <words>", "why");
}
