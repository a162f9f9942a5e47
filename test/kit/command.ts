/** The command line as a person or a script meets it: other processes, a directory, exit codes. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { assert } from "../../src/std/assert.ts";
import { SECOND_MS } from "../../src/std/time.ts";

/** The flags by which tests start Node: optimising PostgreSQL's WebAssembly costs short runs more than it gains. */
export const NODE_FLAGS = ["--liftoff-only"];
export const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const STOPPED_MS = 15 * SECOND_MS;

export const EXIT_DOES_NOT_HOLD = 3;

export type Command = { readonly code: number; readonly out: string; readonly err: string };

export function interlock(...args: ReadonlyArray<string>): Promise<Command> {
  return new Promise((resolve) => {
    // Colours are for people; a terminal of continuous integration would get them too.
    const options = { env: { ...process.env, NO_COLOR: "1" }, maxBuffer: OUTPUT_BYTES_MAX };
    execFile(process.execPath, [...NODE_FLAGS, MAIN, ...args], options, (error, out, err) => {
      const code = typeof error?.code === "number" ? error.code : error === null ? 0 : 1;
      resolve({ code, out, err });
    });
  });
}

/** A directory with its server running, which the other commands then ask. */
export type Served = {
  readonly url: string;
  run(...args: ReadonlyArray<string>): Promise<Command>;
  createKey(department: string, person: string): Promise<string>;
  /** What it has said on standard error so far, by line. */
  readonly told: ReadonlyArray<string>;
  stop(): Promise<void>;
};

export type ServeFlags = {
  readonly flags?: ReadonlyArray<string>;
  readonly env?: Readonly<Record<string, string>>;
};

export async function serveDirectory(
  directory: string,
  initOptions: ReadonlyArray<string>,
  { flags = [], env = {} }: ServeFlags = {},
): Promise<Served> {
  const made = await interlock("init", ...initOptions, "--data", directory);
  assert(made.code === 0, made.err);
  const child = spawn(
    process.execPath,
    [...NODE_FLAGS, MAIN, "serve", "--port", "0", "--json", "--data", directory, ...flags],
    { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } },
  );
  const told: string[] = [];
  createInterface({ input: child.stderr }).on("line", (text) => told.push(text));
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([once(lines, "line"), once(child, "close")])) as unknown[];
  assert(typeof line === "string", `the server says where it listens: ${told.join()}`);
  const { url } = JSON.parse(line) as { readonly url: string };
  const run = (...args: ReadonlyArray<string>) => interlock(...args, "--data", directory);
  return {
    url,
    told,
    run,
    async createKey(department, person) {
      const said = ["--department", department, "--label", "tests", "--by", person, "--json"];
      const { code, out, err } = await run("agent", "key", "create", ...said);
      assert(code === 0, err);
      return (JSON.parse(out) as { readonly key: string }).key;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, "close");
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), STOPPED_MS);
      await closed;
      clearTimeout(late);
    },
  };
}
