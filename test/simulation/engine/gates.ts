/** Gates: what keeps a loop from going live, what suspends it, and how it comes back. */
import {
  registerSimulatedKey,
  signAsOwner,
  simulatedSecretOf,
} from "../../../src/app/simulated-owners.ts";
import { charterHash } from "../../../src/core/charter/parse.ts";
import { openEnvelope, signEnvelope } from "../../../src/core/sign/envelope.ts";
import { getLoopTerms } from "../../../src/engine/terms.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { registerLoop } from "../../../src/engine/loops.ts";
import { operations } from "../../../src/operation/index.ts";
import { InterlockError } from "../../../src/std/errors.ts";
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/std/time.ts";
import { insertCaseEvents } from "../../../src/store/table/case-event.ts";
import { listLoopNotices } from "../../../src/store/table/loop-notice.ts";
import {
  BY_VERDICT,
  dayBatch,
  type EngineWorld,
  LOOP,
  NOW,
  PLACES,
} from "../../kit/engine-world.ts";
import type { Setup } from "./setup.ts";

const HEARTBEAT_SECONDS = 30;

function isUnmet(error: unknown): error is InterlockError {
  return error instanceof InterlockError && error.code === "loop/gates-unmet";
}

async function stateOf(world: EngineWorld): Promise<string> {
  return (await operations.loopShow.handler(world, { loop: LOOP })).loop.state;
}

async function countStates(world: EngineWorld): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { state } of await world.cases()) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

export function exerciseGates(setup: Setup): void {
  test("activation is refused with the whole list of what does not hold, and the loop stays", async () => {
    const world = await setup({ loop: "registered" });
    await assert.rejects(world.activate(), (error) => {
      assert.ok(isUnmet(error));
      const lines = (error.help ?? "").split("\n");
      const names = lines.filter((line) => !line.startsWith(" ")).map((line) => line.split(":")[0]);
      assert.deepEqual(names, [
        "contract-accepted",
        "data-fresh",
        "sender-calibrated",
        "sender-conforms",
        "receiver-conforms",
        "receiver-trusted",
        "charter-in-force",
        "connectors-reachable",
        "drilled",
      ]);
      return true;
    });
    assert.equal(await stateOf(world), "draft");
  });

  test("a loop is as far along as its evidence, without being asked", async () => {
    const world = await setup({ loop: "registered" });
    const states: string[] = [];
    const look = async () => {
      await world.engine.review(LOOP);
      states.push(await stateOf(world));
    };
    await look();
    for (const party of ["logistics", "marketing"] as const) await world.accept(party);
    await look();
    await world.engine.receive(dayBatch("2026-03-01"));
    await world.engine.fold(LOOP);
    await look();
    for (const party of ["logistics", "marketing"] as const) await world.sign(party);
    await world.passTests();
    await look();
    assert.deepEqual(states, ["draft", "connected", "calibrating", "ready"]);
  });

  test("a gate says since when it stands as it does", async () => {
    const world = await setup({ loop: "registered" });
    const sinceOf = async (name: string) =>
      (await operations.loopShow.handler(world, { loop: LOOP })).gates.find(
        (gate) => gate.name === name,
      )?.since;
    assert.equal(await sinceOf("data-fresh"), NOW);
    world.clock.moveTo(addMs(NOW, HOUR_MS));
    assert.equal(await sinceOf("data-fresh"), NOW);
    await world.engine.receive(dayBatch("2026-03-01"));
    assert.equal(await sinceOf("data-fresh"), addMs(NOW, HOUR_MS));
  });

  test("one signature is not two, and a stranger's is none", async () => {
    const world = await setup({ loop: "registered" });
    const { engine, wiring } = world;
    const hash = charterHash(wiring.charter);
    await world.sign("logistics");
    for (const person of ["deputy@marketing.example.com", "head@logistics.example.com"]) {
      await registerSimulatedKey(engine, person);
      const [made] = signEnvelope(
        openEnvelope("charter", wiring.charter),
        simulatedSecretOf(person),
      ).signatures;
      const said = { keyId: made?.keyid ?? "", signature: made?.sig ?? "", form: "dsse" } as const;
      await assert.rejects(
        operations.charterSign.handler(world, {
          loop: LOOP,
          charter: hash,
          party: "marketing",
          ...said,
        }),
        (error) => error instanceof InterlockError && error.code === "charter/not-owner",
      );
    }
    await assert.rejects(operations.loopActivate.handler({ engine }, { loop: LOOP }), (error) => {
      assert.ok(isUnmet(error));
      return /not signed by marketing/.test(error.help ?? "");
    });
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

  test("a charter that changed stands beside the signed one until both heads have signed it", async () => {
    const world = await setup();
    const before = charterHash(world.wiring.charter);
    const charter = { ...world.wiring.charter, version: 2 };
    const wiring = { ...world.wiring, charter };
    const engine = world.openEngine({}, wiring);
    await registerLoop(engine.context, wiring);
    await engine.review(LOOP);
    assert.equal(await stateOf(world), "live");
    const inUse = async () => (await getLoopTerms(world.driver, LOOP)).charterHash;
    await signAsOwner(engine, LOOP, charter, charterHash(charter), "logistics");
    assert.equal(await inUse(), before);
    await signAsOwner(engine, LOOP, charter, charterHash(charter), "marketing");
    assert.equal(await inUse(), charterHash(charter));
  });

  test("a charter that changed under the same version is refused, and the one on record stays", async () => {
    const world = await setup();
    const wiring = { ...world.wiring, charter: { ...world.wiring.charter, title: "another" } };
    await assert.rejects(
      registerLoop(world.openEngine({}, wiring).context, wiring),
      (error) => error instanceof InterlockError && error.code === "charter/version-taken",
    );
    await world.engine.review(LOOP);
    assert.equal(await stateOf(world), "live");
  });

  test("another version of an agent has to be tested anew before anything is acted on", async () => {
    const world = await setup();
    world.receiver.version = "2.0.0";
    await registerLoop(world.engine.context, world.wiring);
    await world.engine.review(LOOP);
    assert.equal(await stateOf(world), "suspended");
    const { gates } = await operations.loopShow.handler(world, { loop: LOOP });
    assert.deepEqual(
      gates.filter(({ holds }) => !holds).map(({ name }) => name),
      ["receiver-conforms", "receiver-trusted", "drilled"],
    );
  });

  test("stale data suspends the loop, and the next complete day lets it go on by itself", async () => {
    const world = await setup({ dataMaxAgeHours: 48 });
    world.clock.moveTo(addMs(NOW, 2 * DAY_MS));
    await world.engine.review(LOOP);
    assert.equal(await stateOf(world), "suspended");
    await world.engine.receive(dayBatch("2026-03-03"));
    await world.engine.review(LOOP);
    assert.equal(await stateOf(world), "live");
  });

  test("a receiver that falls silent suspends the loop: its signals wait, both owners are told once", async () => {
    const world = await setup();
    await world.makeReceiverRemote();
    await world.engine.review(LOOP);
    const [before, during] = [PLACES.slice(0, 6), PLACES.slice(6)];
    const ids: string[] = [];
    for (const subject of before) ids.push(await world.signalOn(subject));
    world.receiver.fault = new InterlockError("agent/failed", "connection refused", {
      retry: "later",
    });
    await world.settle();
    world.clock.moveTo(addMs(NOW, 1.5 * HEARTBEAT_SECONDS * 1000));
    await world.engine.review(LOOP);
    assert.equal(await stateOf(world), "live");
    world.clock.moveTo(addMs(NOW, 1.5 * HEARTBEAT_SECONDS * 1000 + 1));
    await world.engine.review(LOOP);
    assert.equal(await stateOf(world), "suspended");
    for (const subject of during) ids.push(await world.signalOn(subject));
    await world.settle();
    assert.deepEqual(await countStates(world), { parked: PLACES.length });

    // An answer to what was asked before the silence lies unread when the loop comes back.
    const decline = { kind: "decline", reason: "asked long ago", scored: [] } as const;
    const late = { kind: "reply.received", at: NOW, step: 0, reply: decline } as const;
    await insertCaseEvents(world.driver, [{ caseId: ids.at(-1) ?? "", event: late }]);
    world.clock.moveTo(addMs(NOW, 10 * MINUTE_MS));
    await world.hearReceiver();
    assert.equal(await stateOf(world), "live");
    await world.settle();
    assert.deepEqual(await countStates(world), { watching: PLACES.length });
    const resumed = await world.driver.query<{ id: string }>(
      `select text::jsonb ->> 'case' as id from ledger
       where text::jsonb ->> 'kind' = 'loop.resumed' order by n`,
    );
    assert.deepEqual(
      resumed.map(({ id }) => id),
      ids,
    );
    assert.equal(world.outside.effects.length, PLACES.length, "each acted on, none twice");
    const told = (await listLoopNotices(world.driver, LOOP)).map(
      ({ topic, department, state }) => `${topic} ${department} ${state}`,
    );
    assert.deepEqual(told.sort(), [
      "resumed logistics done",
      "resumed marketing done",
      "suspended logistics done",
      "suspended marketing done",
    ]);
  });

  test("an action decided but not begun when the loop is suspended is asked anew, and done once", async () => {
    const world = await setup();
    await world.makeReceiverRemote();
    const id = await world.signalOn(PLACES[0] ?? "");
    await world.stepTo(id, "executing");
    world.clock.moveTo(addMs(NOW, MINUTE_MS));
    await world.engine.review(LOOP);
    await world.settle();
    assert.equal((await world.case(id)).state, "parked");
    assert.equal(world.outside.effects.length, 0);
    await world.hearReceiver();
    await world.settle();
    assert.equal((await world.case(id)).state, "watching");
    assert.equal(world.outside.effects.length, 1);
  });

  test("what both voted for while the loop was suspended is done when it goes on, without a new vote", async () => {
    const world = await setup();
    await world.makeReceiverRemote();
    world.receiver.propose(() => BY_VERDICT.both);
    const id = await world.signalOn(PLACES[0] ?? "");
    await world.settle();
    world.clock.moveTo(addMs(NOW, MINUTE_MS));
    await world.engine.review(LOOP);
    for (const party of ["logistics", "marketing"] as const) await world.vote(id, party);
    await world.settle();
    assert.equal((await world.case(id)).state, "executing");
    assert.equal(world.outside.effects.length, 0);
    await world.hearReceiver();
    await world.settle();
    assert.equal((await world.case(id)).state, "watching");
  });

  test("a signal that expires while its loop is suspended closes as expired and is never asked about", async () => {
    const world = await setup();
    await world.makeReceiverRemote();
    world.clock.moveTo(addMs(NOW, MINUTE_MS));
    await world.engine.review(LOOP);
    const id = await world.signalOn(PLACES[0] ?? "");
    await world.runDays(4);
    await world.hearReceiver();
    await world.settle();
    assert.equal((await world.case(id)).closeReason, "expired");
    assert.deepEqual(world.receiver.asked, []);
  });

  test("a loop that a person paused waits for a person, whatever its gates do", async () => {
    const world = await setup();
    await world.pause();
    await world.engine.review(LOOP);
    assert.equal(await stateOf(world), "paused");
  });

  test("a drill walks every hop, changes nothing outside and leaves no case", async () => {
    const world = await setup();
    const report = await operations.loopDrill.handler(world, { loop: LOOP });
    assert.ok(report.passed, report.why);
    assert.deepEqual(
      report.hops.map(({ name }) => name),
      [
        "signal",
        "ask",
        "govern",
        "act exclude_geo",
        "act lower_bid",
        "act prepaid_only",
        "act confirm_orders",
        "tell logistics",
        "tell marketing",
      ],
    );
    assert.deepEqual(world.outside.effects, []);
    assert.deepEqual(await world.cases(), []);
    assert.deepEqual(world.post.delivered, []);
  });

  test("a drill names the hop that failed, and the loop is suspended until one passes", async () => {
    const world = await setup();
    world.receiver.fault = new InterlockError("agent/failed", "connection refused");
    const report = await operations.loopDrill.handler(world, { loop: LOOP });
    assert.equal(report.passed, false);
    assert.match(report.why, /^ask: .*connection refused/);
    await world.engine.review(LOOP);
    assert.equal(await stateOf(world), "suspended");
    delete world.receiver.fault;
    await operations.loopDrill.handler(world, { loop: LOOP });
    await world.engine.review(LOOP);
    assert.equal(await stateOf(world), "live");
  });

  test("a drill is refused while any other gate does not hold", async () => {
    const world = await setup({ loop: "registered" });
    await assert.rejects(operations.loopDrill.handler(world, { loop: LOOP }), isUnmet);
  });
}
