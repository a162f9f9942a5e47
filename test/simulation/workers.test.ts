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
import { InterlockError } from "../../src/std/errors.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { claimEffects } from "../../src/store/table/effect.ts";
import { migrate } from "../../src/store/migrate.ts";
import { EngineWorld, HERE, LOOP, PLACES, THERE, type WorldOptions } from "../kit/engine-world.ts";
import { startPostgres, type TestPostgres } from "../kit/postgres.ts";
import { serveOutside, WorkerProcess } from "../kit/worker-process.ts";

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
  const { ended } = await beginDispatch(world.engine.context, {
    stopping: stopping.signal,
  });
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

test("a batch that loses the store gives its claims back once the store answers, and nothing is done twice", async () => {
  const of = await setup({ limits: { callMs: 300, leaseMs: 60_000 } });
  const { world } = of;
  const id = await world.signalOn(HERE);
  await world.stepTo(id, "executing");
  let isAway = false;
  const whenThere = <T>(ask: () => Promise<T>): Promise<T> =>
    isAway
      ? Promise.reject(new InterlockError("store/unavailable", "away", { retry: "later" }))
      : ask();
  const { driver } = world;
  const failing: Driver = {
    ...driver,
    query: (sql, params) => whenThere(() => driver.query(sql, params)),
    transaction: (work) => whenThere(() => driver.transaction(work)),
  };
  world.outside.beforeApply(async () => {
    isAway = true;
    setTimeout(() => (isAway = false), 400);
    await delay(0);
  });
  const { ended } = await beginDispatch({ ...world.engine.context, driver: failing });
  await assert.rejects(ended, /away/);
  assert.equal(world.outside.effects.length, 1);
  const [left] = await driver.query(
    "select state, claims, lease_until, intent is not null as intended from effect where case_id = $1 and kind = 'act'",
    [id],
  );
  assert.deepEqual(left, { state: "ready", claims: 0, lease_until: null, intended: true });
  await world.settle();
  assert.equal((await world.case(id)).state, "watching");
  assert.equal(world.outside.countCalls("apply"), 1, "whoever came next looked before knocking");
});

test("a call that nobody answers keeps nobody of its batch waiting, and ends by its own deadline", async () => {
  const of = await setup({ limits: { callMs: 3_000 } });
  const { world } = of;
  const ids: string[] = [];
  for (const place of PLACES.slice(0, 5)) ids.push(await world.signalOn(place));
  for (const id of ids) await world.stepTo(id, "executing");
  world.outside.failNext("apply", "silent-before");
  const worker = work(await anotherEngine(of));
  const states = async () => Promise.all(ids.map(async (id) => (await world.case(id)).state));
  await until(async () => (await states()).filter((state) => state === "watching").length === 4);
  assert.equal((await states()).filter((state) => state === "executing").length, 1);
  assert.equal(world.outside.countCalls("apply"), 5);
  const notices = "select count(*)::int as n from effect where kind = 'notify' and state = 'done'";
  await until(async () => (await world.driver.query(notices))[0]?.["n"] === 8);
  assert.equal((await states()).filter((state) => state === "executing").length, 1);
  await until(async () => world.outside.countCalls("read") > 5);
  await worker.stop();
  assert.deepEqual(errors.splice(0), []);
});

test("what waits for the end of a dead worker's call keeps nobody of its batch waiting", async () => {
  const of = await setup();
  const { world } = of;
  const [left, fresh] = [await world.signalOn(HERE), await world.signalOn(THERE)];
  for (const id of [left, fresh]) await world.stepTo(id, "executing");
  const ofLeft = "case_id = $1 and kind = 'act'";
  await world.driver.query(
    `update effect set call_over_at = clock_timestamp() + interval '1 hour' where ${ofLeft}`,
    [left],
  );
  const worker = work(await anotherEngine(of));
  await until(async () => (await world.case(fresh)).state === "watching");
  assert.equal(world.outside.effects.length, 1);
  assert.deepEqual(await worker.stop(), { isDrained: true });
  const [row] = await world.driver.query(`select state, claims from effect where ${ofLeft}`, [
    left,
  ]);
  assert.deepEqual(row, { state: "ready", claims: 0 }, "given back, for whoever is next");
});

test("a worker that was stopped past its lease and goes on sends nothing and writes nothing", async () => {
  const limits = { callMs: 400, leaseMs: 1_000 };
  const { url, world } = await setup({ limits });
  const outside = await serveOutside(world.outside, () => Promise.resolve());
  closing.push(() => outside.close());
  const stops = ["planned", "intended"] as const;
  const settings = { databaseUrl: url, outsideUrl: outside.url, stops, limits };
  const stopped = new WorkerProcess(settings);
  for (const [index, point] of stops.entries()) {
    const id = await world.signalOn(PLACES[index] ?? HERE);
    await until(() => Promise.resolve(stopped.count(point) === 1));
    const before = world.outside.effects.length;
    // Another takes over once the lease is out and no call of the first could still be under way.
    while ((await world.case(id)).state !== "watching") {
      await world.settle();
      await delay(50);
    }
    await world.settle();
    assert.equal(world.outside.effects.length, before + 1);
    const written = await everything(world);
    const fences = world.outside.calls.length;
    stopped.signal("SIGCONT");
    await until(() => Promise.resolve(stopped.count("over") === index + 1));
    assert.deepEqual(await everything(world), written, `stopped when it had ${point}`);
    assert.equal(world.outside.countCalls("apply"), index + 1);
    assert.ok(world.outside.calls.slice(fences).every(({ kind }) => kind === "read"));
  }
  assert.equal(await stopped.end(), 0, "it ends in order");
});

test("a worker at work when a breaking migration lands claims nothing more and says why; a harmless one it works on", async () => {
  const of = await setup();
  const { world } = of;
  const { driver } = world;
  const worker = work(await anotherEngine(of), 50);
  const land = (n: number, isBreaking: boolean) =>
    driver.query("insert into schema_migration (n, name, is_breaking) values ($1, 'later', $2)", [
      n,
      isBreaking,
    ]);
  await land(998, false);
  const first = await world.signalOn(HERE);
  await until(async () => (await world.case(first)).state === "watching");
  assert.equal(await migrate(driver), 0, "and it may start");
  await land(999, true);
  await until(() => Promise.resolve(errors.some((error) => error.includes("999 `later`"))));
  await delay(1_100); // every lane has looked by now
  const second = await world.signalOn(THERE);
  world.engine.wake();
  await delay(300);
  const claims = await driver.query("select claims, fence from effect where case_id = $1", [
    second,
  ]);
  assert.deepEqual(claims, [{ claims: 0, fence: 0 }]);
  await assert.rejects(migrate(driver), /does not know/);
  await driver.query("delete from schema_migration where n > 900");
  await until(async () => (await world.case(second)).state === "watching");
  await worker.stop();
  errors.length = 0;
});

test("of each loop that has work an equal share is claimed, whatever stands before it", async () => {
  const { world } = await setup();
  const { driver, clock } = world;
  const id = await world.signalOn(HERE);
  // Another loop and one effect of it, behind a flood on the first that is older and a hundred times as long.
  await driver.exec(`
    insert into loop select (jsonb_populate_record(l, '{"name": "quiet"}')).* from loop l;
    insert into effect (case_id, step, loop, kind, body, due_at, created_at)
    select case_id, 1000 + n, loop, kind, body, due_at - interval '1 hour', created_at
    from effect, generate_series(1, 100) n where case_id = '${id}' and step = 1;
    update effect set loop = 'quiet' where case_id = '${id}' and step = 1;`);
  const claim = () =>
    driver.transaction((tx) => claimEffects(tx, { now: clock.now(), limit: 10, leaseMs: 60_000 }));
  const first = await claim();
  assert.equal(first.filter(({ loop }) => loop === "quiet").length, 1);
  assert.equal(first.length, 6, "five for each of the two; the quiet one has one");
  assert.equal((await claim()).length, 10, "where nobody else waits, all of it is the flood's");
});

async function everything({ driver }: EngineWorld): Promise<unknown> {
  const tables = ["effect", "case_event", "signal_case", "ledger"];
  const rows = tables.map((name) => driver.query(`select t.* from ${name} t order by t::text`));
  return Promise.all(rows);
}
