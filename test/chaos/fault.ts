/**
 * What is done to a run, one fault a round: each is injected, held as long as it takes, and healed, so that
 * the round can see work go on.
 *
 * | fault            | what happens                                                                    |
 * |------------------|---------------------------------------------------------------------------------|
 * | kill-worker      | `kill -9` of one worker                                                         |
 * | kill-workers     | of all at once                                                                  |
 * | kill-postgres    | `kill -9` of the postmaster, and a start                                        |
 * | kill-backend     | `kill -9` of one session's process: PostgreSQL throws all out and recovers      |
 * | terminate        | `pg_terminate_backend` of every session of the workers                          |
 * | stop-worker      | SIGSTOP for longer than a lease, SIGCONT                                        |
 * | drain-worker     | SIGTERM: it ends by itself and leaves nothing claimed                           |
 * | cut              | every connection breaks                                                         |
 * | cut-after-commit | COMMIT reached PostgreSQL, its answer is lost                                   |
 * | cut-before-commit| COMMIT is lost on its way                                                       |
 * | slow-network     | every packet is late                                                            |
 * | silent-network   | nothing passes and nothing breaks, until the statement's time is over           |
 * | no-connections   | others hold every connection that PostgreSQL has                                |
 * | late-outside     | the next changes are made and not answered before their deadline                |
 * | kill-intake      | `kill -9` of the HTTP door while the client sends                               |
 */
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { DEFAULT_LIMITS } from "../../src/engine/wiring.ts";
import { assert } from "../../src/std/assert.ts";
import { integerBetween, type Random } from "../../src/std/random.ts";
import { SECOND_MS } from "../../src/std/time.ts";
import type { Member } from "./crew.ts";
import type { Stage } from "./stage.ts";
import { countHeldBy } from "./trace.ts";

export type Fault = {
  readonly name: string;
  /** How often, beside the others. */
  readonly weight: number;
  inject(stage: Stage, random: Random): Promise<void>;
};

const DRAIN_MS_MAX = 12 * SECOND_MS;
const BREATH_MS = 100;
const CONNECTIONS_TAKEN = 120;

export const FAULTS: ReadonlyArray<Fault> = [
  {
    name: "kill-worker",
    weight: 20,
    inject: async ({ workers }, random) => workers.kill(pick(workers.members, random)),
  },
  {
    name: "kill-workers",
    weight: 3,
    inject: async ({ workers }) => workers.members.forEach((member) => workers.kill(member)),
  },
  { name: "kill-postgres", weight: 8, inject: (stage) => stage.killPostgres() },
  {
    name: "kill-backend",
    weight: 3,
    async inject(stage, random) {
      const pids = await listSessions(stage);
      if (pids.length > 0) killIfThere(pick(pids, random));
    },
  },
  {
    name: "terminate",
    weight: 8,
    async inject(stage) {
      await stage.ask((driver) =>
        driver.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where application_name like 'worker-%' or application_name like 'intake-%'`,
        ),
      );
    },
  },
  {
    name: "stop-worker",
    weight: 6,
    inject: async (stage, random) => stopPastLease(stage, pick(stage.workers.members, random)),
  },
  {
    name: "drain-worker",
    weight: 6,
    async inject(stage, random) {
      const member = pick(stage.workers.members, random);
      await member.ready;
      const code = await stage.workers.drain(member, DRAIN_MS_MAX);
      if (code !== 0) stage.findings.push(`${member.name} did not end at SIGTERM: ${code}`);
      const held = await stage.ask((driver) => countHeldBy(driver, member.name));
      if (held > 0) stage.findings.push(`${member.name} drained and still holds ${held} effects`);
    },
  },
  { name: "cut", weight: 8, inject: async ({ proxy }) => proxy.cut() },
  {
    name: "cut-after-commit",
    weight: 12,
    inject: (stage, random) => cutCommits(stage, integerBetween(random, 1, 5), "after"),
  },
  {
    name: "cut-before-commit",
    weight: 6,
    inject: (stage, random) => cutCommits(stage, integerBetween(random, 1, 5), "before"),
  },
  {
    name: "slow-network",
    weight: 4,
    async inject({ proxy }, random) {
      proxy.delay(integerBetween(random, 20, 200));
      await delay(SECOND_MS);
      proxy.mend();
    },
  },
  {
    name: "silent-network",
    weight: 3,
    async inject({ proxy }, random) {
      proxy.drop();
      await delay(integerBetween(random, 500, 2_000));
      proxy.mend();
    },
  },
  { name: "no-connections", weight: 2, inject: (stage) => exhaustConnections(stage, SECOND_MS) },
  {
    name: "late-outside",
    weight: 6,
    inject: (stage, random) =>
      stage.outside.order({ kind: "late-after", times: integerBetween(random, 5, 25) }),
  },
  {
    name: "kill-intake",
    weight: 6,
    inject: async ({ intake }, random) => intake.kill(pick(intake.members, random)),
  },
];

export function pickFault(faults: ReadonlyArray<Fault>, random: Random): Fault {
  const all = faults.reduce((sum, { weight }) => sum + weight, 0);
  let draw = random.next() * all;
  for (const fault of faults) {
    draw -= fault.weight;
    if (draw < 0) return fault;
  }
  return pick(faults, random);
}

/** SIGSTOP until its leases have run out and others took its work, then SIGCONT. */
export async function stopPastLease(stage: Stage, { name, child, ready }: Member): Promise<void> {
  await ready;
  const leaseMs = stage.options.limits.leaseMs ?? DEFAULT_LIMITS.leaseMs;
  child.kill("SIGSTOP");
  const held = await stage.ask((driver) => countHeldBy(driver, name));
  const stoppedAt = Date.now();
  await delay(leaseMs + SECOND_MS);
  const continuedAt = Date.now();
  child.kill("SIGCONT");
  stage.sleeps.push({ name, stoppedAt, continuedAt, held });
  await delay(5 * BREATH_MS);
}

async function cutCommits(stage: Stage, times: number, when: "before" | "after"): Promise<void> {
  const { proxy } = stage;
  const until = proxy.commitsCut + times;
  proxy.cutCommits(times, when);
  for (let waits = 0; proxy.commitsCut < until && waits < 20; waits++) await delay(BREATH_MS);
  proxy.mend();
}

async function listSessions(stage: Stage): Promise<ReadonlyArray<number>> {
  const rows = await stage.ask((driver) =>
    driver.query<{ pid: number }>(
      "select pid from pg_stat_activity where application_name like 'worker-%' order by pid",
    ),
  );
  return rows.map(({ pid }) => pid);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself meanwhile.
  }
}

/** Others take every connection there is, and the workers' own are cut, so that they need new ones. */
export async function exhaustConnections({ postgres, proxy }: Stage, ms: number): Promise<void> {
  const others = Array.from({ length: CONNECTIONS_TAKEN }, () => {
    const client = new pg.Client({ connectionString: postgres.url });
    client.on("error", () => undefined);
    return client;
  });
  await Promise.all(others.map((client) => client.connect().catch(() => undefined)));
  proxy.cut();
  await delay(ms);
  await Promise.all(others.map((client) => client.end().catch(() => undefined)));
}

function pick<T>(list: ReadonlyArray<T>, random: Random): T {
  const one = list[integerBetween(random, 0, list.length)];
  assert(one !== undefined, "there is something to pick from");
  return one;
}
