/**
 * A worker, to be killed: the engine on the shared PostgreSQL, until it is told to end or is ended.
 *
 * SIGTERM lets what is under way end. What goes wrong is told to the parent and tried again, as a server
 * does it; the parent judges whether it may go wrong.
 */
import { setTimeout as delay } from "node:timers/promises";
import { runDispatch } from "../../src/engine/dispatch.ts";
import { runTurn } from "../../src/engine/turn.ts";
import type { EngineContext, EngineLimits } from "../../src/engine/wiring.ts";
import { errorToText, InterlockError } from "../../src/std/errors.ts";
import { openDriver, sqlStateOf } from "../../src/store/driver/driver.ts";
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
  | { readonly kind: "ready" }
  | { readonly kind: "trouble"; readonly code: string; readonly text: string };

const REST_MS = 50;

endWithParent();
await work(JSON.parse(process.argv[2] ?? "") as WorkerOptions);

async function work(options: WorkerOptions): Promise<void> {
  const stop = new AbortController();
  process.once("SIGTERM", () => stop.abort());
  const ports = await createPorts(options.outside, options.letters);
  const { limits, aheadMs } = options;
  let driver;
  while (driver === undefined) {
    driver = await openDriver({ url: options.databaseUrl }).catch(async (error: unknown) => {
      tell(error);
      await delay(REST_MS);
      return undefined;
    });
  }
  const engine = openEngine({ driver, wiring: wireLoop(ports, options.mix), limits, aheadMs });
  say({ kind: "ready" });
  const { context } = engine;
  while (!stop.signal.aborted) {
    const moved = await step(context).catch((error: unknown) => void tell(error));
    if (moved !== undefined && moved > 0) continue;
    await delay(REST_MS, undefined, { signal: stop.signal }).catch(() => undefined);
  }
  await driver.close();
  await ports.close();
  process.exit(0);
}

/** Turns come first: they are what a dispatch's answers wait for. */
async function step(context: EngineContext): Promise<number> {
  const turned = await runTurn(context);
  return turned > 0 ? turned : runDispatch(context);
}

function codeOf(error: unknown): string {
  if (error instanceof InterlockError) return error.code;
  return sqlStateOf(error) ?? (error instanceof Error ? error.name : "unknown");
}

function tell(error: unknown): void {
  say({ kind: "trouble", code: codeOf(error), text: errorToText(error) });
}

function say(said: WorkerSaid): void {
  process.send?.(said);
}
