/**
 * The ledger in front of somebody who owns its database: what a signed head, a witness, an export and a
 * case's file convict, and what they let pass. On the embedded database; `store.test.ts` has the tree at
 * rest on both.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { verifyLedgerFile, writeLedgerFile } from "../../src/app/ledger-file.ts";
import { simulatedSecretOf } from "../../src/app/simulated-owners.ts";
import { runWitness } from "../../src/app/witness-server.ts";
import { createFileMemory } from "../../src/connector/witness/file-memory.ts";
import { createHttpWitness } from "../../src/connector/witness/http-witness.ts";
import { type CaseFile, verifyCaseFile } from "../../src/core/case/case-file.ts";
import { isConsistent, isIncluded } from "../../src/core/ledger/proof.ts";
import { checkHeads } from "../../src/core/ledger/head.ts";
import { PLAIN_HASHER } from "../../src/core/ledger/tree.ts";
import { createWitness, type Witness } from "../../src/core/ledger/witness.ts";
import { readPublicKey, writePublicKey } from "../../src/core/sign/ssh-key.ts";
import { operations } from "../../src/operation/index.ts";
import type { CallOperation } from "../../src/operation/operation.ts";
import { publicKeyOf } from "../../src/std/ed25519.ts";
import { InterlockError } from "../../src/std/errors.ts";
import { randomFrom, integerBetween } from "../../src/std/random.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { appendLedger, getLedgerHead } from "../../src/store/table/ledger.ts";
import { openDatabaseMemory } from "../../src/store/witness-memory.ts";
import { type EngineWorld, HERE, NOW, openWorld } from "../kit/engine-world.ts";

const directory = mkdtempSync(join(tmpdir(), "interlock-ledger-"));
let driver: Driver;
let elsewhere: Driver;
before(async () => {
  driver = await openDriver({});
  elsewhere = await openDriver({});
  await migrate(driver);
});
after(async () => {
  await driver.close();
  await elsewhere.close();
  rmSync(directory, { recursive: true, force: true });
});

const KEYS = ["ledger", "ledger of next year"].map(simulatedSecretOf);
const lineOf = (secret: Uint8Array) =>
  writePublicKey({ type: "ssh-ed25519", bytes: publicKeyOf(secret) }, "");
const [FIRST_KEY = "", SECOND_KEY = ""] = KEYS.map(lineOf);

type Sealed = EngineWorld & { secret: Uint8Array; witnesses: Witness[] };

/** A world whose ledger is signed, and a case that acted. */
async function setup(): Promise<{ world: Sealed; call: CallOperation; caseId: string }> {
  const world = (await openWorld(driver)) as Sealed;
  world.secret = KEYS[0] ?? assert.fail();
  world.witnesses = [];
  Object.assign(world.engine.context, {
    ledgerSecret: () => world.secret,
    witnesses: () => world.witnesses,
  });
  const caseId = await world.signalOn(HERE);
  await world.settle();
  const call: CallOperation = (operation, input) => operation.handler(world, input);
  return { world, call, caseId };
}

async function asOwnerOfTheDatabase(sql: string): Promise<void> {
  await driver.exec(`alter table ledger disable trigger ledger_is_append_only;
    ${sql};
    alter table ledger enable trigger ledger_is_append_only;`);
}

/** Another past, whole in itself: every entry from the third on is written anew with one word changed. */
async function rewriteEverything(): Promise<void> {
  const rows = await driver.query<{ text: string }>("select text from ledger order by n");
  await asOwnerOfTheDatabase(
    "truncate ledger, signed_head; update ledger_head set n = 0, peaks = '{}'",
  );
  const drafts = rows.map(({ text }, index) => {
    const { n: _n, ...draft } = JSON.parse(text) as { n: number; actor: string };
    return index < 2 ? draft : { ...draft, actor: "somebody-else" };
  });
  await driver.transaction((tx) => appendLedger(tx, drafts as never));
}

const refusedWith = (code: string) => (thrown: unknown) =>
  thrown instanceof InterlockError && thrown.code === code;

const note = () => ({
  ...{ at: NOW, kind: "test.made", loop: null, case: null, actor: "test", body: {} },
});
const write = () => driver.transaction((tx) => appendLedger(tx, [note()]));

test("a head is signed over what is there, names the one before, and is not signed twice", async () => {
  const { world } = await setup();
  const first = await world.engine.heads.sign();
  const { n, root } = await getLedgerHead(driver);
  assert.deepEqual([first?.size, first?.root], [n, root]);
  assert.deepEqual(await world.engine.heads.sign(), first);
  await write();
  const second = await world.engine.heads.sign();
  assert.equal(second?.size, n + 1);
  const said = JSON.parse(Buffer.from(second.envelope.payload, "base64").toString("utf8")) as {
    previous: unknown;
  };
  assert.deepEqual(said.previous, { size: n, root });
});

test("an entry is proved under a signed head, and a later head goes on from an earlier one", async () => {
  const { world, call } = await setup();
  const earlier = await getLedgerHead(driver);
  await world.engine.heads.sign();
  await write();
  for (const n of [1, 5, earlier.n, earlier.n + 1]) {
    const { head, entries, consistency, signed } = await call(operations.ledgerProve, {
      ...{ n, since: earlier.n, signed: true },
    });
    const [entry] = entries;
    assert(entry && isIncluded({ n, hash: PLAIN_HASHER.leaf(entry.text) }, head, entry.path));
    assert(isConsistent({ size: earlier.n, root: earlier.root }, head, consistency));
    assert.deepEqual(
      checkHeads([signed?.envelope], readPublicKey(FIRST_KEY)).heads[0]?.root,
      head.root,
    );
  }
});

type Place = { readonly witness: Witness; close(): Promise<void> };
const PLACES: Readonly<Record<string, () => Promise<Place>>> = {
  "a file": () => {
    const file = join(directory, `heads-${Math.random()}.jsonl`);
    return Promise.resolve({
      witness: createWitness("a file", createFileMemory(file), FIRST_KEY),
      close: () => Promise.resolve(),
    });
  },
  "a second database": async () => {
    await elsewhere.exec("drop table if exists interlock_witness");
    const memory = await openDatabaseMemory(elsewhere);
    return {
      witness: createWitness("a second database", memory, FIRST_KEY),
      close: () => Promise.resolve(),
    };
  },
  "a server of somebody else": async () => {
    const keep = join(directory, `kept-${Math.random()}.jsonl`);
    const server = await runWitness({ keep, key: FIRST_KEY, port: 0 }, () => undefined);
    return { witness: createHttpWitness(server.url, fetch), close: () => server.close() };
  },
};

for (const [place, open] of Object.entries(PLACES)) {
  test(`a rewrite of the whole database, heads included, is found by ${place} at the next round`, async () => {
    const { world } = await setup();
    const { witness, close } = await open();
    try {
      world.witnesses.push(witness);
      await world.engine.heads.round();
      const { n } = await getLedgerHead(driver);
      await write();
      await world.engine.heads.round();
      assert.equal((await witness.readLast())?.size, n + 1);
      await rewriteEverything();
      // It is whole in itself, and a head over it is signed with the right key.
      const checked = await operations.ledgerVerify.handler(world, {});
      assert(checked.verified);
      await assert.rejects(world.engine.heads.round(), refusedWith("ledger/disputed"));
      const [state] = world.engine.heads.states;
      assert.match(state?.dispute ?? "", /not those that were signed/);
      // What it remembers is not overwritten, however often it is asked; and it is on record once.
      await assert.rejects(world.engine.heads.round(), refusedWith("ledger/disputed"));
      const remembered = await witness.readLast();
      assert.equal(remembered?.size, n + 1);
      const found = await driver.query(
        "select n from ledger where text::jsonb ->> 'kind' = 'ledger.disputed'",
      );
      assert.equal(found.length, 1);
      const against = await operations.ledgerVerify.handler(world, {
        known: [{ size: remembered.size, root: remembered.root }],
      });
      assert.equal(against.firstBad?.n, n + 1);
    } finally {
      await close();
    }
  });

  if (place === "a second database") continue;
  test(`${place} follows a change of the key, and takes no head of a key that nobody handed over to`, async () => {
    const { world } = await setup();
    const { witness, close } = await open();
    try {
      world.witnesses.push(witness);
      await world.engine.heads.round();
      await write();
      await world.engine.heads.rotate(SECOND_KEY);
      // A process that still has the old key signs no more.
      await write();
      await assert.rejects(world.engine.heads.sign(), refusedWith("ledger/other-key"));
      world.secret = KEYS[1] ?? assert.fail();
      await world.engine.heads.round();
      assert.equal((await witness.readLast())?.size, (await getLedgerHead(driver)).n);
      await driver.exec("truncate signed_head");
      world.secret = simulatedSecretOf("a thief");
      await write();
      await assert.rejects(world.engine.heads.round(), refusedWith("ledger/disputed"));
    } finally {
      await close();
    }
  });
}

test("a ledger that was cut short is disputed, and one whose witness is away is not", async () => {
  const { world } = await setup();
  const away = createHttpWitness("http://127.0.0.1:9/", fetch);
  const memory = createFileMemory(join(directory, "cut.jsonl"));
  world.witnesses.push(createWitness("a file", memory, FIRST_KEY), away);
  await world.engine.heads.round();
  const gone = world.engine.heads.states.find(({ name }) => name === away.name);
  assert(gone !== undefined && gone.error !== null && gone.dispute === null);
  const { n } = await getLedgerHead(driver);
  await asOwnerOfTheDatabase(`delete from ledger where n > ${n - 1}; truncate signed_head;
    update ledger_head set n = ${n - 1}, peaks = '{}'`);
  await assert.rejects(world.engine.heads.round(), refusedWith("ledger/disputed"));
});

test("an export verifies offline with the key alone; every way to alter it is convicted", async () => {
  const { call } = await setup();
  const file = join(directory, "export.jsonl");
  const written = await writeLedgerFile(call, file, () => undefined);
  const key = readPublicKey(FIRST_KEY);
  const good = await verifyLedgerFile(file, key, [], () => undefined);
  assert(good.verified && good.entries === written.entries && good.signedUntil === good.entries);
  assert.equal(good.root, (await getLedgerHead(driver)).root);
  await assert.rejects(
    verifyLedgerFile(file, readPublicKey(SECOND_KEY), [], () => undefined),
    refusedWith("ledger/bad-head"),
  );
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  const random = randomFrom("alter an export");
  for (let round = 0; round < 60; round++) {
    const altered = [...lines];
    const at = integerBetween(random, 2, lines.length - 1);
    if (round % 4 === 0) altered.splice(at, 1);
    else if (round % 4 === 1) altered.splice(at, 0, altered[at] ?? "");
    else if (round % 4 === 2) altered.splice(at - 1, 2, altered[at] ?? "", altered[at - 1] ?? "");
    else altered[at] = (altered[at] ?? "").replace(/[a-z](?=[a-z]*"[,}])/, "X");
    if (altered.join("\n") === lines.join("\n") || at === 2) continue;
    writeFileSync(file, `${altered.join("\n")}\n`);
    const checked = await verifyLedgerFile(file, key, [], () => undefined);
    assert(!checked.verified, `round ${round}`);
  }
});

/** Every way to change one leaf of a value by a little. */
function* alterEach(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    for (const [index, one] of value.entries()) {
      for (const altered of alterEach(one)) yield value.with(index, altered);
    }
    yield [...value, value[0] ?? 1];
    if (value.length > 0) yield value.slice(1);
  } else if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value);
    for (const [name, one] of fields) {
      for (const altered of alterEach(one)) yield { ...value, [name]: altered };
      yield Object.fromEntries(fields.filter(([other]) => other !== name));
    }
    yield { ...value, extra: 1 };
  } else if (typeof value === "string") {
    yield value.replace(/.$/, (last) => (last === "x" ? "y" : "x")) || "x";
  } else if (typeof value === "number") {
    yield value + 1;
  } else {
    yield value === true ? false : true;
  }
}

test("a case's file verifies alone, and with any one field altered it does not", async () => {
  const { call, caseId } = await setup();
  const exported = await call(operations.caseExport, { id: caseId });
  const file = JSON.parse(JSON.stringify(exported)) as CaseFile;
  const check = verifyCaseFile(file, FIRST_KEY);
  assert.deepEqual(check.faults, []);
  assert(check.holds && check.shown.length >= 4 && check.notShown.length > 0);
  assert.equal(file.case.state, "watching");
  assert(file.case.action !== undefined && file.charters.length === 1);
  assert(!verifyCaseFile(file, SECOND_KEY).holds);
  let altered = 0;
  const random = randomFrom("alter a case");
  for (const forged of alterEach(file)) {
    // A sample: each takes a whole verification.
    if (integerBetween(random, 0, 24) > 0) continue;
    altered += 1;
    const found = verifyCaseFile(forged, FIRST_KEY);
    assert(!found.holds, `alteration ${altered} was missed`);
  }
  assert(altered > 25, `${altered} alterations`);
});
