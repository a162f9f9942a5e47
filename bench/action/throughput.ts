/**
 * Signals taken to executed action per second: the engine and the naive loop on the same stores, in
 * turns, each on a store that is empty when its round begins.
 *
 * The engine's clock stops when every case is watching its effect: actions read back, both departments
 * told, ledger written. The naive loop's stops when its last row says `done`.
 */
import { type Row, type Sample, secondsOf, summarise } from "../sample.ts";
import type { BenchSettings } from "../settings.ts";
import type { Ads } from "./ads.ts";
import { createMemoryNotifier, openEngineLoop } from "./engine-loop.ts";
import { openNaiveLoop } from "./naive-loop.ts";
import type { OpenStore, Store } from "./stores.ts";

/** Runs `count` signals from number `from` on. */
type Runner = (from: number, count: number) => Promise<void>;

export type Contender = {
  readonly name: string;
  readonly signals: number;
  readonly store: Store;
  open(on: OpenStore): Promise<Running>;
};

export type Running = {
  readonly run: Runner;
  /** Throws unless everything that went in also came out. */
  check(signals: number): Promise<void>;
  /** Closes what it opened besides the store. */
  close?(): Promise<void>;
};

const NAIVE_CONCURRENCY = [1, 16];

export function listContenders(
  stores: ReadonlyArray<Store>,
  ads: Ads,
  settings: BenchSettings,
): ReadonlyArray<Contender> {
  return stores.flatMap((store) => [
    engineContender(store, ads, settings),
    // More workers of the engine are a row of their own; the naive loop has nothing new to show there.
    ...(store.workers > 1 ? [] : NAIVE_CONCURRENCY).map((concurrency) =>
      naiveContender(store, ads, settings, concurrency),
    ),
  ]);
}

function engineContender(store: Store, ads: Ads, { action }: BenchSettings): Contender {
  return {
    name: `engine | ${store.name}`,
    signals: action.signals,
    store,
    async open({ driver }) {
      const ports = { connectors: [ads.connector], notifier: createMemoryNotifier() };
      const loop = await openEngineLoop(driver, ports);
      return {
        async run(from, count) {
          await loop.offer(from, count);
          await loop.settle(store.workers);
        },
        check: (signals) => loop.check(signals),
      };
    },
  };
}

function naiveContender(
  store: Store,
  ads: Ads,
  { action }: BenchSettings,
  concurrency: number,
): Contender {
  const name = store.name.replace(/, 1 worker$/, "");
  return {
    name: `naive loop, ${concurrency} at a time | ${name}`,
    signals: action.naiveSignals,
    store,
    async open({ driver }) {
      const loop = await openNaiveLoop(driver, ads);
      return {
        run: (from, count) => loop.run(from, count, concurrency),
        async check(signals) {
          const [row] = await driver.query<{ done: number }>(
            "select count(*)::int as done from naive_action where state = 'done'",
          );
          if (row?.done !== signals) throw new Error(`${signals} signals, ${row?.done} actions`);
        },
      };
    },
  };
}

type Round = { readonly perSecond: number; readonly cpu: number; readonly serverCpu: number };

export async function benchThroughput(
  contenders: ReadonlyArray<Contender>,
  settings: BenchSettings,
  report: (done: number, total: number) => void,
): Promise<ReadonlyArray<Row>> {
  const rounds = contenders.map(() => [] as Round[]);
  for (let round = 0; round < settings.rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      rounds[index]?.push(await runRound(contender, settings.action.warmUp));
      report(round * contenders.length + index + 1, settings.rounds * contenders.length);
    }
  }
  return contenders.map(({ name, signals }, index) => {
    const of = rounds[index] ?? [];
    const perThousand = (key: "cpu" | "serverCpu"): Sample =>
      summarise(of.map((round) => (round[key] / signals) * 1_000));
    return {
      name,
      unit: "signals",
      perSecond: summarise(of.map((round) => round.perSecond)),
      beside: {
        signals,
        cpuSecondsPer1000: perThousand("cpu").median,
        serverCpuSecondsPer1000: perThousand("serverCpu").median,
      },
    };
  });
}

async function runRound(contender: Contender, warmUp: number): Promise<Round> {
  const { signals, store } = contender;
  const on = await store.open();
  let running: Running | undefined;
  try {
    running = await contender.open(on);
    const { run, check } = running;
    await run(0, warmUp);
    const serverBefore = store.readServerCpu() ?? NaN;
    const before = process.cpuUsage();
    const seconds = await secondsOf(() => run(warmUp, signals));
    const { user, system } = process.cpuUsage(before);
    const serverCpu = (store.readServerCpu() ?? NaN) - serverBefore;
    await check(warmUp + signals);
    return { perSecond: signals / seconds, cpu: (user + system) / 1_000_000, serverCpu };
  } finally {
    await running?.close?.();
    await on.close();
  }
}
