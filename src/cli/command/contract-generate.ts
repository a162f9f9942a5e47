import { readFile, writeFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { type ContractFormat, generateContractText } from "../../operation/generate-contract.ts";
import { errorToText, InterlockError } from "../../std/errors.ts";
import { readText } from "../lint.ts";
import { createOutput } from "../output.ts";

type Options = { readonly as: ContractFormat; readonly out?: string; readonly json?: boolean };

export function generateCommand(): Command {
  const generate = new Command("generate")
    .description(generateContractText.summary)
    .argument("<file>", "contract, YAML or JSON")
    .addOption(
      new Option("--as <format>", "what to write")
        .choices(generateContractText.formats)
        .makeOptionMandatory(),
    )
    .option("--out <file>", "write to this file instead of standard output")
    .option("--json", "print JSON");
  generate.action(async (file: string) => {
    const { as: format, out, json } = generate.opts<Options>();
    const text = generateContractText.generate(await readText(file, readFile), file, format);
    if (out !== undefined) await write(out, text);
    const output = createOutput(json === true);
    if (out === undefined) output.result({ format, text }, () => text.replace(/\n$/, ""));
    else output.result({ format, file: out }, () => `${format} written to ${out}`);
  });
  return generate;
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new InterlockError("cli/usage", `cannot write \`${file}\`: ${errorToText(error)}`);
  }
}
