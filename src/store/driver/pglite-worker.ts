/**
 * The thread that PGlite lives in: wire protocol in, wire protocol out.
 *
 * Postgres compiled to WebAssembly runs to the end of a message without yielding, which in the main
 * thread would stop timers, HTTP and the stop switch. Here it may take its time. The other side is
 * `pglite-link.ts`.
 *
 * The rule: a Postgres that panicked must not be asked again. PGlite swallows such failures and
 * spins; here anything thrown out of its main loop, except Postgres's own jump back to it, is told
 * to the main thread and ends this one at once.
 */
import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { assert } from "../../std/assert.ts";
import { ensureDataDirectory, readTemplate } from "./data-directory.ts";
import { DurableNodeFs } from "./durable-fs.ts";
import { TemplateMemoryFs } from "./memory-fs.ts";

export type WorkerInput = {
  /** Absent for a database in memory. */
  readonly directory: string | undefined;
  /** One 32-bit cell: fsyncs that reached the disk, readable while this thread is busy. */
  readonly fsyncCount: SharedArrayBuffer;
};
export type ToWorker = Uint8Array | "ping" | "close";
export type FromWorker = Uint8Array | "ready" | "pong" | "closed" | { readonly fault: string };

/** What `PostgresMainLoopOnce` throws to have an SQL error handled. */
const LONGJMP_STATUS = 100;

const SETTINGS = [
  "TimeZone=UTC",
  "DateStyle=ISO",
  "IntervalStyle=iso_8601",
  "bytea_output=hex",
  "extra_float_digits=1",
  "jit=off",
  // No background process trims the log; the driver checkpoints, and this keeps files few.
  "max_wal_size=64MB",
];
/** All of the buffers are written when a database opens, and one in memory has its files beside them. */
const MEMORY_SETTINGS = ["shared_buffers=16MB"];
const DURABLE_SETTINGS = ["fsync=on", "wal_sync_method=fsync", "synchronous_commit=on"];

assert(parentPort !== null, "this module runs in a worker thread only");
const port = parentPort;
const { directory, fsyncCount } = workerData as WorkerInput;
const fsyncs = new Int32Array(fsyncCount);

function die(fault: string): never {
  port.postMessage({ fault } satisfies FromWorker);
  process.exit(1); // ends this thread, not the process
}

/** What PostgreSQL said last on its standard error: why it did not open, should it not. */
const said: string[] = [];
const SAID_LINES = 5;
function hear(line: string): true {
  said.push(line);
  if (said.length > SAID_LINES) said.shift();
  return true;
}

const opening = open();
port.on("message", (message: ToWorker) => void answer(message));
try {
  guardMainLoop(await opening);
  port.postMessage("ready" satisfies FromWorker);
} catch (error) {
  const reason = [errorText(error), ...said].join("; ");
  die(`embedded database did not open: ${reason}`);
}

async function open(): Promise<PGlite> {
  if (directory === undefined) {
    const fs = new TemplateMemoryFs(await readTemplate());
    return PGlite.create({
      fs,
      onStderr: hear,
      startParams: startParams([...SETTINGS, ...MEMORY_SETTINGS]),
    });
  }
  const pgdata = await ensureDataDirectory(directory);
  const onFailure = (error: unknown) => die(`disk refused an fsync: ${errorText(error)}`);
  const onFsync = () => Atomics.add(fsyncs, 0, 1);
  return PGlite.create({
    fs: new DurableNodeFs(pgdata, onFsync, onFailure),
    onStderr: hear,
    startParams: startParams([...SETTINGS, ...DURABLE_SETTINGS], "-F"),
  });
}

/** PGlite's own parameters without `dropped` (`-F` turns fsync off), with `settings`. */
function startParams(settings: ReadonlyArray<string>, dropped?: string): string[] {
  const kept = PGlite.defaultStartParams.filter((param) => param !== dropped);
  return [...kept, ...settings.flatMap((setting) => ["-c", setting])];
}

function guardMainLoop(pglite: PGlite): void {
  const module = pglite.Module as unknown as { _PostgresMainLoopOnce: () => void };
  const loopOnce = module._PostgresMainLoopOnce;
  module._PostgresMainLoopOnce = () => {
    try {
      loopOnce();
    } catch (error) {
      const isSqlError = (error as { status?: unknown }).status === LONGJMP_STATUS;
      if (!isSqlError) die(`embedded database stopped: ${errorText(error)}`);
      throw error;
    }
  };
}

async function answer(message: ToWorker): Promise<void> {
  if (message === "ping") {
    port.postMessage("pong" satisfies FromWorker);
    return;
  }
  const pglite = await opening;
  if (message === "close") {
    await pglite.close(); // Postgres's shutdown checkpoint
    port.postMessage("closed" satisfies FromWorker);
  } else {
    const chunks: Uint8Array[] = [];
    // Views of WebAssembly memory are only good until the next call.
    const onRawData = (bytes: Uint8Array) => void chunks.push(bytes.slice());
    await pglite.execProtocolRawStream(message, { syncToFs: false, onRawData });
    const reply = joinBytes(chunks);
    port.postMessage(reply satisfies FromWorker, [reply.buffer]);
  }
}

/** Always a buffer of its own, so that it can be handed over instead of copied. */
function joinBytes(chunks: ReadonlyArray<Uint8Array>): Uint8Array<ArrayBuffer> {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first as Uint8Array<ArrayBuffer>;
  const joined = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}

function errorText(error: unknown): string {
  // Emscripten's ExitStatus has a message but is no Error.
  const message = (error as { message?: unknown } | null)?.message;
  return typeof message === "string" ? message : String(error);
}
