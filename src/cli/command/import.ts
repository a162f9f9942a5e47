import { Command } from "commander";
import { importShipments } from "../../app/import-shipments.ts";
import { DEFAULT_DIRECTORY, openWorkspace } from "../../app/workspace.ts";
import { InterlockError } from "../../std/errors.ts";
import { createOutput } from "../output.ts";
import { importToScreen } from "../replay-screen.ts";

type Options = { readonly mapping: string; readonly data: string; readonly json?: boolean };

export function importCommand(): Command {
  const shipments = new Command("shipments")
    .description("reads a file of shipments into observations; every row is accounted for")
    .argument("<file>", "CSV, CSV.gz or Parquet")
    .requiredOption("--mapping <name or file>", "how to read it, e.g. amazon-india")
    .option("--data <directory>", "data directory", DEFAULT_DIRECTORY)
    .option("--json", "print JSON");
  shipments.action(async (file: string) => {
    const options = shipments.opts<Options>();
    const output = createOutput(options.json === true);
    const workspace = await openWorkspace(options.data, { create: true });
    try {
      if (workspace.kind !== "live") {
        throw new InterlockError("cli/usage", `\`${options.data}\` holds a ${workspace.kind}`, {
          help: "import into another directory with --data",
        });
      }
      const report = await importShipments(workspace.interlock.engine, {
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
  return new Command("import").description("data from files").addCommand(shipments);
}
