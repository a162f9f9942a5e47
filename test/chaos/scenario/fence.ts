/**
 * A worker is stopped in the middle of its work for longer than its lease, others take its work over, and
 * then it goes on: it finds its fence too old, writes nothing about what it held, and calls nobody.
 */
import { setTimeout as delay } from "node:timers/promises";
import { randomFrom } from "../../../src/std/random.ts";
import { SECOND_MS } from "../../../src/std/time.ts";
import { stopPastLease } from "../fault.ts";
import { Stage } from "../stage.ts";
import { countHeldBy, countLateWrites } from "../trace.ts";
import { conclude } from "./conclude.ts";
import type { Scenario } from "./scenario.ts";

const ROUNDS = 20;
const CALL_MS = 700;
const LIMITS = { callMs: CALL_MS, leaseMs: 4 * CALL_MS, backoffMs: 100, claimsMax: 30 };
const LOOK_MS = 10;
const TRIES = 500;

export const fence: Scenario = {
  name: "fence",
  words: "workers stopped with work in hand for longer than their lease, and continued",
  async run({ seed, rounds = ROUNDS, say }) {
    const stage = await Stage.open({
      workers: 2,
      cases: 1_000_000,
      batch: 10,
      underWayMax: 40,
      mix: { readable: 90, idempotent: 10 },
      letters: "http",
      limits: LIMITS,
      // An outside that takes its time is one in whose calls a worker can be stopped.
      faults: { seed, rates: { slow: 0.7 }, slowMs: CALL_MS / 2 },
      isTraced: true,
      isTimed: true,
      answerMs: 5 * SECOND_MS,
    });
    const from = performance.now();
    try {
      const sending = stage.client.run();
      const random = randomFrom(seed, "fence");
      for (let round = 0; round < rounds; round++) {
        await stopOneAtWork(stage, random.next());
        await stage.look();
        if ((round + 1) % 5 === 0) say(`${round + 1} of ${rounds} stopped and continued`);
      }
      stage.client.stop();
      await sending;
      const report = await conclude(
        stage,
        { scenario: "fence", seed, from },
        {
          "stopped past the lease": stage.sleeps.length,
          "effects they held": stage.sleeps.reduce((sum, { held }) => sum + held, 0),
        },
      );
      const late = await stage.ask((driver) => countLateWrites(driver, stage.sleeps));
      const check = {
        what: "who wakes up late writes nothing about what was taken over",
        holds: late.writes === 0 && late.takenOver > 0,
        seen: `${late.takenOver} effects taken over from sleepers, ${late.writes} written by them afterwards`,
      };
      return { ...report, holds: report.holds && check.holds, checks: [check, ...report.checks] };
    } finally {
      await stage.close();
    }
  },
};

/** Waits for a moment at which one of them has claims in hand; somebody always has soon. */
async function stopOneAtWork(stage: Stage, draw: number): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const members = stage.workers.members.filter(({ isReady }) => isReady);
    const member = members[Math.floor(draw * members.length)];
    if (member !== undefined && (await stage.ask((d) => countHeldBy(d, member.name))) > 0) {
      return stopPastLease(stage, member);
    }
    await delay(LOOK_MS);
    await stage.look();
  }
  stage.findings.push("no worker was ever seen at work");
}
