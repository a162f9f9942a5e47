/** The door: what becomes of a signal, and that none is lost or answered twice in different ways. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { admitSignals } from "../../../src/engine/door.ts";
import { runDispatch } from "../../../src/engine/dispatch.ts";
import { runTurn } from "../../../src/engine/turn.ts";
import { addMs, DAY_MS, MINUTE_MS } from "../../../src/std/time.ts";
import { getLedgerHead } from "../../../src/store/table/ledger.ts";
import { BY_VERDICT, ELSEWHERE, HERE, NOW, PLACES, THERE } from "../../kit/engine-world.ts";
import type { Setup } from "./setup.ts";

export function exerciseIntake(setup: Setup): void {
  test("a signal accepted twice has one case and is answered alike", async () => {
    const world = await setup();
    const signal = world.signal(HERE);
    const [first] = await world.send(signal);
    await world.settle();
    const [again] = await world.send(structuredClone(signal));
    await world.settle();
    assert.equal(first?.kind, "accepted");
    assert.deepEqual(again, { ...first, kind: "repeated" });
    assert.equal((await world.cases()).length, 1);
    assert.equal(world.receiver.asked.length, 1);
    assert.equal(world.outside.effects.length, 1);
  });

  test("one id twice in one delivery has one case", async () => {
    const world = await setup();
    const signal = world.signal(HERE);
    const answers = await world.send(signal, signal);
    assert.deepEqual(
      answers.map(({ kind }) => kind),
      ["accepted", "repeated"],
    );
    assert.equal((await world.cases()).length, 1);
  });

  test("the same id with other content is a conflict, and nothing changes", async () => {
    const world = await setup();
    const signal = world.signal(HERE);
    const caseId = await world.signalOn(HERE);
    await world.settle();
    const before = { cases: await world.cases(), head: await getLedgerHead(world.driver) };
    const answers = await world.send({ ...signal, confidence: 0.99 });
    await world.settle();
    assert.deepEqual(answers, [{ kind: "conflict", signal: signal.id, caseId }]);
    assert.deepEqual(
      { cases: await world.cases(), head: await getLedgerHead(world.driver) },
      before,
    );
  });

  test("the same id from another source is another signal", async () => {
    const world = await setup();
    const signal = world.signal(HERE);
    const answers = await world.send(signal, {
      ...signal,
      subject: THERE,
      source: "logistics/two",
    });
    assert.deepEqual(
      answers.map(({ kind }) => kind),
      ["accepted", "accepted"],
    );
    assert.equal((await world.cases()).length, 2);
  });

  test("an invalid signal is quarantined with its problems, and its sender alone is told", async () => {
    const world = await setup();
    const id = await world.signalOn(HERE, { confidence: 0.3, options: ["pause_campaign"] });
    await world.settle();
    const quarantined = await world.case(id);
    assert.equal(quarantined.state, "quarantined");
    assert.deepEqual(quarantined.problems.map(({ path }) => path).sort(), [
      "/confidence",
      "/options/0",
    ]);
    assert.deepEqual(await world.told(id), ["logistics: quarantined"]);
    assert.match(world.post.delivered[0]?.text ?? "", /pause_campaign/);
    assert.deepEqual(world.receiver.asked, []);
    await world.runDays(8);
    assert.equal((await world.case(id)).closeReason, "quarantined");
  });

  test("what has no name is refused, and what came with it is not", async () => {
    const world = await setup();
    const unnamed = { ...world.signal(HERE), id: "" };
    const answers = await world.send(null, unnamed, 7, "text", [], world.signal(THERE));
    assert.deepEqual(
      answers.map(({ kind }) => kind),
      ["refused", "refused", "refused", "refused", "refused", "accepted"],
    );
    assert.deepEqual(
      (await world.cases()).map(({ signal }) => signal.subject),
      [THERE],
    );
  });

  test("a signal with text that the database cannot hold stops no other signal", async () => {
    const world = await setup();
    const signal = world.signal(HERE);
    const payload = { ...signal.payload, metric: "ndr\u0000rate" };
    const answers = await world.send(
      { ...signal, payload },
      { ...signal, id: "two\u0000" },
      { ...signal, id: "three", subject: "IN-\u0000" },
      { ...signal, id: "four\ud800" },
      world.signal(THERE),
    );
    assert.deepEqual(
      answers.map(({ kind }) => kind),
      ["refused", "refused", "refused", "refused", "accepted"],
    );
    await world.settle();
    assert.equal(world.outside.effects.length, 1);
  });

  test("a paused loop parks signals, and activation lets them proceed in the order they came", async () => {
    const world = await setup();
    await world.pause();
    const ids: string[] = [];
    for (const [index, subject] of [ELSEWHERE, HERE, THERE].entries()) {
      world.clock.moveTo(addMs(NOW, index * MINUTE_MS));
      ids.push(await world.signalOn(subject));
      await world.settle();
    }
    assert.deepEqual(
      (await world.cases()).map(({ state }) => state),
      ["parked", "parked", "parked"],
    );
    const told = world.post.delivered.map(({ department, subject }) => `${department}: ${subject}`);
    assert.deepEqual(told, [
      "logistics: A signal waits: logistics-marketing is not live",
      "marketing: A signal waits: logistics-marketing is not live",
    ]);
    assert.deepEqual(world.receiver.asked, []);
    await world.activate();
    await world.settle();
    const resumed = await world.driver.query<{ id: string }>(
      `select text::jsonb ->> 'case' as id from ledger
       where text::jsonb ->> 'kind' = 'loop.resumed' order by n`,
    );
    assert.deepEqual(
      resumed.map(({ id }) => id),
      ids,
    );
    assert.equal(world.outside.effects.length, 3);
  });

  test("a parked signal that nobody lets through expires, and both are told", async () => {
    const world = await setup();
    await world.pause();
    const id = await world.signalOn(HERE);
    await world.runDays(4);
    assert.equal((await world.case(id)).closeReason, "expired");
    assert.deepEqual(await world.told(id), ["logistics: not-acted", "marketing: not-acted"]);
    await world.activate();
    await world.settle();
    assert.deepEqual(world.receiver.asked, []);
  });

  test("a newer signal on the same subject takes the place of one that waits", async () => {
    const world = await setup();
    world.receiver.propose(() => BY_VERDICT.both);
    const first = await world.signalOn(HERE);
    await world.settle();
    assert.equal((await world.case(first)).state, "held");
    world.clock.moveTo(addMs(NOW, DAY_MS / 2));
    const second = await world.signalOn(HERE);
    await world.settle();
    assert.equal((await world.case(first)).closeReason, "superseded");
    assert.equal((await world.case(second)).state, "held");
    for (const side of ["logistics", "marketing"] as const) await world.vote(second, side);
    await world.settle();
    assert.deepEqual(
      world.outside.effects.map(({ key }) => key.split("/")[0]),
      [second],
    );
  });

  test("signals that come one by one at a time share a transaction, and each has its own answer", async () => {
    const world = await setup();
    const { context } = world.engine;
    const good = PLACES.map((subject) => ({ ...world.signal(subject) }));
    const bad = { ...world.signal(HERE), id: "bad", payload: {} };
    const admitted = await Promise.all(
      [...good, bad].map((signal) => admitSignals(context, world.wiring, [signal])),
    );
    assert.deepEqual(
      admitted.map(([one]) => [one?.answer.signal, one?.case?.state]),
      [...good.map(({ id }) => [id, "evaluating"]), ["bad", "quarantined"]],
    );
    const [row] = await world.driver.query<{ transactions: number }>(
      "select count(distinct xmin::text)::int as transactions from signal",
    );
    assert.equal(row?.transactions, 2, "the first goes at once, the others together");
  });

  test("a case that comes to be held and is superseded in one turn leaves no timer behind", async () => {
    const world = await setup();
    world.receiver.propose(() => BY_VERDICT.both);
    const first = await world.signalOn(HERE);
    await runDispatch(world.engine.context);
    world.clock.moveTo(addMs(NOW, MINUTE_MS));
    await world.signalOn(HERE);
    await runTurn(world.engine.context);
    assert.equal((await world.case(first)).closeReason, "superseded");
    const timers = await world.driver.query("select kind from case_event where case_id = $1", [
      first,
    ]);
    assert.deepEqual(timers, []);
  });

  test("of two signals on one subject in one delivery, the later takes the earlier's place", async () => {
    const world = await setup();
    world.receiver.propose(() => BY_VERDICT.both);
    const signal = world.signal(HERE);
    await world.send({ ...signal, id: "one" }, { ...signal, id: "two" });
    await world.settle();
    const bySignal = new Map((await world.cases()).map((of) => [of.signal.id, of]));
    assert.equal(bySignal.get("one")?.closeReason, "superseded");
    assert.equal(bySignal.get("two")?.state, "held");
  });

  test("a signal on a subject under action is closed as a duplicate, and nothing is asked", async () => {
    const world = await setup();
    const first = await world.signalOn(HERE);
    await world.settle();
    world.clock.moveTo(addMs(NOW, DAY_MS));
    const second = await world.signalOn(HERE);
    await world.settle();
    assert.equal((await world.case(second)).closeReason, "duplicate");
    assert.deepEqual(world.receiver.asked, [first]);
    assert.equal(world.outside.effects.length, 1);
  });

  test("an invalid signal or a duplicate does not hide the action that a later one meets", async () => {
    const world = await setup();
    await world.signalOn(HERE);
    await world.settle();
    world.clock.moveTo(addMs(NOW, DAY_MS));
    const signal = world.signal(HERE);
    await world.send(
      { ...signal, id: "bad", confidence: 0.1 },
      { ...signal, id: "good" },
      { ...signal, id: "late" },
    );
    await world.settle();
    const bySignal = new Map((await world.cases()).map((of) => [of.signal.id, of]));
    assert.equal(bySignal.get("bad")?.state, "quarantined");
    assert.equal(bySignal.get("good")?.closeReason, "duplicate");
    assert.equal(bySignal.get("late")?.closeReason, "duplicate");
    assert.equal(world.receiver.asked.length, 1);
  });
}
