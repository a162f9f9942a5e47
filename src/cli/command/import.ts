import { Command } from "commander";
import { importSample } from "../../app/import-sample.ts";
import { importShipments } from "../../app/import-shipments.ts";
import { DEFAULT_DIRECTORY, openWorkspace } from "../../app/workspace.ts";
import { InterlockError } from "../../std/errors.ts";
import { createOutput } from "../output.ts";
import { importToScreen } from "../replay-screen.ts";

type Options = { readonly mapping: string; readonly data: string; readonly json?: boolean };

export function importCommand(): Command {
  return new Command("import")
    .description("data from files")
    .addCommand(shipmentsCommand())
    .addCommand(sampleCommand());
}

function shipmentsCommand(): Command {
  const shipments = new Command("shipments")
    .description("reads a file of shipments into observations; every row is accounted for")
    .argument("<file>", "CSV, CSV.gz or Parquet")
    .requiredOption("--mapping <name or file>", "how to read it, e.g. amazon-india")
    .option("--data <directory>", "data directory", DEFAULT_DIRECTORY)
    .option("--json", "print JSON");
  return shipments.action(async (file: string) => {
    const options = shipments.opts<Options>();
    const output = createOutput(options.json === true);
    const workspace = await openWorkspace(options.data, { create: true });
    try {
      if (workspace.kind !== "live") {
        throw new InterlockError("cli/usage", `\`${options.data}\` holds a ${workspace.kind}`, {
          help: "import into another directory with --data",
        });
      }
      const report = await importShipments(workspace, {
        file,
        mapping: options.mapping,
        onProgress: output.progress.report,
      });
      output.progress.end();
      output.result(report, () => importToScreen(report));
    } finally {
      await workspace.close();
    }
  });
}

function sampleCommand(): Command {
  const sample = new Command("sample")
    .description("delivers the simulated company's days up to yesterday to a practice directory")
    .option("--data <directory>", "data directory", DEFAULT_DIRECTORY)
    .option("--json", "print JSON");
  return sample.action(async () => {
    const options = sample.opts<Options>();
    const output = createOutput(options.json === true);
    const workspace = await openWorkspace(options.data);
    try {
      const report = await importSample(workspace, {
        directory: options.data,
        now: new Date().toISOString(),
        onProgress: output.progress.report,
      });
      output.progress.end();
      const { batches, from, to } = report;
      output.result(
        report,
        () =>
          `Delivered ${batches.new} days of the simulated company, ${from} to ${to}; ` +
          `${batches.repeated} were there before.`,
      );
    } finally {
      await workspace.close();
    }
  });
}
