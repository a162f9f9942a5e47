/** The composition root: a store, a clock and wired loops become one running Interlock. */
import type { Witness } from "../core/ledger/witness.ts";
import type { Clock } from "../core/port/types.ts";
import { Engine } from "../engine/engine.ts";
import { registerLoop } from "../engine/loops.ts";
import {
  DEFAULT_LIMITS,
  type EngineLimits,
  type LoopWiring,
  type Pace,
  REAL_PACE,
} from "../engine/wiring.ts";
import { type Driver, type DriverOptions, openDriver } from "../store/driver/driver.ts";
import { migrate } from "../store/migrate.ts";

/** India Standard Time. */
export const DEFAULT_ZONE_OFFSET_MINUTES = 330;

export type InterlockOptions = {
  readonly store: DriverOptions;
  readonly clock: Clock;
  readonly loops: ReadonlyArray<LoopWiring>;
  readonly pace?: Pace;
  readonly limits?: Partial<EngineLimits>;
  /** Signs the ledger's heads: 32 bytes, the seed of an Ed25519 key, kept outside the database. */
  readonly ledgerSecret?: () => Uint8Array;
  /** Keep the heads outside the database. */
  readonly witnesses?: () => ReadonlyArray<Witness>;
};

export type Interlock = {
  readonly driver: Driver;
  readonly engine: Engine;
  close(): Promise<void>;
};

export async function openInterlock(options: InterlockOptions): Promise<Interlock> {
  const driver = await openDriver(options.store);
  try {
    await migrate(driver);
    const engine = new Engine({
      driver,
      clock: options.clock,
      loops: new Map(options.loops.map((wiring) => [wiring.name, wiring])),
      pace: options.pace ?? REAL_PACE,
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      zoneOffsetMinutes: DEFAULT_ZONE_OFFSET_MINUTES,
      ledgerSecret: options.ledgerSecret,
      witnesses: options.witnesses,
    });
    // The embedded store admits one process at a time: whoever held a lease here is gone.
    if (driver.kind === "pglite") await engine.recover();
    for (const wiring of options.loops) await registerLoop(engine.context, wiring);
    return { driver, engine, close: () => driver.close() };
  } catch (error) {
    await driver.close();
    throw error;
  }
}
