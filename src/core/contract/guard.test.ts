import assert from "node:assert/strict";
import { test } from "node:test";
import { goodSignal, NOW, referenceContract } from "../../../test/kit/reference-loop.ts";
import type { ReceivingAgent } from "../port/types.ts";
import { guardReceiver } from "./guard.ts";
import { RefusedSignalError } from "./refusal.ts";
import type { Signal } from "./types.ts";

const REPLY = { kind: "decline", reason: "no", scored: [] } as const;

function setup() {
  const asked: Signal[] = [];
  const agent: ReceivingAgent = {
    department: "marketing",
    name: "agent",
    version: "3",
    evaluate({ signal }) {
      asked.push(signal);
      return Promise.resolve(REPLY);
    },
  };
  const guarded = guardReceiver(agent);
  const contract = referenceContract();
  const ask = (signal: unknown, now = NOW) =>
    guarded.evaluate({ caseId: "c", signal: signal as Signal, contract, now });
  return { asked, agent, guarded, contract, ask };
}

test("a good signal reaches the agent as a copy, and its answer comes back", async () => {
  const { asked, ask } = setup();
  const signal = goodSignal();
  assert.equal(await ask(signal), REPLY);
  assert.deepEqual(asked, [signal]);
  assert.notEqual(asked[0], signal);
});

test("a signal that breaks the contract is refused with every problem, and never reaches the agent", async () => {
  const { asked, ask } = setup();
  const bad: ReadonlyArray<readonly [unknown, string, string]> = [
    [goodSignal({ options: ["close_shop"] }), "contract/unknown-option", "contract/unknown-option"],
    [goodSignal({ confidence: 0.2 }), "contract/invalid-signal", "contract/low-confidence"],
    [goodSignal({ confidence: NaN }), "contract/invalid-signal", "contract/not-plain"],
    [null, "contract/invalid-signal", "contract/wrong-type"],
  ];
  for (const [signal, code, problem] of bad) {
    await assert.rejects(ask(signal), (error) => {
      assert.ok(error instanceof RefusedSignalError);
      assert.deepEqual([error.code, error.retry], [code, "never"]);
      assert.deepEqual(
        error.problems.map((one) => one.code),
        [problem],
      );
      assert.match(error.message, /^`agent` refused the signal: /);
      assert.deepEqual(error.toJSON()["problems"], error.problems);
      return true;
    });
  }
  assert.deepEqual(asked, []);
});

test("whether a signal has expired is judged by the time of the question", async () => {
  const { ask } = setup();
  assert.equal(await ask(goodSignal(), "2026-03-05T05:58:00.000Z"), REPLY);
  await assert.rejects(ask(goodSignal(), "2026-03-05T05:59:00.000Z"), (error) => {
    assert.ok(error instanceof RefusedSignalError);
    assert.equal(error.problems[0]?.code, "contract/expired");
    return true;
  });
});

test("a signal is held to the contract of its question, also when that is another one", async () => {
  const { guarded, contract } = setup();
  const next = { ...contract, version: "1.1.0" };
  const signal = goodSignal({ version: "1.1.0" });
  const request = { caseId: "c", signal, now: NOW };
  assert.equal(await guarded.evaluate({ ...request, contract: next }), REPLY);
  assert.equal(await guarded.evaluate({ ...request, contract: structuredClone(next) }), REPLY);
  await assert.rejects(guarded.evaluate({ ...request, contract }), RefusedSignalError);
});

test("the guarded agent has the name, version and record of the agent", async () => {
  const { agent, guarded } = setup();
  assert.deepEqual(
    [guarded.department, guarded.name, guarded.version, guarded.predictOwnDomain],
    ["marketing", "agent", "3", undefined],
  );
  const record = { predictions: 40, covered: 30, nominal: 0.8, asOf: NOW, words: "orders" };
  const keeping = guardReceiver({ ...agent, predictOwnDomain: () => Promise.resolve(record) });
  assert.equal(await keeping.predictOwnDomain?.({ now: NOW, subjects: [] }), record);
});
