import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { lintContractText } from "../../operation/lint-contract.ts";
import { lintToScreen, readText } from "../lint.ts";
import { createOutput } from "../output.ts";
import { EXIT_DOES_NOT_HOLD } from "../errors.ts";
import { conformanceCommand } from "./contract-conformance.ts";
import { diffCommand } from "./contract-diff.ts";
import { generateCommand } from "./contract-generate.ts";
import { registryCommands } from "./contract-registry.ts";

export function contractCommand(): Command {
  const lint = new Command("lint")
    .description(lintContractText.summary)
    .argument("<file>", "contract, YAML or JSON")
    .option("--json", "print JSON");
  lint.action(async (file: string) => {
    const output = createOutput(lint.opts<{ json?: boolean }>().json === true);
    const result = lintContractText.check(await readText(file, readFile), file);
    output.result(result, () => lintToScreen(file, result));
    if (!result.ok) process.exitCode = EXIT_DOES_NOT_HOLD;
  });
  const contract = new Command("contract").description("contracts between two agents");
  for (const command of [
    lint,
    diffCommand(),
    conformanceCommand(),
    generateCommand(),
    ...registryCommands(),
  ])
    contract.addCommand(command);
  return contract;
}
