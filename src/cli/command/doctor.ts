/** `doctor`: does everything that must be true of this system hold? Reads only, in one snapshot. */
import type { Command } from "commander";
import pc from "picocolors";
import {
  type InvariantCheck,
  invariantCheck,
  type InvariantReport,
} from "../../operation/check-invariants.ts";
import { EXIT_DOES_NOT_HOLD } from "../errors.ts";
import { workspaceCommand } from "../workspace-command.ts";

/** Rows printed of one broken promise; `--json` has up to a hundred. */
const ROWS_SHOWN = 10;

export function doctorCommand(): Command {
  return workspaceCommand(
    "doctor",
    invariantCheck.summary,
    async (call, output, _args, { quick, only }) => {
      const report = await call(
        invariantCheck,
        {
          ...(quick === undefined ? {} : { quick: true }),
          ...(only === undefined ? {} : { only: only.split(",").map((name) => name.trim()) }),
        },
        (label, done, total) => output.progress.report(label, done, total),
      );
      output.progress.end();
      output.result(report, () => reportToScreen(report));
      if (!report.holds) process.exitCode = EXIT_DOES_NOT_HOLD;
    },
  )
    .option("--quick", "only what costs no more than the work that is under way")
    .option("--only <names>", "these alone, with commas between");
}

export function reportToScreen({ holds, checks }: InvariantReport): string {
  const broken = checks.filter((check) => !check.holds);
  const sum = holds
    ? `All ${checks.length} hold.`
    : `${broken.length} of ${checks.length} do NOT hold.`;
  return [...checks.map(checkToLine), "", ...broken.flatMap(brokenToLines), sum].join("\n");
}

function checkToLine({ name, sentence, holds, ms }: InvariantCheck): string {
  const mark = holds ? pc.green("holds") : pc.red("BROKEN");
  return `${mark.padEnd(6)} ${name.padEnd(21)} ${sentence} ${pc.dim(`(${ms} ms)`)}`;
}

function brokenToLines({ name, violations, help }: InvariantCheck): ReadonlyArray<string> {
  const more = violations.length - ROWS_SHOWN;
  return [
    pc.bold(name),
    ...violations.slice(0, ROWS_SHOWN).map(({ row, why }) => `  ${row}: ${why}`),
    ...(more > 0 ? [`  and ${more} more; --json names them`] : []),
    `  ${pc.green("help")}  ${help ?? ""}`,
    "",
  ];
}
