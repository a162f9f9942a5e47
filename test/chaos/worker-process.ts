/**
 * A worker, to be killed: what `interlock work` runs, on the shared PostgreSQL, until it is told to end or is
 * ended. What goes wrong is told to the parent, which judges whether it may.
 */
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { startWorker } from "../../src/app/worker.ts";
import type { EngineLimits } from "../../src/engine/wiring.ts";
import { errorToText } from "../../src/std/errors.ts";
import { openDriver } from "../../src/store/driver/driver.ts";
import { type Mix, openEngine, wireLoop } from "./loop.ts";
import type { OutsideAddress } from "./outside.ts";
import { endWithParent } from "./orphan.ts";
import { createPorts } from "./ports.ts";

export type WorkerOptions = {
  readonly databaseUrl: string;
  readonly outside: OutsideAddress;
  readonly letters: "http" | "smtp";
  readonly mix: Mix;
  readonly limits: Partial<EngineLimits>;
  readonly aheadMs: number;
};

export type WorkerSaid =
  { readonly kind: "ready" } | { readonly kind: "trouble"; readonly text: string };

const REST_MS = 50;

endWithParent();
await work(JSON.parse(process.argv[2] ?? "") as WorkerOptions);

async function work(options: WorkerOptions): Promise<void> {
  const ports = await createPorts(options.outside, options.letters);
  const { limits, aheadMs } = options;
  let driver;
  while (driver === undefined) {
    driver = await openDriver({ url: options.databaseUrl }).catch(async (error: unknown) => {
      tell(errorToText(error));
      await delay(REST_MS);
      return undefined;
    });
  }
  const engine = openEngine({ driver, wiring: wireLoop(ports, options.mix), limits, aheadMs });
  const worker = startWorker({ engine, onError: tell });
  say({ kind: "ready" });
  await once(process, "SIGTERM");
  const { isDrained } = await worker.stop();
  await driver.close();
  await ports.close();
  process.exit(isDrained ? 0 : 1);
}

/** Errors come as their text, which opens with their code where they have one. */
function tell(text: string): void {
  say({ kind: "trouble", text });
}

function say(said: WorkerSaid): void {
  process.send?.(said);
}
