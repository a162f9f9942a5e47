/**
 * The main thread's end of the line to PGlite, in the shape of the socket that `pg` expects.
 *
 * Bytes written go to the worker as one message, its answer comes back as one. The link also
 * watches: a worker that says it failed, that ends, or that has owed an answer for too long and
 * does not answer a ping either, breaks the link; whatever waited on it fails with
 * `store/unavailable`, and the worker is ended so that it can burn no more.
 *
 * The ping is for a process that was stopped or starved: its clock ran on though its worker did
 * not, and a worker that answers now was only waiting its turn.
 */
import { Duplex } from "node:stream";
import { Worker } from "node:worker_threads";
import { InterlockError } from "../../std/errors.ts";
import type { FromWorker, ToWorker, WorkerInput } from "./pglite-worker.ts";

const PING_GRACE_MS_MAX = 5_000;
/** The first byte of the protocol's Terminate message, which the worker has no use for. */
const TERMINATE = 0x58;

export class PgliteLink extends Duplex {
  readonly #worker: Worker;
  readonly #fsyncs: Int32Array;
  readonly #watch: NodeJS.Timeout;
  readonly #stalledAfterMs: number;
  readonly #ready = Promise.withResolvers<void>();
  readonly #unsent: Uint8Array[] = [];
  #owed = 0;
  #owedSince = 0;
  #pingedAt: number | undefined;
  #afterClosed: (() => void) | undefined;

  constructor(directory: string | undefined, stalledAfterMs: number) {
    super();
    const fsyncCount = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const workerData: WorkerInput = { directory, fsyncCount };
    // The same extension as this module: `.ts` from source, `.js` once published.
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
    const entry = new URL(`./pglite-worker${extension}`, import.meta.url);
    this.#fsyncs = new Int32Array(fsyncCount);
    this.#stalledAfterMs = stalledAfterMs;
    this.#worker = new Worker(entry, { workerData, name: "pglite" });
    this.#worker.on("message", (message: FromWorker) => this.#receive(message));
    this.#worker.on("error", (error) => this.#break(`worker failed: ${error.message}`));
    this.on("error", () => undefined); // heard by `pg` once it is attached, by `ready` until then
    this.#worker.on("exit", () => this.#break("worker ended"));
    this.#owe();
    const period = Math.min(1_000, stalledAfterMs / 4);
    this.#watch = setInterval(() => this.#check(), period).unref();
    this.#ready.promise.catch(() => undefined); // told to whoever awaits it
  }

  /** Resolves when the database is open. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Fsyncs that reached the disk since the worker began. */
  get fsyncCount(): number {
    return Atomics.load(this.#fsyncs, 0);
  }

  /** Ends the worker as a kill would. Safe at any moment; resolves when it can write no more. */
  async terminate(): Promise<void> {
    this.destroy();
    await this.#worker.terminate();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.#send([chunk]);
    done();
  }

  override _writev(chunks: ReadonlyArray<{ chunk: Uint8Array }>, done: () => void): void {
    this.#send(chunks.map(({ chunk }) => chunk));
    done();
  }

  override _read(): void {
    // the worker pushes when it has something
  }

  override _final(done: () => void): void {
    this.#post();
    this.#afterClosed = done;
    this.#owe();
    this.#worker.postMessage("close" satisfies ToWorker);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearInterval(this.#watch);
    this.#ready.reject(error ?? new Error("closed before it was ready"));
    void this.#worker.terminate().then(() => done(error));
  }

  // What `pg` asks of a socket.
  connect(): void {
    queueMicrotask(() => this.emit("connect"));
  }
  setNoDelay(): void {
    // a message is sent at once
  }
  ref(): void {
    // the worker holds the process while it owes an answer
  }
  unref(): void {
    // and lets it go when it owes none
  }

  /** Statements that are sent in one go cross the threads as one message. */
  #send(chunks: ReadonlyArray<Uint8Array>): void {
    if (this.#unsent.length === 0) queueMicrotask(() => this.#post());
    this.#unsent.push(...chunks.filter((chunk) => chunk[0] !== TERMINATE));
  }

  #post(): void {
    const wanted = this.#unsent.splice(0);
    if (wanted.length === 0 || this.destroyed) return;
    const message = new Uint8Array(wanted.reduce((total, chunk) => total + chunk.length, 0));
    let at = 0;
    for (const chunk of wanted) {
      message.set(chunk, at);
      at += chunk.length;
    }
    this.#owe();
    this.#worker.postMessage(message satisfies ToWorker, [message.buffer]);
  }

  #receive(message: FromWorker): void {
    if (message === "pong") {
      this.#pingedAt = undefined;
      this.#owedSince = performance.now();
      return;
    }
    if (typeof message === "object" && "fault" in message) {
      this.#break(message.fault);
      return;
    }
    this.#settle();
    if (message === "ready") {
      this.#ready.resolve();
    } else if (message === "closed") {
      this.push(null);
      this.#afterClosed?.();
    } else {
      this.push(Buffer.from(message.buffer, message.byteOffset, message.byteLength));
    }
  }

  #owe(): void {
    this.#owedSince = performance.now();
    if (this.#owed++ === 0) this.#worker.ref();
  }

  #settle(): void {
    this.#owedSince = performance.now();
    this.#pingedAt = undefined;
    if (--this.#owed === 0) this.#worker.unref();
  }

  #check(): void {
    if (this.#owed === 0) return;
    const now = performance.now();
    if (this.#pingedAt !== undefined) {
      if (now - this.#pingedAt < Math.min(PING_GRACE_MS_MAX, this.#stalledAfterMs)) return;
      this.#break(`no answer for ${Math.round((now - this.#owedSince) / 1_000)} s`);
    } else if (now - this.#owedSince > this.#stalledAfterMs) {
      this.#pingedAt = now;
      this.#worker.postMessage("ping" satisfies ToWorker);
    }
  }

  #break(reason: string): void {
    if (this.destroyed) return;
    this.destroy(
      new InterlockError("store/unavailable", `embedded database failed: ${reason}`, {
        retry: "later",
        help: "start Interlock again: the database recovers from its log, nothing acknowledged is lost",
      }),
    );
  }
}
