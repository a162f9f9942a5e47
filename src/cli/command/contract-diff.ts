import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { diffContractTexts } from "../../operation/diff-contract.ts";
import { comparisonToScreen } from "../comparison-screen.ts";
import { EXIT_DOES_NOT_HOLD } from "../errors.ts";
import { readText } from "../lint.ts";
import { createOutput } from "../output.ts";

export function diffCommand(): Command {
  const diff = new Command("diff")
    .description(diffContractTexts.summary)
    .argument("<before>", "the older version, YAML or JSON")
    .argument("<after>", "the newer version, YAML or JSON")
    .option("--json", "print JSON");
  diff.action(async (before: string, after: string) => {
    const output = createOutput(diff.opts<{ json?: boolean }>().json === true);
    const comparison = diffContractTexts.compare(
      { text: await readText(before, readFile), name: before },
      { text: await readText(after, readFile), name: after },
    );
    output.result(comparison, () => comparisonToScreen(comparison));
    if (comparison.verdict === "breaking") process.exitCode = EXIT_DOES_NOT_HOLD;
  });
  return diff;
}
