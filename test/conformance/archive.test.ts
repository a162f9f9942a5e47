/**
 * Months that leave the database, and what is still true then: the ledger verifies with the archive and
 * without, proofs go across, what is open or comes again finds all it needs, and no altered file passes.
 */
import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { archiveMonths, verifyAgainst } from "../../src/app/archive.ts";
import { proveArchived } from "../../src/app/prove-archived.ts";
import { verifyLedgerFile, writeLedgerFile } from "../../src/app/ledger-file.ts";
import { simulatedSecretOf } from "../../src/app/simulated-owners.ts";
import { type ArchiveCheck, verifyArchive } from "../../src/app/verify-archive.ts";
import { createFileMemory } from "../../src/connector/witness/file-memory.ts";
import { startWorker } from "../../src/app/worker.ts";
import { scanParquet } from "../../src/connector/table-file/index.ts";
import { verifyCaseFile } from "../../src/core/case/case-file.ts";
import type { Signal } from "../../src/core/contract/types.ts";
import type { LedgerEntry } from "../../src/core/ledger/entry.ts";
import { readHead } from "../../src/core/ledger/head.ts";
import { createWitness, type Witness } from "../../src/core/ledger/witness.ts";
import { isConsistent, isIncluded } from "../../src/core/ledger/proof.ts";
import { PLAIN_HASHER } from "../../src/core/ledger/tree.ts";
import { readPublicKey, writePublicKey } from "../../src/core/sign/ssh-key.ts";
import { checkSnapshot } from "../../src/engine/invariant/check.ts";
import { operations } from "../../src/operation/index.ts";
import type { CallOperation, Operation } from "../../src/operation/operation.ts";
import { publicKeyOf } from "../../src/std/ed25519.ts";
import { InterlockError } from "../../src/std/errors.ts";
import { integerBetween, randomFrom } from "../../src/std/random.ts";
import { type Driver, openDriver, sqlStateOf } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { verifyEntered } from "../../src/store/table/ledger-verify.ts";
import { getLedgerHead, type LedgerHead, listLedgerOfCase } from "../../src/store/table/ledger.ts";
import {
  dayBatch,
  ELSEWHERE,
  type EngineWorld,
  HERE,
  openWorld,
  THERE,
} from "../kit/engine-world.ts";

const KEY = simulatedSecretOf("ledger");
const LINE = writePublicKey({ type: "ssh-ed25519", bytes: publicKeyOf(KEY) }, "");
const PUBLIC = readPublicKey(LINE);
const directory = mkdtempSync(join(tmpdir(), "interlock-archive-"));

let driver: Driver;
before(async () => {
  driver = await openDriver({});
  await migrate(driver);
});
after(async () => {
  await driver.close();
  rmSync(directory, { recursive: true, force: true });
});

type Aged = {
  world: EngineWorld;
  call: CallOperation;
  to: string;
  /** The ledger's head before anything left. */
  head: LedgerHead;
  /** Closed in the month in which it opened; closed in the next; and one of the last days. */
  early: string;
  crossing: string;
  late: string;
};

/** A ledger of March and April 2026, looked at in June 2027. */
async function setup(): Promise<Aged> {
  const world = await openWorld(driver);
  Object.assign(world.engine.context, { ledgerSecret: () => KEY, witnesses: () => [] });
  const early = await world.signalOn(HERE);
  await world.settle();
  await world.undo(early);
  await world.settle();
  await world.engine.heads.sign();
  world.clock.moveTo("2026-03-31T20:00:00.000Z");
  const crossing = await world.signalOn(THERE);
  await world.settle();
  world.clock.moveTo("2026-04-01T10:00:00.000Z");
  await world.undo(crossing);
  await world.engine.receive(dayBatch("2026-04-02"));
  await world.engine.fold("logistics-marketing");
  await world.settle();
  world.clock.moveTo("2027-06-10T10:00:00.000Z");
  const late = await world.signalOn(ELSEWHERE);
  await world.settle();
  await world.undo(late);
  await world.settle();
  await world.engine.heads.sign();
  const call: CallOperation = (operation, input) => operation.handler(world, input);
  const to = mkdtempSync(join(directory, "to-"));
  return { world, call, to, head: await getLedgerHead(driver), early, crossing, late };
}

const verify = (to: string): Promise<ArchiveCheck> =>
  verifyArchive(to, [PUBLIC], new Map(), () => undefined);
const refusedWith = (code: string) => (thrown: unknown) =>
  thrown instanceof InterlockError && thrown.code === code;

async function archiveMarch({ call, to }: Aged): Promise<void> {
  const report = await archiveMonths(call, { to, before: "2026-04" });
  assert.deepEqual(
    report.months.map(({ month }) => month),
    ["2026-03"],
  );
}

async function count(table: string): Promise<number> {
  const [row] = await driver.query<{ n: number }>(`select count(*)::int as n from ${table}`);
  return row?.n ?? 0;
}

/** March is archived, once for all tests that only look at what is left. */
let looked:
  Promise<Aged & { entries: number; own: ReadonlyArray<LedgerEntry>; third: string }> | undefined;
const lookAt = () =>
  (looked ??= setup().then(async (aged) => {
    const entries = await count("ledger");
    const own = await listLedgerOfCase(driver, aged.early);
    const [row] = await driver.query<{ root: string }>("select ledger_root(3) as root");
    await archiveMarch(aged);
    return { ...aged, entries, own, third: row?.root ?? "" };
  }));

test("a month leaves the database whole, and the ledger verifies with the archive and without", async () => {
  const { call, to, head, entries } = await lookAt();
  const [march] = (await call(operations.archiveList, {})).months;
  assert(march && march.entries > 10 && march.cases === 1 && march.observations > 0);
  assert.equal(await count("ledger"), (await getLedgerHead(driver)).n - march.entries);
  assert(entries > march.entries);
  assert.equal(await count("observation where day < '2026-04-01'"), 0);
  const here = await call(operations.ledgerVerify, { known: [{ size: head.n, root: head.root }] });
  assert.deepEqual([here.verified, here.archived?.n], [true, march.until_n]);
  const there = await verify(to);
  assert.deepEqual(
    [there.verified, there.until.n, there.root, there.firstBad],
    [true, march.until_n, march.root, null],
  );
  assert(there.heads >= 2);
  assert.equal((await verifyAgainst(call, to, () => undefined)).verified, true);
});

test("proofs from before a month left to after it still lead to the root", async () => {
  const { call, to, head, crossing, own, third } = await lookAt();
  for (const n of [head.n - 3, head.n]) {
    const proof = await call(operations.ledgerProve, { n, since: head.n, signed: true });
    const [entry] = proof.entries;
    assert(entry && isIncluded({ n, hash: PLAIN_HASHER.leaf(entry.text) }, proof.head, entry.path));
    assert(isConsistent({ size: head.n, root: head.root }, proof.head, proof.consistency));
  }
  const { entries, head: over } = await call(operations.ledgerProve, { case: crossing });
  assert(entries.length > 3);
  for (const { n, text, path } of entries) {
    assert(isIncluded({ n, hash: PLAIN_HASHER.leaf(text) }, over, path), `entry ${n}`);
  }
  const [gone] = own;
  assert(gone);
  const asked = call(operations.ledgerProve, { n: gone.n });
  await assert.rejects(asked, refusedWith("ledger/archived"));
  const { entry, end, signed, consistency } = await proveArchived(to, gone.n, 3);
  assert.equal(entry.text, gone.text);
  assert(isIncluded({ n: gone.n, hash: PLAIN_HASHER.leaf(entry.text) }, end, entry.path));
  assert(isConsistent(end, readHead(signed.envelope).head, signed.path));
  assert(isConsistent({ size: 3, root: third }, end, consistency));
});

test("a case that goes on past the month keeps all its entries, and its file verifies alone", async () => {
  const aged = await lookAt();
  for (const id of [aged.crossing, aged.late]) {
    const file = await aged.call(operations.caseExport, { id });
    assert.deepEqual(verifyCaseFile(file, LINE).faults, []);
  }
});

test("everything that must be true of a system is true of one whose past is archived", async () => {
  const aged = await lookAt();
  const { driver: of, clock, limits } = aged.world.engine.context;
  const checked = await checkSnapshot(of, { now: clock.now(), limits });
  const broken = checked.filter(({ violations }) => violations.length > 0);
  assert.deepEqual(
    broken.map(({ invariant, violations }) => [invariant.name, violations]),
    [],
  );
});

test("a signal of an archived case is answered as it was, and with other content refused", async () => {
  const { world, call, early, own } = await lookAt();
  const { signal } = (JSON.parse(own[0]?.text ?? "") as { body: { signal: Signal } }).body;
  const again = await world.send(signal, { ...signal, confidence: 0.123 });
  assert.deepEqual(
    again.map((answer) => [answer.kind, "caseId" in answer ? answer.caseId : ""]),
    [
      ["repeated", early],
      ["conflict", early],
    ],
  );
  await assert.rejects(call(operations.caseShow, { id: early }), /is archived, with 2026-03/);
});

test("an export of what is left begins where the archive ends, and verifies", async () => {
  const aged = await lookAt();
  const file = join(directory, "ledger.jsonl");
  await writeLedgerFile(aged.call, file, () => undefined);
  const check = await verifyLedgerFile(file, PUBLIC, [], () => undefined);
  assert.equal(check.verified, true, JSON.stringify(check.firstBad));
  const archive = await verify(aged.to);
  assert.deepEqual(check.begins, archive.until);
});

test("what an open case may be measured on keeps its month and those after it", async () => {
  const aged = await setup();
  const { world, call, to } = aged;
  await world.driver.query(
    "update signal_case set state = 'held', close_reason = null, closed_at = null where id = $1",
    [aged.crossing],
  );
  const report = await archiveMonths(call, { to, before: "2026-10" });
  assert.deepEqual(report.months, []);
  assert.match(report.keptBack ?? "", new RegExp(aged.crossing));
});

test("months within the least that must stay are refused", async () => {
  const { call, to } = await setup();
  await assert.rejects(archiveMonths(call, { to, before: "2027-01" }), refusedWith("archive/held"));
});

test("a dry run says what would leave and writes nothing", async () => {
  const { call, to } = await setup();
  const entries = await count("ledger");
  const report = await archiveMonths(call, { to, before: "2026-05", dryRun: true });
  assert.deepEqual([report.months.length, report.dueTo, report.dryRun], [1, "2026-04", true]);
  assert.deepEqual(readdirSync(to), []);
  assert.equal(await count("ledger"), entries);
});

/** Fails at the first call of an operation, before or after it was carried out. */
function cutAt(call: CallOperation, name: string, when: "before" | "after"): CallOperation {
  return async (operation, input) => {
    const { name: asked } = operation as Operation<unknown, unknown>;
    if (asked === name && when === "before") throw new Error("the power went");
    const answer = await call(operation, input);
    if (asked === name) throw new Error("the power went");
    return answer;
  };
}

for (const [name, when] of [
  ["archive.read", "before"],
  ["archive.seal", "after"],
  ["archive.drop", "before"],
  ["archive.drop", "after"],
] as const) {
  test(`cut off ${when} ${name}, archiving is gone on with and nothing is lost`, async () => {
    const aged = await setup();
    const { call, to } = aged;
    const wish = { to, before: "2026-05" };
    await assert.rejects(archiveMonths(cutAt(call, name, when), wish), /the power went/);
    assert.equal((await call(operations.ledgerVerify, {})).verified, true);
    await archiveMonths(call, wish);
    const check = await verifyAgainst(call, to, () => undefined);
    assert.deepEqual(
      [check.verified, check.months.map(({ month }) => month), readdirSync(to).sort()],
      [true, ["2026-03", "2026-04"], ["2026-03", "2026-04"]],
    );
    const here = await call(operations.ledgerVerify, {});
    assert.deepEqual([here.verified, here.archived?.root], [true, check.root]);
  });
}

test("counts that are restated between writing and removal keep the month here until it is written anew", async () => {
  const aged = await setup();
  const { world, call, to } = aged;
  const wish = { to, before: "2026-04" };
  await assert.rejects(archiveMonths(cutAt(call, "archive.seal", "after"), wish));
  await assert.rejects(archiveMonths(cutAt(call, "archive.drop", "before"), wish));
  const late = dayBatch("2026-03-01", { id: "restated" }, () => ({ n: 41, k: 7 }));
  await world.engine.receive(late);
  await archiveMonths(call, wish);
  const counted: unknown[] = [];
  await scanParquet(
    join(to, "2026-03", "observations.parquet"),
    () => ["n"],
    ({ columns: [n] }) => counted.push(...Array.from(n ?? [], Number)),
  );
  assert.deepEqual(new Set(counted), new Set([41]));
});

test("what a witness has not agreed to stays, and one that comes after a new key and an archive follows", async () => {
  const aged = await setup();
  const { world, call, to } = aged;
  const away = { name: "away", readLast: () => Promise.reject(new Error("no route")) };
  const witnesses: Witness[] = [{ ...away, take: () => Promise.resolve() }];
  const next = simulatedSecretOf("ledger of next year");
  const keys = { now: KEY };
  Object.assign(world.engine.context, {
    witnesses: () => witnesses,
    ledgerSecret: () => keys.now,
  });
  const wish = { to, before: "2026-04" };
  await assert.rejects(archiveMonths(call, wish), refusedWith("archive/held"));
  assert.equal((await call(operations.archiveList, {})).months.length, 0);
  witnesses.length = 0;
  await world.engine.heads.rotate(
    writePublicKey({ type: "ssh-ed25519", bytes: publicKeyOf(next) }, ""),
  );
  keys.now = next;
  await archiveMonths(call, wish);
  const memory = createFileMemory(join(directory, "heads.jsonl"));
  witnesses.push(createWitness("late", memory, LINE));
  await world.engine.heads.round();
  assert.deepEqual(
    world.engine.heads.states.map(({ dispute, error }) => [dispute, error]),
    [[null, null]],
  );
});

test("a worker that was told where to moves what is due by itself, and leaves thirteen months", async () => {
  const { world, to } = await setup();
  const errors: string[] = [];
  const onError = (error: string) => errors.push(error);
  const worker = startWorker({ engine: world.engine, archive: { to }, onError });
  const until = performance.now() + 60_000;
  while (!existsSync(join(to, "2026-04")) && performance.now() < until) await delay(20);
  await worker.stop();
  const { months } = await operations.archiveList.handler(world, {});
  assert.deepEqual([months.map(({ month }) => month), errors], [["2026-03", "2026-04"], []]);
});

test("no entry leaves the ledger but those of a month whose root the ledger itself has", async () => {
  const { to, call } = await setup();
  const refused = (error: unknown) => sqlStateOf(error) === "23001";
  const row = `insert into archived_month values ('2026-03', 5, repeat('a', 64), repeat('b', 64), 5, 0, 0, now())`;
  await assert.rejects(driver.exec(row), refused);
  const root = "ledger_root(5)";
  await assert.rejects(driver.exec(row.replace("repeat('a', 64)", root)), refused);
  await driver.exec("select drop_archived_entries()");
  await assert.rejects(driver.exec("delete from ledger where n = 1"), refused);
  await archiveMonths(call, { to, before: "2026-04" });
  await assert.rejects(driver.exec("delete from ledger where n > 0"), refused);
  await assert.rejects(driver.exec("delete from archived_month"), refused);
  await assert.rejects(driver.exec("update archived_month set until_n = until_n + 1"), refused);
});

test("the database's own root of every size is the one that the tree had", async () => {
  const { world, call } = await setup();
  for (const size of [1, 2, 3, 7, 8, 13]) {
    const [row] = await driver.query<{ root: string }>("select ledger_root($1) as root", [size]);
    const proof = await call(operations.ledgerProve, { since: size });
    assert(isConsistent({ size, root: row?.root ?? "" }, proof.head, proof.consistency), `${size}`);
  }
  assert(world);
});

/** One archive of two months for all who alter it; each alters a copy. */
let whole: Promise<Aged> | undefined;
const archiveBoth = () =>
  (whole ??= setup().then(async (aged) => {
    await archiveMonths(aged.call, { to: aged.to, before: "2026-05" });
    return aged;
  }));

test("of a few dozen random alterations of archive files none passes", async (t) => {
  const { call, to } = await archiveBoth();
  const seed = Number(process.env["SEED"] ?? 20260301);
  const random = randomFrom(`archive ${seed}`);
  t.diagnostic(`seed ${seed}`);
  const files = readdirSync(to, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(parquet|json)$/.test(name),
  );
  for (let round = 0; round < 60; round += 1) {
    const copy = join(directory, "altered");
    rmSync(copy, { recursive: true, force: true });
    cpSync(to, copy, { recursive: true });
    const name = files[integerBetween(random, 0, files.length - 1)] ?? "";
    const file = join(copy, name);
    const bytes = readFileSync(file);
    const at = integerBetween(random, 0, bytes.length - 1);
    const how = ["flipped", "cut short", "longer", "removed"][round % 4] ?? "";
    if (how === "flipped") {
      bytes[at] = (bytes[at] ?? 0) ^ (1 << integerBetween(random, 0, 7));
      writeFileSync(file, bytes);
    } else if (how === "cut short") truncateSync(file, at);
    else if (how === "longer") writeFileSync(file, Buffer.concat([bytes, Buffer.from([at & 255])]));
    else rmSync(file);
    const check = await verify(copy);
    assert.equal(check.verified, false, `${name} ${how} at ${at} of ${bytes.length}`);
    assert.equal(check.firstBad?.month, name.slice(0, 7));
  }
  assert.equal((await verifyAgainst(call, to, () => undefined)).verified, true);
});

test("a month that is taken out, put in another's place or left at the end is named", async () => {
  const { call, to } = await archiveBoth();
  const copyOf = () => {
    const copy = mkdtempSync(join(directory, "copy-"));
    cpSync(to, copy, { recursive: true });
    return copy;
  };
  const first = copyOf();
  rmSync(join(first, "2026-03"), { recursive: true });
  assert.equal((await verify(first)).firstBad?.month, "2026-04");
  const last = copyOf();
  rmSync(join(last, "2026-04"), { recursive: true });
  const check = await verifyAgainst(call, last, () => undefined);
  assert.deepEqual(check.firstBad, { month: "2026-04", why: "it is missing" });
  const swapped = copyOf();
  renameSync(join(swapped, "2026-03"), join(swapped, "x"));
  renameSync(join(swapped, "2026-04"), join(swapped, "2026-03"));
  renameSync(join(swapped, "x"), join(swapped, "2026-04"));
  assert.equal((await verify(swapped)).firstBad?.month, "2026-03");
  assert(existsSync(join(to, "2026-03")));
});

test("an archive is of no use to another key", async () => {
  const { to } = await archiveBoth();
  const other = { type: "ssh-ed25519", bytes: publicKeyOf(simulatedSecretOf("other")) } as const;
  const check = await verifyArchive(to, [other], new Map(), () => undefined);
  assert.match(check.firstBad?.why ?? "", /not signed by the ledger's key/);
});

test("what is kept of an archived month is held to its root", async () => {
  const aged = await setup();
  await archiveMarch(aged);
  for (const change of [
    "update ledger_kept set text = replace(text, 'actor', 'acter') where text is not null",
    "update ledger_kept set hash = repeat('a', 64), node = null",
    "delete from ledger_kept",
  ]) {
    await driver.transaction(async (tx) => {
      await tx.exec(`savepoint whole; ${change}`);
      const checked = await verifyEntered(tx);
      assert("fault" in checked, change);
      await tx.exec("rollback to whole");
    });
  }
  assert.equal((await aged.call(operations.ledgerVerify, {})).verified, true);
});
