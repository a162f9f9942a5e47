/** An agent that is a program of its own, in another language: found, started, read and stopped. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { assert } from "../../src/std/assert.ts";
import { SECOND_MS } from "../../src/std/time.ts";

const STARTED_MS = 20 * SECOND_MS;
const STOPPED_MS = 10 * SECOND_MS;

export const PYTHON_AGENT = example("python-agent/agent.py");
export const SHELL_AGENT = example("shell-agent/agent.sh");

export function example(path: string): string {
  return fileURLToPath(new URL(`../../examples/${path}`, import.meta.url));
}

/** The interpreter itself, because what stands on the path may be a script that starts it. */
export function findPython(): string | undefined {
  const found = tryRun("python3", ["-c", "import sys; print(sys.executable)"]);
  const isRecent = tryRun("python3", ["-c", "import sys; assert sys.version_info >= (3, 9)"]);
  return isRecent === undefined ? undefined : found;
}

/** The tools among these that are not installed. */
export function missingTools(...names: ReadonlyArray<string>): ReadonlyArray<string> {
  return names.filter((name) => tryRun("sh", ["-c", `command -v ${name}`]) === undefined);
}

function tryRun(file: string, args: ReadonlyArray<string>): string | undefined {
  try {
    return execFileSync(file, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return undefined;
  }
}

export type AgentCommand = {
  readonly file: string;
  readonly args: ReadonlyArray<string>;
  readonly env: { readonly [name: string]: string };
};

export class AgentProcess {
  /** What it wrote to stderr: a line for each question. */
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  #watch: (() => void) | undefined;

  constructor({ file, args, env }: AgentCommand) {
    this.#child = spawn(file, args, {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...env },
    });
    assert(this.#child.stderr, "the child's stderr is a pipe");
    createInterface({ input: this.#child.stderr }).on("line", (line) => {
      this.lines.push(line);
      this.#watch?.();
    });
  }

  get pid(): number {
    assert(this.#child.pid !== undefined, "the agent was started");
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Until it says that it stands at its end of the loop. */
  async ready(): Promise<this> {
    await this.until(STARTED_MS, (lines) => lines.some((line) => line.includes(" stands at ")));
    return this;
  }

  /** Until what it wrote is so; fails with all that it wrote. */
  async until(
    waitMs: number,
    isSo: (lines: ReadonlyArray<string>) => boolean,
  ): Promise<ReadonlyArray<string>> {
    if (isSo(this.lines)) return this.lines;
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string) => () => reject(new Error(`${why}:\n${this.lines.join("\n")}`));
      const late = setTimeout(fail("the agent did not come so far in time"), waitMs);
      const ended = fail("the agent ended");
      this.#child.once("close", ended);
      this.#watch = () => {
        if (!isSo(this.lines)) return;
        clearTimeout(late);
        this.#child.off("close", ended);
        resolve();
      };
    }).finally(() => (this.#watch = undefined));
    return this.lines;
  }

  /** As `kill -9` does, by its id. */
  async killHard(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (!this.isRunning) return;
    const closed = once(this.#child, "close");
    this.#child.kill(signal);
    const late = setTimeout(() => this.#child.kill("SIGKILL"), STOPPED_MS);
    await closed;
    clearTimeout(late);
  }
}
