/** A receiver by itself: it shows its record, and its own head says whether that is enough. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { OwnPredictions, ReceivingAgent } from "../../../src/core/port/types.ts";
import { registerLoop } from "../../../src/engine/loops.ts";
import { operations } from "../../../src/operation/index.ts";
import { InterlockError } from "../../../src/std/errors.ts";
import { addMs, DAY_MS } from "../../../src/std/time.ts";
import { findAgent, updateAgentSeen, upsertAgent } from "../../../src/store/table/agent.ts";
import { type EngineWorld, HEAD_OF, LOOP, NOW, PLACES } from "../../kit/engine-world.ts";
import type { Setup } from "./setup.ts";

const GOOD: OwnPredictions = {
  predictions: 100,
  covered: 81,
  nominal: 0.8,
  asOf: NOW,
  words: "orders of the last 14 days",
};

type PredictInput = Parameters<NonNullable<ReceivingAgent["predictOwnDomain"]>>[0];

export function exerciseTrust(setup: Setup): void {
  const open = () => setup({ loop: "registered" });

  test("a receiver is trusted when its record holds and the head of its department says so", async () => {
    const world = await open();
    const asked = shows(world, GOOD);
    const before = await gateOf(world);
    assert.equal(before.holds, false);
    assert.deepEqual(before.commands[0], `agent calibrate ${LOOP}`);

    const shown = await calibrate(world);
    assert.deepEqual([shown.ok, shown.trustedBy, shown.record], [true, null, GOOD]);
    assert.equal(asked[0]?.now, NOW);
    assert.equal((await gateOf(world)).holds, false, "a good record alone is not trust");

    const trusted = await trust(world, HEAD_OF.marketing);
    assert.deepEqual(trusted.trustedBy, { person: HEAD_OF.marketing, at: NOW });
    assert.equal((await gateOf(world)).holds, true);
    const kinds = await world.driver.query<{ kind: string; actor: string }>(
      `select text::jsonb ->> 'kind' as kind, text::jsonb ->> 'actor' as actor from ledger
       where text::jsonb ->> 'kind' like 'agent.%' order by n`,
    );
    assert.deepEqual(kinds, [
      { kind: "agent.calibrated", actor: "engine" },
      { kind: "agent.trusted", actor: HEAD_OF.marketing },
    ]);
  });

  test("a receiver that covers less than it claims, or shows too little, cannot be trusted", async () => {
    const world = await open();
    for (const off of [
      { ...GOOD, covered: 60 },
      { ...GOOD, predictions: 19, covered: 15 },
    ]) {
      shows(world, off);
      assert.equal((await calibrate(world)).ok, false);
      await refused("agent/record-off", () => trust(world, HEAD_OF.marketing));
    }
    shows(world, { ...GOOD, covered: 99 });
    assert.equal((await calibrate(world)).ok, true, "caution is let pass");
  });

  test("a trusted receiver is looked at again every week, and one that drifted opens its gate", async () => {
    const world = await open();
    shows(world, GOOD);
    await calibrate(world);
    await trust(world, HEAD_OF.marketing);
    const asked = shows(world, { ...GOOD, covered: 50 });
    world.clock.moveTo(addMs(NOW, 7 * DAY_MS - 1));
    await world.engine.calibrateWhenDue(LOOP);
    assert.deepEqual([asked.length, (await gateOf(world)).holds], [0, true]);
    world.clock.moveTo(addMs(NOW, 7 * DAY_MS));
    await world.engine.calibrateWhenDue(LOOP);
    assert.deepEqual([asked.length, (await gateOf(world)).holds], [1, false]);
    assert.match((await gateOf(world)).evidence, /only 50 of 100/);
  });

  test("nobody but the owner of the receiving department says that its agent is trusted", async () => {
    const world = await open();
    shows(world, GOOD);
    await calibrate(world);
    for (const person of [HEAD_OF.logistics, "deputy@marketing.example.com", "x@example.com"]) {
      await refused("agent/not-entitled", () => trust(world, person));
    }
  });

  test("trust without a record is refused, and so is a receiver that keeps none", async () => {
    const world = await open();
    await refused("agent/no-record", () => trust(world, HEAD_OF.marketing));
    await refused("agent/no-record", () => calibrate(world));
  });

  test("a record that cannot be is the agent's failure, and is not kept", async () => {
    const world = await open();
    for (const said of [
      { ...GOOD, covered: 101 },
      { ...GOOD, covered: -1 },
      { ...GOOD, predictions: Number.NaN },
      { ...GOOD, nominal: 1.2 },
      { ...GOOD, nominal: Number.NaN },
      { ...GOOD, asOf: "2126-01-01T00:00:00.000Z" },
      { ...GOOD, asOf: "1 March" },
      undefined as unknown as OwnPredictions,
    ]) {
      shows(world, said);
      await refused("agent/failed", () => calibrate(world));
    }
    await refused("agent/no-record", () => trust(world, HEAD_OF.marketing));
  });

  test("a new version of the agent has to show its record, and be trusted, anew", async () => {
    const world = await open();
    shows(world, GOOD);
    await calibrate(world);
    await trust(world, HEAD_OF.marketing);
    const receiver = Object.assign(Object.create(world.receiver) as ReceivingAgent, {
      version: "1.1.0",
    });
    await registerLoop(world.engine.context, { ...world.wiring, receiver });
    assert.equal((await gateOf(world)).holds, false);
    await refused("agent/no-record", () => trust(world, HEAD_OF.marketing));
    assert.equal((await calibrate(world)).trustedBy, null);
  });

  test("places under an action of ours, or within one, are not predicted", async () => {
    const world = await setup();
    const asked = shows(world, GOOD);
    const [held = "", ...free] = PLACES;
    await world.signalOn(held);
    await world.settle();
    await calibrate(world);
    const ids = asked[0]?.subjects.filter(({ level }) => level === "pincode").map(({ id }) => id);
    assert.deepEqual(ids, free);
    await world.signalOn("IN-S-karnataka");
    await world.settle();
    await calibrate(world);
    assert.deepEqual(
      asked[1]?.subjects.map(({ id }) => id),
      ["IN"],
    );
  });

  test("a remote receiver's record is the one that its heartbeat told", async () => {
    const world = await open();
    const agent = await findAgent(world.driver, LOOP, "receiver");
    assert.ok(agent);
    await upsertAgent(world.driver, { ...agent, route: "poll", heartbeat_seconds: 30 });
    await refused("agent/no-record", () => calibrate(world));
    const { words: _, ...calibration } = { ...GOOD, covered: 79 };
    const beat = { loop: LOOP, side: "receiver", name: agent.name, seen_at: NOW } as const;
    await updateAgentSeen(world.driver, { ...beat, calibration });
    assert.deepEqual((await calibrate(world)).record, calibration);
    await trust(world, HEAD_OF.marketing);
    assert.equal((await gateOf(world)).holds, true);
    await updateAgentSeen(world.driver, { ...beat, calibration: { ...calibration, covered: 40 } });
    assert.equal((await gateOf(world)).holds, false, "trust does not outlive the record");
  });
}

/** From now on the receiver shows this record; returns what it was asked. */
function shows(world: EngineWorld, record: OwnPredictions): ReadonlyArray<PredictInput> {
  const asked: PredictInput[] = [];
  Object.assign(world.receiver, {
    predictOwnDomain: async (input: PredictInput) => {
      asked.push(input);
      return record;
    },
  });
  return asked;
}

async function calibrate(world: EngineWorld) {
  return operations.agentCalibrate.handler(world, { loop: LOOP });
}

async function trust(world: EngineWorld, person: string) {
  return operations.agentTrust.handler(world, { loop: LOOP, person });
}

async function gateOf(world: EngineWorld) {
  const { gates } = await operations.loopShow.handler(world, { loop: LOOP });
  const gate = gates.find(({ name }) => name === "receiver-trusted");
  assert.ok(gate);
  return gate;
}

async function refused(code: string, work: () => Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => error instanceof InterlockError && error.code === code);
}
