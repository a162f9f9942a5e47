import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { lintCharterText } from "../../operation/lint-charter.ts";
import { charterSign } from "../../operation/sign-charter.ts";
import { EXIT_DOES_NOT_HOLD } from "../errors.ts";
import { lintToScreen, readText } from "../lint.ts";
import { createOutput } from "../output.ts";
import { workspaceCommand } from "../workspace-command.ts";

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
  const sign = workspaceCommand(
    "sign <loop>",
    charterSign.summary,
    async (call, output, [loop = ""], { party = "", person = "" }) => {
      const signed = await call(charterSign, { loop, party, person });
      output.result(signed, () =>
        [
          `Charter ${signed.charter.slice(0, 12)} is signed by:`,
          ...signed.signatures.map((one) => `  ${one.party}: ${one.person} at ${one.signed_at}`),
        ].join("\n"),
      );
    },
  )
    .requiredOption("--party <department>", "the department you head")
    .requiredOption("--person <email>", "who you are");
  return new Command("charter")
    .description("charters: what both departments signed")
    .addCommand(lint)
    .addCommand(sign);
}
