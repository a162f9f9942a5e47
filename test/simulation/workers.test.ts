/**
 * Workers side by side on one real PostgreSQL: each test has a database of its own on a server that they
 * share, a world in it whose loop is live, and as many engines on drivers of their own as it needs.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { startWorker, type Worker } from "../../src/app/worker.ts";
import { beginDispatch } from "../../src/engine/dispatch.ts";
import { Engine } from "../../src/engine/engine.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { EngineWorld, HERE, LOOP, THERE, type WorldOptions } from "../kit/engine-world.ts";
import { startPostgres, type TestPostgres } from "../kit/postgres.ts";

let postgres: TestPostgres;
let databases = 0;
const closing: Array<() => Promise<unknown>> = [];

before(async () => {
  postgres = await startPostgres();
});

after(async () => {
  for (const close of closing.reverse()) await close();
  await postgres.stop();
});

async function open(url: string): Promise<Driver> {
  const driver = await openDriver({ url, connectionsMax: 5 });
  closing.push(() => driver.close());
  return driver;
}

async function setup(options: WorldOptions = {}): Promise<{ url: string; world: EngineWorld }> {
  const url = await postgres.createDatabase(`workers_${++databases}`);
  const driver = await open(url);
  await migrate(driver);
  const world = new EngineWorld(driver, { limits: { callMs: 2_000 }, ...options });
  await world.register();
  await world.goLive();
  return { url, world };
}

/** Another process, as far as the database can tell: the same ports, a driver and an engine of its own. */
async function anotherEngine({ url, world }: { url: string; world: EngineWorld }): Promise<Engine> {
  const { context } = world.engine;
  return new Engine({
    ...context,
    driver: await open(url),
    loops: new Map([[LOOP, world.wiring]]),
  });
}

/** One whose own looks are so far apart that only the doorbell can have woken it. */
function work(engine: Engine, beatMs = 30_000): Worker {
  const worker = startWorker({ engine, beatMs, onError: (error) => errors.push(error) });
  closing.push(() => worker.stop());
  return worker;
}
const errors: string[] = [];

async function until(what: () => Promise<boolean>): Promise<void> {
  while (!(await what())) await delay(10);
}

test("what one process lets in wakes the workers of others, and is acted on once", async () => {
  const of = await setup();
  const { world } = of;
  const workers = [work(await anotherEngine(of)), work(await anotherEngine(of))];
  await delay(300); // they have looked, found nothing, and lie down for half a minute
  const ids = [await world.signalOn(HERE), await world.signalOn(THERE)];
  world.engine.wake();
  for (const id of ids) await until(async () => (await world.case(id)).state === "watching");
  assert.equal(world.outside.effects.length, 2);
  await Promise.all(workers.map((worker) => worker.stop()));
  assert.deepEqual(errors.splice(0), []);
});

test("a worker that is told to stop gives back what it claimed and did not begin, without counting it as a try", async () => {
  const of = await setup();
  const { world } = of;
  const id = await world.signalOn(HERE);
  await world.stepTo(id, "executing");
  const stopping = new AbortController();
  const plan = world.outside.plan.bind(world.outside);
  let planned = false;
  // Told while it reads and plans, before anything is intended.
  world.outside.plan = (...asked) => {
    planned = true;
    stopping.abort();
    return plan(...asked);
  };
  const { ended } = await beginDispatch(world.engine.context, undefined, stopping.signal);
  await ended;
  assert.ok(planned);
  assert.equal(world.outside.countCalls("apply"), 0);
  const [left] = await world.driver.query(
    "select state, claims, lease_until, intent from effect where case_id = $1 and kind = 'act'",
    [id],
  );
  assert.deepEqual(left, { state: "ready", claims: 0, lease_until: null, intent: null });
  const heir = work(await anotherEngine(of));
  await until(async () => (await world.case(id)).state === "watching");
  await heir.stop();
  assert.equal(world.outside.effects.length, 1);
});
