import { once } from "node:events";
import { Command } from "commander";
import { DEFAULT_DIRECTORY } from "../../app/data-directory.ts";
import { DEFAULT_PORT, serve } from "../../app/serve.ts";
import { openOwnWorkspace } from "../../app/workspace.ts";
import { createOutput } from "../output.ts";
import { parseWhole } from "../parse.ts";

type Options = {
  readonly data: string;
  readonly port: number;
  readonly publicUrl?: string;
  readonly json?: boolean;
};

export function serveCommand(): Command {
  const command = new Command("serve")
    .description("runs the loops of a data directory and opens the HTTP door for agents")
    .option("--data <directory>", "data directory", DEFAULT_DIRECTORY)
    .option(
      "--port <number>",
      "port on this machine; 0 takes any free one",
      parseWhole,
      DEFAULT_PORT,
    )
    .option("--public-url <url>", "where people reach it, for links in letters")
    .option("--json", "print JSON");
  return command.action(async () => {
    const options = command.opts<Options>();
    const output = createOutput(options.json === true);
    const workspace = await openOwnWorkspace(options.data);
    try {
      const serving = await serve({
        directory: options.data,
        engine: workspace.interlock.engine,
        port: options.port,
        ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
        onError: (error) => process.stderr.write(`${error}\n`),
      });
      output.result({ url: serving.url, pid: process.pid }, () =>
        [
          `Interlock listens on ${serving.url} (this machine only); stop it with Ctrl-C.`,
          "Commands with the same --data now ask this server.",
        ].join("\n"),
      );
      const stop = new AbortController();
      await Promise.race([
        once(process, "SIGINT", { signal: stop.signal }),
        once(process, "SIGTERM", { signal: stop.signal }),
      ]);
      stop.abort();
      await serving.close();
    } finally {
      await workspace.close();
    }
  });
}
