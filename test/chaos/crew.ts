/**
 * The processes that are killed: workers, and the HTTP door. Whoever ends is replaced at once, as a
 * supervisor does it, under a name of its own that PostgreSQL sees, so that each claim tells whose it is.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { IntakeOptions } from "./intake-process.ts";
import type { WorkerOptions, WorkerSaid } from "./worker-process.ts";
import { NODE_FLAGS } from "../kit/command.ts";

export type Member = {
  readonly name: string;
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  readonly isReady: boolean;
  readonly ended: Promise<void>;
};

/** A death on purpose, by the name of who died and when, in ms since 1970. */
export type Death = { readonly name: string; readonly at: number };

export type Role = "worker" | "intake";

const FILE: Record<Role, URL> = {
  worker: new URL("./worker-process.ts", import.meta.url),
  intake: new URL("./intake-process.ts", import.meta.url),
};

/** Who is started every half second should not compile every time. */
const COMPILED = fileURLToPath(new URL("../../node_modules/.cache/node", import.meta.url));

export class Crew {
  readonly #options: WorkerOptions & { readonly port?: number };
  readonly #role: Role;
  readonly #members = new Map<string, Member>();
  #named = 0;
  #isStopping = false;
  readonly deaths: Death[] = [];
  /** What members said went wrong, by its first word, with an example of each. */
  readonly troubles = new Map<string, { count: number; readonly example: string }>();
  /** Members that ended though nobody ended them. */
  readonly lost: string[] = [];
  readonly #leaving = new Set<Promise<void>>();

  constructor(role: Role, options: WorkerOptions | IntakeOptions) {
    this.#role = role;
    this.#options = options;
  }

  get members(): ReadonlyArray<Member> {
    return [...this.#members.values()];
  }

  async start(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.#add().ready));
  }

  #add(): Member {
    const name = `${this.#role}-${++this.#named}`;
    const url = new URL(this.#options.databaseUrl);
    url.searchParams.set("application_name", name);
    const options = JSON.stringify({ ...this.#options, databaseUrl: url.href });
    const child = fork(FILE[this.#role], [options], {
      execArgv: [...NODE_FLAGS],
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const ready = Promise.withResolvers<void>();
    let isReady = false;
    child.on("message", (said: WorkerSaid) => {
      if (said.kind === "ready") {
        isReady = true;
        ready.resolve();
      } else this.#note(said.text);
    });
    const ended = once(child, "exit").then(() => {
      ready.resolve();
      if (!this.#members.has(name)) return;
      this.lost.push(name);
      this.#replace(name);
    });
    const member: Member = {
      ...{ name, child, ready: ready.promise, ended },
      get isReady() {
        return isReady;
      },
    };
    this.#members.set(name, member);
    return member;
  }

  /** From the moment at which it is told to end it is no member any more, and another is. */
  #replace(name: string): void {
    const leaving = this.#members.get(name)?.ended;
    if (leaving === undefined) return;
    this.#members.delete(name);
    if (!this.#isStopping) this.#add();
    this.#leaving.add(leaving);
    void leaving.then(() => this.#leaving.delete(leaving));
  }

  #note(text: string): void {
    const [code = ""] = text.split(/[:\s]/, 1);
    const known = this.troubles.get(code);
    if (known === undefined) this.troubles.set(code, { count: 1, example: text });
    else known.count += 1;
  }

  /** `kill -9`; the next one is started by itself. */
  kill({ name, child }: Member): void {
    if (!this.#members.has(name)) return;
    this.#replace(name);
    this.deaths.push({ name, at: Date.now() });
    child.kill("SIGKILL");
  }

  /** SIGTERM. Gives its exit code, or null when it had to be killed after `withinMs`. */
  async drain({ name, child, ended }: Member, withinMs: number): Promise<number | null> {
    this.#replace(name);
    const late = setTimeout(() => child.kill("SIGKILL"), withinMs);
    child.kill("SIGTERM");
    await ended;
    clearTimeout(late);
    return child.exitCode;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const { name, child } of this.members) {
      this.#replace(name);
      child.kill("SIGKILL");
      // One that was stopped must go on to die.
      child.kill("SIGCONT");
    }
    await Promise.all(this.#leaving);
  }
}
