import { Command } from "commander";
import { DEFAULT_DIRECTORY } from "../../app/data-directory.ts";
import { CONFORMANCE_CASES } from "../../app/go-live.ts";
import { DEMO_DEFAULTS, runDemo } from "../../app/demo.ts";
import { demoToScreen } from "../demo-screen.ts";
import { createOutput } from "../output.ts";
import { parseShare, parseWhole } from "../parse.ts";

type Options = {
  readonly seed: number;
  readonly days: number;
  readonly history: number;
  readonly geographies: number;
  readonly breaks: number;
  readonly cases: number;
  readonly data: string;
  readonly resume?: boolean;
  readonly json?: boolean;
};

export function demoCommand(): Command {
  const command = new Command("demo")
    .description("the whole loop on a simulated company, over real sockets, ending with a report")
    .option(
      "--seed <number>",
      "same seed, same company, same report",
      parseWhole,
      DEMO_DEFAULTS.seed,
    )
    .option("--days <number>", "simulated days", parseWhole, DEMO_DEFAULTS.days)
    .option("--history <number>", "days before going live", parseWhole, DEMO_DEFAULTS.historyDays)
    .option("--geographies <number>", "pincodes", parseWhole, DEMO_DEFAULTS.geographies)
    .option(
      "--breaks <share>",
      "share of pincodes that break for good in a month",
      parseShare,
      DEMO_DEFAULTS.breaksPerMonth,
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
  return command.action(async () => {
    const options = command.opts<Options>();
    const output = createOutput(options.json === true);
    const report = await runDemo({
      directory: options.data,
      resume: options.resume === true,
      settings: {
        seed: options.seed,
        days: options.days,
        historyDays: options.history,
        geographies: options.geographies,
        breaksPerMonth: options.breaks,
      },
      conformanceCases: options.cases,
      databaseUrl: process.env["DATABASE_URL"],
      onProgress: output.progress.report,
    });
    output.progress.end();
    output.result(report, () => demoToScreen(report, options.data));
  });
}
