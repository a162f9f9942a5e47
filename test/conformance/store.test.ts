/**
 * What the tables promise, on the embedded database and on PostgreSQL alike: migrations, the ledger's
 * tree at rest, leases and fences. What needs two sessions at once is shown on PostgreSQL alone.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { describeSchema, SCHEMA_FILE } from "../../scripts/write-schema.ts";
import { archiveMonths, verifyAgainst } from "../../src/app/archive.ts";
import { simulatedSecretOf } from "../../src/app/simulated-owners.ts";
import type { Observation, Subject } from "../../src/core/port/types.ts";
import { acceptSignals } from "../../src/engine/intake.ts";
import { Tree } from "../../src/engine/measure.ts";
import { canonicalJson } from "../../src/std/canonical-json.ts";
import { InterlockError } from "../../src/std/errors.ts";
import { hashText } from "../../src/std/hash.ts";
import { integerBetween, randomFrom } from "../../src/std/random.ts";
import { addMs, HOUR_MS } from "../../src/std/time.ts";
import {
  type Driver,
  openDriver,
  type Row,
  sqlStateOf,
  type Tx,
} from "../../src/store/driver/driver.ts";
import { listMigrations, migrate } from "../../src/store/migrate.ts";
import { claimEffects, endEffects, updateIntents } from "../../src/store/table/effect.ts";
import {
  appendLedger,
  getLedgerHead,
  listLedger,
  listLedgerOfCase,
} from "../../src/store/table/ledger.ts";
import { verifyLedger } from "../../src/store/table/ledger-verify.ts";
import { listDailyCounts, upsertObservations } from "../../src/store/table/observation.ts";
import {
  countFinest,
  listAround,
  listPlacesIn,
  listSubjects,
  upsertSubjects,
} from "../../src/store/table/subject.ts";
import { listPlaceDays } from "../../src/store/table/within-day.ts";
import { operations } from "../../src/operation/index.ts";
import type { CallOperation } from "../../src/operation/operation.ts";
import { type EngineWorld, HERE, NOW, openWorld, THERE } from "../kit/engine-world.ts";
import { startPostgres, type TestPostgres } from "../kit/postgres.ts";

/** What the hash of an entry is, as whoever rewrites one in the store would say it. */
const LEAF = "encode(sha256('\\x00'::bytea || convert_to(text, 'UTF8')), 'hex')";

type Open = () => Promise<Driver>;

function exerciseStore(name: string, open: Open, stop?: () => Promise<void>): void {
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
    const get = () => driver;
    exerciseMigrations(get);
    exerciseLedger(get);
    exerciseSums(get);
    exerciseEffects(get);
    if (stop !== undefined) exerciseTwoWorkers(get);
  });
}

/** A country of three levels in which counts come, are restated, and places move. */
function exerciseSums(get: () => Driver): void {
  const METRIC = "sums_rate";
  const DAYS = ["2026-01-01", "2026-01-02", "2026-01-03"];
  const LEVELS = ["state", "district", "pincode"] as const;

  async function checkSums(at: string): Promise<void> {
    const tree = new Tree(await listSubjects(get()));
    const window = { from: "2026-01-01", until: "2026-01-04" };
    for (const { id } of await listSubjects(get())) {
      if (!id.startsWith("sum-")) continue;
      const kept = await listPlaceDays(get(), METRIC, [id], window);
      const counted = await listDailyCounts(get(), METRIC, tree.within(id), window);
      const naive = DAYS.flatMap((day) => {
        const of = counted.filter((one) => one.day === day);
        if (of.length === 0) return [];
        const [n, k] = [
          of.reduce((sum, one) => sum + one.n, 0),
          of.reduce((sum, one) => sum + one.k, 0),
        ];
        return [{ subject: id, day, n, k }];
      });
      assert.deepEqual(kept, naive, `${id} ${at}`);
    }
  }

  test("what lies within a place is summed by day, whatever is restated and wherever places move", async () => {
    const random = randomFrom("sums within places");
    const idOf = (level: number, at: number) => `sum-${LEVELS[level]}-${at}`;
    const parentOf = (level: number) =>
      level === 0 ? "sum-nation" : idOf(level - 1, integerBetween(random, 0, 3));
    const subjects = LEVELS.flatMap((level, depth) =>
      Array.from({ length: 4 + 8 * depth }, (_, at): Subject => ({
        id: idOf(depth, at),
        kind: "geography",
        level,
        name: `${level} ${at}`,
        parent: parentOf(depth),
      })),
    );
    const nation: Subject = {
      id: "sum-nation",
      kind: "geography",
      level: "nation",
      name: "Nation",
      parent: null,
    };
    // The finest come first: what lies around them is made known later.
    await upsertSubjects(get(), subjects.slice(4));
    for (let round = 0; round < 12; round++) {
      const counted = new Map<string, Observation>();
      for (let at = 0; at < 10; at++) {
        const { id = "" } = subjects[integerBetween(random, 4, subjects.length - 1)] ?? {};
        const day = DAYS[integerBetween(random, 0, 2)] ?? "";
        const stratum = ["", "payment=cod"][integerBetween(random, 0, 1)] ?? "";
        const n = integerBetween(random, 0, 9);
        const k = integerBetween(random, 0, n);
        counted.set(`${id} ${day} ${stratum}`, { metric: METRIC, subject: id, day, stratum, n, k });
      }
      await get().transaction((tx) => upsertObservations(tx, [...counted.values()]));
      await checkSums(`round ${round}, counted`);
      if (round === 2) await upsertSubjects(get(), [nation, ...subjects]);
      if (round > 2) {
        const at = integerBetween(random, 4, subjects.length - 1);
        const moved = subjects[at];
        assert(moved);
        const depth = LEVELS.findIndex((level) => level === moved.level);
        subjects[at] = { ...moved, parent: parentOf(depth) };
        await upsertSubjects(get(), [subjects[at]]);
      }
      await checkSums(`round ${round}, moved`);
    }
  });

  test("looking around and within: what a place lies in, what lies in it, how many are the finest", async () => {
    const around = await listAround(get(), "sum-pincode-0");
    assert.deepEqual(
      around.map(({ level }) => level),
      ["pincode", "district", "state", "nation"],
    );
    assert.deepEqual(await listAround(get(), "sum-none"), []);
    const states = await listPlacesIn(get(), "sum-nation");
    assert.equal(states.length, 4);
    assert.equal(
      states.reduce((sum, { finer }) => sum + finer, 0),
      12,
    );
    assert.equal(await countFinest(get(), "sum-pincode-0"), 1);
    const leaves = (await listSubjects(get())).filter(({ id }) => id.startsWith("sum-"));
    const parents = new Set(leaves.map(({ parent }) => parent));
    assert.equal(
      await countFinest(get(), "sum-nation"),
      leaves.filter(({ id }) => !parents.has(id)).length,
    );
  });
}

function exerciseMigrations(get: () => Driver): void {
  test("the first migration makes the schema, and migrating again does nothing", async () => {
    await get().exec("drop schema public cascade; create schema public");
    assert.equal(await migrate(get()), listMigrations().length);
    assert.equal(await migrate(get()), 0);
    assert.equal(await describeSchema(get()), readFileSync(SCHEMA_FILE, "utf8"));
  });

  test("two processes that migrate at once apply each migration once", async () => {
    const extra = {
      n: 900,
      name: "extra",
      sql: "create table extra (n int); insert into extra values (1);",
      isBreaking: false,
    };
    const all = [...listMigrations(), extra];
    const applied = await Promise.all([migrate(get(), all), migrate(get(), all)]);
    assert.deepEqual(applied.sort(), [0, 1]);
    assert.deepEqual(await get().query("select n from extra"), [{ n: 1 }]);
    await get().exec("drop table extra; delete from schema_migration where n = 900");
  });

  test("a migration that fails leaves nothing behind and is not counted", async () => {
    const bad = {
      n: 901,
      name: "bad",
      sql: "create table half (n int); select 1/0;",
      isBreaking: false,
    };
    await assert.rejects(migrate(get(), [...listMigrations(), bad]));
    assert.deepEqual(await get().query("select to_regclass('half') as half"), [{ half: null }]);
    assert.deepEqual(await get().query("select n from schema_migration where n = 901"), []);
  });

  test("a newer breaking migration is refused by an older version, a harmless one is not", async () => {
    const record = (isBreaking: boolean) =>
      get().query("insert into schema_migration (n, name, is_breaking) values (999, 'later', $1)", [
        isBreaking,
      ]);
    await record(false);
    assert.equal(await migrate(get()), 0);
    await get().query("delete from schema_migration where n = 999");
    await record(true);
    await assert.rejects(
      migrate(get()),
      (error) =>
        error instanceof InterlockError &&
        error.code === "store/schema-newer" &&
        /999 `later`/.test(error.message),
    );
    await get().query("delete from schema_migration where n = 999");
  });
}

function exerciseLedger(get: () => Driver): void {
  /** A database as it was before the tree: three entries, each with the hash of the one before. */
  async function openChained(change = ""): Promise<() => Promise<void>> {
    const all = listMigrations();
    const tree = all.find(({ name }) => name === "ledger_tree");
    assert(tree);
    await get().exec("drop schema public cascade; create schema public");
    await migrate(
      get(),
      all.filter(({ n }) => n < tree.n),
    );
    let previous = "0".repeat(64);
    for (let n = 1; n <= 3; n++) {
      const text = canonicalJson({ at: NOW, case: n === 2 ? "case-x" : null, n, previous });
      previous = hashText(text);
      await get().query("insert into ledger (n, text, hash) values ($1, $2, $3)", [
        n,
        text,
        previous,
      ]);
    }
    await get().query("update ledger_head set n = 3, hash = $1", [previous]);
    await get().exec(`alter table ledger disable trigger ledger_is_append_only; ${change};
      alter table ledger enable trigger ledger_is_append_only`);
    return async () => void (await migrate(get()));
  }

  test("a ledger of chained entries is carried over into the tree, word by word", async () => {
    const carryOver = await openChained();
    const before = await get().query("select n, text from ledger order by n");
    await carryOver();
    assert.deepEqual(await get().query("select n, text from ledger order by n"), before);
    assert.equal((await listLedgerOfCase(get(), "case-x")).length, 1);
    const draft = { at: NOW, kind: "test.made", loop: null, case: null, actor: "test", body: {} };
    await get().transaction((tx) => appendLedger(tx, [draft, draft]));
    const checked = await verifyLedger(get());
    assert.ok("head" in checked && checked.head.n === 5);
  });

  for (const [what, change] of [
    ["altered", "update ledger set text = replace(text, 'case-x', 'case-y')"],
    ["cut short", "delete from ledger where n = 3"],
  ] as const) {
    test(`a chained ledger that was ${what} is not carried over`, async () => {
      const carryOver = await openChained(change);
      await assert.rejects(carryOver, /of the ledger/);
      await get().exec("drop schema public cascade; create schema public");
      await migrate(get());
    });
  }

  /** A ledger with real entries in it. */
  async function setup(): Promise<{ world: EngineWorld; entries: number }> {
    const world = await openWorld(get());
    await world.signalOn(HERE);
    await world.settle();
    const { n: entries } = await getLedgerHead(get());
    assert.ok(entries > 10);
    return { world, entries };
  }

  async function tamper(sql: string): Promise<void> {
    await get().exec(`alter table ledger disable trigger ledger_is_append_only;
      ${sql};
      alter table ledger enable trigger ledger_is_append_only;`);
  }

  test("the ledger of a run verifies to its head, page by page", async () => {
    const { world, entries } = await setup();
    const checked = await operations.ledgerVerify.handler(world, {});
    assert.deepEqual(
      { ...checked, head: null },
      { verified: true, entries, head: null, firstBad: null, archived: null, notCompared: 0 },
    );
  });

  const alterations: ReadonlyArray<readonly [what: string, sql: string, bad: number, why: RegExp]> =
    [
      [
        "one word of an entry is changed",
        "update ledger set text = replace(text, 'actor', 'agent') where n = 5",
        5,
        /does not match its hash/,
      ],
      [
        "an entry's hash is changed",
        "update ledger set hash = repeat('a', 64) where n = 5",
        5,
        /does not match its hash/,
      ],
      [
        "two entries change places",
        `update ledger set n = -6 where n = 6; update ledger set n = 6 where n = 5;
       update ledger set n = 5 where n = -6`,
        5,
        /says it is entry 6/,
      ],
      ["an entry is taken out", "delete from ledger where n = 5", 5, /entry 5 is missing/],
      ["the first entry is taken out", "delete from ledger where n = 1", 1, /entry 1 is missing/],
      [
        "an entry is taken out and the rest is renumbered",
        `delete from ledger where n = 5;
       update ledger set n = -n where n > 5; update ledger set n = -n - 1 where n < 0`,
        5,
        /says it is entry 6/,
      ],
      [
        "an entry is rewritten together with its hash",
        `update ledger set text = replace(text, '"actor"', '"acter"') where n = 5;
       update ledger set hash = ${LEAF} where n = 5`,
        6,
        /does not follow from the entries before it/,
      ],
      [
        "an entry that is not JSON stands in its place",
        `update ledger set text = 'x' where n = 5; update ledger set hash = ${LEAF} where n = 5`,
        5,
        /not JSON/,
      ],
    ];
  for (const [what, sql, bad, why] of alterations) {
    test(`after ${what}, verification names entry ${bad}`, async () => {
      await setup();
      await tamper(sql);
      const checked = await verifyLedger(get());
      assert.ok("fault" in checked);
      assert.equal(checked.fault.n, bad);
      assert.match(checked.fault.why, why);
    });
  }

  test("after the last entries are cut off, verification names the first that is missing", async () => {
    const { entries } = await setup();
    await tamper(`delete from ledger where n > ${entries - 2}`);
    const checked = await verifyLedger(get());
    assert.deepEqual(checked, {
      fault: { n: entries - 1, why: "2 entries at the end are missing" },
    });
  });

  test("after the last entry is rewritten whole, the recorded head gives it away", async () => {
    const { entries } = await setup();
    await tamper(`update ledger set text = replace(text, '"actor"', '"acter"') where n = ${entries};
      update ledger set hash = ${LEAF} where n = ${entries}`);
    const checked = await verifyLedger(get());
    assert.ok("fault" in checked);
    assert.equal(checked.fault.n, entries);
  });

  test("an entry slipped in behind the head is seen", async () => {
    const { entries } = await setup();
    await tamper(`insert into ledger (n, text, hash) values (${entries + 1}, 'x', 'y')`);
    const checked = await verifyLedger(get());
    assert.ok("fault" in checked);
    assert.equal(checked.fault.n, entries + 1);
  });

  test("the table itself refuses update, delete and truncate", async () => {
    await setup();
    for (const sql of [
      "update ledger set text = text",
      "delete from ledger where n = 1",
      "truncate ledger",
      "delete from ledger where false",
    ]) {
      await assert.rejects(get().exec(sql), (error) => sqlStateOf(error) === "23001", sql);
    }
    assert.ok("head" in (await verifyLedger(get())));
  });

  test("a transaction that rolls back leaves no entry and no gap", async () => {
    await setup();
    const draft = { at: NOW, kind: "test.made", loop: null, case: null, actor: "test", body: {} };
    const head = await getLedgerHead(get());
    await assert.rejects(
      get().transaction(async (tx) => {
        await appendLedger(tx, [draft, draft]);
        throw new Error("no");
      }),
    );
    assert.deepEqual(await getLedgerHead(get()), head);
    await get().transaction((tx) => appendLedger(tx, [draft]));
    const checked = await verifyLedger(get());
    assert.ok("head" in checked && checked.head.n === head.n + 1);
  });

  test("writers at the same time make one tree", async () => {
    await setup();
    const { n } = await getLedgerHead(get());
    const draft = { at: NOW, kind: "test.made", loop: null, case: null, actor: "test", body: {} };
    await Promise.all(
      Array.from({ length: 20 }, () => get().transaction((tx) => appendLedger(tx, [draft, draft]))),
    );
    const checked = await verifyLedger(get());
    assert.ok("head" in checked && checked.head.n === n + 40);
  });
}

function exerciseEffects(get: () => Driver): void {
  const claim = (world: EngineWorld, leaseMs: number) =>
    get().transaction((tx) => claimEffects(tx, { now: world.clock.now(), limit: 10, leaseMs }));

  test("an answer under an old fence is recorded nowhere, and neither is its intent", async () => {
    const world = await openWorld(get());
    const id = await world.signalOn(HERE);
    await world.stepTo(id, "executing");
    const [first] = await claim(world, 250);
    assert.deepEqual(await claim(world, 250), [], "it is leased");
    await delay(300);
    const [second] = await claim(world, 60_000);
    assert.ok(first && second);
    assert.equal(second.step, first.step);
    assert.equal(second.fence, first.fence + 1);
    assert.equal(second.claims, 2);
    const end = { caseId: id, step: first.step, state: "done", result: null, error: null } as const;
    const late = await endEffects(get(), [{ ...end, fence: first.fence, at: NOW }]);
    assert.deepEqual([...late], []);
    const plan = { before: {}, after: {}, request: null };
    const intent = { connector: "scripted", plan };
    const old = { caseId: id, step: first.step, fence: first.fence, intent };
    assert.deepEqual([...(await updateIntents(get(), [old], 10))], []);
    const now = await endEffects(get(), [{ ...end, fence: second.fence, at: NOW }]);
    assert.deepEqual([...now], [`${id}/${first.step}`]);
    const again = await endEffects(get(), [{ ...end, fence: second.fence, at: NOW }]);
    assert.deepEqual([...again], [], "an answer is recorded once");
  });

  test("a lease ends on the database's clock, however the business clock jumps", async () => {
    const world = await openWorld(get());
    const id = await world.signalOn(HERE);
    await world.stepTo(id, "executing");
    assert.equal((await claim(world, 60_000)).length, 1);
    world.clock.moveTo(addMs(NOW, 1_000 * HOUR_MS));
    assert.deepEqual(await claim(world, 60_000), []);
  });

  test("an effect that is not due yet is not claimed", async () => {
    const world = await openWorld(get());
    await world.signalOn(HERE);
    await get().query("update effect set due_at = due_at + interval '1 second'");
    assert.deepEqual(await claim(world, 1_000), []);
    world.clock.moveTo(addMs(NOW, 1_000));
    assert.equal((await claim(world, 1_000)).length, 1);
  });
}

function exerciseTwoWorkers(get: () => Driver): void {
  const draft = (kind: string) => ({
    ...{ at: NOW, kind, loop: null, case: "case-x", actor: "test", body: {} },
  });

  /** A transaction that has written an entry and waits for `end` before it commits, or is taken back. */
  async function openWriter(kind: string, isTakenBack = false): Promise<() => Promise<void>> {
    const [written, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const over = get()
      .transaction(async (tx) => {
        await appendLedger(tx, [draft(kind)]);
        written.resolve();
        await end.promise;
        if (isTakenBack) throw new Error("taken back");
      })
      .catch((error: unknown) => assert.match(String(error), /taken back/));
    await written.promise;
    return async () => {
      end.resolve();
      await over;
    };
  }

  test("a writer waits for nobody: its entries get their numbers when the other has committed", async () => {
    await openWorld(get());
    const { n } = await getLedgerHead(get());
    const endFirst = await openWriter("first.made");
    for (const kinds of [["second.made", "third.made"], ["fourth.made"]]) {
      await get().transaction((tx) => appendLedger(tx, kinds.map(draft)));
    }
    assert.equal((await getLedgerHead(get())).n, n, "who has the book has not committed yet");
    await endFirst();
    assert.equal((await getLedgerHead(get())).n, n + 1);
    // Whoever writes next enters what waits first: what happened later has the higher number.
    await get().transaction((tx) => appendLedger(tx, [draft("fifth.made")]));
    const entries = await listLedger(get(), n, 10);
    assert.deepEqual(
      entries.map(({ text }) => (JSON.parse(text) as { kind: string }).kind),
      ["first", "second", "third", "fourth", "fifth"].map((which) => `${which}.made`),
    );
    const checked = await verifyLedger(get());
    assert.ok("head" in checked && checked.head.n === n + 5);
    assert.equal((await listLedgerOfCase(get(), "case-x")).length, 5);
  });

  test("a writer that is taken back while another waits leaves no gap and loses nothing", async () => {
    await openWorld(get());
    const { n } = await getLedgerHead(get());
    const endFirst = await openWriter("first.made", true);
    await get().transaction((tx) => appendLedger(tx, [draft("second.made")]));
    await endFirst();
    const checked = await verifyLedger(get());
    assert.ok("head" in checked && checked.head.n === n + 1);
  });

  test("a second worker takes over after the lease, and the first one's late answer counts nowhere", async () => {
    const world = await openWorld(get(), { limits: { callMs: 600, leaseMs: 200 } });
    const id = await world.signalOn(HERE);
    await world.stepTo(id, "executing");
    const other = world.openEngine({ callMs: 600, leaseMs: 200 });
    // The first worker is held up outside until the second has finished the case's step.
    world.outside.beforeApply(async () => {
      await delay(250);
      await other.settle();
    });
    await world.engine.settle();
    const acted = await world.case(id);
    assert.equal(acted.state, "watching");
    const done = await get().query(
      "select n from ledger where text::jsonb ->> 'kind' = 'action.done' and text::jsonb ->> 'case' = $1",
      [id],
    );
    assert.equal(done.length, 1);
    const [row] = await get().query<{ fence: number; state: string }>(
      "select fence, state from effect where case_id = $1 and kind = 'act'",
      [id],
    );
    // Its lease is shorter than the wait for the first one's call here, so it may have to claim again.
    assert(row !== undefined && row.fence >= 2);
    assert.equal(row.state, "done");
    assert.equal(world.outside.effects.length, 1);
    const told = await world.told(id);
    assert.deepEqual(told, ["logistics: acted", "marketing: acted"]);
    assert.ok("head" in (await verifyLedger(get())));
  });

  test("workers side by side do every effect once and read every letter once", async () => {
    const world = await openWorld(get());
    const places = Array.from({ length: 10 }, (_, n) => `IN-${560001 + n}`);
    await world.send(...places.map((subject) => world.signal(subject)));
    const engines = [world.engine, world.openEngine(), world.openEngine()];
    for (let round = 0; round < 5; round++) {
      await Promise.all(engines.map((engine) => engine.settle()));
    }
    assert.equal(world.outside.effects.length, 10);
    assert.equal(new Set(world.outside.effects.map(({ key }) => key)).size, 10);
    assert.equal(world.receiver.asked.length, 10);
    const letters = world.post.delivered.filter(({ thread }) => thread.startsWith("case-"));
    assert.equal(letters.length, 20);
    assert.ok((await world.cases()).every(({ state }) => state === "watching"));
    assert.ok("head" in (await verifyLedger(get())));
  });

  test("a cap on the day's actions holds however many workers race for it", async () => {
    const world = await openWorld(get(), {
      charter: (charter) => ({
        ...charter,
        guardrails: {
          ...charter.guardrails,
          perDay: { ...charter.guardrails.perDay, actions: 3 },
        },
      }),
    });
    const places = Array.from({ length: 10 }, (_, n) => `IN-${560001 + n}`);
    await Promise.all(places.map((subject) => world.signalOn(subject)));
    const engines = Array.from({ length: 4 }, () =>
      world.openEngine({ turnEvents: 2, dispatchEffects: 2 }),
    );
    for (let round = 0; round < 5; round++) {
      await Promise.all(engines.map((engine) => engine.settle()));
    }
    assert.equal(world.outside.effects.length, 3);
  });

  test("a signal that arrives while its loop goes live is parked before that or let through", async () => {
    const world = await openWorld(get());
    await world.pause();
    const reading = Promise.withResolvers<undefined>();
    const activated = reading.promise.then(() => world.activate());
    const [answer] = await get().transaction(async (tx) => {
      // Held up right after it read that the loop is paused; another process activates it then.
      const slow: Tx = {
        exec: (sql) => tx.exec(sql),
        async query<R extends Row>(sql: string, params?: ReadonlyArray<unknown>) {
          const rows = await tx.query<R>(sql, params);
          if (/from loop\b/.test(sql)) {
            reading.resolve(undefined);
            await delay(150);
          }
          return rows;
        },
      };
      const { context } = world.engine;
      return acceptSignals(slow, context, world.wiring, [world.signal(HERE)], () => HERE);
    });
    await activated;
    await world.settle();
    assert.ok(answer?.kind === "accepted");
    assert.equal((await world.case(answer.caseId)).state, "watching");
  });

  test("a month leaves the database, and the ledger verifies with its archive and without", async () => {
    const world = await openWorld(get());
    await world.signalOn(HERE);
    await world.settle();
    const secret = simulatedSecretOf("ledger");
    Object.assign(world.engine.context, { ledgerSecret: () => secret });
    for (const { id } of await world.cases()) await world.undo(id);
    await world.settle();
    world.clock.moveTo("2027-06-10T10:00:00.000Z");
    const to = mkdtempSync(join(tmpdir(), "interlock-archive-"));
    try {
      const call: CallOperation = (operation, input) => operation.handler(world, input);
      const { months } = await archiveMonths(call, { to, before: "2026-05" });
      assert.deepEqual(
        months.map(({ month, cases }) => [month, cases]),
        [["2026-03", 1]],
      );
      assert.deepEqual(await world.cases(), []);
      assert.ok((await verifyAgainst(call, to, () => undefined)).verified);
      assert.ok("head" in (await verifyLedger(get())));
    } finally {
      rmSync(to, { recursive: true });
    }
  });

  test("one signal sent by two processes at once has one case", async () => {
    const world = await openWorld(get());
    const signal = world.signal(THERE);
    const sent = await Promise.allSettled([
      world.send(signal),
      world.send(signal),
      world.send(signal),
    ]);
    const answers = sent.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
    assert.equal(answers.filter(({ kind }) => kind === "accepted").length, 1);
    assert.equal((await world.cases()).length, 1);
    const [again] = await world.send(signal);
    assert.equal(again?.kind, "repeated");
  });
}

exerciseStore("store on PGlite", () => openDriver({}));

let postgres: TestPostgres;
exerciseStore(
  "store on PostgreSQL",
  async () => {
    postgres = await startPostgres();
    return openDriver({ url: postgres.url });
  },
  () => postgres.stop(),
);
