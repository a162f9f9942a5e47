/**
 * Every driver answers alike: one suite, run on PGlite in memory, PGlite on disk and PostgreSQL.
 *
 * Facts of concurrency count only on PostgreSQL, which has more than one session. What keeps the
 * embedded database safe is in `driver-safety.test.ts`.
 */
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { AssertionFailed } from "../../src/std/assert.ts";
import { InterlockError } from "../../src/std/errors.ts";
import type { Driver } from "../../src/store/driver/driver.ts";
import {
  constraintOf,
  isCommitUnknown,
  openDriver,
  QueryError,
  sqlStateOf,
  toJson,
  toTexts,
} from "../../src/store/driver/driver.ts";
import { startPostgres } from "../kit/postgres.ts";
import type { TestPostgres } from "../kit/postgres.ts";

type World = { readonly driver: Driver; readonly again: () => Promise<Driver> };

function exerciseDriver(
  name: string,
  open: () => Promise<Driver>,
  openAgain: () => Promise<Driver> = open,
): void {
  describe(name, () => {
    let driver: Driver;
    before(async () => (driver = await open()));
    after(() => driver.close());
    const setup = (): World => ({ driver, again: openAgain });
    exerciseValues(setup);
    exerciseErrors(setup);
    exerciseTransactions(setup);
    exerciseClosing(setup);
  });
}

async function askOne(driver: Driver, sql: string, params: unknown[] = []): Promise<unknown> {
  const [row] = await driver.query<{ v: unknown }>(sql, params);
  assert.ok(row !== undefined);
  return row.v;
}

function exerciseValues(setup: () => World): void {
  const INSTANT = "2026-01-05T00:30:00.123Z";
  const there: ReadonlyArray<readonly [type: string, value: unknown]> = [
    ["text", "plain"],
    ["text", ""],
    ["text", "नमस्ते 🚆 \u0001 \\ ' \" { }"],
    ["timestamptz", INSTANT],
    ["timestamptz", "0099-12-31T23:59:59.999Z"],
    ["timestamptz", "infinity"],
    ["date", "2024-02-29"],
    ["int2", -32768],
    ["int4", 2147483647],
    ["int8", Number.MAX_SAFE_INTEGER],
    ["int8", Number.MIN_SAFE_INTEGER],
    ["float8", 0.1],
    ["float8", -0],
    ["float8", 5e-324],
    ["float8", Number.MAX_VALUE],
    ["float8", NaN],
    ["float8", -Infinity],
    ["numeric", 1.1],
    ["boolean", true],
    ["boolean", false],
    ["bytea", new Uint8Array([0, 1, 127, 128, 255])],
    ["bytea", new Uint8Array()],
    ["jsonb", { a: 0.1, b: [1, null, "x"], c: { d: 1e21 }, "": -0.5 }],
    ["uuid", "0190a3c5-1111-7000-8000-000000000001"],
    ["text", null],
    ["jsonb", null],
    ["text[]", ["a", null, "NULL", "", '"', "\\", "a,b", "{x}", " spaced "]],
    ["text[]", []],
    [
      "text[]",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    ["int4[]", [1, null, -3]],
    ["int8[]", [Number.MAX_SAFE_INTEGER, null]],
    ["float8[]", [0.1, null, NaN, Infinity, -0]],
    ["boolean[]", [true, null, false]],
    ["timestamptz[]", [INSTANT, null]],
    ["date[]", ["2026-01-05", null]],
    ["bytea[]", [new Uint8Array([92, 34]), null]],
    ["jsonb[]", [{ a: 0.1, b: 'say "no"' }, null]],
  ];
  for (const [type, value] of there) {
    test(`${type} ${JSON.stringify(value)} comes back as it went in`, async () => {
      assert.deepEqual(await askOne(setup().driver, `select $1::${type} as v`, [value]), value);
    });
  }

  test("a timestamptz with microseconds is cut to milliseconds, in UTC", async () => {
    const sql = "select timestamptz '2026-01-05 06:00:00.987654+05:30' as v";
    assert.equal(await askOne(setup().driver, sql), "2026-01-05T00:30:00.987Z");
  });

  test("an int8 past 2^53 throws instead of losing digits, and the next query works", async () => {
    const { driver } = setup();
    await assert.rejects(driver.query("select 9007199254740993::int8"), AssertionFailed);
    assert.equal(await askOne(driver, "select count(*) as v from pg_class where false"), 0);
  });

  test("a numeric is a number where that is exact and its own text where it is not", async () => {
    const [row] = await setup().driver.query(
      `select 12.50::numeric as a, 0.000000000000001::numeric as b, 9007199254740991::numeric as c,
              9007199254740993::numeric as d, 0.1234567890123456::numeric as e,
              'NaN'::numeric as f, (-0.10)::numeric as g`,
    );
    assert.deepEqual(row, {
      a: 12.5,
      b: 1e-15,
      c: 9007199254740991,
      d: "9007199254740993",
      e: "0.1234567890123456",
      f: "NaN",
      g: -0.1,
    });
  });

  test("a JSON array, text and null go in through toJson", async () => {
    const { driver } = setup();
    for (const value of [[1, "two", { three: [] }], "text", null, 0.1, true]) {
      assert.deepEqual(await askOne(driver, "select $1::jsonb as v", [toJson(value)]), value);
    }
  });

  test("an array of documents goes in as bytes and is the same text array", async () => {
    const { driver } = setup();
    const texts = ['{"a":"b\\\\c"}', null, "", "{,}", "naïve 🚆", "x".repeat(9_000)];
    const [row] = await driver.query<{ same: boolean; texts: unknown }>(
      "select $1::text[] is not distinct from $2::text[] as same, $1::text[] as texts",
      [toTexts(texts), texts],
    );
    assert.deepEqual(row, { same: true, texts });
    const [none] = await driver.query("select cardinality($1::text[]) as size", [toTexts([])]);
    assert.deepEqual(none, { size: 0 });
  });

  test("columns of arrays become rows through unnest", async () => {
    const rows = await setup().driver.query(
      `select * from unnest($1::text[], $2::int8[], $3::float8[], $4::jsonb[]) as t(a, b, c, d)`,
      [
        ["x", null],
        [1, 2],
        [0.5, null],
        [{ k: 1 }, toJson([1])],
      ],
    );
    assert.deepEqual(rows, [
      { a: "x", b: 1, c: 0.5, d: { k: 1 } },
      { a: null, b: 2, c: null, d: [1] },
    ]);
  });

  test("any text, any float and any JSON survive the round trip", async () => {
    const { driver } = setup();
    const text = fc.string({ unit: "binary" }).map((s) => s.replaceAll("\u0000", ""));
    const json = fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean()));
    const arbitrary = fc.record({
      texts: fc.array(fc.option(text)),
      floats: fc.array(fc.option(fc.double())),
      objects: fc.array(fc.option(json)),
    });
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ texts, floats, objects }) => {
        const [row] = await driver.query(
          "select $1::text[] as texts, $2::float8[] as floats, $3::jsonb[] as objects",
          [texts, floats, objects],
        );
        // Through JSON on both sides: jsonb does not tell a bare object from one with a prototype.
        assert.deepEqual(row?.["texts"], texts);
        assert.deepEqual(row["floats"], floats);
        assert.deepEqual(row["objects"], JSON.parse(JSON.stringify(objects)));
      }),
      { numRuns: 60 },
    );
  });

  test("undefined, a Date and half a surrogate pair are refused before they are sent", async () => {
    const { driver } = setup();
    for (const value of [undefined, new Date(0), "\ud800", ["\udc00"], [undefined], new Map()]) {
      await assert.rejects(driver.query("select $1::text", [value]), AssertionFailed);
    }
  });

  test("twenty thousand rows and a five-megabyte text go in and come back whole", async () => {
    const { driver } = setup();
    const ids = Array.from({ length: 20_000 }, (_, index) => index);
    const sql = "select count(*) as v from unnest($1::int8[]) as t(id) where id % 2 = 0";
    assert.equal(await askOne(driver, sql, [ids]), 10_000);
    const rows = await driver.query("select id from unnest($1::int8[]) as t(id)", [ids]);
    assert.deepEqual(rows.at(-1), { id: 19_999 });
    const long = "पिन".repeat(600_000);
    assert.equal(await askOne(driver, "select $1::text as v", [long]), long);
  });

  test("the session speaks UTC and ISO dates", async () => {
    const { driver } = setup();
    assert.equal(await askOne(driver, "select current_setting('TimeZone') as v"), "UTC");
    assert.match(String(await askOne(driver, "select current_setting('DateStyle') as v")), /^ISO/);
  });
}

function exerciseErrors(setup: () => World): void {
  test("a broken constraint tells its name and SQLSTATE, through causes too", async () => {
    const { driver } = setup();
    await driver.exec(`
      create table parcel (
        id int8 constraint parcel_is_one primary key,
        weight int4 constraint parcel_has_weight check (weight > 0)
      );
      insert into parcel values (1, 5);`);
    const twice = await rejection(driver.query("insert into parcel values ($1, 5)", [1]));
    assert.ok(twice instanceof QueryError);
    assert.equal(sqlStateOf(twice), "23505");
    assert.equal(constraintOf(twice), "parcel_is_one");
    assert.equal(twice.statement, "insert into parcel values ($1, 5)");
    const light = await rejection(driver.exec("insert into parcel values (2, 0)"));
    const wrapped = new Error("while weighing", { cause: light });
    assert.equal(sqlStateOf(wrapped), "23514");
    assert.equal(constraintOf(wrapped), "parcel_has_weight");
    assert.equal(isCommitUnknown(wrapped), false);
  });

  test("an error that no database sent has no SQLSTATE and no constraint", () => {
    assert.equal(sqlStateOf(new Error("other")), undefined);
    assert.equal(constraintOf("text"), undefined);
  });

  test("query takes one statement only, exec takes several", async () => {
    const { driver } = setup();
    assert.equal(sqlStateOf(await rejection(driver.query("select 1; select 2"))), "42601");
    await driver.exec("create table several (n int4); insert into several values (1), (2);");
    assert.equal(await askOne(driver, "select sum(n) as v from several"), 3);
  });

  test("a failing statement among several in exec undoes those before it", async () => {
    const { driver } = setup();
    await driver.exec("create table half (n int4)");
    assert.equal(
      sqlStateOf(await rejection(driver.exec("insert into half values (1); nonsense"))),
      "42601",
    );
    assert.equal(
      sqlStateOf(await rejection(driver.exec("insert into half values (1); select 1/0"))),
      "22012",
    );
    assert.equal(await askOne(driver, "select count(*) as v from half"), 0);
  });

  test("after a syntax error the next query works", async () => {
    const { driver } = setup();
    assert.equal(sqlStateOf(await rejection(driver.query("selec $1::int4", [1]))), "42601");
    assert.equal(await askOne(driver, "select 7 as v"), 7);
  });

  test("text with a zero byte is refused by the database, not cut short", async () => {
    const error = await rejection(setup().driver.query("select $1::text", ["a\u0000b"]));
    assert.equal(sqlStateOf(error), "22021");
  });
}

function exerciseTransactions(setup: () => World): void {
  test("a transaction whose work resolves is kept and gives its result", async () => {
    const { driver } = setup();
    await driver.exec("create table kept (n int4)");
    const result = await driver.transaction(async (tx) => {
      await tx.query("insert into kept values ($1)", [1]);
      await tx.exec("insert into kept values (2); insert into kept values (3)");
      return "done";
    });
    assert.equal(result, "done");
    assert.equal(await askOne(driver, "select sum(n) as v from kept"), 6);
  });

  test("a transaction whose work throws leaves nothing and throws the very same error", async () => {
    const { driver } = setup();
    await driver.exec("create table dropped (n int4)");
    const thrown = new Error("changed my mind");
    const seen = await rejection(
      driver.transaction(async (tx) => {
        await tx.query("insert into dropped values (1)");
        throw thrown;
      }),
    );
    assert.equal(seen, thrown);
    assert.equal(await askOne(driver, "select count(*) as v from dropped"), 0);
  });

  test("a failure swallowed inside a transaction is an error, never a silent rollback", async () => {
    const { driver } = setup();
    await driver.exec("create table swallowed (n int4)");
    const error = await rejection(
      driver.transaction(async (tx) => {
        await tx.query("insert into swallowed values (1)");
        await tx.query("select 1 / 0").catch(() => undefined);
      }),
    );
    assert.equal(sqlStateOf(error), "25P02");
    assert.equal(await askOne(driver, "select count(*) as v from swallowed"), 0);
  });

  test("a constraint checked at commit refuses the commit by name", async () => {
    const { driver } = setup();
    await driver.exec(
      "create table late (n int4 constraint late_is_one unique deferrable initially deferred)",
    );
    const error = await rejection(
      driver.transaction((tx) => tx.exec("insert into late values (1), (1)")),
    );
    assert.equal(constraintOf(error), "late_is_one");
    assert.equal(isCommitUnknown(error), false);
    assert.equal(await askOne(driver, "select count(*) as v from late"), 0);
  });

  test("statements sent together in one transaction run in the order they were sent", async () => {
    const { driver } = setup();
    await driver.exec("create table ordered (at serial, n int4)");
    await driver.transaction(async (tx) => {
      const sent = [1, 2, 3, 4].map((n) => tx.query("insert into ordered (n) values ($1)", [n]));
      await Promise.all(sent);
    });
    const rows = await driver.query("select n from ordered order by at");
    assert.deepEqual(rows, [{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
  });

  test("of statements sent together, one that is refused takes those behind it along, and nothing is kept", async () => {
    const { driver } = setup();
    await driver.exec("create table sent (n int4 constraint sent_is_small check (n < 10))");
    const error = await rejection(
      driver.transaction((tx) =>
        Promise.all([1, 20, 3].map((n) => tx.query("insert into sent values ($1)", [n]))),
      ),
    );
    assert.equal(constraintOf(error), "sent_is_small");
    assert.equal(await askOne(driver, "select count(*) as v from sent"), 0);
  });

  test("a statement that is asked again and again is refused once when its rows get another shape", async () => {
    const { driver } = setup();
    await driver.exec("create table shape (a int4); insert into shape values (1)");
    const look = () => driver.query("select * from shape where a = $1", [1]);
    for (let times = 0; times < 8; times++) assert.deepEqual(await look(), [{ a: 1 }]);
    await driver.exec("alter table shape add column b text default 'b'");
    await look().catch(() => undefined);
    assert.deepEqual(await look(), [{ a: 1, b: "b" }]);
  });

  test("fifty transactions at once count to fifty", async () => {
    const { driver } = setup();
    await driver.exec("create table counter (n int4); insert into counter values (0)");
    const count = () =>
      driver.transaction(async (tx) => {
        const [row] = await tx.query<{ n: number }>("select n from counter for update");
        await tx.query("update counter set n = $1", [(row?.n ?? 0) + 1]);
      });
    await Promise.all(Array.from({ length: 50 }, count));
    assert.equal(await askOne(driver, "select n as v from counter"), 50);
  });

  test("the driver itself is refused inside its own transaction", async () => {
    const { driver } = setup();
    const nested = driver.transaction(() => driver.query("select 1"));
    await assert.rejects(nested, AssertionFailed);
    const doubly = driver.transaction(() => driver.transaction(async () => undefined));
    await assert.rejects(doubly, AssertionFailed);
    assert.equal(await askOne(driver, "select 7 as v"), 7);
  });

  test("what a transaction leaves running may use the driver once the transaction ended", async () => {
    const { driver } = setup();
    let late: Promise<unknown> | undefined;
    await driver.transaction(async (tx) => {
      await tx.query("select 1");
      late = new Promise((resolve) => setTimeout(resolve, 20)).then(() =>
        askOne(driver, "select 7 as v"),
      );
    });
    assert.equal(await late, 7);
  });

  test("a tx is refused after its transaction ended", async () => {
    const { driver } = setup();
    const tx = await driver.transaction(async (inner) => inner);
    assert.throws(() => tx.query("select 1"), AssertionFailed);
  });
}

function exerciseClosing(setup: () => World): void {
  test("close lets the running transaction end and refuses what comes after", async () => {
    const driver = await setup().again();
    await driver.exec("create temporary table closing (n int4)");
    const { promise: release, resolve } = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const running = driver.transaction(async (tx) => {
      started.resolve();
      await release;
      return (await tx.query("select 7 as v"))[0];
    });
    await started.promise;
    const closed = driver.close();
    const refused = await rejection(driver.query("select 1"));
    assert.ok(refused instanceof InterlockError);
    assert.equal(refused.code, "store/closed");
    resolve();
    assert.deepEqual(await running, { v: 7 });
    await closed;
    await driver.close();
    const later = await rejection(driver.transaction(async () => undefined));
    assert.equal((later as InterlockError).code, "store/closed");
  });
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.fail("expected a rejection");
}

exerciseDriver("PGlite in memory", () => openDriver({}));

describe("on disk", () => {
  let parent: string;
  before(async () => (parent = await fs.mkdtemp(path.join(os.tmpdir(), "interlock-driver-"))));
  after(() => fs.rm(parent, { recursive: true, force: true }));
  exerciseDriver(
    "PGlite on disk",
    () => openDriver({ directory: path.join(parent, "first") }),
    () => openDriver({ directory: path.join(parent, "second") }),
  );
});

describe("served", () => {
  let server: TestPostgres;
  before(async () => (server = await startPostgres()));
  after(() => server.stop());
  exerciseDriver("PostgreSQL", () => openDriver({ url: server.url }));

  describe("concurrency, which only a server has", () => {
    let driver: Driver;
    before(async () => (driver = await openDriver({ url: server.url })));
    after(() => driver.close());

    test("two claims with skip locked take different rows", async () => {
      await driver.exec("create table job (id int4); insert into job values (1), (2)");
      const claim = "select id from job order by id for update skip locked limit 1";
      const { promise: bothClaimed, resolve } = Promise.withResolvers<void>();
      let claimed = 0;
      const worker = () =>
        driver.transaction(async (tx) => {
          const [row] = await tx.query(claim);
          if (++claimed === 2) resolve();
          await bothClaimed;
          return row?.["id"];
        });
      assert.deepEqual((await Promise.all([worker(), worker()])).sort(), [1, 2]);
    });

    test("the loser of two serializable writers is told 40001", async () => {
      await driver.exec("create table budget (n int4); insert into budget values (1)");
      const { promise: bothRead, resolve } = Promise.withResolvers<void>();
      let readers = 0;
      const spend = () =>
        driver.transaction(async (tx) => {
          await tx.exec("set transaction isolation level serializable");
          await tx.query("select sum(n) from budget");
          if (++readers === 2) resolve();
          await bothRead;
          await tx.query("insert into budget values (1)");
        });
      const outcomes = await Promise.allSettled([spend(), spend()]);
      const lost = outcomes.filter((outcome) => outcome.status === "rejected");
      assert.equal(lost.length, 1);
      assert.equal(sqlStateOf(lost[0]?.reason), "40001");
    });

    test("a deadlock is told to one of the two as 40P01", async () => {
      await driver.exec("create table fork (id int4); insert into fork values (1), (2)");
      const { promise: bothHold, resolve } = Promise.withResolvers<void>();
      let holders = 0;
      const dine = (first: number, second: number) =>
        driver.transaction(async (tx) => {
          await tx.query("select 1 from fork where id = $1 for update", [first]);
          if (++holders === 2) resolve();
          await bothHold;
          await tx.query("select 1 from fork where id = $1 for update", [second]);
        });
      const outcomes = await Promise.allSettled([dine(1, 2), dine(2, 1)]);
      const lost = outcomes.filter((outcome) => outcome.status === "rejected");
      assert.equal(lost.length, 1);
      assert.equal(sqlStateOf(lost[0]?.reason), "40P01");
    });

    test("a session killed in a transaction is store/unavailable, and the next one works", async () => {
      const error = await rejection(
        driver.transaction(async (tx) => {
          await tx.query("select pg_terminate_backend(pg_backend_pid())");
        }),
      );
      assert.ok(error instanceof InterlockError);
      assert.equal(error.code, "store/unavailable");
      assert.equal(error.retry, "later");
      assert.equal(await askOne(driver, "select 7 as v"), 7);
    });

    test("our sessions carry our name and their limits", async () => {
      const limits = "statement_timeout idle_in_transaction_session_timeout lock_timeout".split(
        " ",
      );
      for (const limit of limits) {
        assert.notEqual(await askOne(driver, "select current_setting($1) as v", [limit]), "0");
      }
      assert.equal(
        await askOne(driver, "select current_setting('application_name') as v"),
        "interlock",
      );
    });
  });

  test("a connection lost during COMMIT is unknown, though the row was kept", async () => {
    const direct = await openDriver({ url: server.url });
    await direct.exec("create table vague (n int4)");
    // The message that commits, not the name of a setting that ends alike.
    const proxy = await startCuttingProxy(server.port, "Q\0\0\0\u000bcommit\0");
    const url = server.url.replace(String(server.port), String(proxy.port));
    const driver = await openDriver({ url });
    const error = await rejection(
      driver.transaction((tx) => tx.query("insert into vague values (1)")),
    );
    assert.equal((error as InterlockError).code, "store/unavailable");
    assert.equal(isCommitUnknown(error), true);
    await driver.close();
    await proxy.close();
    // The server finishes the commit on its own time.
    const rows = async () => askOne(direct, "select count(*) as v from vague");
    for (let tries = 0; tries < 100 && (await rows()) !== 1; tries++) await delay(50);
    assert.equal(await rows(), 1);
    await direct.close();
  });

  test("a server that is not there is store/unavailable, worth trying later", async () => {
    const error = await rejection(openDriver({ url: "postgres://u:secret@127.0.0.1:1/d" }));
    assert.ok(error instanceof InterlockError);
    assert.equal(error.code, "store/unavailable");
    assert.equal(error.retry, "later");
    assert.equal(isCommitUnknown(error), false);
    assert.doesNotMatch(JSON.stringify(error), /secret/);
  });

  test("a wrong password is store/unavailable that waiting does not mend", async () => {
    const url = server.url.replace(/:[^:@]+@/, ":wrong@");
    const error = await rejection(openDriver({ url }));
    assert.ok(error instanceof InterlockError);
    assert.equal(error.code, "store/unavailable");
    assert.equal(error.retry, "never");
  });
});

/** Forwards to `port`; after passing on a message that holds `word`, cuts the client off. */
async function startCuttingProxy(
  port: number,
  word: string,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const proxy = net.createServer((client) => {
    const server = net.connect(port, "127.0.0.1");
    client.on("error", () => undefined);
    server.on("error", () => undefined);
    server.on("data", (bytes) => client.writable && client.write(bytes));
    server.on("close", () => client.destroy());
    client.on("data", (bytes) => {
      const last = bytes.includes(word);
      if (last) client.destroy(); // before the answer can come
      server.write(bytes, () => {
        if (last) setTimeout(() => server.end(), 200); // time for the server to commit
      });
    });
    client.on("close", () => setTimeout(() => server.destroy(), 500));
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    port: (proxy.address() as net.AddressInfo).port,
    close: () => new Promise((resolve) => proxy.close(() => resolve())),
  };
}
