/** Senders with one fault each, and whether the suite says which. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadPapers, METRIC } from "../../loops/logistics-marketing/loop.ts";
import { listHistories, TRIAL_WORDS } from "../../loops/logistics-marketing/trial.ts";
import { createLogisticsAgent } from "../agent/logistics/agent.ts";
import type { FaultName } from "../core/contract/suite/fault.ts";
import type { Failure } from "../core/contract/suite/types.ts";
import type { Signal } from "../core/contract/types.ts";
import type { SendingAgent } from "../core/port/types.ts";
import type { Driver } from "../store/driver/driver.ts";
import { testByTrial } from "./conform-sender.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

const { contract } = loadPapers();
const wiring = { name: "loop", contract, metric: METRIC } as LoopWiring;
/** A store in which nothing was ever recorded. */
const context = {
  driver: { query: () => Promise.resolve([]) } as unknown as Driver,
  zoneOffsetMinutes: 330,
} as EngineContext;

function examine(createSender: () => SendingAgent, cases = 110) {
  const trial = { createSender, histories: listHistories, words: TRIAL_WORDS };
  return testByTrial(context, wiring, trial, { seed: 1, cases }, () => undefined);
}

function faultsOf(failures: ReadonlyArray<Failure>): ReadonlyArray<FaultName> {
  return [...new Set(failures.map(({ fault }) => fault))].sort();
}

/** The logistics agent, with what it says changed. */
function faulty(change: (signals: ReadonlyArray<Signal>, day: string) => ReadonlyArray<Signal>) {
  return (): SendingAgent => {
    const agent = createLogisticsAgent();
    return {
      ...agent,
      foldDay(input) {
        const reading = agent.foldDay(input);
        return { ...reading, signals: change(reading.signals, input.day) };
      },
    };
  };
}

const each = (change: (signal: Signal) => unknown) =>
  faulty((signals) => signals.map((signal) => change(signal) as Signal));

test("the logistics agent passes 500 pasts, and says how honest its confidence is", async () => {
  const { cases, failures, calibration, signals, notes } = await examine(createLogisticsAgent, 500);
  assert.deepEqual(failures, []);
  assert.ok(cases.length >= 500);
  for (const kind of ["golden", "boundary", "hostile", "repeat", "restored", "calibration"]) {
    assert.ok(
      cases.some((one) => one.kind === kind),
      kind,
    );
  }
  assert.ok(calibration !== undefined && calibration.scored >= 100, `${calibration?.scored}`);
  assert.equal(calibration.tolerance, 0.1);
  assert.ok(calibration.expectedError.mean < 0.1);
  assert.equal(
    calibration.bands.reduce((sum, { count }) => sum + count, 0),
    calibration.scored,
  );
  assert.ok(signals.length > 20);
  assert.match(notes.join("\n"), /no complete day is recorded here yet/);
});

let chance = 0;

const FAULTY: ReadonlyArray<readonly [FaultName, string, () => SendingAgent]> = [
  [
    "invalid-signal",
    "leaves the payload's level out",
    each(({ payload: { level: _level, ...payload }, ...signal }) => ({ ...signal, payload })),
  ],
  [
    "invalid-signal",
    "says rates in percent",
    each((signal) => ({
      ...signal,
      payload: { ...signal.payload, maturity: 100 * Number(signal.payload["maturity"]) },
    })),
  ],
  ["unknown-option", "offers what nobody agreed", each((s) => ({ ...s, options: ["close_shop"] }))],
  ["wrong-contract", "speaks of an older version", each((s) => ({ ...s, version: "0.9.0" }))],
  ["wrong-time", "sends what has expired", each((s) => ({ ...s, expiresAt: s.asOf }))],
  ["foreign-source", "speaks for finance", each((s) => ({ ...s, source: "finance/agent" }))],
  ["confidence-below-threshold", "speaks on a hunch", each((s) => ({ ...s, confidence: 0.3 }))],
  [
    "duplicate-id",
    "sends every signal twice",
    faulty((signals) => signals.flatMap((signal) => [signal, signal])),
  ],
  [
    "different-signals-on-repeat",
    "draws its ids",
    each((s) => ({ ...s, id: `${s.id}-${(chance += 1)}` })),
  ],
  ["overconfident", "is always sure", boaster],
  ["crashed", "needs data every day", () => crasher()],
  ["stayed-silent", "never speaks", faulty(() => [])],
  ["state-lost", "forgets what it saw when it is saved", () => forgetter()],
];

/** Speaks of a place every time its rate was a little higher, and claims to be sure. */
function boaster(): SendingAgent {
  const agent = createLogisticsAgent({
    detector: { evidenceFloor: 25, falseSignalShare: 1, patienceDays: 1, confidenceMin: 0 },
  });
  return {
    ...agent,
    foldDay(input) {
      const { signals, ...reading } = agent.foldDay(input);
      return { ...reading, signals: signals.map((s) => ({ ...s, confidence: 0.99 })) };
    },
  };
}

function crasher(): SendingAgent {
  const agent = createLogisticsAgent();
  return {
    ...agent,
    foldDay(input) {
      if (input.observations.length === 0) throw new RangeError("no rows");
      return agent.foldDay(input);
    },
  };
}

function forgetter(): SendingAgent {
  const agent = createLogisticsAgent();
  return { ...agent, restore: () => undefined };
}

for (const [fault, words, createSender] of FAULTY) {
  test(`a sender that ${words} fails with ${fault}`, async () => {
    const { failures } = await examine(createSender);
    const faults = faultsOf(failures);
    assert.ok(faults.includes(fault), faults.join());
    // What is random differs after a restart as well; what says nothing valid has nothing scored.
    const implied = ["state-lost", "too-few-scored"];
    assert.deepEqual(
      faults.filter((one) => one !== fault && !implied.includes(one)),
      [],
    );
  });
}

test("a sender whose rare signals cannot be scored is not called honest", async () => {
  const { failures } = await examine(createLogisticsAgent, 60);
  assert.deepEqual(faultsOf(failures), ["too-few-scored"]);
});
