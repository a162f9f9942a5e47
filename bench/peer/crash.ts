/**
 * Killed twice in the middle of its work, everything of it at once, and started again: what was lost of what
 * it had acknowledged, which calls were made again, and when it was back at work.
 *
 * Its PostgreSQL lives on. `kill -9` leaves the page cache, so this says nothing of power loss.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Contender } from "./roster.ts";
import { nowMs, Sender } from "./sender.ts";
import type { PeerSettings } from "./settings.ts";
import type { Act, Stage } from "./stage.ts";
import type { Host } from "./host.ts";

export type Crash = {
  readonly offered: number;
  /** Acknowledged to whoever sent them. */
  readonly accepted: number;
  /** Acknowledged, and not acted on when the bench stopped waiting. */
  readonly lost: number;
  /** It waited until nothing had come for so long. */
  readonly quietSeconds: number;
  /** Calls with a key that the platform had seen. */
  readonly repeats: number;
  /** Places changed under two keys. */
  readonly doubles: number;
  /** Slowest of both: from the start of the new process until it took signals. */
  readonly startSeconds: number;
  /** Slowest of both: from then until the first action; null where all had been done before. */
  readonly firstActionSeconds: number | null;
  /** Slowest of both: from then until the last action that the kill had stranded. */
  readonly strandedSeconds: number;
};

const KILLS = 2;
const LOOK_EVERY_MS = 5;

export async function measureCrash(
  stage: Stage,
  { module, crashSignals }: Contender,
  { share, crash }: PeerSettings,
  subjectOf: (index: number) => string,
): Promise<Crash> {
  const offered = Math.round(crashSignals * Math.max(share, 0.5));
  return stage.perform(module, async (act) => {
    const run = new CrashRun(act, crash.atOnce);
    await run.start(false);
    const sending = run.send(offered);
    const restarts: { readonly readyAtMs: number; readonly stranded: ReadonlySet<number> }[] = [];
    for (let kill = 1; kill <= KILLS; kill++) {
      await waitFor(stage, Math.floor((offered * kill) / (KILLS + 1)), crash.longestMs);
      const known = [...run.accepted];
      await run.kill();
      const acted = await stage.ads.readTimes();
      const stranded = new Set(known.filter((index) => !acted.has(subjectOf(index))));
      await run.start();
      restarts.push({ readyAtMs: nowMs(), stranded });
    }
    await sending;
    await waitForQuiet(stage, [...run.accepted].map(subjectOf), crash);
    const times = await stage.ads.readTimes();
    const { repeats, doubles } = await stage.ads.readBook();
    await run.close();
    const firstAfter = (atMs: number): ReadonlyArray<number> => {
      const first = Math.min(...[...times.values()].filter((time) => time > atMs));
      return Number.isFinite(first) ? [(first - atMs) / 1_000] : [];
    };
    const firsts = restarts.flatMap(({ readyAtMs }) => firstAfter(readyAtMs));
    const lastOf = ({ readyAtMs, stranded }: (typeof restarts)[number]): number =>
      Math.max(0, ...[...stranded].map((index) => (times.get(subjectOf(index)) ?? 0) - readyAtMs));
    return {
      offered,
      accepted: run.accepted.size,
      lost: [...run.accepted].filter((index) => !times.has(subjectOf(index))).length,
      quietSeconds: crash.quietMs / 1_000,
      repeats,
      doubles,
      startSeconds: Math.max(...run.startMs) / 1_000,
      firstActionSeconds: firsts.length === 0 ? null : Math.max(...firsts),
      strandedSeconds: Math.max(...restarts.map(lastOf)) / 1_000,
    };
  });
}

/** Signals go in while the peer lives; what was under way when it died was not acknowledged. */
class CrashRun {
  readonly accepted = new Set<number>();
  readonly startMs: number[] = [];
  readonly #act: Act;
  readonly #atOnce: number;
  #host: Host | undefined;
  #sender: Sender | undefined;
  #alive = Promise.resolve();
  #revive: () => void = () => undefined;

  constructor(act: Act, atOnce: number) {
    this.#act = act;
    this.#atOnce = atOnce;
  }

  async send(count: number): Promise<void> {
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < count) {
        await this.#alive;
        const index = next++;
        if (index >= count) return;
        await this.#sender?.send(index).then(
          () => this.accepted.add(index),
          () => undefined,
        );
      }
    };
    await Promise.all(Array.from({ length: this.#atOnce }, lane));
  }

  async kill(): Promise<void> {
    this.#alive = new Promise((resolve) => (this.#revive = resolve));
    await this.#host?.kill();
    await this.#sender?.close();
  }

  async start(isAgain = true): Promise<void> {
    const host = await this.#act.start();
    this.#host = host;
    this.#sender = new Sender(host.door, this.#atOnce);
    if (isAgain) this.startMs.push(host.startMs);
    this.#revive();
  }

  async close(): Promise<void> {
    await this.#sender?.close();
  }
}

async function waitFor(stage: Stage, effects: number, longestMs: number): Promise<void> {
  const until = nowMs() + longestMs;
  while ((await stage.ads.readBook()).effects < effects) {
    if (nowMs() > until) throw new Error(`${effects} effects did not come in ${longestMs / 1e3} s`);
    await delay(LOOK_EVERY_MS);
  }
}

/** Until all is acted on, or nothing has come for so long that nothing will. */
async function waitForQuiet(
  stage: Stage,
  subjects: ReadonlyArray<string>,
  { quietMs, longestMs }: PeerSettings["crash"],
): Promise<void> {
  const until = nowMs() + longestMs;
  for (;;) {
    const times = await stage.ads.readTimes();
    if (subjects.every((subject) => times.has(subject))) return;
    const last = Math.max(...times.values());
    if (nowMs() > until || nowMs() - last > quietMs) return;
    await delay(LOOK_EVERY_MS * 20);
  }
}
