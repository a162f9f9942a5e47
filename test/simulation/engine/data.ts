/** Observations in, days folded, effects measured, and the gates that all of it feeds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { InterlockError } from "../../../src/std/errors.ts";
import { addDays, addMs, DAY_MS, HOUR_MS } from "../../../src/std/time.ts";
import { getLedgerHead } from "../../../src/store/table/ledger.ts";
import { dayBatch, type EngineWorld, HERE, LOOP, NOW, resourceOf } from "../../kit/engine-world.ts";
import type { Setup } from "./setup.ts";

export function exerciseData(setup: Setup): void {
  exerciseBatches(setup);
  exerciseFolding(setup);
  exerciseOutcome(setup);
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

  test("a batch that does not add up is refused whole, with the place, and may be sent again mended", async () => {
    const world = await setup({ loop: "registered" });
    const good = dayBatch("2026-03-01");
    const [first] = good.observations;
    const [place] = good.subjects;
    assert(first && place);
    const faults = [
      ["/batch/observations/0/k", { observations: [{ ...first, n: 3, k: 4 }] }],
      ["/batch/observations/1", { observations: [first, first] }],
      ["/batch/observations/1/subject", { observations: [first, { ...first, subject: "IN-0" }] }],
      ["/batch/subjects/1/id", { subjects: [place, place] }],
      ["/batch/subjects/0/parent", { subjects: [{ ...place, parent: place.id }] }],
    ] as const;
    for (const [path, change] of faults) {
      const broken = { ...good, ...change };
      await assert.rejects(world.engine.receive(broken), { code: "data/invalid-batch", path });
    }
    assert.equal(await trials(world), 0);
    assert.equal(await world.engine.receive(good), "new");
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

export const stands28 = { standingDays: 28, parameters: { standingDays: 28, probeShare: 0.1 } };

/** Forty days of quiet, with the failures of one place set from the second day after the action on. */
export async function measureAfter(
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
