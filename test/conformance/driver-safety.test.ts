/**
 * What keeps an acknowledged row safe in the embedded database: each danger is made to happen.
 *
 * Processes are killed with SIGKILL, disks fail by a module preloaded into the child, and two
 * openers race for one directory. Power cuts need a disk that can be cut; what stands in for them
 * here is the count of fsyncs that a commit must raise.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { InterlockError } from "../../src/std/errors.ts";
import { isCommitUnknown, openDriver } from "../../src/store/driver/driver.ts";
import type { Driver } from "../../src/store/driver/driver.ts";
import { computeSpaceFloor } from "../../src/store/driver/free-space.ts";
import { PgliteLink } from "../../src/store/driver/pglite-link.ts";
import { Turnstile } from "../../src/store/driver/turnstile.ts";
import { NODE_FLAGS } from "../kit/command.ts";

const KILLS = 4;
const GB = 1024 ** 3;

describe("embedded database", { timeout: 300_000 }, () => {
  let parent: string;
  let directories = 0;
  before(async () => (parent = await fs.mkdtemp(path.join(os.tmpdir(), "interlock-safety-"))));
  after(() => fs.rm(parent, { recursive: true, force: true }));
  const newDirectory = () => path.join(parent, String(++directories));

  test("a second opener is refused with the owner's pid, from within and from without", async () => {
    const directory = newDirectory();
    const driver = await openDriver({ directory });
    const error = await rejection(openDriver({ directory }));
    assert.equal(error.code, "store/locked");
    assert.match(error.message, new RegExp(`held by process ${process.pid}`));
    const child = startChild("open", directory);
    assert.match(await child.line(), /^error store\/locked .*held by process /);
    await child.ended;
    await driver.close();
    const next = startChild("open", directory);
    assert.equal(await next.line(), "open");
    assert.equal(await next.line(), "closed");
    await next.ended;
  });

  test("another path to the same directory is the same lock", async () => {
    const directory = newDirectory();
    const driver = await openDriver({ directory });
    const alias = `${directory}-alias`;
    await fs.symlink(directory, alias);
    assert.equal((await rejection(openDriver({ directory: alias }))).code, "store/locked");
    await driver.close();
  });

  test("a killed owner leaves the directory free at once", async () => {
    const directory = newDirectory();
    const owner = startChild("hold", directory);
    assert.equal(await owner.line(), "open");
    const error = await rejection(openDriver({ directory }));
    assert.match(error.message, new RegExp(`held by process ${owner.pid}`));
    await owner.kill();
    const driver = await openDriver({ directory });
    await driver.close();
  });

  test(`every row acknowledged before any of ${KILLS} kills is there after it`, async () => {
    const directory = newDirectory();
    let acknowledged = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const child = startChild("commit", directory);
      assert.equal(await child.line(), "open");
      const enough = acknowledged + 5 + kill * 14;
      while (acknowledged < enough) acknowledged = Number(await child.line());
      await child.kill();
      acknowledged = Math.max(acknowledged, ...child.rest().map(Number));
      const driver = await openDriver({ directory });
      const [row] = await driver.query<{ rows: number; last: number }>(
        "select count(*) as rows, max(n) as last from kept",
      );
      await driver.close();
      assert.ok(row !== undefined);
      assert.ok(row.last >= acknowledged, `acknowledged ${acknowledged}, kept ${row.last}`);
      assert.equal(row.rows, row.last, "no row is missing in the middle");
      acknowledged = row.last;
    }
  });

  test("a disk that refuses an fsync refuses the commit, and nothing acknowledged is lost", async () => {
    const directory = newDirectory();
    const trigger = path.join(parent, "eio");
    const child = startChild("commit", directory, "failing-disk.ts", trigger);
    assert.equal(await child.line(), "open");
    while (Number(await child.line()) < 20);
    await fs.writeFile(trigger, "");
    await child.ended; // by itself, at once: nothing spins
    const lines = child.rest();
    const told = lines.at(-1) ?? "";
    assert.match(told, /^error store\/unavailable unknown: .*disk refused an fsync: EIO/);
    const acknowledged = Number(lines.at(-2) ?? 20);
    await fs.rm(trigger);
    const driver = await openDriver({ directory });
    const [row] = await driver.query<{ last: number }>("select max(n) as last from kept");
    await driver.close();
    assert.ok(row !== undefined && row.last >= acknowledged && row.last <= acknowledged + 1);
  });

  test("each commit raises the count of fsyncs that reached the disk, a read does not", async () => {
    const directory = newDirectory();
    await (await openDriver({ directory })).close();
    const link = new PgliteLink(directory, 60_000);
    await link.ready;
    const client = new pg.Client({ stream: () => link, user: "postgres", database: "postgres" });
    await client.connect();
    await client.query("create table counted (n int4)");
    for (let n = 0; n < 20; n++) {
      const earlier = link.fsyncCount;
      await client.query(`insert into counted values (${n})`);
      assert.ok(link.fsyncCount > earlier, "a commit was answered without an fsync");
    }
    const before = link.fsyncCount;
    await client.query("select sum(n) from counted");
    assert.equal(link.fsyncCount, before);
    await client.end();
  });

  test("a PGlite that lost our fsync is refused as store/not-durable", async () => {
    const child = startChild("open", newDirectory(), "lost-fsync.ts");
    assert.match(await child.line(), /^error store\/not-durable/);
    await child.ended;
  });

  test("a creation cut short is begun again, and what is beside it is left alone", async () => {
    const directory = newDirectory();
    await fs.mkdir(path.join(directory, "pgdata.unfinished", "base"), { recursive: true });
    await fs.writeFile(path.join(directory, "pgdata.unfinished", "PG_VERSION"), "18\n");
    await fs.writeFile(path.join(directory, "notes.txt"), "mine");
    const driver = await openDriver({ directory });
    await driver.query("select 1");
    await driver.close();
    assert.equal(await fs.readFile(path.join(directory, "notes.txt"), "utf8"), "mine");
    assert.deepEqual((await fs.readdir(directory)).sort(), [
      "interlock.lock",
      "notes.txt",
      "pgdata",
    ]);
  });

  test("a copy of a closed directory opens with every row", async () => {
    const directory = newDirectory();
    const driver = await openDriver({ directory });
    await driver.exec("create table copied as select n from generate_series(1, 1000) n");
    await driver.close();
    const copy = newDirectory();
    await fs.cp(directory, copy, { recursive: true });
    const copied = await openDriver({ directory: copy });
    assert.deepEqual(await copied.query("select count(*) as n from copied"), [{ n: 1000 }]);
    await copied.exec("insert into copied values (1001)");
    await copied.close();
  });

  test("a directory that PostgreSQL cannot open is refused with PostgreSQL's own reason", async () => {
    const directory = newDirectory();
    await (await openDriver({ directory })).close();
    const log = path.join(directory, "pgdata", "pg_wal");
    for (const name of await fs.readdir(log)) {
      if (/^[0-9A-F]{24}$/.test(name)) await fs.rm(path.join(log, name));
    }
    const error = await rejection(openDriver({ directory }));
    assert.equal(error.code, "store/unavailable");
    assert.match(error.message, /could not locate a valid checkpoint record/);
  });

  test("a process that forgets to close ends by itself", async () => {
    const child = startChild("idle", newDirectory());
    assert.equal(await child.line(), "open");
    assert.equal(await child.ended, 0);
  });

  test("timers run on time in the main thread while a query is heavy", async () => {
    const driver = await openDriver({});
    let ticks = 0;
    const timer = setInterval(() => ticks++, 10);
    const startedAt = performance.now();
    await driver.query("select count(*) from generate_series(1, 3000000) as a(n) where n % 7 = 0");
    const expected = (performance.now() - startedAt) / 10;
    clearInterval(timer);
    await driver.close();
    assert.ok(expected > 5, "the query was not heavy");
    assert.ok(ticks > expected / 2, `${ticks} ticks of ${Math.round(expected)}`);
  });

  test("a query that never answers fails with store/unavailable and so does all that waits", async () => {
    const driver = await openDriver({ embedded: { stalledAfterMs: 3_000 } });
    const hung = rejection(driver.query("select count(*) from generate_series(1, 10000000000)"));
    const waiting = rejection(driver.query("select 1"));
    const error = await hung;
    assert.equal(error.code, "store/unavailable");
    assert.match(error.message, /no answer for/);
    assert.equal((await waiting).code, "store/unavailable");
    assert.equal((await rejection(driver.query("select 1"))).code, "store/unavailable");
    await driver.close();
  });

  test("under the floor of free space nothing writes, reading goes on, and writing resumes", async () => {
    const directory = newDirectory();
    let freeBytes = 100 * GB;
    const readDiskSpace = async () => ({ freeBytes, totalBytes: 1_000 * GB });
    const driver = await openDriver({ directory, embedded: { readDiskSpace, spaceReadingMs: 0 } });
    await driver.exec("create table gated (n int4); insert into gated values (1)");
    freeBytes = computeSpaceFloor(1_000 * GB) - 1;
    const insert = () => driver.transaction((tx) => tx.exec("insert into gated values (2)"));
    for (const refused of [
      await rejection(insert()),
      await rejection(driver.query("insert into gated values (3)")),
      await rejection(driver.exec("create table more (n int4)")),
    ]) {
      assert.equal(refused.code, "store/no-space");
      assert.equal(refused.retry, "later");
      assert.ok(refused.help);
      assert.equal(isCommitUnknown(refused), false);
    }
    assert.deepEqual(await driver.query("select n from gated"), [{ n: 1 }]);
    freeBytes = 100 * GB;
    await insert();
    assert.deepEqual(await driver.query("select n from gated order by n"), [{ n: 1 }, { n: 2 }]);
    await driver.close();
  });

  test("the floor is 512 MB, or 5 % where that is more, and never above 5 GB", () => {
    assert.equal(computeSpaceFloor(2 * GB), 0.5 * GB);
    assert.equal(computeSpaceFloor(40 * GB), 2 * GB);
    assert.equal(computeSpaceFloor(1_000 * GB), 5 * GB);
  });

  test("written log brings a checkpoint and changed tables a vacuum, between transactions", async () => {
    const driver = await openDriver({
      directory: newDirectory(),
      embedded: { checkpointAfterBytes: 1_000_000 },
    });
    await driver.exec("create table hot (n int4, text text)");
    const redo = "select redo_lsn::text as lsn from pg_control_checkpoint()";
    const [before] = await driver.query(redo);
    await driver.query(
      "insert into hot select n, repeat('x', 100) from generate_series(1, 20000) n",
    );
    await driver.query("delete from hot where n % 2 = 0");
    const dead = "select n_dead_tup, last_vacuum from pg_stat_user_tables where relname = 'hot'";
    await until(async () => (await driver.query(dead))[0]?.["last_vacuum"] !== null);
    await until(async () => (await driver.query(redo))[0]?.["lsn"] !== before?.["lsn"]);
    const [vacuumed] = await driver.query(dead);
    assert.equal(vacuumed?.["n_dead_tup"], 0);
    await driver.close();
  });

  test("a transaction in hand is not disturbed by tidying", async () => {
    const driver = await openDriver({ embedded: { checkpointEveryMs: 20 } });
    await driver.exec("create table calm (n int4)");
    for (let round = 0; round < 5; round++) {
      await driver.transaction(async (tx) => {
        await tx.query("insert into calm values ($1)", [round]);
        await new Promise((resolve) => setTimeout(resolve, 40)); // tidying waits its turn
        await tx.query("insert into calm values ($1)", [round]);
      });
    }
    assert.deepEqual(await driver.query("select count(*) as n from calm"), [{ n: 10 }]);
    await driver.close();
  });

  test("transactions are served first come first served", async () => {
    const driver: Driver = await openDriver({});
    const order: number[] = [];
    const turn = (n: number) =>
      driver.transaction(async (tx) => {
        await tx.query("select 1");
        order.push(n);
      });
    await Promise.all([1, 2, 3, 4, 5].map(turn));
    assert.deepEqual(order, [1, 2, 3, 4, 5]);
    await driver.close();
  });

  test("a turnstile's queue has an end, and closing refuses whoever waits", async () => {
    const turnstile = new Turnstile(2);
    const done = await turnstile.enter();
    const waiting = [rejection(turnstile.enter()), rejection(turnstile.enter())];
    assert.equal((await rejection(turnstile.enter())).code, "store/unavailable");
    const closed = turnstile.close();
    for (const refused of waiting) assert.equal((await refused).code, "store/closed");
    done();
    await closed;
  });
});

type Child = {
  readonly pid: number;
  /** The next line it says; fails when it ends without one. */
  line(): Promise<string>;
  /** What it said and nobody read yet; complete once it ended. */
  rest(): string[];
  kill(): Promise<void>;
  readonly ended: Promise<number | null>;
};

const CHILD = fileURLToPath(new URL("../kit/driver/child.ts", import.meta.url));

function startChild(mode: string, directory: string, preload?: string, trigger = ""): Child {
  const preloaded = preload === undefined ? [] : ["--import", preloadUrl(preload)];
  const child = spawn(process.execPath, [...NODE_FLAGS, ...preloaded, CHILD, mode, directory], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, INTERLOCK_TEST_EIO: trigger },
  });
  const said: string[] = [];
  const reader = createInterface({ input: child.stdout });
  let wake = Promise.withResolvers<void>();
  reader.on("line", (line) => {
    said.push(line);
    wake.resolve();
  });
  const ended = once(child, "close").then(([code]) => {
    wake.resolve();
    return code as number | null;
  });
  return {
    pid: child.pid ?? 0,
    async line() {
      while (said.length === 0) {
        assert.ok(child.exitCode === null && child.signalCode === null, "the child ended early");
        wake = Promise.withResolvers<void>();
        await wake.promise;
      }
      return said.shift() ?? "";
    },
    rest: () => said.splice(0),
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    ended,
  };
}

function preloadUrl(file: string): string {
  return new URL(`../kit/driver/${file}`, import.meta.url).href;
}

async function rejection(promise: Promise<unknown>): Promise<InterlockError> {
  const error: unknown = await promise.then(
    () => assert.fail("expected a rejection"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof InterlockError, `expected an InterlockError, got ${String(error)}`);
  return error;
}

async function until(fact: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!(await fact())) {
    assert.ok(performance.now() < deadline, "it did not come true in time");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
