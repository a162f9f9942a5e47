import { once } from "node:events";
import { Command } from "commander";
import { DEFAULT_DIRECTORY, findNote } from "../../app/data-directory.ts";
import { DEMO_DEFAULTS, runDemo } from "../../app/demo.ts";
import { CONFORMANCE_CASES } from "../../app/go-live.ts";
import { DEFAULT_PORT, serve } from "../../app/serve.ts";
import type { ProviderSettings } from "../../app/serve.ts";
import { readSources } from "../../app/channels.ts";
import { readArchive } from "../../app/archive-settings.ts";
import { readNetworks } from "../../app/networks.ts";
import { openOwnWorkspace } from "../../app/workspace.ts";
import { InterlockError } from "../../std/errors.ts";
import { readMonitoring } from "../monitoring.ts";
import { createOutput, type Output } from "../output.ts";
import { parseWhole } from "../parse.ts";

type Options = {
  readonly data: string;
  readonly port: number;
  readonly publicUrl?: string;
  readonly demo?: boolean;
  readonly log?: boolean;
  readonly json?: boolean;
};

export function serveCommand(): Command {
  const command = new Command("serve")
    .description(
      "runs the loops of a data directory: the dashboard for people, the HTTP door for agents",
    )
    .option("--data <directory>", "data directory", DEFAULT_DIRECTORY)
    .option(
      "--port <number>",
      "port on this machine; 0 takes any free one",
      parseWhole,
      DEFAULT_PORT,
    )
    .option("--public-url <url>", "where people reach it, for links in letters")
    .option("--demo", "fill a directory that holds nothing yet with the demo's company first")
    .option("--log", "tell what happens, as lines of JSON on standard error")
    .option("--json", "print JSON");
  return command.action(async () => {
    const options = command.opts<Options>();
    const output = createOutput(options.json === true);
    if (options.demo === true && findNote(options.data) === undefined) {
      await fillWithDemo(options.data, output);
    }
    const workspace = await openOwnWorkspace(options.data);
    try {
      const serving = await serve({
        directory: options.data,
        engine: workspace.interlock.engine,
        port: options.port,
        ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
        networks: readNetworks(process.env),
        ...readArchive(process.env),
        doors: { ...workspace.doors, sources: readSources(process.env) },
        ...readProvider(process.env),
        ...readMonitoring(process.env),
        ...(options.log === true ? { onLine: writeLine } : {}),
        onError: (error) => process.stderr.write(`${error}\n`),
      });
      const { url, dashboard, firstAdmin } = serving;
      output.result({ url, dashboard, firstAdmin, pid: process.pid }, () =>
        [
          `Interlock listens on ${url} (this machine only); stop it with Ctrl-C.`,
          "Commands with the same --data now ask this server.",
          dashboard === null
            ? "The dashboard is not built; `npm run build` does it."
            : `Dashboard, for whoever has this link: ${dashboard}`,
          ...(firstAdmin === null
            ? []
            : [`First admin, for whoever opens this first, within a day: ${firstAdmin}`]),
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

/** All three or none: half a provider is a mistake that nobody should find out by not getting in. */
function readProvider(env: NodeJS.ProcessEnv): { readonly provider?: ProviderSettings } {
  const {
    INTERLOCK_OIDC_ISSUER: issuer,
    INTERLOCK_OIDC_CLIENT_ID: clientId,
    INTERLOCK_OIDC_CLIENT_SECRET: clientSecret,
  } = env;
  if (issuer === undefined && clientId === undefined && clientSecret === undefined) return {};
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) {
    throw new InterlockError("cli/usage", "the OpenID provider is only half named", {
      help: "set INTERLOCK_OIDC_ISSUER, INTERLOCK_OIDC_CLIENT_ID and INTERLOCK_OIDC_CLIENT_SECRET",
    });
  }
  return { provider: { issuer, clientId, clientSecret } };
}

function writeLine(line: object): void {
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

async function fillWithDemo(directory: string, output: Output): Promise<void> {
  await runDemo({
    directory,
    resume: false,
    settings: DEMO_DEFAULTS,
    conformanceCases: CONFORMANCE_CASES,
    databaseUrl: process.env["DATABASE_URL"],
    onProgress: output.progress.report,
  });
  output.progress.end();
}
