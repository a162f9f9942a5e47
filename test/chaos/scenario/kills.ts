/**
 * Fifty thousand cases while a worker is killed every half second and PostgreSQL every three to ten, with an
 * outside that fails one request in ten before its effect, one after it, and is slow in one.
 */
import { setTimeout as delay } from "node:timers/promises";
import { integerBetween, randomFrom } from "../../../src/std/random.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src/std/time.ts";
import { badWorld } from "../outside.ts";
import { Stage } from "../stage.ts";
import { conclude } from "./conclude.ts";
import type { Scenario } from "./scenario.ts";

const CASES = 50_000;
const WORKERS = 4;
const WORKER_KILL_EVERY_S = 0.5;
const POSTGRES_KILL_MS = { from: 3_000, until: 10_000 };
const SAY_EVERY_MS = 10 * SECOND_MS;
const LOOK_EVERY_MS = 250;
/** A lease of fifteen seconds is what takeover within twenty is promised for; it holds three calls. */
const CALL_MS = 4 * SECOND_MS;
/** Whoever lives for two seconds takes no more in hand than can be done in one. */
const LIMITS = {
  dispatchEffects: 50,
  callMs: CALL_MS,
  leaseMs: 15 * SECOND_MS,
  backoffMs: 500,
  backoffMaxMs: 10 * SECOND_MS,
};

export const kills: Scenario = {
  name: "kills",
  words: "50,000 cases; a worker killed every 0.5 s, PostgreSQL every 3 to 10 s; a bad outside",
  async run({ seed, cases = CASES, minutes, every = WORKER_KILL_EVERY_S, say }) {
    const stage = await Stage.open({
      workers: WORKERS,
      cases,
      batch: 200,
      underWayMax: 4_000,
      mix: { readable: 60, idempotent: 30 },
      letters: "http",
      limits: LIMITS,
      faults: { ...badWorld(seed, CALL_MS), slowMs: SECOND_MS },
      isTraced: true,
      isTimed: true,
      answerMs: 10 * SECOND_MS,
    });
    const from = performance.now();
    const over = new AbortController();
    const goesOn = () => !over.signal.aborted;
    const rest = (ms: number) =>
      delay(ms, undefined, { signal: over.signal }).catch(() => undefined);
    try {
      const random = randomFrom(seed, "kills");
      const killWorkers = async (): Promise<void> => {
        for (; goesOn(); await rest(every * SECOND_MS)) {
          // Among those that work: whoever is still starting has nothing to lose.
          const members = stage.workers.members.filter(({ isReady }) => isReady);
          const victim = members[integerBetween(random, 0, members.length)];
          if (victim !== undefined) stage.workers.kill(victim);
        }
      };
      const killPostgres = async (): Promise<void> => {
        const { from: least, until } = POSTGRES_KILL_MS;
        for (;;) {
          await rest(integerBetween(random, least, until));
          if (!goesOn()) return;
          await stage.killPostgres();
        }
      };
      const watch = async (): Promise<void> => {
        for (let saidAt = 0; goesOn(); await rest(LOOK_EVERY_MS)) {
          await stage.look();
          const took = performance.now() - from;
          const isLate = minutes !== undefined && took > minutes * MINUTE_MS;
          if (stage.client.settled >= cases || isLate) over.abort();
          if (took - saidAt < SAY_EVERY_MS) continue;
          saidAt = took;
          const { deaths } = stage.workers;
          say(
            `${stage.client.settled} of ${cases} cases, ${deaths.length} workers and ` +
              `${stage.postgresKills} PostgreSQL killed, ${Math.round(took / SECOND_MS)} s`,
          );
        }
        stage.client.stop();
      };
      await Promise.all([stage.client.run(), killWorkers(), killPostgres(), watch()]);
      return await conclude(
        stage,
        { scenario: "kills", seed, from },
        { "a worker killed every, s": every },
      );
    } finally {
      over.abort();
      await stage.close();
    }
  },
};
