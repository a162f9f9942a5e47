/** `archive`: months that are over leave the database for files that can be verified. */
import { Command } from "commander";
import { archiveMonths, type ArchiveReport, monthsBefore } from "../../app/archive.ts";
import { DEFAULT_DIRECTORY, openWorkspace } from "../../app/workspace.ts";
import { archiveList } from "../../operation/archive.ts";
import { InterlockError } from "../../std/errors.ts";
import { createOutput, table } from "../output.ts";
import { parseMonth, parseWhole } from "../parse.ts";
import { workspaceCommand } from "../workspace-command.ts";

type Options = {
  readonly data: string;
  readonly to?: string;
  readonly before?: string;
  readonly months?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
};

export function archiveCommand(): Command {
  const command = new Command("archive")
    .description("moves months that are over out of the database, into files that are verified")
    .addCommand(listCommand())
    .option("--data <directory>", "data directory", DEFAULT_DIRECTORY)
    .option("--to <directory>", "where the archive is, or is begun")
    .option("--before <month>", "what came before this month goes, such as 2026-01", parseMonth)
    .option("--months <number>", "whole months that stay, 13 unless said", parseWhole)
    .option("--dry-run", "say what would go, and leave everything as it is")
    .option("--json", "print JSON");
  return command.action(async () => {
    const options = command.opts<Options>();
    const output = createOutput(options.json === true);
    const { to } = options;
    // Not asked for by the parser, which would ask for it of `archive list` too.
    if (to === undefined) {
      throw new InterlockError("cli/usage", "an archive needs a directory", {
        help: "--to DIR: the one that has the archive so far, or a new one",
      });
    }
    const workspace = await openWorkspace(options.data);
    try {
      const report = await archiveMonths(workspace.call, {
        to,
        before: options.before ?? monthsBefore(new Date().toISOString(), options.months),
        dryRun: options.dryRun === true,
        onProgress: output.progress.report,
      });
      output.progress.end();
      output.result(report, () => reportToScreen(report));
    } finally {
      await workspace.close();
    }
  });
}

function reportToScreen({ to, months, dueTo, keptBack, dryRun }: ArchiveReport): string {
  const rows = months.map(({ month, entries, cases, observations }) => [
    ...[month, `${entries}`, `${cases}`, `${observations}`],
  ]);
  const said = dryRun ? "would go to" : "left for";
  return [
    rows.length === 0
      ? "No month is due."
      : table([["MONTH", "ENTRIES", "CASES", "OBSERVATIONS"], ...rows]),
    ...(rows.length === 0 ? [] : ["", `What is listed ${said} ${to}.`]),
    ...(dryRun && dueTo !== null
      ? [`What there is to ${dueTo} would follow, month by month.`]
      : []),
    ...(keptBack === null ? [] : [keptBack]),
  ].join("\n");
}

function listCommand(): Command {
  return workspaceCommand("list", archiveList.summary, async (call, output) => {
    const { months } = await call(archiveList, {});
    output.result({ months }, () =>
      months.length === 0
        ? "Nothing is archived: everything is in the database."
        : table([
            ["MONTH", "ENTRIES", "CASES", "OBSERVATIONS", "TO ENTRY"],
            ...months.map(({ month, entries, cases, observations, until_n }) => [
              ...[month, `${entries}`, `${cases}`, `${observations}`, `${until_n}`],
            ]),
          ]),
    );
  });
}
