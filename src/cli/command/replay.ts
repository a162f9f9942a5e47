import { Command, Option } from "commander";
import { DEFAULT_DIRECTORY } from "../../app/data-directory.ts";
import { CONFORMANCE_CASES } from "../../app/go-live.ts";
import { runReplay } from "../../app/replay.ts";
import type { Day } from "../../std/time.ts";
import { createOutput } from "../output.ts";
import { parseDay, parseWhole } from "../parse.ts";
import { replayToScreen } from "../replay-screen.ts";

type Options = {
  readonly shipments: string;
  readonly mapping: string;
  readonly until?: Day;
  readonly votes: "agree" | "none";
  readonly cases: number;
  readonly data: string;
  readonly resume?: boolean;
  readonly json?: boolean;
};

export function replayCommand(): Command {
  const command = new Command("replay")
    .description("a loop over a real file of shipments, day by day, on the file's own clock")
    .argument("<loop>", "the loop, e.g. logistics-marketing")
    .requiredOption("--shipments <file>", "CSV, CSV.gz or Parquet")
    .requiredOption("--mapping <name or file>", "how to read it, e.g. amazon-india")
    .option("--until <date>", "stop after this day", parseDay)
    .addOption(
      new Option("--votes <answer>", "what asked parties do")
        .choices(["agree", "none"])
        .default("agree"),
    )
    .option(
      "--cases <number>",
      "conformance cases for each end before going live",
      parseWhole,
      CONFORMANCE_CASES,
    )
    .option("--data <directory>", "data directory", DEFAULT_DIRECTORY)
    .option("--resume", "go on with a run that was interrupted")
    .option("--json", "print JSON");
  return command.action(async (loop: string) => {
    const options = command.opts<Options>();
    const output = createOutput(options.json === true);
    const report = await runReplay({
      directory: options.data,
      resume: options.resume === true,
      loop,
      file: options.shipments,
      mapping: options.mapping,
      until: options.until ?? null,
      votes: options.votes,
      conformanceCases: options.cases,
      databaseUrl: process.env["DATABASE_URL"],
      onProgress: output.progress.report,
    });
    output.progress.end();
    output.result(report, () => replayToScreen(report));
  });
}
