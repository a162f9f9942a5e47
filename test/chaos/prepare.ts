/** Takes the loop live on an empty database, through its gates, as `test/kit/engine-world.ts` does it. */
import { DEFAULT_LIMITS } from "../../src/engine/wiring.ts";
import { operations } from "../../src/operation/index.ts";
import { addDays } from "../../src/std/time.ts";
import type { Driver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { dayBatch, EngineWorld, HEAD_OF } from "../kit/engine-world.ts";
import { createReceiver, DATA_HOURS_MAX, LOOP, type Mix, openCharter, wallNow } from "./loop.ts";
import { type Ports, resourceOf } from "./ports.ts";

/** Returns the key under which logistics may send. */
export async function prepareLoop(driver: Driver, ports: Ports, mix: Mix): Promise<string> {
  await migrate(driver);
  const { connectors, notifier } = ports;
  const world = new EngineWorld(driver, {
    charter: openCharter,
    connectors,
    notifier,
    resourceOf,
    dataMaxAgeHours: DATA_HOURS_MAX,
    limits: DEFAULT_LIMITS,
  });
  const { evaluate } = createReceiver(mix);
  world.receiver.answer = (signal, contract) =>
    evaluate({ caseId: "", signal, contract, now: wallNow() });
  const now = wallNow();
  world.clock.moveTo(now);
  await world.register();
  await world.engine.receive(dayBatch(addDays(now.slice(0, 10), -1)));
  await world.engine.fold(LOOP);
  for (const party of ["logistics", "marketing"] as const) {
    await world.accept(party);
    await world.sign(party);
  }
  await world.passTests();
  await world.activate();
  const asked = { department: "logistics", label: "chaos", person: HEAD_OF.logistics };
  return (await operations.keyCreate.handler(world, asked)).key;
}
