/** The outside from where the run is led: started, asked what it saw, told to misbehave, stopped. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { FaultKind, FaultRates } from "../../twin/sandbox/fault.ts";

export type OutsideOptions = { readonly faults: FaultRates; readonly book: string };

export type OutsideAddress = {
  readonly baseUrl: string;
  readonly mail: { readonly host: string; readonly port: number };
  readonly judgeUrl: string;
};

/** What stands in the book, short enough to be asked after every round. */
export type Standing = {
  readonly requests: number;
  readonly effects: number;
  /** Keys under which more than one effect was made, of either class. */
  readonly duplicates: ReadonlyArray<string>;
  /** Changes that came again under a key which the outside remembered. */
  readonly repeats: number;
  readonly letters: number;
};

/** One line of the book: when, in ms since 1970, what came or was done, under which key or id. */
export type Heard = {
  readonly at: number;
  readonly what: "request" | "effect" | "repeat" | "letter";
  readonly key: string;
};

/** It behaves well until it is told to begin. */
export type Order = "begin" | { readonly kind: FaultKind; readonly times: number };

export const MAIL_USER = "interlock";
export const MAIL_PASS = "chaos";
export type Outside = {
  readonly address: OutsideAddress;
  standing(): Promise<Standing>;
  /** Every line of its book, from the disk. */
  book(): AsyncIterable<Heard>;
  /** To begin to misbehave; or how the next changes and letters by HTTP fail, whatever the rates say. */
  order(order: Order): Promise<void>;
  stop(): Promise<void>;
};

/** One request in ten fails before it takes effect, one after, one is slow. */
export function badWorld(seed: number, callMs: number): FaultRates {
  return {
    seed,
    rates: {
      "unavailable-before": 0.05,
      "reset-before": 0.05,
      "reset-after": 0.05,
      "late-after": 0.03,
      "garbage-after": 0.02,
      slow: 0.1,
    },
    lateMs: 3 * callMs,
    slowMs: Math.round(callMs / 4),
  };
}

export async function startOutside(directory: string, faults: FaultRates): Promise<Outside> {
  const options: OutsideOptions = { faults, book: join(directory, "outside.log") };
  const child = fork(new URL("./outside-process.ts", import.meta.url), [JSON.stringify(options)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const [address] = (await once(child, "message")) as [OutsideAddress];
  const ask = async (path: string, init?: RequestInit) =>
    (await fetch(new URL(path, address.judgeUrl), init)).json();
  return {
    address,
    standing: async () => (await ask("/standing")) as Standing,
    book: () => readBook(options.book),
    async order(order) {
      await ask("/order", { method: "POST", body: JSON.stringify(order) });
    },
    async stop() {
      if (child.exitCode !== null) return;
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
    },
  };
}

async function* readBook(file: string): AsyncGenerator<Heard> {
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const [at = "", what = "", key = ""] = line.split(" ");
    yield { at: Number(at), what: what as Heard["what"], key };
  }
}
