import type { Command } from "commander";
import pc from "picocolors";
import { loopDrill } from "../../operation/drill-loop.ts";
import { EXIT_DOES_NOT_HOLD } from "../errors.ts";
import { table } from "../output.ts";
import { workspaceCommand } from "../workspace-command.ts";

export function drillCommand(): Command {
  return workspaceCommand("drill <loop>", loopDrill.summary, async (call, output, [loop = ""]) => {
    const report = await call(loopDrill, { loop });
    output.result(report, () =>
      [
        table(
          report.hops.map(({ name, ok, tookMs, words }) => [
            ok ? pc.green("ok  ") : pc.red("FAIL"),
            name,
            `${tookMs.toFixed(1)} ms`,
            words,
          ]),
        ),
        "",
        report.passed
          ? `The drill passed: ${report.hops.length} hops, nothing outside was changed.`
          : `The drill failed at ${report.why}`,
      ].join("\n"),
    );
    if (!report.passed) process.exitCode = EXIT_DOES_NOT_HOLD;
  });
}
