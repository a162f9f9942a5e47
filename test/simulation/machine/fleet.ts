/**
 * Processes that play seeds side by side, each with a database of its own.
 *
 * On a PostgreSQL server a seed takes a third of the time that it takes on the embedded store, so a server is
 * started where that is possible. Which of the two it is changes nothing in what a seed tells.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { errorToText } from "../../../src/std/errors.ts";
import type { TestPostgres } from "../../kit/postgres.ts";
import type { Answer, Asked } from "./player.ts";
import type { RunReport } from "./run.ts";

export class Fleet {
  /** Why it plays on the embedded store, if it does. */
  readonly noServer: string | undefined;
  readonly #server: TestPostgres | undefined;
  readonly #players: ReadonlyArray<Player>;
  readonly #idle: Player[];
  readonly #waiting: Array<(player: Player) => void> = [];
  #isClosed = false;

  private constructor(server: TestPostgres | string, players: ReadonlyArray<Player>) {
    this.noServer = typeof server === "string" ? server : undefined;
    this.#server = typeof server === "string" ? undefined : server;
    this.#players = players;
    this.#idle = [...players];
  }

  static async open(processes: number): Promise<Fleet> {
    const server = await startServer();
    const players: Player[] = [];
    for (let n = 1; n <= processes; n++) {
      players.push(
        new Player(typeof server === "string" ? [] : [await server.createDatabase(`player_${n}`)]),
      );
    }
    const fleet = new Fleet(server, players);
    try {
      await Promise.all(players.map((player) => player.ready));
      return fleet;
    } catch (error) {
      await fleet.close();
      throw error;
    }
  }

  /** Plays it as soon as a process is free; what is not over when it is closed has no end. */
  async play(asked: Asked): Promise<RunReport> {
    const player =
      this.#idle.pop() ?? (await new Promise<Player>((free) => this.#waiting.push(free)));
    try {
      return await player.play(asked);
    } catch (error) {
      if (this.#isClosed) return await new Promise<never>(() => undefined);
      throw error;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(player);
      else next(player);
    }
  }

  /** Also in the middle of a seed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#players.map((player) => player.end()));
    await this.#server?.stop();
  }
}

/** Or why there is none. The package that brings it is one for development only. */
async function startServer(): Promise<TestPostgres | string> {
  try {
    const { startPostgres } = await import("../../kit/postgres.ts");
    return await startPostgres();
  } catch (error) {
    return errorToText(error);
  }
}

class Player {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly ready: Promise<unknown>;

  constructor(args: ReadonlyArray<string>) {
    const file = fileURLToPath(new URL("player.ts", import.meta.url));
    this.#child = fork(file, args, {
      serialization: "advanced",
      execArgv: ["--liftoff-only"],
    });
    this.#ended = once(this.#child, "exit");
    this.ready = this.#hear();
  }

  async play(asked: Asked): Promise<RunReport> {
    const heard = this.#hear();
    this.#child.send(asked);
    const answer = (await heard) as Answer;
    if ("report" in answer) return answer.report;
    throw new Error(`seed ${asked.seed} was not played to its end`, { cause: answer.error });
  }

  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#ended;
  }

  async #hear(): Promise<unknown> {
    const [said] = (await Promise.race([
      once(this.#child, "message"),
      this.#ended.then(() => {
        throw new Error(`a process that plays seeds ended with ${this.#child.exitCode}`);
      }),
    ])) as [unknown];
    return said;
  }
}
