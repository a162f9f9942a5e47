/**
 * Everything a run needs, started and stopped together: a PostgreSQL of its own, the outside, the bad
 * network between them, workers, the HTTP door and a sender. Loopback only, one temporary directory.
 */
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { EngineLimits } from "../../src/engine/wiring.ts";
import { InterlockError } from "../../src/std/errors.ts";
import { MINUTE_MS } from "../../src/std/time.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import type { FaultRates } from "../../twin/sandbox/fault.ts";
import { findFreePort, startPostgres, type TestPostgres } from "../kit/postgres.ts";
import { Client } from "./client.ts";
import { Crew } from "./crew.ts";
import type { Mix } from "./loop.ts";
import { type Outside, startOutside } from "./outside.ts";
import { createPorts } from "./ports.ts";
import { prepareLoop } from "./prepare.ts";
import { type Proxy, startProxy } from "./proxy.ts";
import { installTrace } from "./trace.ts";
import type { WorkerOptions } from "./worker-process.ts";

export type StageOptions = {
  readonly workers: number;
  readonly cases: number;
  /** Signals in one request. */
  readonly batch: number;
  /** Cases sent and not yet acted on, at most. */
  readonly underWayMax: number;
  readonly mix: Mix;
  readonly letters: "http" | "smtp";
  readonly limits: Partial<EngineLimits>;
  readonly faults: FaultRates;
  /** A statement that is not answered by then is given up; shorter than in production. */
  readonly answerMs: number;
  /** Whether it is judged how long something took. */
  readonly isTimed: boolean;
  /** Whether the database notes every change of an effect. */
  readonly isTraced: boolean;
  /** Where PostgreSQL keeps its data; the system's place for temporary files when left out. */
  readonly place?: string;
};

/** Commit times are kept so that an intent can be shown to be older than its call. */
const SETTINGS = [
  "track_commit_timestamp=on",
  "max_connections=100",
  "shared_buffers=256MB",
  "max_wal_size=1GB",
];
/** On a small disk the log must stay small, so that what fills it is not the log alone. */
const SMALL_SETTINGS = ["shared_buffers=32MB", "max_wal_size=64MB", "min_wal_size=32MB"];
const WATCH_CONNECTIONS = 3;
const AGAIN_MS = 100;
const LOOK_MS_MAX = 20 * MINUTE_MS;
/** PostgreSQL that cannot be asked for so long is a finding. */
const DOWN_MS_MAX = 2 * MINUTE_MS;

/** A worker that was stopped and went on, and how many effects it held meanwhile. */
export type Sleep = {
  readonly name: string;
  readonly stoppedAt: number;
  readonly continuedAt: number;
  readonly held: number;
};

export class Stage {
  readonly options: StageOptions;
  readonly postgres: TestPostgres;
  readonly outside: Outside;
  readonly proxy: Proxy;
  readonly workers: Crew;
  readonly intake: Crew;
  readonly client: Client;
  readonly startedAt = performance.now();
  /** Straight to the database, past the bad network: for looking, never for work. */
  readonly #watch: Driver;
  readonly #closing: Array<() => Promise<unknown>>;
  /** What was seen to be wrong while the run went on. */
  readonly findings: string[] = [];
  readonly sleeps: Sleep[] = [];
  postgresKills = 0;
  postgresRefusals = 0;

  static readonly #running = new Set<() => Promise<void>>();

  private constructor(
    parts: Pick<
      Stage,
      "options" | "postgres" | "outside" | "proxy" | "workers" | "intake" | "client"
    >,
    watch: Driver,
    closing: Array<() => Promise<unknown>>,
  ) {
    this.options = parts.options;
    this.postgres = parts.postgres;
    this.outside = parts.outside;
    this.proxy = parts.proxy;
    this.workers = parts.workers;
    this.intake = parts.intake;
    this.client = parts.client;
    this.#watch = watch;
    this.#closing = closing;
  }

  static async open(options: StageOptions): Promise<Stage> {
    const closing: Array<() => Promise<unknown>> = [];
    Stage.#running.add(() => closeAll(closing));
    try {
      const directory = await fs.mkdtemp(path.join(os.tmpdir(), "interlock-chaos-"));
      closing.push(() => fs.rm(directory, { recursive: true, force: true }));
      const { place } = options;
      const settings = place === undefined ? SETTINGS : [...SETTINGS, ...SMALL_SETTINGS];
      const postgres = await startPostgres(settings, place);
      closing.push(() => postgres.stop());
      const direct = await postgres.createDatabase("chaos");
      const outside = await startOutside(directory, options.faults);
      closing.push(() => outside.stop());
      const patient = new URL(direct);
      // The looks at the end go over everything that there is.
      patient.searchParams.set("statement_timeout", `${LOOK_MS_MAX}`);
      const watch = await openDriver({ url: patient.href, connectionsMax: WATCH_CONNECTIONS });
      closing.push(() => watch.close());
      const key = await prepare(watch, outside, options);
      const proxy = await startProxy(postgres.port);
      closing.push(() => proxy.stop());
      const member: WorkerOptions = {
        databaseUrl: throughProxy(direct, proxy.port, options.answerMs),
        outside: outside.address,
        letters: options.letters,
        mix: options.mix,
        limits: options.limits,
        aheadMs: 0,
      };
      const port = await findFreePort();
      const workers = new Crew("worker", member);
      const intake = new Crew("intake", { ...member, port });
      closing.push(() => workers.stop());
      closing.push(() => intake.stop());
      await Promise.all([workers.start(options.workers), intake.start(1)]);
      await outside.order("begin");
      const { cases: total, batch, underWayMax } = options;
      const client = new Client({ port, key, total, batch, underWayMax });
      const parts = { options, postgres, outside, proxy, workers, intake, client };
      return new Stage(parts, watch, closing);
    } catch (error) {
      await closeAll(closing);
      throw error;
    }
  }

  /** For a run that is broken off: what was started is stopped, however far it had come. */
  static async closeEvery(): Promise<void> {
    for (const close of Stage.#running) await close();
  }

  /** A look at the database, however often it is down meanwhile. */
  async ask<T>(look: (driver: Driver) => Promise<T>): Promise<T> {
    const from = performance.now();
    for (;;) {
      try {
        return await look(this.#watch);
      } catch (error) {
        const isDown = error instanceof InterlockError && error.code === "store/unavailable";
        if (!isDown || performance.now() - from > DOWN_MS_MAX) throw error;
        await delay(AGAIN_MS);
      }
    }
  }

  /** Lets the client know how many cases were dealt with, or are a person's now. */
  async look(): Promise<void> {
    this.client.settled = await this.ask(async (driver) => {
      const [row] = await driver.query<{ n: number }>(
        `select (select count(*) from signal_case where state in ('watching', 'closed'))::int
              + (select count(*) from effect where state = 'needs-person' and kind = 'act')::int as n`,
      );
      return row?.n ?? 0;
    });
  }

  async killPostgres(): Promise<void> {
    await this.postgres.kill();
    this.postgresKills += 1;
    this.postgresRefusals += await this.postgres.restart();
  }

  async close(): Promise<void> {
    this.client.stop();
    await closeAll(this.#closing);
  }
}

/** Each once, the last that was opened first. */
async function closeAll(closing: Array<() => Promise<unknown>>): Promise<void> {
  for (let close = closing.pop(); close !== undefined; close = closing.pop()) await close();
}

async function prepare(driver: Driver, outside: Outside, options: StageOptions): Promise<string> {
  const ports = await createPorts(outside.address, options.letters);
  try {
    const key = await prepareLoop(driver, ports, options.mix);
    await installTrace(driver, options.isTraced);
    return key;
  } finally {
    await ports.close();
  }
}

function throughProxy(direct: string, port: number, answerMs: number): string {
  const url = new URL(direct);
  url.port = `${port}`;
  url.searchParams.set("idle_in_transaction_session_timeout", `${answerMs}`);
  url.searchParams.set("query_timeout", `${answerMs}`);
  return url.href;
}
