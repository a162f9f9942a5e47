/**
 * Stop against dispatch on a real PostgreSQL, hundreds of times: workers that carry out, a worker that
 * turns cases and a person who presses and releases, each statement delayed by chance.
 *
 * The ledger is written under one lock, so the order of its entries is the order of the commits. Between
 * `stop.pressed` and `stop.released` no entry says that an action was intended, and no call goes out that
 * was not intended before.
 */
import assert from "node:assert/strict";
import { setImmediate as immediate, setTimeout as delay } from "node:timers/promises";
import { test } from "node:test";
import type { Charter } from "../../src/core/charter/types.ts";
import { runDispatch } from "../../src/engine/dispatch.ts";
import { Engine } from "../../src/engine/engine.ts";
import { liftStop, pressStop, type StopScope } from "../../src/engine/stops.ts";
import { runTurn } from "../../src/engine/turn.ts";
import type { EngineContext } from "../../src/engine/wiring.ts";
import { integerBetween, type Random, randomFrom } from "../../src/std/random.ts";
import { addMs, HOUR_MS } from "../../src/std/time.ts";
import { type Driver, openDriver, type Tx } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { listLedger } from "../../src/store/table/ledger.ts";
import { verifyLedger } from "../../src/store/table/ledger-verify.ts";
import { type EngineWorld, HEAD_OF, LOOP, openWorld, rupees } from "../kit/engine-world.ts";
import { startPostgres } from "../kit/postgres.ts";

const ROUNDS = 200;
const WORKERS = 2;
const NO_LIMIT = { actions: 1_000_000, subjects: 1_000_000, value: "INR 9999999999999" };
const EVERYTHING: StopScope = { scope: "everything", name: "" };
const SCOPES: ReadonlyArray<StopScope> = [
  { scope: "loop", name: LOOP },
  { scope: "department", name: "logistics" },
  { scope: "department", name: "marketing" },
  { scope: "connector", name: "scripted" },
  EVERYTHING,
];

/** The same database, many of whose statements wait a moment, so that others get between. */
function delayed(driver: Driver, random: Random): Driver {
  const pause = () => (random.next() < 0.3 ? delay(random.next() * 2) : immediate());
  return {
    ...driver,
    transaction: (work) =>
      driver.transaction((tx) => {
        // Those that are sent together stay in their order, as on a line.
        let sent: Promise<unknown> = Promise.resolve();
        const slow: Tx = {
          query(sql, params) {
            const turn = sent.then(pause);
            sent = turn;
            return turn.then(() => tx.query(sql, params));
          },
          exec: (sql) => tx.exec(sql),
        };
        return work(slow);
      }),
  };
}

class Race {
  readonly world: EngineWorld;
  readonly context: EngineContext;
  readonly #random: Random;
  /** How long a dispatch takes here; a stop falls anywhere within it. */
  #dispatchMs = 10;
  calls = 0;

  private constructor(world: EngineWorld, random: Random) {
    this.world = world;
    this.#random = random;
    const { context } = world.engine;
    this.context = {
      ...context,
      driver: delayed(world.driver, random),
      limits: {
        ...context.limits,
        dispatchEffects: 1,
        turnEvents: 1,
        callMs: 10_000,
        leaseMs: 60_000,
      },
    };
  }

  /** As many decided actions as are tried, all of them due in an hour, and it is that hour. */
  static async open(driver: Driver, random: Random): Promise<Race> {
    const open = (charter: Charter): Charter => ({
      ...charter,
      guardrails: { ...charter.guardrails, perDay: NO_LIMIT, perWeek: NO_LIMIT, coolDownDays: 0 },
    });
    const world = await openWorld(driver, { charter: open });
    world.receiver.propose(() => ({ valueAtStake: rupees(100) }));
    const { context } = world.engine;
    const later = new Engine({ ...context, pace: { ...context.pace, actMs: HOUR_MS } });
    const places = Array.from({ length: ROUNDS * (WORKERS + 1) }, (_, n) => `IN-${200_000 + n}`);
    await world.send(...places.map((subject) => world.signal(subject)));
    await later.settle();
    world.clock.moveTo(addMs(world.clock.now(), HOUR_MS));
    return new Race(world, random);
  }

  async play(): Promise<void> {
    const { world, context } = this;
    const stop = SCOPES[integerBetween(this.#random, 0, SCOPES.length)] ?? EVERYTHING;
    const person = HEAD_OF[stop.name === "logistics" ? "logistics" : "marketing"];
    const callsBefore = world.outside.calls.length;
    const press = async () => {
      await delay(this.#random.next() * this.#dispatchMs);
      await pressStop(context, { ...stop, person, reason: "a race", undo: false });
      const intended = await this.#listIntended();
      // Whoever starts now finds the stop; whoever is under way finishes.
      await runDispatch(context);
      return intended;
    };
    const [atStop] = await allEnded(
      press(),
      runTurn(context),
      ...Array.from({ length: WORKERS }, () => this.#dispatch()),
    );
    for (const key of await this.#listIntended()) {
      assert(atStop.has(key), `${key} was intended after the stop of ${stop.scope} ${stop.name}`);
    }
    for (const { kind, key } of world.outside.calls.slice(callsBefore)) {
      if (kind !== "apply") continue;
      assert(atStop.has(key), `${key} was called and not intended`);
      this.calls += 1;
    }
    await liftStop(context, { ...stop, person });
  }

  async #dispatch(): Promise<void> {
    const from = performance.now();
    await runDispatch(this.context);
    this.#dispatchMs += 0.1 * (performance.now() - from - this.#dispatchMs);
  }

  async #listIntended(): Promise<ReadonlySet<string>> {
    const rows = await this.world.driver.query<{ key: string }>(
      "select case_id || '/' || step as key from effect where kind = 'act' and intent is not null",
    );
    return new Set(rows.map(({ key }) => key));
  }
}

/** The first fault is thrown only once nobody is under way any more. */
async function allEnded<T>(
  first: Promise<T>,
  ...others: ReadonlyArray<Promise<unknown>>
): Promise<[T]> {
  await Promise.allSettled([first, ...others]);
  await Promise.all(others);
  return [await first];
}

/** Entries of the ledger in the order of their commits. */
async function readLedger(driver: Driver): Promise<ReadonlyArray<{ kind: string; case: string }>> {
  const rows = await listLedger(driver, 0, 100_000);
  return rows.map(({ text }) => JSON.parse(text) as { kind: string; case: string });
}

test("on PostgreSQL, once a stop is committed no intent is written: 200 stops among dispatches and turns", async () => {
  const postgres = await startPostgres();
  const driver = await openDriver({ url: postgres.url });
  try {
    await migrate(driver);
    const race = await Race.open(driver, randomFrom(5, "stop-race"));
    for (let round = 0; round < ROUNDS; round++) await race.play();

    let isStopped = false;
    const seen = new Map<string, number>();
    for (const { kind, case: of } of await readLedger(driver)) {
      if (kind === "stop.pressed") isStopped = true;
      if (kind === "stop.released") isStopped = false;
      assert(!(isStopped && kind === "action.intended"), `${of} was intended while stopped`);
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }
    assert.equal(seen.get("stop.pressed"), ROUNDS);
    assert.equal(
      seen.get("action.intended"),
      race.calls,
      "each call was intended, each intent called",
    );
    const refused = await driver.query(
      "select 1 from effect where kind = 'act' and last_error like 'refused at dispatch%stopped%'",
    );
    // Both sides of the race were really seen.
    assert(
      race.calls >= 50 && refused.length >= 50,
      `${race.calls} done, ${refused.length} refused`,
    );

    // What was under way was finished and recorded, and nothing was done twice.
    const { effects } = race.world.outside;
    assert.equal(new Set(effects.map(({ resource }) => resource)).size, race.calls);
    const torn = await driver.query(
      "select case_id from effect where kind = 'act' and intent is not null and state <> 'done'",
    );
    assert.deepEqual(torn, []);
    assert("head" in (await verifyLedger(driver)), "the ledger holds");
  } finally {
    await driver.close();
    await postgres.stop();
  }
});
