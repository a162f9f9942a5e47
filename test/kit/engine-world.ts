/**
 * A small world for tests of the engine: a fresh store, a clock that is turned by hand, the reference
 * contract and charter, and an outside that does what the test's script says.
 *
 * The loop is taken live through its real gates: data is received and folded, both heads sign, and it
 * is activated. Everything random or slow is left out; what is under test is the engine itself.
 */
import type { Case, CaseState } from "../../src/core/case/types.ts";
import type { BallotPaper } from "../../src/core/charter/ballot-paper.ts";
import type { Charter } from "../../src/core/charter/types.ts";
import type { Contract, Proposal, Reply, Signal } from "../../src/core/contract/types.ts";
import type {
  Connector,
  DayReading,
  Notice,
  Notifier,
  ObservationBatch,
  ReceivingAgent,
  SendingAgent,
  Subject,
} from "../../src/core/port/types.ts";
import { charterHash } from "../../src/core/charter/parse.ts";
import { contractHash } from "../../src/core/contract/parse.ts";
import { hashOfAgent, hashOfEnd, hashOfRoute } from "../../src/core/loop/about.ts";
import { registerSimulatedKey, signAsOwner, signVote } from "../../src/app/simulated-owners.ts";
import { VirtualClock } from "../../src/app/virtual-clock.ts";
import { runDispatch } from "../../src/engine/dispatch.ts";
import { Engine } from "../../src/engine/engine.ts";
import { acceptSignals, type IntakeAnswer } from "../../src/engine/intake.ts";
import { registerLoop } from "../../src/engine/loops.ts";
import { runTurn } from "../../src/engine/turn.ts";
import { DEFAULT_LIMITS, type EngineLimits, type LoopWiring } from "../../src/engine/wiring.ts";
import { operations } from "../../src/operation/index.ts";

import { assert } from "../../src/std/assert.ts";
import { InterlockError } from "../../src/std/errors.ts";
import { addMs, DAY_MS, HOUR_MS, type Instant } from "../../src/std/time.ts";
import type { Driver } from "../../src/store/driver/driver.ts";
import {
  type AgentRow,
  type AgentSide,
  findAgent,
  updateAgentSeen,
  upsertAgent,
} from "../../src/store/table/agent.ts";
import { writeEvidence } from "../../src/store/table/evidence.ts";
import { listCases } from "../../src/store/table/signal-case.ts";
import { readChange } from "../../loops/logistics-marketing/loop.ts";
import {
  goodProposal,
  goodSignal,
  NOW,
  referenceCharter,
  referenceContract,
} from "./reference-loop.ts";
import { createScriptedConnector, type ScriptedConnector } from "./scripted-connector.ts";

export { NOW } from "./reference-loop.ts";
export const LOOP = "logistics-marketing";
export const HEAD_OF = {
  logistics: "head@logistics.example.com",
  marketing: "head@marketing.example.com",
} as const;
export type Side = keyof typeof HEAD_OF;

/** Pincodes that are known from the first day, and what lies around them. */
export const PLACES: ReadonlyArray<string> = Array.from(
  { length: 12 },
  (_, n) => `IN-${560001 + n}`,
);
export const [HERE = "", THERE = "", ELSEWHERE = ""] = PLACES;
export const SUBJECTS: ReadonlyArray<Subject> = [
  { id: "IN", kind: "geography", level: "nation", name: "India", parent: null },
  { id: "IN-S-karnataka", kind: "geography", level: "state", name: "Karnataka", parent: "IN" },
  ...PLACES.map((id): Subject => ({
    id,
    kind: "geography",
    level: "pincode",
    name: `Bengaluru ${id.slice(-2)}`,
    parent: "IN-S-karnataka",
  })),
];

export type WorldOptions = {
  readonly charter?: (charter: Charter) => Charter;
  readonly connector?: { readonly class?: Connector["class"] };
  readonly connectors?: ReadonlyArray<Connector>;
  readonly notifier?: Notifier;
  readonly resourceOf?: LoopWiring["resourceOf"];
  readonly limits?: Partial<EngineLimits>;
  readonly dataMaxAgeHours?: number;
  /** `registered` leaves the loop where it is created; the default takes it live. */
  readonly loop?: "registered" | "live";
};

/** Deadlines in real time are short, so that a call that is never answered costs little. */
export const WORLD_LIMITS: EngineLimits = {
  ...DEFAULT_LIMITS,
  callMs: 150,
  leaseMs: 5_000,
  failuresMax: 4,
  claimsMax: 3,
};

export class EngineWorld {
  readonly driver: Driver;
  readonly clock: VirtualClock;
  readonly engine: Engine;
  readonly wiring: LoopWiring;
  readonly outside: ScriptedConnector;
  readonly receiver: ScriptedReceiver;
  readonly sender: ScriptedSender;
  readonly post: RecordingNotifier;

  constructor(driver: Driver, options: WorldOptions) {
    this.driver = driver;
    this.clock = new VirtualClock(NOW);
    this.outside = createScriptedConnector({
      class: options.connector?.class ?? "readable",
      now: () => this.clock.now(),
    });
    this.receiver = new ScriptedReceiver();
    this.sender = new ScriptedSender();
    this.post = new RecordingNotifier();
    const charter = referenceCharter();
    this.wiring = {
      name: LOOP,
      contract: referenceContract(),
      charter: options.charter?.(charter) ?? charter,
      sender: this.sender,
      receiver: this.receiver,
      connectors: options.connectors ?? [this.outside],
      notifier: options.notifier ?? this.post,
      resourceOf: options.resourceOf ?? ((_option, subject) => resourceOf(subject)),
      readChange,
      metric: "ndr_rate",
      effectWorthTelling: 0.03,
      calibrationDays: 1,
      dataMaxAgeHours: options.dataMaxAgeHours ?? 10_000,
    };
    this.engine = this.openEngine(options.limits);
  }

  /** Another process on the same store: same ports, its own engine. */
  openEngine(limits: Partial<EngineLimits> = {}, wiring: LoopWiring = this.wiring): Engine {
    return new Engine({
      driver: this.driver,
      clock: this.clock,
      loops: new Map([[LOOP, wiring]]),
      pace: { askMs: 0, actMs: 0, notifyMs: 0 },
      limits: { ...WORLD_LIMITS, ...limits },
      zoneOffsetMinutes: 330,
    });
  }

  async register(): Promise<void> {
    await registerLoop(this.engine.context, this.wiring);
  }

  /** One day of data, both acceptances and signatures, tests passed, activation. */
  async goLive(): Promise<void> {
    await this.engine.receive(dayBatch("2026-03-01"));
    await this.engine.fold(LOOP);
    for (const party of ["logistics", "marketing"] as const) {
      await this.accept(party);
      await this.sign(party);
    }
    await this.passTests();
    await this.activate();
  }

  async accept(department: Side): Promise<void> {
    const { name, version } = this.wiring.contract;
    const person = HEAD_OF[department];
    await operations.contractAccept.handler(this, { name, version, department, person });
  }

  /** Evidence as if both ends had passed their tests and a drill: here the engine is under test. */
  async passTests(charter: Charter = this.wiring.charter): Promise<void> {
    const { driver, clock, wiring } = this;
    const [sender, receiver] = [await this.agent("sender"), await this.agent("receiver")];
    const contract = contractHash(wiring.contract);
    const papers = { contractHash: contract, charterHash: charterHash(charter) };
    const passed = { cases: 500, failures: 0, first: "" };
    const asOf = clock.now();
    const record = { predictions: 100, covered: 80, nominal: 0.8, asOf };
    const rows = [
      ["sender-conformance", hashOfEnd(contract, sender), passed],
      ["receiver-conformance", hashOfEnd(contract, receiver), passed],
      ["receiver-calibration", hashOfAgent(receiver), record],
      ["receiver-trust", hashOfAgent(receiver), { person: HEAD_OF.marketing }],
      ["drill", hashOfRoute(papers, sender, receiver), { passed: true, why: "", hops: [] }],
    ] as const;
    for (const [kind, about, body] of rows) {
      await writeEvidence(driver, { loop: LOOP, kind, about, body, made_at: clock.now() });
    }
  }

  /** The receiver becomes one of another process, with a heartbeat, heard now. */
  async makeReceiverRemote(): Promise<void> {
    const agent = await this.agent("receiver");
    const at = { seen_at: this.clock.now() };
    await upsertAgent(this.driver, { ...agent, route: "poll", heartbeat_seconds: 30, ...at });
    await this.hearReceiver();
  }

  /** A heartbeat of the receiver, and a look at the gates. */
  async hearReceiver(): Promise<void> {
    delete this.receiver.fault;
    const seen_at = this.clock.now();
    const calibration = { predictions: 100, covered: 80, nominal: 0.8, asOf: seen_at };
    const { name } = this.receiver;
    const beat = { loop: LOOP, side: "receiver", name, seen_at, calibration } as const;
    assert(await updateAgentSeen(this.driver, beat), "the receiver is registered");
    await this.engine.review(LOOP);
  }

  /** The receiver's process is gone: its heartbeat stops long enough to be noticed. */
  async silenceReceiver(): Promise<void> {
    this.receiver.fault = new InterlockError("agent/failed", "connection refused", {
      retry: "later",
    });
    const agent = await this.agent("receiver");
    const seen_at = addMs(this.clock.now(), -HOUR_MS);
    await updateAgentSeen(this.driver, { ...agent, seen_at, data_complete_to: NOW });
    await this.engine.review(LOOP);
  }

  async agent(side: AgentSide): Promise<AgentRow> {
    const row = await findAgent(this.driver, LOOP, side);
    assert(row, `the ${side} is registered`);
    return row;
  }

  async sign(party: Side): Promise<void> {
    const { charter } = this.wiring;
    await signAsOwner(this.engine, LOOP, charter, charterHash(charter), party);
    // That the heads have keys is news too, but not what these tests count.
    await this.driver.query("delete from loop_notice where topic = 'key-changed'");
  }

  async activate(): Promise<void> {
    await operations.loopActivate.handler(this, { loop: LOOP });
  }

  async pause(): Promise<void> {
    await operations.loopPause.handler(this, { loop: LOOP });
  }

  /** Signals through the door, as one delivery. */
  async send(...signals: ReadonlyArray<unknown>): Promise<ReadonlyArray<IntakeAnswer>> {
    return this.driver.transaction((tx) =>
      acceptSignals(tx, this.engine.context, this.wiring, signals, (subject) => subject),
    );
  }

  /** Sends a good signal about `subject` now and returns the id of its case. */
  async signalOn(subject: string, change: Partial<Signal> = {}): Promise<string> {
    const [answer] = await this.send(this.signal(subject, change));
    assert(answer !== undefined && answer.kind === "accepted", "a good new signal is accepted");
    return answer.caseId;
  }

  signal(subject: string, change: Partial<Signal> = {}): Signal {
    const now = this.clock.now();
    return goodSignal({
      id: `ndr-${subject}-${now}`,
      subject,
      sentAt: now,
      asOf: addMs(now, -HOUR_MS),
      expiresAt: addMs(now, 72 * HOUR_MS),
      ...change,
    });
  }

  async settle(): Promise<void> {
    await this.engine.settle();
  }

  /** Moves one step at a time until the case is in `state`, and stops before what that state orders. */
  async stepTo(id: string, state: CaseState): Promise<void> {
    for (;;) {
      if ((await this.case(id)).state === state) return;
      if ((await runTurn(this.engine.context)) > 0) continue;
      const claimed = await runDispatch(this.engine.context, { stepsMax: 1 });
      assert(claimed > 0, `the case comes to be ${state}`);
    }
  }

  /** Turns the clock to each instant at which something is due, up to `until`. */
  async runUntil(until: Instant): Promise<void> {
    for (;;) {
      const next = await this.engine.findNextDue();
      if (next === undefined || next > until) break;
      this.clock.moveTo(next);
      await this.engine.settle();
    }
    this.clock.moveTo(until);
  }

  async runDays(days: number): Promise<void> {
    await this.runUntil(addMs(this.clock.now(), days * DAY_MS));
  }

  async case(id: string): Promise<Case> {
    return (await operations.caseShow.handler(this, { id })).case;
  }

  async cases(): Promise<ReadonlyArray<Case>> {
    return listCases(this.driver, { loop: LOOP }, 10_000);
  }

  async effects(id: string) {
    return (await operations.caseShow.handler(this, { id })).effects;
  }

  async vote(id: string, party: Side, choice: "agree" | "reject" = "agree"): Promise<void> {
    await this.voteAs({ case: id, party, person: HEAD_OF[party], choice });
  }

  /** A vote as somebody signs it, on the action that waits unless it says another. */
  async voteAs(
    said: Pick<BallotPaper, "case" | "party" | "person"> & Partial<BallotPaper>,
  ): Promise<void> {
    const paper = await this.paper(said);
    await registerSimulatedKey(this.engine, paper.person);
    await operations.caseVote.handler(this, { id: said.case, envelope: signVote(paper) });
  }

  async paper(
    said: Pick<BallotPaper, "case" | "party" | "person"> & Partial<BallotPaper>,
  ): Promise<BallotPaper> {
    const { digest = "" } = await this.case(said.case);
    const at = this.clock.now();
    const choice = said.choice ?? "agree";
    return {
      choice,
      ...(choice === "reject" ? { because: "other" } : {}),
      reason: "looked at it",
      digest,
      at,
      expires: addMs(at, HOUR_MS),
      ...said,
    };
  }

  /** The stop button of the loop, as a head presses and releases it. */
  async stop(): Promise<void> {
    const person = HEAD_OF.marketing;
    const said = { scope: "loop", name: LOOP, person, reason: "stopped in a test" } as const;
    await operations.stopPress.handler(this, said);
  }

  async release(): Promise<void> {
    const said = { scope: "loop", name: LOOP, person: HEAD_OF.marketing } as const;
    await operations.stopRelease.handler(this, said);
  }

  async undo(id: string): Promise<void> {
    await operations.caseUndo.handler(this, { id, person: HEAD_OF.marketing, why: "changed mind" });
  }

  /** Topics of the letters that arrived about a case, as `department: topic`, sorted. */
  async told(id: string): Promise<ReadonlyArray<string>> {
    const rows = await this.driver.query<{ line: string }>(
      `select (body #>> '{letter,department}') || ': ' || (body #>> '{letter,topic}') as line
       from effect where case_id = $1 and kind = 'notify' and state = 'done'
       order by 1`,
      [id],
    );
    return rows.map((row) => row.line);
  }
}

/** What the world's receiver would change for a subject. */
export function resourceOf(subject: string): string {
  return `ads:test/${subject}`;
}

/** A fresh world on an emptied store. */
export async function openWorld(driver: Driver, options: WorldOptions = {}): Promise<EngineWorld> {
  await emptyStore(driver);
  const world = new EngineWorld(driver, options);
  await world.register();
  if (options.loop !== "registered") await world.goLive();
  return world;
}

/** Empties every table of a migrated store; making the schema anew takes several times as long. */
export async function emptyStore(driver: Driver): Promise<void> {
  const tables = await driver.query<{ name: string }>(
    `select tablename as name from pg_tables
     where schemaname = 'public' and tablename not in ('schema_migration', 'ledger_head')
     order by tablename`,
  );
  await driver.exec(`
    alter table ledger disable trigger ledger_is_append_only;
    truncate ${tables.map(({ name }) => name).join(", ")};
    update ledger_head set n = 0, peaks = '{}';
    alter table ledger enable trigger ledger_is_append_only;`);
}

export function dayBatch(
  day: string,
  change: Partial<ObservationBatch> = {},
  counts: (subject: string) => { readonly n: number; readonly k: number } = () => ({ n: 40, k: 6 }),
): ObservationBatch {
  return {
    source: "courier-feed",
    id: `day-${day}`,
    metric: "ndr_rate",
    completeDays: [day],
    subjects: SUBJECTS,
    observations: PLACES.map((subject) => ({
      metric: "ndr_rate",
      subject,
      day,
      stratum: "",
      ...counts(subject),
    })),
    ...change,
  };
}

/** Sends what it is told to; its state is the days that it folded. */
export class ScriptedSender implements SendingAgent {
  readonly department = "logistics";
  readonly name = "ndr-watch";
  version = "1.0.0";
  /** Signals to send on a day. */
  script = new Map<string, ReadonlyArray<Signal>>();
  /** Subjects that are well again on a day. */
  recovered = new Map<string, ReadonlyArray<string>>();
  folded: string[] = [];

  foldDay({ day, observations }: Parameters<SendingAgent["foldDay"]>[0]): DayReading {
    this.folded.push(day);
    return {
      day,
      evaluated: observations.length,
      notEvaluated: [],
      signals: this.script.get(day) ?? [],
      nearMisses: [],
      recovered: this.recovered.get(day) ?? [],
    };
  }

  save(): Uint8Array {
    return new TextEncoder().encode(this.folded.join(","));
  }

  restore(state: Uint8Array): void {
    this.folded = new TextDecoder()
      .decode(state)
      .split(",")
      .filter((day) => day !== "");
  }
}

/** Accepts with a proposal small enough to run by itself, unless the script says otherwise. */
export class ScriptedReceiver implements ReceivingAgent {
  readonly department = "marketing";
  readonly name = "budget-keeper";
  version = "1.0.0";
  asked: string[] = [];
  /** Thrown instead of answering, as long as it is there. */
  fault?: InterlockError;
  /** Answers of the cases to come; a function may throw. */
  answer: (signal: Signal, contract: Contract) => Reply | Promise<Reply> = (signal) =>
    acceptOn(signal);

  async evaluate(request: Parameters<ReceivingAgent["evaluate"]>[0]): Promise<Reply> {
    if (this.fault !== undefined) throw this.fault;
    this.asked.push(request.caseId);
    return this.answer(request.signal, request.contract);
  }

  /** Answers every signal with this change of the usual proposal. */
  propose(change: (signal: Signal) => Partial<Proposal>): void {
    this.answer = (signal) => acceptOn(signal, change(signal));
  }
}

/** Accepts where the signal offers what the usual proposal wants, and declines otherwise. */
export function acceptOn(signal: Signal, change: Partial<Proposal> = {}): Reply {
  const proposal = goodProposal({ resource: resourceOf(signal.subject), ...change });
  return signal.options.includes(proposal.option)
    ? { kind: "accept", proposal }
    : { kind: "decline", reason: "nothing worth doing is offered", scored: [] };
}

/** Keeps every message it delivered; fails the next ones when told to. */
export class RecordingNotifier implements Notifier {
  readonly channel = "email";
  readonly delivered: Notice[] = [];
  /** Thrown, oldest first, instead of delivering. */
  readonly faults: InterlockError[] = [];

  async send(notice: Notice): Promise<{ readonly receipt: null }> {
    const fault = this.faults.shift();
    if (fault !== undefined) throw fault;
    this.delivered.push(notice);
    return { receipt: null };
  }
}

export const rupees = (amount: number) => ({ amountMinor: amount * 100, currency: "INR" });

/** Proposals that the reference charter answers so. */
export const BY_VERDICT = {
  auto: {},
  marketing: { valueAtStake: rupees(100_000) },
  both: { valueAtStake: rupees(600_000) },
  forbid: { blastRadius: { subjects: 1, shareOfOrders: 0.2, shareOfSpend: 0.01 } },
} as const satisfies Record<string, Partial<Proposal>>;
