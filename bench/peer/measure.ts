/** One run of one peer: how many signals a second it carries, and what that costs. */
import { readPeakMb } from "../process.ts";
import type { Contender } from "./roster.ts";
import { nowMs, Sender } from "./sender.ts";
import type { PeerSettings } from "./settings.ts";
import type { Stage } from "./stage.ts";

export type Run = {
  readonly signals: number;
  /** Taken in, called outside, and written down, a second. */
  readonly perSecond: number;
  /** CPU seconds for 1,000 signals. */
  readonly engineCpu: number;
  readonly postgresCpu: number;
  readonly peakMb: number;
  /** Cores that other processes of the machine used meanwhile. */
  readonly foreignCores: number;
  /** Flushes of PostgreSQL's log for 1,000 signals. */
  readonly flushes: number;
  readonly repeats: number;
};

export async function measureRun(
  stage: Stage,
  { module, ingress, signals: most }: Contender,
  { warmUp, share, httpAtOnce, settleMs }: PeerSettings,
): Promise<Run> {
  const signals = Math.round(most * share);
  return stage.perform(module, async ({ start }) => {
    const host = await start();
    const sender = ingress === "http" ? new Sender(host.door, httpAtOnce) : undefined;
    try {
      const handIn = async (from: number, count: number): Promise<void> => {
        if (sender === undefined) host.offer(from, count);
        else await sender.sendAll(from, count, httpAtOnce);
      };
      const carry = async (from: number, count: number): Promise<void> => {
        const settled = host.settled(from + count, settleMs);
        await Promise.all([handIn(from, count), settled]);
      };
      await carry(0, warmUp);
      const flushesBefore = await stage.countFlushes();
      const before = stage.readCpu(host);
      await carry(warmUp, signals);
      const after = stage.readCpu(host);
      const flushes = (await stage.countFlushes()) - flushesBefore;
      const peakMb = readPeakMb(host.pid);
      const seconds = (after.atMs - before.atMs) / 1_000;
      const per1000 = 1_000 / signals;
      const { repeats } = await check(stage, await host.countDone(), warmUp + signals);
      return {
        signals,
        perSecond: signals / seconds,
        engineCpu: (after.engine - before.engine) * per1000,
        postgresCpu: (after.postgres - before.postgres) * per1000,
        peakMb,
        foreignCores: (after.foreign - before.foreign) / seconds,
        flushes: flushes * per1000,
        repeats,
      };
    } finally {
      await sender?.close();
    }
  });
}

/** Throws unless each signal had its effect, once, and the peer knows it. */
async function check(stage: Stage, done: number, signals: number): Promise<{ repeats: number }> {
  const { effects, doubles, repeats } = await stage.ads.readBook();
  if (effects === signals && doubles === 0 && done === signals) return { repeats };
  throw new Error(
    `${signals} signals gave ${effects} effects, ${doubles} double; ${done} are done`,
  );
}

export type Waits = { readonly p50Ms: number; readonly p99Ms: number; readonly signals: number };

/** From the moment each signal was due to be sent until the platform had taken its action. */
export async function measureWaits(
  stage: Stage,
  { module }: Contender,
  { steady, settleMs }: PeerSettings,
  subjectOf: (index: number) => string,
): Promise<ReadonlyArray<number>> {
  return stage.perform(module, async ({ start }) => {
    const host = await start();
    const sender = new Sender(host.door, steady.perSecond);
    try {
      await sender.sendEvenly(0, steady.warmUp, steady.perSecond);
      const dueAt = await sender.sendEvenly(steady.warmUp, steady.signals, steady.perSecond);
      await host.settled(steady.warmUp + steady.signals, settleMs);
      const times = await stage.ads.readTimes();
      return dueAt.map((due, i) => (times.get(subjectOf(steady.warmUp + i)) ?? nowMs()) - due);
    } finally {
      await sender.close();
    }
  });
}
