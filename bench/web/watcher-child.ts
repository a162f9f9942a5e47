/**
 * Many people's browsers in one process: each keeps a line of events open, checks that every entry comes once
 * and in order, and breaks off now and then to come back with the last id it saw; or, for comparison,
 * each asks again and again.
 *
 * Told what to do by one message, it answers `ready` once all lines are open, and its count once all have
 * seen the entry that it is told is the last.
 */
import http from "node:http";
import { setTimeout as delay } from "node:timers/promises";

export type Order = {
  readonly url: string;
  readonly token: string;
  readonly watchers: number;
  readonly from: number;
  /** Of each watcher, a second. */
  readonly breaks: number;
  /** Asking so often instead of watching. */
  readonly pollMs?: number;
};

export type Count = {
  readonly delivered: number;
  readonly missed: number;
  readonly repeated: number;
  readonly reconnects: number;
  readonly lagMs: ReadonlyArray<number>;
  readonly cpuSeconds: number;
};

const CONNECT_AT_ONCE = 50;
const LAGS_MAX = 200_000;
const ID = /^id: (\d+)\nevent: [^\n]*\ndata: \{"n":\d+,"at":"([^"]+)"/gm;

let last = Infinity;
const count = { delivered: 0, missed: 0, repeated: 0, reconnects: 0 };
const lagMs: number[] = [];
let waiting = 0;

function note(at: string): void {
  if (lagMs.length < LAGS_MAX) lagMs.push(Date.now() - Date.parse(at));
}

class Watcher {
  seen: number;
  readonly #order: Order;
  #rest = "";

  constructor(order: Order) {
    this.#order = order;
    this.seen = order.from;
  }

  /** Resolves once the line is open. */
  open(): Promise<void> {
    const { url, token } = this.#order;
    const headers = { authorization: `Bearer ${token}`, "last-event-id": `${this.seen}` };
    return new Promise((resolve, reject) => {
      const request = http.get(`${url}/v1/events`, { agent: false, headers }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${response.statusCode}`));
        response.setEncoding("latin1");
        response.on("data", (text: string) => this.#take(text));
        response.on("error", () => undefined);
        resolve();
      });
      request.on("error", reject);
      this.#leave = () => request.destroy();
    });
  }

  #leave = (): void => undefined;
  #isAway = false;

  /** As when a laptop is closed and opened; one that is closed is not closed again. */
  async breakOff(): Promise<void> {
    if (this.#isAway) return;
    this.#isAway = true;
    this.#leave();
    this.#rest = "";
    count.reconnects += 1;
    await delay(Math.random() * 1_000);
    await this.open();
    this.#isAway = false;
  }

  #take(text: string): void {
    const whole = this.#rest + text;
    const end = whole.lastIndexOf("\n\n") + 2;
    if (end < 2) {
      this.#rest = whole;
      return;
    }
    this.#rest = whole.slice(end);
    let at = "";
    for (const [, id, instant] of whole.slice(0, end).matchAll(ID)) {
      const n = Number(id);
      if (n <= this.seen) count.repeated += 1;
      else count.missed += n - this.seen - 1;
      count.delivered += 1;
      this.seen = Math.max(this.seen, n);
      at = instant ?? "";
    }
    if (at !== "") note(at);
  }
}

class Poller {
  seen: number;
  readonly #order: Order;
  readonly #everyMs: number;

  constructor(order: Order, everyMs: number) {
    this.#order = order;
    this.#everyMs = everyMs;
    this.seen = order.from;
  }

  async run(): Promise<void> {
    const { url, token } = this.#order;
    await delay(Math.random() * this.#everyMs);
    while (this.seen < last) {
      const response = await fetch(`${url}/v1/operations/ledger.list`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ after: this.seen, limit: 1_000 }),
      });
      const { entries = [] } = (await response.json()) as {
        readonly entries?: ReadonlyArray<{ readonly n: number; readonly at: string }>;
      };
      const newest = entries.at(-1);
      if (newest !== undefined) {
        count.delivered += entries.length;
        count.missed += newest.n - this.seen - entries.length;
        this.seen = newest.n;
        note(newest.at);
      }
      await delay(this.#everyMs);
    }
  }
}

async function run(order: Order): Promise<void> {
  if (order.pollMs !== undefined) {
    const { pollMs } = order;
    const pollers = Array.from({ length: order.watchers }, () => new Poller(order, pollMs));
    process.send?.("ready");
    await Promise.all(pollers.map((poller) => poller.run()));
    return answer();
  }
  const watchers = Array.from({ length: order.watchers }, () => new Watcher(order));
  for (let at = 0; at < watchers.length; at += CONNECT_AT_ONCE) {
    await Promise.all(watchers.slice(at, at + CONNECT_AT_ONCE).map((watcher) => watcher.open()));
  }
  process.send?.("ready");
  while (!watchers.every(({ seen }) => seen >= last)) {
    await delay(100);
    if (last !== Infinity) continue;
    for (const watcher of watchers) {
      if (Math.random() > order.breaks / 10) continue;
      waiting += 1;
      void watcher.breakOff().finally(() => (waiting -= 1));
    }
  }
  while (waiting > 0) await delay(50);
  answer();
}

function answer(): void {
  const { user, system } = process.cpuUsage();
  const told: Count = { ...count, lagMs, cpuSeconds: (user + system) / 1e6 };
  process.send?.(told, () => process.exit(0));
}

process.on("message", (message: Order | { readonly last: number }) => {
  if ("last" in message) last = message.last;
  else void run(message);
});
