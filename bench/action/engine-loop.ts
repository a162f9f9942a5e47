/**
 * The engine's side of the comparison: signals go in through intake, and come out as actions that were
 * recorded, governed, checked again, intended, made over HTTP, read back and told to both departments.
 */
import { LOOP_NAME, wireLogisticsMarketing } from "../../loops/logistics-marketing/loop.ts";
import type { Connector, Notifier } from "../../src/core/port/types.ts";
import { signAsOwner } from "../../src/app/simulated-owners.ts";
import { charterHash } from "../../src/core/charter/parse.ts";
import { acceptSignals } from "../../src/engine/intake.ts";
import { Engine } from "../../src/engine/engine.ts";
import { registerLoop } from "../../src/engine/loops.ts";
import {
  DEFAULT_LIMITS,
  type EngineContext,
  type LoopWiring,
  REAL_PACE,
} from "../../src/engine/wiring.ts";
import { instantFromMs, type Instant } from "../../src/std/time.ts";
import type { Driver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { updateLoopState } from "../../src/store/table/loop.ts";
import { countEffects } from "../../src/store/table/effect.ts";
import { createBenchReceiver, loadBenchPapers, makeSignal } from "./papers.ts";

/** Signals offered to intake in one transaction, as a folded day offers them. */
const OFFERED_AT_ONCE = 250;

export const wallNow = (): Instant => instantFromMs(Date.now());

export type EngineLoop = {
  readonly engine: Engine;
  /** Takes signals in; gives their cases, in order, once they are committed. */
  offer(from: number, count: number): Promise<ReadonlyArray<string>>;
  /** Until nothing is due, by `workers` side by side. */
  settle(workers: number): Promise<void>;
  /** Throws unless every signal so far became one action and two delivered notices. */
  check(signals: number): Promise<void>;
};

export type EnginePorts = {
  readonly connectors: ReadonlyArray<Connector>;
  readonly notifier: Notifier;
  resourceOf?(subject: string): string;
};

export async function openEngineLoop(driver: Driver, ports: EnginePorts): Promise<EngineLoop> {
  const papers = loadBenchPapers();
  const wiring: LoopWiring = {
    ...wireLogisticsMarketing(papers, {
      ...ports,
      facts: { readFacts: () => Promise.resolve(undefined) },
      resourceOf: (_, subject) => ports.resourceOf?.(subject) ?? subject,
      calibrationDays: 0,
      dataMaxAgeHours: 48,
    }),
    receiver: createBenchReceiver(ports.resourceOf),
  };
  const context: EngineContext = {
    driver,
    clock: { now: wallNow },
    loops: new Map([[LOOP_NAME, wiring]]),
    pace: REAL_PACE,
    limits: DEFAULT_LIMITS,
    zoneOffsetMinutes: 330,
  };
  await migrate(driver);
  await registerLoop(context, wiring);
  const engine = new Engine(context);
  for (const { department } of papers.charter.parties) {
    await signAsOwner(engine, LOOP_NAME, papers.charter, charterHash(papers.charter), department);
  }
  // The gates ask for weeks of data; a bench of what follows a signal starts behind them.
  await updateLoopState(driver, LOOP_NAME, {
    state: "live",
    why: "bench",
    changed_at: wallNow(),
  });
  return {
    engine,
    async offer(from, count) {
      const caseIds: string[] = [];
      for (let at = from; at < from + count; at += OFFERED_AT_ONCE) {
        const size = Math.min(OFFERED_AT_ONCE, from + count - at);
        const now = wallNow();
        const signals = Array.from({ length: size }, (_, i) => makeSignal(at + i, now));
        const answers = await driver.transaction((tx) =>
          acceptSignals(tx, context, wiring, signals, (subject) => subject),
        );
        for (const answer of answers) if (answer.kind === "accepted") caseIds.push(answer.caseId);
      }
      return caseIds;
    },
    async settle(workers) {
      await Promise.all(Array.from({ length: workers }, () => engine.settle()));
      // A worker stops when nothing is left for it to claim; another may still have made more due.
      await engine.settle();
    },
    check: (signals) => checkSettled(driver, signals),
  };
}

async function checkSettled(driver: Driver, signals: number): Promise<void> {
  const counts = await countEffects(driver);
  const countOf = (kind: string) =>
    counts
      .filter((row) => row.kind === kind && row.state === "done")
      .reduce((sum, row) => sum + row.count, 0);
  const [acts, notices] = [countOf("act"), countOf("notify")];
  if (acts === signals && notices === 2 * signals) return;
  throw new Error(
    `${signals} signals gave ${acts} actions and ${notices} notices: ${JSON.stringify(counts)}`,
  );
}

/** Notices that need no network: what they cost the engine is their record. */
export function createMemoryNotifier(onSent: (caseId: string) => void = () => undefined): Notifier {
  return {
    channel: "memory",
    send({ thread }) {
      onSent(thread);
      return Promise.resolve({ receipt: { delivered: true } });
    },
  };
}
