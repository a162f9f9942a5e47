/** A peer's process, from the bench's side: started, ordered about, measured, killed. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { listTree } from "../process.ts";
import type { Door, Order, PeerSetting, Word } from "./peer.ts";

const START_MS = 90_000;
const CLOSE_MS = 15_000;
const LOG_LINES = 6;

export class Host {
  readonly door: Door;
  /** Milliseconds from the start of the process until it took signals. */
  readonly startMs: number;
  readonly #child: ChildProcess;
  readonly #log: string;

  private constructor(child: ChildProcess, log: string, door: Door, startMs: number) {
    this.#child = child;
    this.#log = log;
    this.door = door;
    this.startMs = startMs;
  }

  static async start(module: string, setting: PeerSetting): Promise<Host> {
    const log = path.join(setting.directory, "..", `${path.basename(setting.directory)}.log`);
    const file = openSync(log, "a");
    const from = performance.now();
    const child = fork(
      new URL("./worker.ts", import.meta.url),
      [module, JSON.stringify(setting)],
      // A terminal's interrupt goes to the bench alone, which ends what it started.
      { stdio: ["ignore", file, file, "ipc"], detached: true },
    );
    closeSync(file);
    const word = await hear(child, START_MS, log).catch((error: unknown) => {
      killTree(child);
      throw error;
    });
    if (word.kind !== "ready") throw new Error(`a worker began with \`${word.kind}\``);
    return new Host(child, log, word.door, performance.now() - from);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  offer(from: number, count: number): void {
    this.#say({ kind: "offer", from, count, at: Date.now() });
  }

  async settled(count: number, withinMs: number): Promise<void> {
    this.#say({ kind: "settle", count });
    await hear(this.#child, withinMs, this.#log);
  }

  async countDone(): Promise<number> {
    this.#say({ kind: "count" });
    const word = await hear(this.#child, CLOSE_MS, this.#log);
    return word.kind === "counted" ? word.count : NaN;
  }

  /** Everything of it, at once, without a word. */
  async kill(): Promise<void> {
    const gone = once(this.#child, "exit");
    killTree(this.#child);
    await gone;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#say({ kind: "close" });
    const late = AbortSignal.timeout(CLOSE_MS);
    await Promise.race([gone, once(late, "abort")]);
    killTree(this.#child);
  }

  #say(order: Order): void {
    this.#child.send(order);
  }
}

function killTree({ pid }: ChildProcess): void {
  for (const each of pid === undefined ? [] : listTree(pid)) {
    try {
      process.kill(each, "SIGKILL");
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

/** The next word, or why there is none. */
async function hear(child: ChildProcess, withinMs: number, log: string): Promise<Word> {
  const over = new AbortController();
  const { signal } = over;
  try {
    const word = await Promise.race([
      once(child, "message", { signal }).then(([said]) => said as Word),
      once(child, "exit", { signal }).then((): Word => ({ kind: "failed", why: "it ended" })),
      delay(withinMs, undefined, { signal }).then((): Word => ({
        kind: "failed",
        why: `nothing was heard for ${withinMs / 1_000} s`,
      })),
    ]);
    if (word.kind !== "failed") return word;
    const lines = readFileSync(log, "utf8").trim().split("\n").slice(-LOG_LINES);
    throw new Error([word.why, ...lines].join("\n").trim());
  } finally {
    over.abort();
  }
}
