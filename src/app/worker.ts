/**
 * A worker: one process that does what is due, beside any number of others on the same database.
 *
 * Picture a sorting office at night. Nobody is in charge: some read letters, some carry parcels, one of
 * them, whoever comes by first, reads the clock on the wall and the lamps of each line. They sleep when there
 * is nothing and are woken by the doorbell; because a doorbell can fail, each looks up now and then anyway.
 *
 *   turn       letters and timers of cases                  any number of workers, side by side
 *   dispatch   effects: questions, actions, notices         any number of workers, side by side
 *   tend       a sender's days, records, drills             one worker a loop at a time (`engine/duties.ts`)
 *   watch      gates and autonomy                           one worker a loop at a time
 *   tell       webhooks                                     one worker at a time
 *   archive    months that are over, if they are to go      one worker at a time
 *   seal       the ledger's head, shown to its witnesses    every worker: the list of duties is in the database,
 *                                                           whose owner the witnesses are there for
 *
 * None stops for an error: what failed is reported once and tried again after a wait that grows, with chance
 * in it. What may not go wrong is guarded where it is written, by fences, so a worker may be stopped, lost
 * or late at any instant.
 */
import { setTimeout as delay } from "node:timers/promises";
import { createGuardedFetch } from "../connector/outgoing/guarded-fetch.ts";
import { createWebhookPost } from "../connector/outgoing/webhook-post.ts";
import type { Alarm } from "../engine/alarm.ts";
import type { Engine } from "../engine/engine.ts";
import { HEAD_EVERY_MS } from "../engine/heads.ts";
import type { CallOperation } from "../operation/operation.ts";
import { errorToText, isStoreError } from "../std/errors.ts";
import { diffMs, HOUR_MS, type Instant, SECOND_MS } from "../std/time.ts";
import { findNextDue } from "../store/table/case-event.ts";
import { findNextEffectDue } from "../store/table/effect.ts";
import { checkSchema } from "../store/migrate.ts";
import { archiveMonths, monthsBefore } from "./archive.ts";

/** How often each looks without having been woken. */
const BEAT_MS = SECOND_MS;
/** The longest wait after failures in a row. */
const RETRY_MAX_MS = 15 * SECOND_MS;
/** What is under way when a worker is stopped has so long to end; then its claims are left to run out. */
export const DRAIN_MS = 10 * SECOND_MS;

export type WorkerOptions = {
  readonly engine: Engine;
  readonly beatMs?: number;
  /** False: what one worker at a time does is left to others. */
  readonly duties?: boolean;
  /** Networks inside the company that webhooks may call, as CIDR. */
  readonly networks?: ReadonlyArray<string>;
  /** Where months go that are over, and how many whole ones stay; everything stays where it is left out. */
  readonly archive?: { readonly to: string; readonly months?: number };
  /** Told what failed, once as long as the same goes on failing. */
  onError(error: string): void;
};

export type Worker = {
  /**
   * Takes nothing new and lets what is under way end; what was claimed and not begun is given back. Resolves
   * after ten seconds at the latest: `isDrained` is false if something was still under way, which another
   * worker then takes over as from a dead one.
   */
  stop(): Promise<{ readonly isDrained: boolean }>;
};

export function startWorker(options: WorkerOptions): Worker {
  const { engine, duties = true } = options;
  const { driver, clock, loops } = engine.context;
  const stopping = new AbortController();
  const lanes = new Lanes(options, stopping.signal);
  const outgoing = createGuardedFetch(options.networks);
  const post = createWebhookPost(outgoing, () => new Date());
  const untilDue = async (find: Promise<Instant | undefined>): Promise<number | undefined> => {
    const due = await find;
    return due === undefined ? undefined : diffMs(due, clock.now());
  };
  const silence = driver.listen(() => {
    engine.letters.ring();
    engine.effects.ring();
  });

  const takeDuties = () => [
    ...[...loops.keys()].flatMap((loop) => [
      lanes.beat(`tend/${loop}`, () => engine.tendLoop(loop)),
      lanes.beat(`watch/${loop}`, () => engine.watchLoop(loop)),
    ]),
    lanes.keepTo("witnesses", HEAD_EVERY_MS, () => engine.heads.round()),
    lanes.keepTo("archive", HOUR_MS, () => archiveWhenDue(options)),
    lanes.beat("webhooks", async () => {
      while ((await engine.webhooks.deliver(post)) > 0 && !stopping.signal.aborted);
    }),
  ];
  const running = [
    lanes.run("turn", engine.letters, {
      work: () => engine.turn(),
      untilNext: () => untilDue(findNextDue(driver)),
    }),
    lanes.run("dispatch", engine.effects, {
      work: () => engine.dispatch(stopping.signal),
      untilNext: () => untilDue(findNextEffectDue(driver)),
    }),
    ...(duties ? takeDuties() : []),
  ];
  let stopped: Promise<{ readonly isDrained: boolean }> | undefined;
  async function stop(): Promise<{ readonly isDrained: boolean }> {
    silence();
    stopping.abort();
    const { promise: late, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), DRAIN_MS);
    const ended = Promise.all(running).then(() => engine.drain().then(() => true));
    const isDrained = await Promise.race([ended, late]);
    clearTimeout(timer);
    await outgoing.close();
    return { isDrained };
  }
  return { stop: () => (stopped ??= stop()) };
}

type Lane = {
  /** Returns how much was done; 0 means that there is nothing to do now. */
  work(): Promise<number>;
  /** Milliseconds until there is something that is known of today. */
  untilNext(): Promise<number | undefined>;
};

/** The ways in which work goes on, each by itself, until the worker is stopped. */
class Lanes {
  readonly #options: WorkerOptions;
  readonly #stopping: AbortSignal;
  /** What each kind of lane last said of its trouble; said once. */
  readonly #told = new Map<string, string>();
  #checkedSchemaAt = -Infinity;

  constructor(options: WorkerOptions, stopping: AbortSignal) {
    this.#options = options;
    this.#stopping = stopping;
  }

  /** Works until there is nothing to do, then sleeps until it is woken, due, or time to look anyway. */
  async run(name: string, alarm: Alarm, { work, untilNext }: Lane): Promise<void> {
    let failures = 0;
    while (!this.#stopping.aborted) {
      const heard = alarm.rings;
      try {
        await this.#checkSchema();
        const done = await work();
        failures = 0;
        this.#forget(name);
        if (done > 0) continue;
        const next = await untilNext();
        const isSoon = next !== undefined && next > 0 && next < this.#beatMs;
        await alarm.sleep(heard, isSoon ? next : jittered(this.#beatMs), this.#stopping);
      } catch (error) {
        await this.#pauseAfter(name, error, failures++);
      }
    }
  }

  /** What one worker at a time does at every beat. */
  async beat(name: string, work: () => Promise<void>): Promise<void> {
    const { duties } = this.#options.engine;
    let failures = 0;
    while (!this.#stopping.aborted) {
      try {
        await this.#checkSchema();
        await duties.take(name, this.#beatMs / 2, work);
        failures = 0;
        this.#forget(name);
        await pause(jittered(this.#beatMs), this.#stopping);
      } catch (error) {
        await this.#pauseAfter(name, error, failures++);
      }
    }
  }

  /** At its own pace, whatever others do. */
  async keepTo(name: string, everyMs: number, work: () => Promise<void>): Promise<void> {
    let failures = 0;
    while (!this.#stopping.aborted) {
      try {
        await work();
        failures = 0;
        this.#forget(name);
        await pause(everyMs, this.#stopping);
      } catch (error) {
        await this.#pauseAfter(name, error, failures++);
      }
    }
  }

  get #beatMs(): number {
    return this.#options.beatMs ?? BEAT_MS;
  }

  /** Nobody is woken from it: what is broken is not mended by being looked at more often. */
  async #pauseAfter(name: string, error: unknown, failures: number): Promise<void> {
    const text = errorToText(error);
    // What the store says concerns all lanes, and is said once.
    const about = isStoreError(error) ? STORE : name;
    if (this.#told.get(about) !== text) this.#options.onError(text);
    this.#told.set(about, text);
    const longest = Math.min(this.#beatMs * 2 ** failures, RETRY_MAX_MS);
    await pause(jittered(longest), this.#stopping);
  }

  #forget(name: string): void {
    this.#told.delete(name);
    this.#told.delete(STORE);
  }

  /** A newer version that must not run beside this one brought its tables: nothing more is claimed here. */
  async #checkSchema(): Promise<void> {
    const now = performance.now();
    if (now - this.#checkedSchemaAt < BEAT_MS) return;
    await checkSchema(this.#options.engine.context.driver);
    this.#checkedSchemaAt = now;
  }
}

async function archiveWhenDue({ engine, archive }: WorkerOptions): Promise<void> {
  if (archive === undefined) return;
  const call: CallOperation = (operation, input) => operation.handler({ engine }, input);
  const before = monthsBefore(engine.context.clock.now(), archive.months);
  await engine.duties.take("archive", 0, () => archiveMonths(call, { to: archive.to, before }));
}

const STORE = "store";

async function pause(ms: number, away: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal: away }).catch(() => undefined);
}

/** Between a half and the whole, so that workers do not beat together. */
function jittered(ms: number): number {
  return ms * (0.5 + Math.random() / 2);
}
