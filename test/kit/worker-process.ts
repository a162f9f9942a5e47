/**
 * A worker that is a process of its own, for tests that stop it: started with the address of a database and
 * of the outside, which the test plays. Run as a program it is the worker; imported, it starts one.
 *
 * It stops itself (SIGSTOP) at the points that it is told, in order, and says so first, so that a test knows
 * exactly what was done and what was not; continued, it says `over` when what it was at has ended.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startWorker } from "../../src/app/worker.ts";
import type { Call, Intervention, Plan } from "../../src/core/port/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import { assert } from "../../src/std/assert.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { EngineWorld, LOOP } from "./engine-world.ts";
import type { ScriptedConnector } from "./scripted-connector.ts";

const STDOUT = 1;

/** `planned`: it read the target and intends nothing yet. `intended`: its intent is committed, nothing sent. */
export type StopPoint = "planned" | "intended";

export type WorkerSettings = {
  readonly databaseUrl: string;
  readonly outsideUrl: string;
  readonly stops: ReadonlyArray<StopPoint>;
  readonly limits: { readonly callMs: number; readonly leaseMs: number };
};

/** What a process is asked to do outside, over HTTP. */
type Asked = {
  readonly kind: "read" | "apply";
  readonly about: Intervention | Plan;
  readonly call: Omit<Call, "signal">;
};

export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #said: string[] = [];
  readonly #closed: Promise<unknown>;

  constructor(settings: WorkerSettings) {
    this.#child = spawn(
      process.execPath,
      ["--liftoff-only", fileURLToPath(import.meta.url), JSON.stringify(settings)],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    assert(this.#child.stdout, "its standard output is a pipe");
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#said.push(line));
    this.#closed = once(this.#child, "close");
  }

  /** Has it said this, how often? */
  count(line: string): number {
    return this.#said.filter((said) => said === line).length;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Told to end; returns how. */
  async end(): Promise<number | null> {
    this.signal("SIGTERM");
    await this.#closed;
    return this.#child.exitCode;
  }
}

/** The outside over HTTP, played by a connector of this process. `told` hears of each call before it is made. */
export async function serveOutside(
  outside: ScriptedConnector,
  told: (kind: Asked["kind"], key: string) => Promise<void>,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    void (async () => {
      const { kind, about, call } = (await json(request)) as Asked;
      const here = { ...call, signal: new AbortController().signal };
      await told(kind, call.idempotencyKey);
      const answer =
        kind === "read"
          ? await outside.read(about as Intervention, here)
          : await outside.apply(about as Plan, here);
      response.end(JSON.stringify(answer));
    })().catch(() => response.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function main({ databaseUrl, outsideUrl, stops, limits }: WorkerSettings): Promise<void> {
  const points = [...stops];
  const stopAt = (point: StopPoint) => {
    if (points[0] !== point) return;
    points.shift();
    writeSync(STDOUT, `${point}\n`);
    process.kill(process.pid, "SIGSTOP");
    // Continued: what it was in the middle of has come to its end.
    void engine.drain().then(() => writeSync(STDOUT, "over\n"));
  };
  const driver = await openDriver({ url: databaseUrl, connectionsMax: 4 });
  const world = new EngineWorld(
    watchIntents(driver, () => stopAt("intended")),
    { limits },
  );
  const ask = async (asked: Asked) => {
    const body = JSON.stringify(asked);
    return (await fetch(outsideUrl, { method: "POST", body })).json();
  };
  const { outside } = world;
  outside.read = async (about, { signal: _, ...call }) =>
    (await ask({ kind: "read", about, call })) as Awaited<ReturnType<typeof outside.read>>;
  outside.apply = async (about, { signal: _, ...call }) =>
    (await ask({ kind: "apply", about, call })) as Awaited<ReturnType<typeof outside.apply>>;
  outside.dryRun = (_plan, { idempotencyKey }) => {
    if (idempotencyKey.startsWith("case-")) stopAt("planned");
    return Promise.resolve();
  };
  const engine = new Engine({ ...world.engine.context, loops: new Map([[LOOP, world.wiring]]) });
  const worker = startWorker({ engine, beatMs: 50, onError: (error) => console.error(error) });
  writeSync(STDOUT, "ready\n");
  await once(process, "SIGTERM");
  const { isDrained } = await worker.stop();
  await driver.close();
  process.exitCode = isDrained ? 0 : 1;
}

/** The same driver, that says when a transaction which wrote intents has committed. */
function watchIntents(driver: Driver, intended: () => void): Driver {
  return {
    kind: driver.kind,
    query: (sql, params) => driver.query(sql, params),
    exec: (sql) => driver.exec(sql),
    ring: () => driver.ring(),
    listen: (hear) => driver.listen(hear),
    close: () => driver.close(),
    async transaction(work) {
      let wrote = 0;
      const result = await driver.transaction((tx) =>
        work({
          exec: (sql) => tx.exec(sql),
          async query(sql, params) {
            const rows = await tx.query(sql, params);
            if (sql.includes("set intent =")) wrote += rows.length;
            return rows as never;
          },
        }),
      );
      if (wrote > 0) intended();
      return result;
    },
  };
}

const [, started, settings] = process.argv;
if (started === fileURLToPath(import.meta.url) && settings !== undefined) {
  await main(JSON.parse(settings) as WorkerSettings);
}
