/**
 * Latency when signals come one by one at a steady, low rate: from the moment each was due to arrive
 * until its action stood at the platform, and until both departments were told. A signal that has to
 * wait for the one before it is charged for the waiting.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Connector } from "../../src/core/port/types.ts";
import { quantile } from "../sample.ts";
import type { BenchSettings } from "../settings.ts";
import type { Ads } from "./ads.ts";
import { createMemoryNotifier, openEngineLoop, wallNow } from "./engine-loop.ts";
import { openNaiveLoop } from "./naive-loop.ts";
import { makeSignal } from "./papers.ts";
import type { Store } from "./stores.ts";

export type SteadyRow = {
  readonly name: string;
  readonly perSecond: number;
  readonly signals: number;
  readonly actedMs: { readonly p50: number; readonly p99: number };
  /** The naive loop tells nobody. */
  readonly bothToldMs: { readonly p50: number; readonly p99: number } | null;
};

const WARM_UP = 40;

export async function benchSteadyEngine(
  store: Store,
  ads: Ads,
  { steady }: BenchSettings,
): Promise<SteadyRow> {
  const acted = new Map<string, number>();
  const told = new Map<string, number>();
  const connector: Connector = {
    ...ads.connector,
    async apply(plan, call) {
      const answer = await ads.connector.apply(plan, call);
      acted.set((plan.request as { subject: string }).subject, performance.now());
      return answer;
    },
  };
  const notifier = createMemoryNotifier((caseId) => told.set(caseId, performance.now()));
  const on = await store.open();
  try {
    const loop = await openEngineLoop(on.driver, { connectors: [connector], notifier });
    await loop.offer(0, WARM_UP);
    await loop.settle(1);
    acted.clear();
    told.clear();
    const dueAt: number[] = [];
    let awake: Promise<void> | undefined;
    let again = false;
    // One worker: woken by an arrival, it works until nothing is due and looks once more.
    const wake = (): void => {
      again = true;
      awake ??= (async () => {
        while (again) {
          again = false;
          await loop.settle(1);
        }
        awake = undefined;
      })();
    };
    const caseIds: string[] = [];
    await arrive(steady, dueAt, async (index) => {
      caseIds[index] = (await loop.offer(WARM_UP + index, 1))[0] ?? "";
      wake();
    });
    while (awake !== undefined) await awake;
    await loop.check(WARM_UP + steady.signals);
    const subjects = dueAt.map((_, index) => makeSignal(WARM_UP + index, wallNow()).subject);
    return {
      name: `engine | ${store.name}`,
      ...steady,
      actedMs: describe(
        subjects.map((subject) => acted.get(subject) ?? NaN),
        dueAt,
      ),
      bothToldMs: describe(
        caseIds.map((caseId) => told.get(caseId) ?? NaN),
        dueAt,
      ),
    };
  } finally {
    await on.close();
  }
}

export async function benchSteadyNaive(
  store: Store,
  ads: Ads,
  { steady }: BenchSettings,
): Promise<SteadyRow> {
  const on = await store.open();
  try {
    const loop = await openNaiveLoop(on.driver, ads);
    await loop.run(0, WARM_UP, 1);
    const dueAt: number[] = [];
    const doneAt: number[] = [];
    await arrive(steady, dueAt, async (index) => {
      await loop.runOne(WARM_UP + index);
      doneAt[index] = performance.now();
    });
    const name = `naive loop | ${store.name}`;
    return { name, ...steady, actedMs: describe(doneAt, dueAt), bothToldMs: null };
  } finally {
    await on.close();
  }
}

async function arrive(
  { perSecond, signals }: BenchSettings["steady"],
  dueAt: number[],
  take: (index: number) => Promise<void>,
): Promise<void> {
  const start = performance.now();
  const taking: Promise<void>[] = [];
  for (let index = 0; index < signals; index++) {
    const due = start + (index * 1_000) / perSecond;
    dueAt.push(due);
    await delay(Math.max(0, due - performance.now()));
    taking.push(take(index));
  }
  await Promise.all(taking);
}

/** Both lists are in the order of arrival. */
function describe(
  doneAt: ReadonlyArray<number>,
  dueAt: ReadonlyArray<number>,
): { p50: number; p99: number } {
  const waits = doneAt.map((at, index) => at - (dueAt[index] ?? at)).sort((a, b) => a - b);
  return { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) };
}
