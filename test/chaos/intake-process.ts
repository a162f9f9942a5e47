/** The HTTP door, to be killed: takes signals in and does nothing else. */
import { setTimeout as delay } from "node:timers/promises";
import { errorToText } from "../../src/std/errors.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { startServer } from "../../src/server/http/server.ts";
import { openEngine, wireLoop } from "./loop.ts";
import { endWithParent } from "./orphan.ts";
import { createPorts } from "./ports.ts";
import type { WorkerOptions, WorkerSaid } from "./worker-process.ts";

export type IntakeOptions = WorkerOptions & { readonly port: number };

const REST_MS = 50;
const NO_LIMIT = 1_000_000_000;

endWithParent();
const options = JSON.parse(process.argv[2] ?? "") as IntakeOptions;
const ports = await createPorts(options.outside, options.letters);
const driver = await open();
const engine = openEngine({
  driver,
  wiring: wireLoop(ports, options.mix),
  limits: options.limits,
  aheadMs: options.aheadMs,
});
await startServer({
  engine,
  port: options.port,
  rateLimits: { department: NO_LIMIT },
  log: (line) => say({ kind: "trouble", text: `${codeOf(line.error)}: ${JSON.stringify(line)}` }),
});
say({ kind: "ready" });

async function open(): Promise<Driver> {
  for (;;) {
    try {
      return await openDriver({ url: options.databaseUrl });
    } catch (error) {
      say({ kind: "trouble", text: errorToText(error) });
      await delay(REST_MS);
    }
  }
}

/** A store that is away is answered 503 and logged: what a worker says of it, too. */
function codeOf(error: string): string {
  if (error.startsWith("InterlockError: database cannot be reached")) return "store/unavailable";
  return error.startsWith("InterlockError: database disk is full") ? "store/no-space" : "log";
}

function say(said: WorkerSaid): void {
  process.send?.(said);
}
