import { Command } from "commander";
import { readSeriesFile } from "../../app/series-file.ts";
import { watchLevels } from "../../stats/watch/watch-levels.ts";
import { watchRates } from "../../stats/watch/watch-rates.ts";
import { watchToScreen } from "../detect-screen.ts";
import { createOutput } from "../output.ts";

export function detectCommand(): Command {
  const command = new Command("detect")
    .description("lasting changes in a file of daily rates or levels, judged day by day as if live")
    .argument(
      "<file>",
      "CSV, CSV.gz or Parquet: subject,date,n,k (k events in n trials) or subject,date,value; " +
        "optional columns parent (what a subject lies under) and stratum (kinds of trials)",
    )
    .option("--json", "print JSON");
  return command.action(async (file: string) => {
    const output = createOutput(command.opts<{ json?: boolean }>().json === true);
    const { table, rows, faults } = await readSeriesFile(file);
    const report = (done: number, total: number) => {
      output.progress.report("watching days", done, total);
    };
    const watched = table.kind === "rates" ? watchRates(table, report) : watchLevels(table, report);
    output.progress.end();
    const result = { ...watched, rows, faults };
    output.result(result, () => watchToScreen(result, table));
  });
}
