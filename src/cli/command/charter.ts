import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { CHARTER_SCHEMA } from "../../core/charter/meta-schema.ts";
import { lintCharterText } from "../../operation/lint-charter.ts";
import { EXIT_DOES_NOT_HOLD } from "../errors.ts";
import { lintToScreen, readText } from "../lint.ts";
import { createOutput } from "../output.ts";
import { charterExplainCommand } from "./charter-explain.ts";
import { charterKeyCommand } from "./charter-key.ts";
import { charterSimulateCommand } from "./charter-simulate.ts";
import { charterSignCommands } from "./charter-sign.ts";
import { charterSpaceCommands } from "./charter-space.ts";

export function charterCommand(): Command {
  const lint = new Command("lint")
    .description(lintCharterText.summary)
    .argument("<file>", "charter, YAML or JSON")
    .option("--contract <file>", "check it against this contract too")
    .option("--json", "print JSON");
  lint.action(async (file: string) => {
    const options = lint.opts<{ json?: boolean; contract?: string }>();
    const output = createOutput(options.json === true);
    const contract =
      options.contract === undefined
        ? undefined
        : { name: options.contract, text: await readText(options.contract, readFile) };
    const now = new Date().toISOString();
    const result = lintCharterText.check(await readText(file, readFile), file, { contract, now });
    output.result(result, () => lintToScreen(file, result));
    if (!result.ok) process.exitCode = EXIT_DOES_NOT_HOLD;
  });
  const command = new Command("charter")
    .description("charters: what both departments signed")
    .addCommand(lint)
    .addCommand(schemaCommand())
    .addCommand(charterExplainCommand())
    .addCommand(charterSimulateCommand())
    .addCommand(charterKeyCommand());
  for (const child of [...charterSpaceCommands(), ...charterSignCommands()]) {
    command.addCommand(child);
  }
  return command;
}

function schemaCommand(): Command {
  return new Command("schema")
    .description("Prints the JSON Schema of charters, for editors.")
    .action(() => {
      process.stdout.write(`${JSON.stringify(CHARTER_SCHEMA, null, 2)}\n`);
    });
}
