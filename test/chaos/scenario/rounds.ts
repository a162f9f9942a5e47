/**
 * Rounds of mixed real faults: one fault is injected, work must then go on, and what can be looked up
 * cheaply must hold; at the end everything is looked up. `quick` is the same, short enough for every build.
 */
import { randomFrom } from "../../../src/std/random.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src/std/time.ts";
import { checkConservation } from "../check.ts";
import { FAULTS, pickFault } from "../fault.ts";
import { badWorld } from "../outside.ts";
import type { Report } from "../report.ts";
import { Stage } from "../stage.ts";
import { conclude } from "./conclude.ts";
import { waitForProgress } from "./progress.ts";
import type { RunSettings, Scenario } from "./scenario.ts";

/** Short, so that a round that waits for a lease is short: a claim holds three calls at most. */
const CALL_MS = 700;
const LIMITS = {
  callMs: CALL_MS,
  leaseMs: 4 * CALL_MS,
  claimsMax: 30,
  failuresMax: 30,
  backoffMs: 100,
  backoffMaxMs: 2 * SECOND_MS,
};
const MIX = { readable: 60, idempotent: 30 };
const SAY_EVERY_ROUNDS = 25;

type Shape = {
  readonly rounds: number;
  readonly cases: number;
  readonly workers: number;
  readonly letters: "http" | "smtp";
  readonly underWayMax: number;
  readonly isTimed: boolean;
  readonly faults: ReadonlyArray<string>;
};

export const defaultScenario: Scenario = {
  name: "default",
  words: "rounds of mixed faults on PostgreSQL, one after another",
  run: (settings) =>
    runRounds("default", settings, {
      rounds: 500,
      cases: 1_000_000,
      workers: 3,
      letters: "smtp",
      underWayMax: 60,
      isTimed: true,
      faults: FAULTS.map(({ name }) => name),
    }),
};

export const quickScenario: Scenario = {
  name: "quick",
  words: "a few rounds, for every build",
  run: (settings) =>
    runRounds("quick", settings, {
      rounds: 4,
      cases: 1_000_000,
      workers: 2,
      letters: "http",
      underWayMax: 20,
      // A build may run beside anything: how long something took is not judged.
      isTimed: false,
      faults: ["kill-worker", "kill-postgres", "cut-after-commit", "terminate"],
    }),
};

async function runRounds(name: string, settings: RunSettings, shape: Shape): Promise<Report> {
  const { seed, say } = settings;
  const rounds = settings.rounds ?? shape.rounds;
  const random = randomFrom(seed, "rounds");
  const faults = FAULTS.filter((fault) => shape.faults.includes(fault.name));
  const met = new Map<string, number>();
  const stage = await Stage.open({
    workers: shape.workers,
    cases: settings.cases ?? shape.cases,
    batch: 10,
    mix: MIX,
    ...{ letters: shape.letters, underWayMax: shape.underWayMax, isTimed: shape.isTimed },
    limits: LIMITS,
    faults: badWorld(seed, CALL_MS),
    isTraced: true,
    answerMs: 5 * SECOND_MS,
  });
  const from = performance.now();
  const isOver = () =>
    settings.minutes !== undefined && performance.now() - from > settings.minutes * MINUTE_MS;
  try {
    const sending = stage.client.run();
    let round = 0;
    for (; round < rounds && !isOver(); round++) {
      const fault = faults[round] ?? pickFault(faults, random);
      await fault.inject(stage, random);
      met.set(fault.name, (met.get(fault.name) ?? 0) + 1);
      await waitForProgress(stage, `round ${round}, ${fault.name}`);
      const conservation = await stage.ask(checkConservation);
      if (!conservation.holds) stage.findings.push(`round ${round}: ${conservation.seen}`);
      const { duplicates } = await stage.outside.standing();
      if (duplicates.length > 0 || stage.findings.length > 0) {
        say(`round ${round}, ${fault.name}: ${[...stage.findings, ...duplicates].join("; ")}`);
        break;
      }
      if ((round + 1) % SAY_EVERY_ROUNDS === 0) {
        const seconds = Math.round((performance.now() - from) / SECOND_MS);
        say(`round ${round + 1} of ${rounds}, ${stage.client.settled} cases, ${seconds} s`);
      }
    }
    stage.client.stop();
    await sending;
    return await conclude(
      stage,
      { scenario: name, seed, from },
      {
        rounds: round,
        "rounds by fault": [...met]
          .sort()
          .map(([fault, times]) => `${fault} ${times}`)
          .join(", "),
      },
    );
  } finally {
    await stage.close();
  }
}
