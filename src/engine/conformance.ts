/**
 * Tests one end of a loop against its contract, and keeps the result as evidence.
 *
 * As a driving test is passed with one car: the result is about this agent at this version and this very
 * contract, and is none once either changes. The cases are made in `core/contract/suite`; this file
 * carries them to the agent and writes down what came of it. Nothing outside is changed by it.
 */
import { contractHash } from "../core/contract/parse.ts";
import { describeFault, type FaultName } from "../core/contract/suite/fault.ts";
import { judgeReceiver } from "../core/contract/suite/judge-receiver.ts";
import { createReceiverSuite } from "../core/contract/suite/receiver-suite.ts";
import { makeExamples } from "../core/contract/suite/sender-suite.ts";
import {
  CASE_KINDS,
  type CaseKind,
  type ConformanceReport,
  type Failure,
  type Side,
} from "../core/contract/suite/types.ts";
import type { Signal } from "../core/contract/types.ts";
import { hashOfAgent, hashOfEnd } from "../core/loop/about.ts";
import type { Subject } from "../core/port/types.ts";
import type { Json } from "../std/canonical-json.ts";
import { InterlockError } from "../std/errors.ts";
import { hashText } from "../std/hash.ts";
import { type AgentRow, findAgent } from "../store/table/agent.ts";
import { writeEvidence } from "../store/table/evidence.ts";
import { appendLedger } from "../store/table/ledger.ts";
import { listNewestCases } from "../store/table/signal-case.ts";
import { listSubjects } from "../store/table/subject.ts";
import { askAll, describeUnsent } from "./conform-receiver.ts";
import { type SenderTest, testByRecord, testByTrial } from "./conform-sender.ts";
import { loopEntry } from "./loops.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

export type ConformanceOptions = {
  readonly side: Side;
  readonly seed?: number;
  /** Cases at the least. */
  readonly cases?: number;
  /** How long the receiver has for one answer; the engine's own deadline if left out. */
  readonly answerWithinMs?: number;
};

export type OnProgress = (label: string, done: number, total: number) => void;

export const CASES_DEFAULT = 600;
/** Failures of one fault that are kept in full. */
const FAILURES_KEPT = 5;
const SUBJECTS_MAX = 10;
const EXAMPLES_MAX = 40;

export async function runConformance(
  context: EngineContext,
  wiring: LoopWiring,
  options: ConformanceOptions,
  onProgress: OnProgress = () => undefined,
): Promise<ConformanceReport> {
  const { side } = options;
  const settings = { seed: options.seed ?? 1, cases: options.cases ?? CASES_DEFAULT };
  const startedAt = performance.now();
  const agent = await getAgent(context, wiring, side);
  const test =
    side === "sender"
      ? await testSender(context, wiring, agent, settings, onProgress)
      : await testReceiver(context, wiring, { ...options, ...settings }, onProgress);
  const after = await getAgent(context, wiring, side);
  if (hashOfAgent(agent) !== hashOfAgent(after)) {
    throw new InterlockError(
      "agent/failed",
      `${agent.name} ${agent.version} was replaced by ${after.name} ${after.version} during the test`,
      { retry: "later", help: "run the suite again" },
    );
  }
  const report = toReport(context, wiring, side, agent, settings.seed, test, startedAt);
  await keep(context, wiring, agent, report);
  return report;
}

type Test = Omit<SenderTest, "signals"> & {
  readonly stopped?: string;
  readonly untried?: number;
  readonly uncovered?: ReadonlyArray<string>;
};

async function getAgent(
  { driver }: EngineContext,
  wiring: LoopWiring,
  side: Side,
): Promise<AgentRow> {
  const agent = await findAgent(driver, wiring.name, side);
  if (agent !== undefined) return agent;
  const { department } = wiring.contract[side];
  throw new InterlockError(
    "agent/not-registered",
    `no agent stands at the ${side} end of \`${wiring.name}\``,
    { help: `an agent of ${department} registers itself: PUT /v1/loops/${wiring.name}/${side}` },
  );
}

type Settings = { readonly seed: number; readonly cases: number };

async function testSender(
  context: EngineContext,
  wiring: LoopWiring,
  agent: AgentRow,
  settings: Settings,
  onProgress: OnProgress,
): Promise<SenderTest> {
  const { senderTrial } = wiring;
  if (wiring.sender === null) {
    return testByRecord(context, wiring, agent);
  }
  if (senderTrial === undefined) {
    throw new InterlockError(
      "agent/failed",
      `the loop \`${wiring.name}\` brings no pasts on which its sender could be tested`,
      { help: "give its wiring a `senderTrial`" },
    );
  }
  const onDone = (done: number) => onProgress("sender", done, settings.cases);
  return testByTrial(context, wiring, senderTrial, settings, onDone);
}

async function testReceiver(
  context: EngineContext,
  wiring: LoopWiring,
  options: ConformanceOptions & Settings,
  onProgress: OnProgress,
): Promise<Test> {
  const { contract, charter, receiver } = wiring;
  const now = context.clock.now();
  const examples = await listExamples(context, wiring, options.seed);
  const subjects = chooseSubjects(await listSubjects(context.driver));
  const { seed, cases: least } = options;
  const { cases, uncovered } = createReceiverSuite(contract, {
    seed,
    cases: least,
    now,
    subjects,
    examples,
  });
  const { answers, stopped } = await askAll(
    {
      receiver,
      contract,
      now,
      run: hashText(`${wiring.name} ${now} ${seed}`).slice(0, 8),
      answerWithinMs: options.answerWithinMs ?? context.limits.callMs,
      onAsked: (done) => onProgress("receiver", done, cases.length),
    },
    cases,
  );
  const tried = cases.filter(({ id }) => answers.has(id));
  const failures = judgeReceiver(
    { contract, currency: charter.currency, resourceOf: (o, s) => wiring.resourceOf(o, s) },
    cases,
    answers,
  );
  const unsent = describeUnsent(tried, receiver.isRemote === true);
  return {
    cases: tried,
    failures,
    stopped,
    untried: cases.length - tried.length,
    uncovered,
    notes: [
      `${examples.length} of the ordinary cases are signals that the sender really makes`,
      ...(unsent === "" ? [] : [unsent]),
    ],
  };
}

/** Signals as they are really sent: from the record here, else from a few pasts of the sender's trial. */
async function listExamples(
  { driver }: EngineContext,
  wiring: LoopWiring,
  seed: number,
): Promise<ReadonlyArray<Signal>> {
  const recorded = await listNewestCases(driver, {
    loop: wiring.name,
    contractHash: contractHash(wiring.contract),
    since: null,
    limit: EXAMPLES_MAX,
  });
  const good = recorded.filter(({ problems }) => problems.length === 0).map(({ signal }) => signal);
  if (good.length >= EXAMPLES_MAX / 2 || wiring.senderTrial === undefined) return good;
  return [...good, ...makeExamples(wiring.senderTrial, seed, EXAMPLES_MAX / 2 - good.length)];
}

/** A few of each level, because large and small places are different cases. */
function chooseSubjects(all: ReadonlyArray<Subject>): ReadonlyArray<string> {
  const taken = new Map<string, number>();
  return all
    .filter(({ level }) => {
      const count = (taken.get(level) ?? 0) + 1;
      taken.set(level, count);
      return count <= (level === "pincode" ? SUBJECTS_MAX : 2);
    })
    .map(({ id }) => id);
}

function toReport(
  context: EngineContext,
  wiring: LoopWiring,
  side: Side,
  { department, name, version }: AgentRow,
  seed: number,
  test: Test,
  startedAt: number,
): ConformanceReport {
  const { cases, failures, calibration } = test;
  return {
    loop: wiring.name,
    side,
    contract: { name: wiring.contract.name, version: wiring.contract.version },
    contractHash: contractHash(wiring.contract),
    agent: { department, name, version },
    seed,
    cases: cases.length,
    failed: new Set(failures.map((failure) => failure.case)).size,
    byKind: countKinds(cases, failures),
    byFault: countFaults(side, failures),
    failures: keepSome(failures),
    untried: test.untried ?? 0,
    stopped: test.stopped ?? "",
    uncovered: test.uncovered ?? [],
    ...(calibration === undefined ? {} : { calibration }),
    notes: test.notes,
    madeAt: context.clock.now(),
    tookMs: Math.round(performance.now() - startedAt),
  };
}

function countKinds(cases: Test["cases"], failures: ReadonlyArray<Failure>) {
  const failed = new Set(failures.map((failure) => failure.case));
  return (Object.keys(CASE_KINDS) as ReadonlyArray<CaseKind>).flatMap((kind) => {
    const some = cases.filter((one) => one.kind === kind);
    if (some.length === 0) return [];
    return [{ kind, cases: some.length, failed: some.filter(({ id }) => failed.has(id)).length }];
  });
}

function countFaults(side: Side, failures: ReadonlyArray<Failure>) {
  const cases = new Map<FaultName, Set<string>>();
  for (const failure of failures) {
    cases.set(failure.fault, (cases.get(failure.fault) ?? new Set()).add(failure.case));
  }
  return [...cases]
    .sort(([, a], [, b]) => b.size - a.size)
    .map(([fault, { size }]) => ({ fault, cases: size, ...describeFault(side, fault) }));
}

function keepSome(failures: ReadonlyArray<Failure>): ReadonlyArray<Failure> {
  const kept = new Map<FaultName, number>();
  return failures.filter(({ fault }) => {
    const count = (kept.get(fault) ?? 0) + 1;
    kept.set(fault, count);
    return count <= FAILURES_KEPT;
  });
}

/** The whole report is kept, so that it can be read again; the gate reads three fields of it. */
async function keep(
  context: EngineContext,
  wiring: LoopWiring,
  agent: AgentRow,
  report: ConformanceReport,
): Promise<void> {
  const { side, cases, failed } = report;
  const [failure] = report.failures;
  const first =
    failure === undefined
      ? ""
      : toStorable(`${failure.fault}: ${failure.words} (${failure.case}: ${failure.about})`);
  await context.driver.transaction(async (tx) => {
    await writeEvidence(tx, {
      loop: wiring.name,
      kind: `${side}-conformance`,
      about: hashOfEnd(report.contractHash, agent),
      body: { cases, failures: failed, first, report: toPlain(report) },
      made_at: report.madeAt,
    });
    // Times stay out of it: two runs of one history have one ledger.
    await appendLedger(tx, [
      loopEntry(context, wiring.name, "loop.tested", {
        side,
        agent: `${agent.name} ${agent.version}`,
        contract_hash: report.contractHash,
        result: failed === 0 ? `passed ${cases} cases` : `failed ${failed} of ${cases}: ${first}`,
      }),
    ]);
  });
}

function toPlain(report: ConformanceReport): Json {
  const text = JSON.stringify(report, (_key, value: unknown) =>
    typeof value === "string" ? toStorable(value) : value,
  );
  return JSON.parse(text) as Json;
}

/** As the database takes it: what an agent said may hold anything. */
function toStorable(text: string): string {
  return text.replaceAll("\u0000", " ").toWellFormed();
}
