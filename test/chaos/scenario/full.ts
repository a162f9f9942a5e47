/**
 * Nothing left: the disk under PostgreSQL is full, then every connection is somebody else's. Whoever sends
 * is told to come again, with 503 and Retry-After; what was accepted stays; and once there is room again
 * everything goes on by itself.
 *
 * PostgreSQL ends itself when it cannot write its log. Starting it again is its supervisor's work, here as
 * anywhere; Interlock's own processes are not touched.
 */
import { setTimeout as delay } from "node:timers/promises";
import { MINUTE_MS, SECOND_MS } from "../../../src/std/time.ts";
import type { Check } from "../check.ts";
import { exhaustConnections } from "../fault.ts";
import type { Report } from "../report.ts";
import { mountSmallDisk, type SmallDisk } from "../small-disk.ts";
import { Stage } from "../stage.ts";
import { conclude } from "./conclude.ts";
import { waitForProgress } from "./progress.ts";
import type { RunSettings, Scenario } from "./scenario.ts";

const ROUNDS = 4;
const DISK_MB = 400;
const CALL_MS = 700;
const LIMITS = { callMs: CALL_MS, leaseMs: 4 * CALL_MS, backoffMs: 100, claimsMax: 100 };
/** So long nothing is given back, after the first refusal. */
const HELD_MS = 3 * SECOND_MS;
const REFUSED_MS_MAX = MINUTE_MS;
const LOOK_MS = 25;

export const full: Scenario = {
  name: "full",
  words:
    "a full disk and no connection left, with nobody's help afterwards; needs root to mount a small disk",
  async run(settings) {
    const disk = await mountSmallDisk(DISK_MB);
    if (disk === undefined) throw new Error("`full` mounts a small disk, which needs root");
    try {
      return await runFull(settings, disk);
    } finally {
      await disk.unmount();
    }
  },
};

async function runFull(
  { seed, rounds = ROUNDS, say }: RunSettings,
  disk: SmallDisk,
): Promise<Report> {
  const stage = await Stage.open({
    workers: 2,
    cases: 1_000_000,
    batch: 10,
    // Whoever sends goes on sending, however little is dealt with.
    underWayMax: 4_000,
    mix: { readable: 90, idempotent: 10 },
    letters: "http",
    limits: LIMITS,
    faults: { seed, rates: {} },
    isTraced: true,
    isTimed: true,
    answerMs: 5 * SECOND_MS,
    place: disk.directory,
  });
  const from = performance.now();
  const resumedMs: number[] = [];
  try {
    const sending = stage.client.run();
    for (let round = 0; round < rounds; round++) {
      await waitForProgress(stage, `before round ${round}`);
      await disk.fill();
      await waitForRefusal(stage, disk);
      await disk.free();
      // Where it could not write its log it has ended, or is about to.
      await delay(SECOND_MS / 2);
      if (!stage.postgres.isRunning()) stage.postgresRefusals += await stage.postgres.restart();
      resumedMs.push(await waitForProgress(stage, `after full disk ${round}`));
      await exhaustConnections(stage, HELD_MS);
      resumedMs.push(await waitForProgress(stage, `after no connections ${round}`));
      say(`round ${round + 1} of ${rounds}: ${tell(stage)}`);
    }
    stage.client.stop();
    await sending;
    const report = await conclude(
      stage,
      { scenario: "full", seed, from },
      {
        "disk filled, connections taken": rounds,
        "answers to come again": tell(stage),
        "work went on after, ms": resumedMs.map(Math.round).join(", "),
      },
    );
    const checks = [checkAnswers(stage), ...report.checks];
    return { ...report, holds: checks.every(({ holds }) => holds), checks };
  } finally {
    await disk.free();
    await stage.close();
  }
}

function tell({ client }: Stage): string {
  return [...client.comeAgain].map(([answer, times]) => `${answer}: ${times}`).join("; ");
}

function checkAnswers({ client }: Stage): Check {
  const answers = [...client.comeAgain.keys()];
  return {
    what: "whoever is not served is told to come again: 503 with Retry-After",
    holds: answers.length > 0 && answers.every((one) => /^503 .*, Retry-After \d+$/.test(one)),
    seen: answers.join("; "),
  };
}

/** Until the door refuses and goes on refusing, whatever little is given back meanwhile. */
async function waitForRefusal(stage: Stage, disk: SmallDisk): Promise<void> {
  const count = (): number => [...stage.client.comeAgain.values()].reduce((sum, n) => sum + n, 0);
  const [from, before] = [performance.now(), count()];
  while (count() === before) {
    if (performance.now() - from > REFUSED_MS_MAX) {
      stage.findings.push("the disk is full and nobody is refused");
      return;
    }
    await disk.fill();
    await delay(LOOK_MS);
  }
  await delay(HELD_MS);
}
