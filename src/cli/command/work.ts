import { once } from "node:events";
import { Command } from "commander";
import { DEFAULT_DIRECTORY } from "../../app/data-directory.ts";
import { readArchive } from "../../app/archive-settings.ts";
import { readNetworks } from "../../app/networks.ts";
import { findServer } from "../../app/server-workspace.ts";
import { DRAIN_MS, startWorker } from "../../app/worker.ts";
import { openOwnWorkspace } from "../../app/workspace.ts";
import { InterlockError } from "../../std/errors.ts";
import { SECOND_MS } from "../../std/time.ts";
import { EXIT_FAILED } from "../errors.ts";
import { createOutput } from "../output.ts";

type Options = { readonly data: string; readonly publicUrl?: string; readonly json?: boolean };

export function workCommand(): Command {
  const command = new Command("work")
    .description("does what is due, beside other workers on the same PostgreSQL (DATABASE_URL)")
    .option("--data <directory>", "data directory, for how loops are wired", DEFAULT_DIRECTORY)
    .option("--public-url <url>", "where people reach the server, for links in letters")
    .option("--json", "print JSON");
  return command.action(async () => {
    const options = command.opts<Options>();
    const output = createOutput(options.json === true);
    if (process.env["DATABASE_URL"] === undefined) {
      throw new InterlockError("cli/usage", "workers beside one another need a PostgreSQL server", {
        help: "set DATABASE_URL; the embedded store has its worker in `interlock serve`",
      });
    }
    const workspace = await openOwnWorkspace(options.data);
    const { engine } = workspace.interlock;
    const publicUrl = options.publicUrl ?? findServer(options.data)?.url;
    if (publicUrl !== undefined) engine.context.publicUrl = publicUrl;
    const worker = startWorker({
      engine,
      networks: readNetworks(process.env),
      ...readArchive(process.env),
      onError: (error) => process.stderr.write(`${error}\n`),
    });
    const loops = [...engine.context.loops.keys()];
    output.result(
      { pid: process.pid, loops },
      () => `Working on ${loops.join(", ")}; stop it with Ctrl-C.`,
    );
    await stopAsked();
    process.stderr.write(
      `Ending what is under way, ${DRAIN_MS / SECOND_MS} s at most; a second signal ends at once.\n`,
    );
    const { isDrained } = await worker.stop();
    if (!isDrained) {
      process.stderr.write("Something was still under way; another worker takes it over.\n");
      process.exit(EXIT_FAILED);
    }
    await workspace.close();
  });
}

/** Resolves at the first signal; the second ends the process as a crash would, which loses nothing. */
async function stopAsked(): Promise<void> {
  const first = new AbortController();
  const { signal } = first;
  await Promise.race([once(process, "SIGINT", { signal }), once(process, "SIGTERM", { signal })]);
  first.abort();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => process.exit(EXIT_FAILED));
  }
}
