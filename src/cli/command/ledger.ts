import { Command } from "commander";
import { ledgerVerify } from "../../operation/verify-ledger.ts";
import { EXIT_DOES_NOT_HOLD } from "../errors.ts";
import { workspaceCommand } from "../workspace-command.ts";

export function ledgerCommand(): Command {
  return new Command("ledger").description("the append-only record").addCommand(
    workspaceCommand("verify", ledgerVerify.summary, async (call, output) => {
      const check = await call(ledgerVerify, {
        onProgress: (verified) => output.progress.report("entries", verified, verified),
      });
      output.progress.end();
      output.result(check, () =>
        check.verified
          ? `The ledger holds: ${check.entries} entries, head ${check.head ?? ""}.`
          : `The ledger does NOT hold. First bad entry: ${check.firstBad?.n ?? ""} ` +
            `(${check.firstBad?.why ?? ""}).`,
      );
      if (!check.verified) process.exitCode = EXIT_DOES_NOT_HOLD;
    }),
  );
}
