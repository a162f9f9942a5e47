/** What the engine promises, as facts, on the embedded database and on PostgreSQL alike. */
import { after, before, describe } from "node:test";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { openWorld } from "../kit/engine-world.ts";
import { startPostgres, type TestPostgres } from "../kit/postgres.ts";
import { exerciseConformance } from "./engine/conformance.ts";
import { exerciseCharter } from "./engine/charter.ts";
import { exerciseData } from "./engine/data.ts";
import { exerciseElsewhere } from "./engine/elsewhere.ts";
import { exerciseGates } from "./engine/gates.ts";
import { exerciseGovernance } from "./engine/governance.ts";
import { exerciseHoldout } from "./engine/holdout.ts";
import { exerciseIntake } from "./engine/intake.ts";
import { exerciseOutside } from "./engine/outside.ts";
import { exerciseRegistry } from "./engine/registry.ts";
import type { Setup } from "./engine/setup.ts";
import { exerciseStops } from "./engine/stops.ts";
import { exerciseTrust } from "./engine/trust.ts";
import { exerciseViews } from "./engine/views.ts";

function exerciseEngine(name: string, open: () => Promise<Driver>, stop?: () => Promise<void>) {
  describe(name, () => {
    let driver: Driver;
    before(async () => {
      driver = await open();
      await migrate(driver);
    });
    after(async () => {
      await driver.close();
      await stop?.();
    });
    const setup: Setup = (options) => openWorld(driver, options);
    exerciseIntake(setup);
    exerciseGovernance(setup);
    exerciseCharter(setup);
    exerciseOutside(setup);
    exerciseData(setup);
    exerciseElsewhere(setup);
    exerciseGates(setup);
    exerciseRegistry(setup);
    exerciseStops(setup);
    exerciseTrust(setup);
    exerciseConformance(setup);
    exerciseHoldout(setup);
    exerciseViews(setup);
  });
}

exerciseEngine("on PGlite", () => openDriver({}));

let postgres: TestPostgres;
exerciseEngine(
  "on PostgreSQL",
  async () => {
    postgres = await startPostgres();
    return openDriver({ url: postgres.url });
  },
  () => postgres.stop(),
);
