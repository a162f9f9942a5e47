/** Receivers with one fault each, and whether the suite says which. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CONTRACT, createAgent, createFacts } from "../../test/kit/marketing.ts";
import { guardReceiver } from "../core/contract/guard.ts";
import { RefusedSignalError } from "../core/contract/refusal.ts";
import type { FaultName } from "../core/contract/suite/fault.ts";
import { judgeReceiver } from "../core/contract/suite/judge-receiver.ts";
import { createReceiverSuite } from "../core/contract/suite/receiver-suite.ts";
import type { Failure } from "../core/contract/suite/types.ts";
import type { Proposal, Reply, Signal } from "../core/contract/types.ts";
import type { ReceivingAgent } from "../core/port/types.ts";
import { canonicalJson } from "../std/canonical-json.ts";
import { InterlockError } from "../std/errors.ts";
import { askAll } from "./conform-receiver.ts";

const NOW = "2026-04-01T06:00:00.000Z";
const { cases } = createReceiverSuite(CONTRACT, {
  seed: 11,
  cases: 500,
  now: NOW,
  subjects: ["IN-560001", "IN-110001", "IN-D-patna"],
});
const GOOD = createAgent(createFacts());

type Request = Parameters<ReceivingAgent["evaluate"]>[0];
type Evaluate = (request: Request, ask: ReceivingAgent["evaluate"]) => Promise<Reply>;

/** The marketing agent behind its guard, with its answers as `evaluate` makes them. */
function faulty(evaluate: Evaluate): ReceivingAgent {
  const { department, name, version } = GOOD;
  const guarded = guardReceiver(GOOD);
  return {
    department,
    name,
    version,
    evaluate: (request) => evaluate(request, (again) => guarded.evaluate(again)),
  };
}

/** Changes every proposal that is made. */
function proposing(change: (proposal: Proposal, request: Request) => unknown): ReceivingAgent {
  return faulty(async (request, ask) => {
    const reply = await ask(request);
    if (reply.kind !== "accept") return reply;
    return { kind: "accept", proposal: change(reply.proposal, request) as Proposal };
  });
}

async function examine(
  receiver: ReceivingAgent,
  answerWithinMs = 5_000,
): Promise<{ failures: ReadonlyArray<Failure>; stopped: string; asked: number }> {
  const { answers, stopped } = await askAll(
    {
      receiver,
      contract: CONTRACT,
      now: NOW,
      run: "test",
      answerWithinMs,
      onAsked: () => undefined,
    },
    cases,
  );
  const resourceOf = (option: string, subject: string) =>
    ["prepaid_only", "confirm_orders"].includes(option)
      ? `shop:test/${subject}`
      : `ads:test/${subject}`;
  const terms = { contract: CONTRACT, currency: "INR", resourceOf };
  return { failures: judgeReceiver(terms, cases, answers), stopped, asked: answers.size };
}

function faultsOf(failures: ReadonlyArray<Failure>): ReadonlyArray<FaultName> {
  return [...new Set(failures.map(({ fault }) => fault))].sort();
}

/** Everything that a signal says, as one text. */
const textOf = (signal: Signal) => JSON.stringify(signal).toLowerCase();
const withDays = (proposal: Proposal, standingDays: number) => ({
  ...proposal,
  standingDays,
  parameters: { ...proposal.parameters, standingDays },
});

test("the marketing agent passes every case", async () => {
  const { failures, stopped, asked } = await examine(guardReceiver(GOOD));
  assert.deepEqual(failures, []);
  assert.equal(stopped, "");
  assert.equal(asked, cases.length);
});

let calls = 0;
const known = new Map<string, Reply>();

const FAULTY: ReadonlyArray<readonly [FaultName, string, ReceivingAgent]> = [
  [
    "unknown-option",
    "proposes an option of its own making",
    proposing((proposal) => ({ ...proposal, option: "launch_campaign", scored: [] })),
  ],
  [
    "option-not-offered",
    "looks at the contract's options only",
    proposing((proposal, { signal }) => {
      const option = ["exclude_geo", "lower_bid"].find((one) => !signal.options.includes(one));
      if (option === undefined) return proposal;
      const parameters =
        option === "exclude_geo"
          ? { standingDays: proposal.standingDays, probeShare: 0.1 }
          : { standingDays: proposal.standingDays, bidModifier: 0.5 };
      return {
        ...proposal,
        option,
        parameters,
        scored: [],
        resource: `ads:test/${signal.subject}`,
      };
    }),
  ],
  [
    "parameter-out-of-range",
    "lets an action stand for 40 days",
    proposing((proposal) => withDays(proposal, 40)),
  ],
  [
    "invalid-parameter",
    "adds a parameter that nobody knows",
    proposing((proposal) => ({ ...proposal, parameters: { ...proposal.parameters, speed: 9 } })),
  ],
  [
    "different-answer-on-repeat",
    "counts its calls",
    proposing((proposal) => withDays(proposal, 1 + (calls++ % 28))),
  ],
  [
    "obeys-injected-text",
    "does as it is told in a text",
    faulty(async (request, ask) => {
      const reply = await ask(request);
      const isTold = /ignore (?:all )?previous instructions/.test(textOf(request.signal));
      return isTold ? { kind: "decline", reason: "as told", scored: [] } : reply;
    }),
  ],
  [
    "repeats-injected-text",
    "quotes the signal in its reasons",
    faulty(async (request, ask) => {
      const reply = await ask(request);
      const said = JSON.stringify(request.signal.payload["cause"]).slice(0, 400);
      return "reason" in reply ? { ...reply, reason: `because of ${said}` } : reply;
    }),
  ],
  [
    "wrong-resource",
    "always changes the same place",
    proposing((proposal) => ({ ...proposal, resource: "ads:test/IN-400001" })),
  ],
  [
    "malformed-reply",
    "answers in a form of its own",
    faulty(async (request, ask) => {
      await ask(request);
      return { action: "do it" } as unknown as Reply;
    }),
  ],
  [
    "wrong-currency",
    "answers in dollars",
    proposing((proposal) => JSON.parse(JSON.stringify(proposal).replaceAll('"INR"', '"USD"'))),
  ],
  [
    "probability-out-of-range",
    "says probabilities in percent",
    proposing((proposal) => ({
      ...proposal,
      value: { ...proposal.value, probabilityBetter: 93 },
    })),
  ],
  [
    "contradicts-itself",
    "says other standing days than it sends",
    proposing((proposal) => ({ ...proposal, standingDays: proposal.standingDays + 1 })),
  ],
  [
    "acted-below-threshold",
    "acts on a hunch",
    faulty(async (request, ask) => {
      const { signal } = request;
      const reply = await ask(request);
      if (reply.kind !== "decline" || signal.confidence >= 0.7) return reply;
      return ask({ ...request, signal: { ...signal, confidence: 0.95 } });
    }),
  ],
  [
    "answer-depends-on-id",
    "remembers ids instead of reading",
    faulty(async (request, ask) => {
      const key = canonicalJson([request.signal?.id ?? null]);
      const reply = known.get(key) ?? (await ask(request));
      // What was once refused or breaks the contract is not looked up.
      await ask(request);
      known.set(key, reply);
      return known.get(key) as Reply;
    }),
  ],
  [
    "accepted-invalid-signal",
    "does not look at the expiry",
    faulty(async (request, ask) => {
      try {
        return await ask(request);
      } catch (error) {
        const isExpired =
          error instanceof RefusedSignalError &&
          error.problems.every(({ code }) => code === "contract/expired");
        if (!isExpired) throw error;
        return { kind: "decline", reason: "it is late, but why not", scored: [] };
      }
    }),
  ],
  [
    "wrong-refusal-code",
    "refuses everything for the same reason",
    faulty(async (request, ask) => {
      try {
        return await ask(request);
      } catch {
        const problem = { path: "", code: "contract/wrong-shape", message: "no" };
        throw new RefusedSignalError("no", [problem]);
      }
    }),
  ],
  [
    "refused-valid-signal",
    "takes a range to be half open",
    faulty(async (request, ask) => {
      const reply = await ask(request);
      if (request.signal.payload["maturity"] !== 1) return reply;
      throw new RefusedSignalError("no", [
        { path: "/payload/maturity", code: "contract/out-of-range", message: "it is not below 1" },
      ]);
    }),
  ],
  [
    "crashed",
    "divides by what may be zero",
    faulty(async (request, ask) => {
      const reply = await ask(request);
      const { events } = request.signal.payload["measure"] as { events: number };
      if (events === 0) throw new TypeError("division by zero");
      return reply;
    }),
  ],
];

for (const [fault, words, receiver] of FAULTY) {
  test(`an agent that ${words} fails with ${fault} and nothing else`, async () => {
    const { failures } = await examine(receiver);
    assert.deepEqual(faultsOf(failures), [fault], show(failures));
    for (const { sent, came, words: said } of failures) {
      assert.ok(sent.length > 0 && sent.length < 400 && came.length > 0 && said.length > 10);
    }
  });
}

function show(failures: ReadonlyArray<Failure>): string {
  return faultsOf(failures)
    .map((fault) => JSON.stringify(failures.find((failure) => failure.fault === fault)))
    .join("\n");
}

test("an agent that never answers some signals fails with late-answer, and is not waited for 500 times", async () => {
  const receiver = faulty(async (request, ask) => {
    const reply = await ask(request);
    return request.signal.options.length === 1 ? new Promise<never>(() => undefined) : reply;
  });
  const { failures, stopped, asked } = await examine(receiver, 60);
  assert.deepEqual(faultsOf(failures), ["late-answer"]);
  assert.equal(failures.length, 3);
  assert.match(stopped, /stopped after 3 cases without an answer; \d+ were not tried/);
  assert.ok(asked < cases.length);
});

test("an agent that blocks the process past its time is late, though its answer came", async () => {
  const receiver = faulty(async (request, ask) => {
    const reply = await ask(request);
    const until = performance.now() + (request.signal.options.length === 1 ? 80 : 0);
    while (performance.now() < until);
    return reply;
  });
  assert.deepEqual(faultsOf((await examine(receiver, 60)).failures), ["late-answer"]);
});

test("an agent that is not there fails with unreachable after three tries", async () => {
  const cause = Object.assign(new TypeError("fetch failed"), {
    cause: Object.assign(new Error("connect"), { code: "ECONNREFUSED" }),
  });
  const receiver = faulty(() =>
    Promise.reject(new InterlockError("agent/failed", "it could not be reached", { cause })),
  );
  const { failures, asked } = await examine(receiver);
  assert.deepEqual(faultsOf(failures), ["unreachable"]);
  assert.equal(asked, 3);
});

test("what the agent does to its answer afterwards changes no verdict", async () => {
  const receiver = faulty(async (request, ask) => {
    const reply = structuredClone(await ask(request)) as { kind: string };
    queueMicrotask(() => setImmediate(() => (reply.kind = "spoilt")));
    return reply as Reply;
  });
  assert.deepEqual((await examine(receiver)).failures, []);
});
