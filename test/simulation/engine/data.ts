/** Observations in, days folded, effects measured, and the gates that all of it feeds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { registerLoop } from "../../../src/engine/loops.ts";
import { InterlockError } from "../../../src/std/errors.ts";
import { addDays, addMs, DAY_MS, HOUR_MS } from "../../../src/std/time.ts";
import { getLedgerHead } from "../../../src/store/table/ledger.ts";
import { operations } from "../../../src/operation/index.ts";
import { dayBatch, type EngineWorld, HERE, LOOP, NOW, resourceOf } from "../../kit/engine-world.ts";
import type { Setup } from "./setup.ts";

export function exerciseData(setup: Setup): void {
  exerciseBatches(setup);
  exerciseFolding(setup);
  exerciseOutcome(setup);
  exerciseGates(setup);
}

function exerciseBatches(setup: Setup): void {
  const trials = async ({ driver }: EngineWorld) =>
    (await driver.query<{ n: number }>("select coalesce(sum(n), 0)::int as n from observation"))[0]
      ?.n;

  test("the same batch twice counts once", async () => {
    const world = await setup({ loop: "registered" });
    assert.equal(await world.engine.receive(dayBatch("2026-03-01")), "new");
    const before = [await trials(world), await getLedgerHead(world.driver)];
    assert.equal(await world.engine.receive(dayBatch("2026-03-01")), "repeated");
    assert.deepEqual([await trials(world), await getLedgerHead(world.driver)], before);
    assert.equal(before[0], 12 * 40);
  });

  test("a batch under a known id with other content is refused and changes nothing", async () => {
    const world = await setup({ loop: "registered" });
    await world.engine.receive(dayBatch("2026-03-01"));
    const before = [await trials(world), await getLedgerHead(world.driver)];
    const other = dayBatch("2026-03-01", {}, () => ({ n: 41, k: 6 }));
    assert.equal(await world.engine.receive(other), "conflicting");
    const days = { ...dayBatch("2026-03-01"), completeDays: ["2026-03-01", "2026-03-02"] };
    assert.equal(await world.engine.receive(days), "conflicting");
    assert.deepEqual([await trials(world), await getLedgerHead(world.driver)], before);
  });

  test("a later batch restates a day instead of adding to it", async () => {
    const world = await setup({ loop: "registered" });
    await world.engine.receive(dayBatch("2026-03-01"));
    await world.engine.receive(dayBatch("2026-03-01", { id: "again" }, () => ({ n: 50, k: 7 })));
    assert.equal(await trials(world), 12 * 50);
  });

  test("a batch with an impossible count is refused whole", async () => {
    const world = await setup({ loop: "registered" });
    const bad = dayBatch("2026-03-01", {}, (subject) =>
      subject === HERE ? { n: 4, k: 6 } : { n: 4, k: 0 },
    );
    await assert.rejects(world.engine.receive(bad));
    assert.equal(await trials(world), 0);
    assert.equal(await world.engine.receive(dayBatch("2026-03-01")), "new");
  });
}

function exerciseFolding(setup: Setup): void {
  test("a day is folded once, and days are folded in order however they arrive", async () => {
    const world = await setup({ loop: "registered" });
    await world.engine.receive(dayBatch("2026-02-28"));
    await world.engine.receive(dayBatch("2026-02-27"));
    const folded = await world.engine.fold(LOOP);
    assert.deepEqual(
      folded.map(({ day, evaluated }) => [day, evaluated]),
      [
        ["2026-02-27", 12],
        ["2026-02-28", 12],
      ],
    );
    assert.deepEqual(await world.engine.fold(LOOP), []);
    assert.deepEqual(world.sender.folded, ["2026-02-27", "2026-02-28"]);
  });

  test("a restarted sender goes on from its saved state", async () => {
    const world = await setup({ loop: "registered" });
    await world.engine.receive(dayBatch("2026-02-27"));
    await world.engine.fold(LOOP);
    world.sender.folded = [];
    const restarted = world.openEngine();
    await restarted.receive(dayBatch("2026-02-28"));
    await restarted.fold(LOOP);
    assert.deepEqual(world.sender.folded, ["2026-02-27", "2026-02-28"]);
  });

  test("a fold that fails leaves its day unread, and the next fold starts from the saved state", async () => {
    const world = await setup();
    world.clock.moveTo(addMs(NOW, DAY_MS));
    await world.engine.receive(dayBatch("2026-03-02"));
    const signal = world.signal(HERE);
    const broken = { ...signal, id: "\n".repeat(300) };
    world.sender.script.set("2026-03-02", [signal, broken]);
    const save = world.sender.save.bind(world.sender);
    world.sender.save = () => {
      throw new InterlockError("agent/failed", "out of ink");
    };
    await assert.rejects(world.engine.fold(LOOP), /out of ink/);
    assert.deepEqual(await world.cases(), []);
    world.sender.save = save;
    const [folded] = await world.engine.fold(LOOP);
    assert.deepEqual(
      folded?.answers.map(({ kind }) => kind),
      ["accepted", "refused"],
    );
    assert.deepEqual(world.sender.folded, ["2026-03-01", "2026-03-02"]);
    assert.equal((await world.cases()).length, 1);
  });

  test("the state of an agent of another version is refused", async () => {
    const world = await setup();
    world.sender.version = "2.0.0";
    await world.engine.receive(dayBatch("2026-03-02"));
    await assert.rejects(
      world.openEngine().fold(LOOP),
      (error) =>
        error instanceof InterlockError && /ndr-watch 1\.0\.0.*2\.0\.0/.test(error.message),
    );
    assert.deepEqual(world.sender.folded, ["2026-03-01"]);
  });

  test("a loop that was never live reads its days and sends nothing", async () => {
    const world = await setup({ loop: "registered" });
    await world.engine.receive(dayBatch("2026-03-01"));
    world.sender.script.set("2026-03-01", [world.signal(HERE)]);
    const [folded] = await world.engine.fold(LOOP);
    assert.deepEqual(folded?.answers, []);
    assert.deepEqual(await world.cases(), []);
  });
}

/** Forty days of quiet, with the failures of one place set from the second day after the action on. */
async function measureAfter(
  world: EngineWorld,
  failing: { readonly before: number; readonly after: number },
): Promise<string> {
  const from = "2026-01-20";
  const deliver = async (day: string) => {
    const n = (subject: string) => Number(subject.slice(-2)) + Number(day.slice(-2));
    await world.engine.receive(
      dayBatch(day, { id: `quiet-${day}` }, (subject) => ({
        n: 200,
        k:
          subject === HERE
            ? day > "2026-03-02"
              ? failing.after
              : failing.before
            : 28 + (n(subject) % 5),
      })),
    );
  };
  for (let day = from; day <= "2026-03-01"; day = addDays(day, 1)) await deliver(day);
  const id = await world.signalOn(HERE);
  await world.settle();
  for (let n = 1; n <= 16; n++) {
    await world.runUntil(addMs(NOW, n * DAY_MS - HOUR_MS));
    await deliver(addDays("2026-03-01", n));
  }
  await world.runDays(3);
  return id;
}

function exerciseOutcome(setup: Setup): void {
  const stands28 = { standingDays: 28, parameters: { standingDays: 28, probeShare: 0.1 } };

  test("an action that did harm is undone by rule, and the case says so", async () => {
    const world = await setup();
    world.receiver.propose(() => stands28);
    const id = await measureAfter(world, { before: 30, after: 150 });
    const closed = await world.case(id);
    assert.equal(closed.outcome?.verdict, "harmed", closed.outcome?.reasons.join("; "));
    assert.equal(closed.closeReason, "harmed-undone");
    assert.equal(world.outside.settingOf(resourceOf(HERE)), "untouched");
    const told = await world.told(id);
    for (const line of ["logistics: outcome", "marketing: outcome", "marketing: lifted"]) {
      assert.ok(told.includes(line), line);
    }
  });

  test("an action that helped stands until its day, and then closes as helped", async () => {
    const world = await setup();
    world.receiver.propose(() => stands28);
    const id = await measureAfter(world, { before: 50, after: 4 });
    const standing = await world.case(id);
    assert.equal(standing.outcome?.verdict, "helped", standing.outcome?.reasons.join("; "));
    assert.equal(standing.state, "watching");
    await world.runDays(28);
    assert.equal((await world.case(id)).closeReason, "helped");
    assert.equal(world.outside.settingOf(resourceOf(HERE)), "untouched");
  });

  test("without data to tell, the case closes as undetermined and never as a success", async () => {
    const world = await setup();
    const id = await world.signalOn(HERE);
    await world.runDays(20);
    assert.equal((await world.case(id)).closeReason, "undetermined");
  });
}

function exerciseGates(setup: Setup): void {
  const isUnmet = (error: unknown): error is InterlockError =>
    error instanceof InterlockError && error.code === "loop/gates-unmet";

  test("activation is refused with the whole list of what does not hold, and the loop stays", async () => {
    const world = await setup({ loop: "registered" });
    world.receiver.answer = () => ({ kind: "accept" }) as never;
    await assert.rejects(world.activate(), (error) => {
      assert.ok(isUnmet(error));
      const names = (error.help ?? "").split("\n").map((line) => line.split(":")[0]);
      assert.deepEqual(names, [
        "data-fresh",
        "sender-calibrated",
        "receiver-conforms",
        "charter-in-force",
        "connectors-reachable",
      ]);
      return true;
    });
    assert.equal((await operations.loopShow.handler(world, { loop: LOOP })).loop.state, "draft");
  });

  test("one signature is not two, and a stranger's is none", async () => {
    const world = await setup({ loop: "registered" });
    await world.engine.receive(dayBatch("2026-03-01"));
    await world.engine.fold(LOOP);
    await world.sign("logistics");
    await assert.rejects(world.activate(), isUnmet);
    for (const person of ["deputy@marketing.example.com", "head@logistics.example.com"]) {
      await assert.rejects(
        operations.charterSign.handler(world, { loop: LOOP, party: "marketing", person }),
        (error) => error instanceof InterlockError && error.code === "charter/not-in-force",
      );
    }
    await world.sign("marketing");
    await world.activate();
  });

  test("a receiver that gives two answers to one question does not conform", async () => {
    const world = await setup();
    await world.pause();
    let asked = 0;
    world.receiver.answer = () => ({ kind: "decline", reason: `no ${asked++}`, scored: [] });
    await assert.rejects(
      world.activate(),
      (error) => isUnmet(error) && /two answers/.test(error.help ?? ""),
    );
  });

  test("a connector that does not answer keeps the loop from going live", async () => {
    const world = await setup();
    await world.pause();
    world.outside.reachable = false;
    await assert.rejects(
      world.activate(),
      (error) => isUnmet(error) && /it is down/.test(error.help ?? ""),
    );
    world.outside.reachable = true;
    await world.activate();
  });

  test("a charter that changed is not in force until both heads have signed it anew", async () => {
    const world = await setup();
    await world.pause();
    const wiring = { ...world.wiring, charter: { ...world.wiring.charter, version: 2 } };
    const engine = world.openEngine({}, wiring);
    await registerLoop(engine.context, wiring);
    await assert.rejects(operations.loopActivate.handler({ engine }, { loop: LOOP }), isUnmet);
  });
}
