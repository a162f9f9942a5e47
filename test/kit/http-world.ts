/**
 * A world with its HTTP door open: the loop is live, both of its ends are agents elsewhere, and a small
 * client speaks to the door as a program in any language would.
 */
import { after, before, beforeEach } from "node:test";
import { createRemoteEnd } from "../../src/app/remote-agents.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { registerLoop } from "../../src/engine/loops.ts";
import type { EngineLimits, LoopWiring } from "../../src/engine/wiring.ts";
import { operations } from "../../src/operation/index.ts";
import { type RunningServer, startServer } from "../../src/server/http/server.ts";
import { assert } from "../../src/std/assert.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import {
  type EngineWorld,
  HEAD_OF,
  LOOP,
  openWorld,
  resourceOf,
  type WorldOptions,
} from "./engine-world.ts";

export const OPERATOR_TOKEN = "operator-token-of-the-tests";

export const MONITOR_TOKEN = "monitor-token-of-the-tests";

export type Said = {
  readonly status: number;
  readonly headers: Headers;
  // Tests read answers as a program without types would.
  readonly body: Answer;
};

/** Whatever JSON came, read by path: `answer.at("signals", 0, "kind")`. */
export class Answer {
  readonly json: unknown;

  constructor(json: unknown) {
    this.json = json;
  }

  at(...path: ReadonlyArray<string | number>): unknown {
    return path.reduce<unknown>(
      (value, key) => (value as { readonly [key: string]: unknown } | undefined)?.[key],
      this.json,
    );
  }

  text(...path: ReadonlyArray<string | number>): string {
    return String(this.at(...path));
  }
}

export class HttpWorld {
  readonly world: EngineWorld;
  /** The engine behind the door, whose receiver is remote. */
  readonly engine: Engine;
  readonly wiring: LoopWiring;
  readonly server: RunningServer;
  /** What the server put in its log: things that were not expected. */
  readonly log: unknown[];
  readonly keys: { readonly logistics: string; readonly marketing: string };

  constructor(parts: Pick<HttpWorld, "world" | "engine" | "wiring" | "server" | "log" | "keys">) {
    this.world = parts.world;
    this.engine = parts.engine;
    this.wiring = parts.wiring;
    this.server = parts.server;
    this.log = parts.log;
    this.keys = parts.keys;
  }

  async ask(
    method: string,
    path: string,
    options: {
      readonly key?: string | undefined;
      readonly body?: unknown;
      readonly raw?: string | Uint8Array<ArrayBuffer>;
      readonly headers?: Record<string, string>;
    } = {},
  ): Promise<Said> {
    const { key = this.keys.logistics, body, raw, headers = {} } = options;
    const response = await fetch(new URL(path, this.server.url), {
      method,
      headers: {
        ...(key === "" ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined
        ? raw === undefined
          ? {}
          : { body: raw }
        : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: new Answer(text === "" ? undefined : JSON.parse(text)),
    };
  }

  asMarketing(method: string, path: string, body?: unknown): Promise<Said> {
    return this.ask(method, path, { key: this.keys.marketing, body });
  }

  asOperator(name: string, body: unknown): Promise<Said> {
    return this.ask("POST", `/v1/operations/${name}`, { key: OPERATOR_TOKEN, body });
  }
}

export async function openHttpWorld(
  driver: Driver,
  options: WorldOptions & { readonly limits?: Partial<EngineLimits> } = {},
): Promise<HttpWorld> {
  const world = await openWorld(driver, options);
  const end = createRemoteEnd(LOOP, "marketing", (_option, subject) => resourceOf(subject));
  const wiring: LoopWiring = { ...world.wiring, sender: null, receiver: end.receiver };
  const engine = world.openEngine(options.limits, wiring);
  end.attach(engine);
  await driver.query("delete from agent where loop = $1", [LOOP]);
  await registerLoop(engine.context, wiring);
  const log: unknown[] = [];
  const server = await startServer({
    engine,
    operatorToken: OPERATOR_TOKEN,
    monitorToken: MONITOR_TOKEN,
    log: (line) => log.push(line),
  });
  const key = async (department: keyof typeof HEAD_OF) => {
    const asked = { department, label: "tests", person: HEAD_OF[department] };
    return (await operations.keyCreate.handler({ engine }, asked)).key;
  };
  const keys = { logistics: await key("logistics"), marketing: await key("marketing") };
  return new HttpWorld({ world, engine, wiring, server, log, keys });
}

/**
 * Opens a fresh world before each test of a file, all on one store, and hands it over. Returns a way to
 * open another one in the middle of a test; the one before is closed.
 */
export function useHttpWorlds(
  take: (opened: HttpWorld) => void | Promise<void>,
  options: WorldOptions = {},
): (options: WorldOptions) => Promise<HttpWorld> {
  let driver: Driver | undefined;
  let open: HttpWorld | undefined;
  const reopen = async (wanted: WorldOptions): Promise<HttpWorld> => {
    assert(driver, "the store is opened before the first test");
    await open?.server.close();
    open = await openHttpWorld(driver, wanted);
    return open;
  };
  before(async () => {
    driver = await openDriver({});
    await migrate(driver);
  });
  beforeEach(async () => {
    await take(await reopen(options));
  });
  after(async () => {
    await open?.server.close();
    await driver?.close();
  });
  return reopen;
}
