/** Conformance: a test of one end is evidence about this agent and this contract, and about no other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { guardReceiver } from "../../../src/core/contract/guard.ts";
import type { ReceivingAgent } from "../../../src/core/port/types.ts";
import { runConformance } from "../../../src/engine/conformance.ts";
import type { LoopWiring } from "../../../src/engine/wiring.ts";
import { operations } from "../../../src/operation/index.ts";
import { InterlockError } from "../../../src/std/errors.ts";
import { addMs, MINUTE_MS } from "../../../src/std/time.ts";
import { upsertAgent } from "../../../src/store/table/agent.ts";
import { findEvidence } from "../../../src/store/table/evidence.ts";
import { dayBatch, type EngineWorld, LOOP, PLACES } from "../../kit/engine-world.ts";
import type { Setup } from "./setup.ts";

/** Says no to everything that keeps the contract. */
const DECLINES = guardReceiver({
  department: "marketing",
  name: "scripted",
  version: "1",
  evaluate: () => Promise.resolve({ kind: "decline", reason: "not worth it", scored: [] }),
});

export function exerciseConformance(setup: Setup): void {
  const open = () => setup({ loop: "registered" });

  test("a receiver that passed the suite holds its gate, until it or the contract is another", async () => {
    const world = await open();
    await world.engine.receive(dayBatch("2026-03-01"));
    assert.match((await gateOf(world, "receiver")).evidence, /was not tested against this version/);
    const report = await examine(world, "receiver", { receiver: DECLINES });
    assert.deepEqual([report.failed, report.untried, report.uncovered], [0, 0, []]);
    assert.ok(report.cases >= 500);
    const gate = await gateOf(world, "receiver");
    assert.equal(gate.holds, true);
    assert.match(gate.evidence, new RegExp(`passed ${report.cases} cases of logistics.geo-risk`));

    await replaceAgent(world, "receiver", "1.0.1");
    assert.equal((await gateOf(world, "receiver")).holds, false);
    await replaceAgent(world, "receiver", report.agent.version);
    assert.equal((await gateOf(world, "receiver")).holds, true);
    const row = await findEvidence(world.driver, LOOP, "receiver-conformance");
    const kept = (row?.body as { report: unknown }).report;
    assert.deepEqual(kept, JSON.parse(JSON.stringify(report)));
  });

  test("a receiver that failed does not hold its gate, which names the fault", async () => {
    const world = await open();
    const careless: ReceivingAgent = {
      ...DECLINES,
      evaluate: () => Promise.resolve({ kind: "decline", reason: "no", scored: [] }),
    };
    const report = await examine(world, "receiver", { receiver: careless });
    assert.deepEqual(
      report.byFault.map(({ fault }) => fault),
      ["accepted-invalid-signal"],
    );
    assert.ok(report.failed > 200 && report.failures.length <= 5);
    const gate = await gateOf(world, "receiver");
    assert.equal(gate.holds, false);
    assert.match(gate.evidence, /the receiver failed \d+ of \d+ cases: accepted-invalid-signal: /);
    assert.deepEqual(gate.commands, [`contract conformance ${LOOP} --side receiver`]);
  });

  test("each test is in the ledger with whom it was about and what came of it", async () => {
    const world = await open();
    await examine(world, "receiver", { receiver: DECLINES });
    const rows = await world.driver.query<{ body: Record<string, string> }>(
      `select text::jsonb -> 'body' as body from ledger
       where text::jsonb ->> 'kind' = 'loop.tested'`,
    );
    assert.equal(rows.length, 1);
    assert.equal(rows[0]?.body["side"], "receiver");
    assert.match(rows[0]?.body["result"] ?? "", /^passed \d+ cases$/);
  });

  test("an agent that is replaced while it is tested leaves no evidence", async () => {
    const world = await open();
    let asked = 0;
    const changing: ReceivingAgent = {
      ...DECLINES,
      async evaluate(request) {
        asked += 1;
        if (asked === 100) await replaceAgent(world, "receiver", "2");
        return DECLINES.evaluate(request);
      },
    };
    await assert.rejects(examine(world, "receiver", { receiver: changing }), (error) => {
      assert.ok(error instanceof InterlockError);
      assert.deepEqual([error.code, error.retry], ["agent/failed", "later"]);
      assert.match(error.message, /was replaced by .* during the test/);
      return true;
    });
    assert.equal(await findEvidence(world.driver, LOOP, "receiver-conformance"), undefined);
  });

  test("a sender elsewhere is judged by what it sent: enough, and all of it good", async () => {
    const world = await open();
    const elsewhere = { sender: null };
    const early = await examine(world, "sender", elsewhere);
    assert.deepEqual(
      early.byFault.map(({ fault }) => fault),
      ["too-few-signals"],
    );
    assert.equal((await gateOf(world, "sender")).holds, false);

    await sendMany(world, 25);
    const good = await examine(world, "sender", elsewhere);
    assert.equal(good.failed, 0);
    assert.equal(good.byKind.find(({ kind }) => kind === "record")?.cases, 26);
    assert.equal((await gateOf(world, "sender")).holds, true);

    await world.send({ ...world.signal(PLACES[0] ?? ""), id: "bad", options: ["close_shop"] });
    const bad = await examine(world, "sender", elsewhere);
    assert.deepEqual(
      bad.byFault.map(({ fault, cases }) => [fault, cases]),
      [["unknown-option", 1]],
    );
    assert.match((await gateOf(world, "sender")).evidence, /unknown-option: .*close_shop/);
  });

  test("a mended sender elsewhere is judged by what it sent since it registered", async () => {
    const world = await open();
    await world.send({ ...world.signal(PLACES[0] ?? ""), id: "bad", options: ["close_shop"] });
    world.clock.moveTo(addMs(world.clock.now(), MINUTE_MS));
    await replaceAgent(world, "sender", "2");
    await sendMany(world, 25);
    assert.equal((await examine(world, "sender", { sender: null })).failed, 0);
  });

  test("a loop that brings no pasts for its sender says so", async () => {
    const world = await open();
    await assert.rejects(examine(world, "sender", {}), {
      code: "agent/failed",
      help: "give its wiring a `senderTrial`",
    });
  });
}

function examine(world: EngineWorld, side: "sender" | "receiver", change: Partial<LoopWiring>) {
  const { context } = world.engine;
  return runConformance(context, { ...world.wiring, ...change }, { side, cases: 500 });
}

async function gateOf(world: EngineWorld, side: "sender" | "receiver") {
  const { gates } = await operations.loopShow.handler(world, { loop: LOOP });
  const gate = gates.find(({ name }) => name === `${side}-conforms`);
  assert.ok(gate);
  return gate;
}

async function replaceAgent(
  world: EngineWorld,
  side: "sender" | "receiver",
  version: string,
): Promise<void> {
  const agent = await world.agent(side);
  await upsertAgent(world.driver, { ...agent, version, seen_at: world.clock.now() });
}

async function sendMany(world: EngineWorld, count: number): Promise<void> {
  const signals = Array.from({ length: count }, (_, i) => ({
    ...world.signal(PLACES[i % PLACES.length] ?? ""),
    id: `sent-${i}`,
  }));
  await world.send(...signals);
}
