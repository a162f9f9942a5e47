/**
 * A simulated run, put together: the sandbox as the outside world, the reference loop wired to it, the
 * engine on a virtual clock. Demo and replay differ only in where their days come from.
 */
import {
  LOOP_NAME,
  type LoopPorts,
  loadPapers,
  wireLogisticsMarketing,
} from "../../loops/logistics-marketing/loop.ts";
import type { CompanyFigures, Sandbox } from "../../twin/sandbox/sandbox.ts";
import type { Subject } from "../core/port/types.ts";
import {
  DEFAULT_LIMITS,
  type EngineLimits,
  type LoopWiring,
  VIRTUAL_PACE,
} from "../engine/wiring.ts";
import { SECOND_MS, type Instant } from "../std/time.ts";
import { InterlockError } from "../std/errors.ts";
import { openDriver } from "../store/driver/driver.ts";
import { getLedgerHead } from "../store/table/ledger.ts";
import {
  type DemoNote,
  findNote,
  prepareSimulation,
  type ReplayNote,
  storeOptions,
} from "./data-directory.ts";
import { type Interlock, openInterlock } from "./interlock.ts";
import { openSandboxOutside } from "./sandbox-outside.ts";
import { simulatedSecretOf } from "./simulated-owners.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** The sandbox answers in milliseconds; after a kill nobody should wait ten seconds for it. */
const SIMULATION_LIMITS: Partial<EngineLimits> = {
  callMs: 2 * SECOND_MS,
  leaseMs: 20 * SECOND_MS,
  dispatchEffects: DEFAULT_LIMITS.dispatchEffects,
};

export type SimulationOptions = {
  readonly directory: string;
  readonly databaseUrl: string | undefined;
  readonly subjects: ReadonlyArray<Subject>;
  readonly startsAt: Instant;
  readonly calibrationDays: number;
  readonly dataMaxAgeHours: number;
  readonly detector?: LoopPorts["detector"];
  figures(sandbox: () => Sandbox): CompanyFigures;
};

export type Simulation = {
  readonly clock: VirtualClock;
  readonly sandbox: Sandbox;
  readonly interlock: Interlock;
  readonly wiring: LoopWiring;
  close(): Promise<void>;
};

export async function openSimulation(options: SimulationOptions): Promise<Simulation> {
  const clock = new VirtualClock(options.startsAt);
  const papers = loadPapers();
  const outside = await openSandboxOutside({
    directory: options.directory,
    subjects: options.subjects,
    currency: papers.charter.currency,
    now: () => clock.now(),
    figures: options.figures,
  });
  try {
    const wiring = wireLogisticsMarketing(papers, {
      ...outside,
      calibrationDays: options.calibrationDays,
      dataMaxAgeHours: options.dataMaxAgeHours,
      ...(options.detector === undefined ? {} : { detector: options.detector }),
    });
    const interlock = await openInterlock({
      store: storeOptions(options.directory, options.databaseUrl),
      clock,
      loops: [wiring],
      pace: VIRTUAL_PACE,
      limits: SIMULATION_LIMITS,
      ledgerSecret: () => simulatedSecretOf("ledger"),
    });
    return {
      clock,
      sandbox: outside.sandbox,
      interlock,
      wiring,
      async close() {
        await interlock.close();
        await outside.close();
      },
    };
  } catch (error) {
    await outside.close();
    throw error;
  }
}

/**
 * Begins a run, or continues one: checks first, and only then empties the directory of an earlier run.
 * A data directory is emptied for a new run; somebody's database never is.
 */
export async function beginSimulation(
  directory: string,
  wanted: DemoNote | ReplayNote,
  options: { readonly resume: boolean; readonly databaseUrl?: string | undefined },
): Promise<void> {
  const isResumed = options.resume && findNote(directory) !== undefined;
  if (options.databaseUrl !== undefined && !isResumed) {
    await refuseUsedDatabase(options.databaseUrl);
  }
  prepareSimulation(directory, wanted, options.resume);
}

async function refuseUsedDatabase(url: string): Promise<void> {
  const driver = await openDriver({ url });
  try {
    const [found] = await driver.query<{ used: boolean }>(
      "select to_regclass('ledger_head') is not null as used",
    );
    if (found?.used !== true || (await getLedgerHead(driver)).n === 0) return;
    throw new InterlockError("cli/usage", "the database of DATABASE_URL already holds a run", {
      help: "name an empty database, add --resume to go on, or unset DATABASE_URL",
    });
  } finally {
    await driver.close();
  }
}

export { LOOP_NAME };
