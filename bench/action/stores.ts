/** The stores that are compared, each opened empty for every round, and what its server costs. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { startPostgres, type TestPostgres } from "../../test/kit/postgres.ts";

export type OpenStore = { readonly driver: Driver; close(): Promise<void> };

export type Store = {
  readonly name: string;
  /** Workers of the engine that run side by side; an embedded store has one session. */
  readonly workers: number;
  open(): Promise<OpenStore>;
  /** CPU seconds that a server outside this process has used so far; undefined when not known. */
  readServerCpu(): number | undefined;
};

export type Stores = {
  readonly stores: ReadonlyArray<Store>;
  /** Version of the server, or why there is none. */
  readonly postgres: string;
  stop(): Promise<void>;
};

export async function openStores(directory: string): Promise<Stores> {
  const embedded: Store[] = [
    { name: "PGlite, in memory", directory: undefined },
    { name: "PGlite, durable on disk", directory },
  ].map(({ name, directory: parent }) => ({
    name,
    workers: 1,
    open: () => openEmbedded(parent),
    readServerCpu: () => 0,
  }));
  let server: TestPostgres;
  try {
    server = await startPostgres();
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    return { stores: embedded, postgres: `not run: ${why}`, stop: () => Promise.resolve() };
  }
  const { version, postmaster } = await describeServer(server.url);
  let databases = 0;
  const openDatabase = async (): Promise<OpenStore> => {
    const driver = await openDriver({ url: await server.createDatabase(`bench_${++databases}`) });
    return { driver, close: () => driver.close() };
  };
  const onServer = [1, 4].map((workers): Store => ({
    name: `PostgreSQL, ${workers} worker${workers === 1 ? "" : "s"}`,
    workers,
    open: openDatabase,
    readServerCpu: () => readProcessTreeCpu(postmaster),
  }));
  return { stores: [...embedded, ...onServer], postgres: version, stop: () => server.stop() };
}

async function openEmbedded(parent: string | undefined): Promise<OpenStore> {
  const directory = parent === undefined ? undefined : mkdtempSync(join(parent, "store-"));
  const driver = await openDriver({
    directory: directory === undefined ? undefined : join(directory, "data"),
  });
  return {
    driver,
    async close() {
      await driver.close();
      if (directory !== undefined) rmSync(directory, { recursive: true });
    },
  };
}

async function describeServer(url: string): Promise<{ version: string; postmaster: number }> {
  const driver = await openDriver({ url });
  try {
    const [row] = await driver.query<{ pid: number; version: string }>(
      "select pg_backend_pid() as pid, current_setting('server_version') as version",
    );
    return { version: row?.version ?? "unknown", postmaster: parentOf(row?.pid ?? 0) };
  } finally {
    await driver.close();
  }
}

/** What Linux calls USER_HZ; the same on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

type ProcessTimes = { readonly parent: number; readonly own: number; readonly children: number };

/** Linux only: elsewhere, or once the process is gone, nothing is known. */
function readTimes(pid: number): ProcessTimes | undefined {
  try {
    // The name in brackets may hold spaces; what follows it does not.
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text
      .slice(text.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
    const [parent = 0, utime = 0, stime = 0, cutime = 0, cstime = 0] = [1, 11, 12, 13, 14].map(
      (field) => fields[field],
    );
    return { parent, own: utime + stime, children: cutime + cstime };
  } catch {
    return undefined;
  }
}

function parentOf(pid: number): number {
  return readTimes(pid)?.parent ?? 0;
}

/** A server and its children, those that have ended included. */
function readProcessTreeCpu(postmaster: number): number | undefined {
  const top = readTimes(postmaster);
  if (top === undefined) return undefined;
  let ticks = top.own + top.children;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const times = readTimes(Number(name));
    if (times?.parent === postmaster) ticks += times.own + times.children;
  }
  return ticks / TICKS_PER_SECOND;
}
