/** Agents elsewhere: what a slow one may hold up, and what it may not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReceivingAgent } from "../../../src/core/port/types.ts";
import { PLACES } from "../../kit/engine-world.ts";
import type { Setup } from "./setup.ts";

/** The same agent, as if it stood in another process. */
function elsewhere(agent: ReceivingAgent): ReceivingAgent {
  const { department, name, version } = agent;
  return {
    ...{ department, name, version, isRemote: true },
    evaluate: (request) => agent.evaluate(request),
  };
}

export function exerciseElsewhere(setup: Setup): void {
  test("an agent elsewhere that does not answer one question keeps no other case waiting", async () => {
    const world = await setup();
    const [silent = "", ...others] = PLACES.slice(0, 4);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const answer = world.receiver.answer;
    world.receiver.answer = async (signal, contract) => {
      if (signal.subject === silent) await held;
      return answer(signal, contract);
    };
    const wiring = { ...world.wiring, receiver: elsewhere(world.receiver) };
    const engine = world.openEngine({ callMs: 5_000, leaseMs: 20_000 }, wiring);
    const ids = new Map<string, string>();
    for (const subject of [silent, ...others]) ids.set(subject, await world.signalOn(subject));
    await engine.tend();
    for (const subject of others) {
      assert.equal((await world.case(ids.get(subject) ?? "")).state, "watching", subject);
    }
    assert.equal((await world.case(ids.get(silent) ?? "")).state, "evaluating");
    release();
    await engine.drain();
    await engine.tend();
    assert.equal((await world.case(ids.get(silent) ?? "")).state, "watching");
    assert.equal(world.outside.effects.length, PLACES.slice(0, 4).length);
  });
}
