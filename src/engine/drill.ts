/**
 * A drill: one marked signal along the whole way of a loop, with nothing changed at the end of it.
 *
 * As with a fire drill, everybody walks the real stairs. The receiver is really asked, by its real route;
 * the case is opened, governed and written by the code that does so for every signal, in a transaction
 * that is then taken back; each connector reads its real target and lets the outside check the plan, and
 * stops there. What is shown is each hop, how long it took, and the first that failed.
 *
 * Left out: the letters themselves. The mail server is greeted, and nothing is sent.
 */
import { openCase } from "../core/case/open.ts";
import type { Case } from "../core/case/types.ts";
import type { Charter } from "../core/charter/types.ts";
import { sampleSignals } from "../core/contract/sample.ts";
import { contractHash } from "../core/contract/parse.ts";
import { makeExamples } from "../core/contract/suite/sender-suite.ts";
import type { SenderTrial } from "../core/contract/suite/types.ts";
import { createSignalValidator } from "../core/contract/signal.ts";
import type { Reply, Signal } from "../core/contract/types.ts";
import { hashOfRoute } from "../core/loop/about.ts";
import type { Call } from "../core/port/types.ts";
import { assert } from "../std/assert.ts";
import { errorToText, InterlockError } from "../std/errors.ts";
import { hashText } from "../std/hash.ts";
import { addMs, DAY_MS, diffMs, HOUR_MS, type Instant, MINUTE_MS } from "../std/time.ts";
import { findLoop } from "../store/table/loop.ts";
import { findAgent } from "../store/table/agent.ts";
import { findEvidence, writeEvidence } from "../store/table/evidence.ts";
import { appendLedger } from "../store/table/ledger.ts";
import { listHeldSubjects } from "../store/table/signal-case.ts";
import { listSubjects } from "../store/table/subject.ts";
import { advanceCases } from "./advance.ts";
import { checkReply } from "./ask.ts";
import { withDeadline } from "./deadline.ts";
import { getLoopTerms } from "./terms.ts";
import { readGates, refuseUnmet, sampleIntervention, silent } from "./gates.ts";
import { loopEntry } from "./loops.ts";
import { findConnector } from "./prepare.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

export type Hop = {
  /** `signal`, `ask`, `govern`, `act exclude_geo`, `tell marketing`. */
  readonly name: string;
  readonly ok: boolean;
  readonly tookMs: number;
  /** What happened there, in words. */
  readonly words: string;
};

export type DrillReport = {
  readonly loop: string;
  readonly passed: boolean;
  /** The first hop that failed and why; empty if none did. */
  readonly why: string;
  readonly signal: string;
  readonly hops: ReadonlyArray<Hop>;
  readonly madeAt: Instant;
};

/** Signals that the receiver is asked about, at most, until it proposes something. */
const SIGNALS_MAX = 20;
/** Of those, such as the sender really makes. */
const EXAMPLES_MAX = 10;
const SEED = 1;
const DRILL_EVERY_MS = 7 * DAY_MS;
const DRILL_AGAIN_MS = 15 * MINUTE_MS;

/** Only a loop that a person took live is drilled by itself. */
export async function isDrillDue(context: EngineContext, wiring: LoopWiring): Promise<boolean> {
  const { driver, clock } = context;
  const row = await findLoop(driver, wiring.name);
  if (row?.state !== "live" && row?.state !== "suspended") return false;
  const last = await findEvidence(driver, wiring.name, "drill");
  if (last === undefined) return false;
  const { passed } = last.body as { readonly passed: boolean };
  if (diffMs(clock.now(), last.made_at) < (passed ? DRILL_EVERY_MS : DRILL_AGAIN_MS)) return false;
  const { gates } = await readGates(context, wiring, "recent");
  return gates.every(({ holds, name }) => holds || name === "drilled");
}

/** Refused with `loop/gates-unmet` while any gate but the drill's own does not hold. */
export async function runDrill(context: EngineContext, wiring: LoopWiring): Promise<DrillReport> {
  const { gates } = await readGates(context, wiring, "fresh");
  const unmet = gates.filter((gate) => !gate.holds && gate.name !== "drilled");
  if (unmet.length > 0) {
    throw refuseUnmet(
      `\`${wiring.name}\` is not ready for a drill: its other gates come first`,
      unmet,
    );
  }
  const madeAt = context.clock.now();
  const walk = new Walk();
  const signals = await walk.hop("signal", () => makeSignals(context, wiring));
  const asked = signals && (await walk.hop("ask", () => ask(context, wiring, signals)));
  if (asked) await walk.hop("govern", () => govern(context, wiring, asked.signal, asked.reply));
  const { charter } = await getLoopTerms(context.driver, wiring.name);
  for (const option of actingOptions(wiring, charter)) {
    await walk.hop(`act ${option}`, () => rehearse(context, wiring, option));
  }
  for (const { department, address } of charter.notify) {
    await walk.hop(`tell ${department}`, () => greet(context, wiring, address));
  }
  const failed = walk.hops.find(({ ok }) => !ok);
  const report: DrillReport = {
    loop: wiring.name,
    passed: failed === undefined,
    why: failed === undefined ? "" : `${failed.name}: ${failed.words}`,
    signal: asked?.signal.id ?? "",
    hops: walk.hops,
    madeAt,
  };
  await keep(context, wiring, report);
  return report;
}

class Walk {
  readonly hops: Hop[] = [];

  /** Undefined when the hop failed; the drill goes on wherever it still can. */
  async hop<T>(
    name: string,
    work: () => Promise<{ readonly words: string; readonly value?: T }>,
  ): Promise<T | undefined> {
    const startedAt = performance.now();
    const tookMs = () => Math.round((performance.now() - startedAt) * 10) / 10;
    try {
      const { words, value } = await work();
      this.hops.push({ name, ok: true, tookMs: tookMs(), words });
      return value;
    } catch (error) {
      this.hops.push({ name, ok: false, tookMs: tookMs(), words: errorToText(error) });
      return undefined;
    }
  }
}

type Step<T = undefined> = Promise<{ readonly words: string; readonly value?: T }>;

/**
 * Signals that keep the contract: first such as the sender really makes, so that the receiver may have
 * something to propose, then ordinary ones of the contract alone.
 */
async function makeSignals(
  { driver, clock }: EngineContext,
  wiring: LoopWiring,
): Step<ReadonlyArray<Signal>> {
  const { contract, senderTrial } = wiring;
  const now = clock.now();
  const held = new Set(await listHeldSubjects(driver));
  const subjects = await listSubjects(driver);
  const free = subjects.find(({ id, level }) => level === "pincode" && !held.has(id));
  const subject = free?.id ?? "sample";
  const sender = await findAgent(driver, wiring.name, "sender");
  assert(sender, "a drill needs a connected sender, and the gates were just read");
  const made = senderTrial === undefined ? [] : examplesOf(senderTrial);
  const samples = sampleSignals(contract, { now, subject });
  const signals = [...made, ...samples].slice(0, SIGNALS_MAX).map((signal, index): Signal => ({
    ...signal,
    id: `drill-${now}-${index + 1}`,
    source: `${sender.department}/${sender.name}`,
    contract: contract.name,
    version: contract.version,
    subject,
    sentAt: now,
    asOf: now,
    expiresAt: addMs(now, contract.expiry.afterHours * HOUR_MS),
    options: contract.options.map(({ name }) => name),
  }));
  const validate = createSignalValidator(contract);
  for (const signal of signals) {
    const checked = validate(signal, { now });
    if (checked.ok) continue;
    const [first] = checked.problems;
    throw new InterlockError(
      "contract/invalid-signal",
      `a signal breaks its own contract at \`${first?.path ?? ""}\`: ${first?.message ?? ""}`,
    );
  }
  return {
    words: `${signals.length} about ${subject} keep ${contract.name} ${contract.version}`,
    value: signals,
  };
}

const kept = new WeakMap<SenderTrial, ReadonlyArray<Signal>>();

/** Always the same ones, so they are made once. */
function examplesOf(trial: SenderTrial): ReadonlyArray<Signal> {
  const examples = kept.get(trial) ?? makeExamples(trial, SEED, EXAMPLES_MAX);
  kept.set(trial, examples);
  return examples;
}

type Asked = { readonly signal: Signal; readonly reply: Reply };

/** Asks until the receiver proposes something; its last answer stands if it never does. */
async function ask(
  context: EngineContext,
  wiring: LoopWiring,
  signals: ReadonlyArray<Signal>,
): Step<Asked> {
  let last: Asked | undefined;
  for (const [index, signal] of signals.entries()) {
    const reply = await askOnce(context, wiring, signal);
    last = { signal, reply };
    if (!("proposal" in reply)) continue;
    const words = `${wiring.receiver.name} answered ${index + 1}: ${reply.kind} ${reply.proposal.option}`;
    return { words, value: last };
  }
  assert(last, "a drill has signals");
  return {
    words: `${wiring.receiver.name} answered ${signals.length}, and proposed nothing: ${last.reply.kind}`,
    value: last,
  };
}

async function askOnce(context: EngineContext, wiring: LoopWiring, signal: Signal): Promise<Reply> {
  const { contract, receiver } = wiring;
  const request = { caseId: drillCaseId(signal), signal, contract, now: context.clock.now() };
  const answered = await withDeadline(
    context.limits.callMs,
    () => silent(receiver.name),
    () => receiver.evaluate(request),
  );
  return checkReply(receiver.name, contract, signal, answered);
}

function drillCaseId(signal: Signal): string {
  return `drill-${hashText(signal.id).slice(0, 16)}`;
}

/** Carries the case out of a transaction that is taken back. */
class TakenBack extends Error {
  readonly of: Case;

  constructor(of: Case) {
    super("taken back");
    this.of = of;
  }
}

async function govern(
  context: EngineContext,
  wiring: LoopWiring,
  signal: Signal,
  reply: Reply,
): Step {
  const of = await tryCase(context, wiring, signal, reply);
  const { verdict } = of;
  if (verdict === undefined) {
    return { words: `nothing to govern: the case is ${of.closeReason ?? of.state}` };
  }
  const asked = verdict.votes.map(({ party, quorum }) => `${quorum} of ${party}`);
  const who = asked.length === 0 ? "" : `, votes of ${asked.join(" and ")}`;
  return { words: `${verdict.kind} by ${verdict.decidedBy} ${verdict.rule}${who}` };
}

async function tryCase(
  context: EngineContext,
  wiring: LoopWiring,
  signal: Signal,
  reply: Reply,
): Promise<Case> {
  const at = context.clock.now();
  const { charterHash } = await getLoopTerms(context.driver, wiring.name);
  const opened = openCase(
    {
      id: drillCaseId(signal),
      loop: wiring.name,
      signal,
      subjectName: signal.subject,
      contractHash: contractHash(wiring.contract),
      charterHash,
    },
    at,
  );
  try {
    return await context.driver.transaction(async (tx): Promise<never> => {
      const letters = [
        { kind: "signal.admitted", at },
        { kind: "reply.received", at, step: 1, reply },
      ] as const;
      const moved = [{ case: opened, letters, isNew: true }];
      const [after] = (await advanceCases(tx, context, moved, at)).cases;
      assert(after, "a case that moved is still there");
      throw new TakenBack(after);
    });
  } catch (error) {
    if (error instanceof TakenBack) return error.of;
    throw error;
  }
}

function actingOptions({ contract }: LoopWiring, charter: Charter): ReadonlyArray<string> {
  return contract.options
    .filter(({ kind, name }) => kind === "act" && charter.options.includes(name))
    .map(({ name }) => name);
}

/** Reads the target, works out the change, and lets the outside check it. */
async function rehearse(context: EngineContext, wiring: LoopWiring, option: string): Step {
  const connector = findConnector(wiring, option);
  const intervention = await sampleIntervention(context, wiring, option);
  if (connector === undefined || intervention === undefined) {
    throw new InterlockError("connector/rejected", `no connector carries out \`${option}\``);
  }
  await withinCall(context, connector.name, async (call) => {
    const before = await connector.read(intervention, call);
    await connector.dryRun(connector.plan(intervention, before), call);
  });
  return { words: `${connector.name} read ${intervention.resource} and agreed to the plan` };
}

async function greet(context: EngineContext, { notifier }: LoopWiring, address: string): Step {
  if (notifier.probe === undefined) {
    return { words: `${notifier.channel} to ${address}; it cannot be tried without sending` };
  }
  await withinCall(context, notifier.channel, async (call) => notifier.probe?.(call));
  return { words: `${notifier.channel} is ready to send to ${address}` };
}

function withinCall<T>(
  context: EngineContext,
  name: string,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  return withDeadline(
    context.limits.callMs,
    () => silent(name),
    (signal) => work({ idempotencyKey: "drill", fence: 0, signal }),
  );
}

async function keep(
  context: EngineContext,
  wiring: LoopWiring,
  report: DrillReport,
): Promise<void> {
  const { driver } = context;
  const sender = await findAgent(driver, wiring.name, "sender");
  const receiver = await findAgent(driver, wiring.name, "receiver");
  assert(sender && receiver, "a drill has two ends");
  const papers = await getLoopTerms(driver, wiring.name);
  await driver.transaction(async (tx) => {
    await writeEvidence(tx, {
      loop: wiring.name,
      kind: "drill",
      about: hashOfRoute(papers, sender, receiver),
      body: { passed: report.passed, why: report.why, hops: report.hops },
      made_at: report.madeAt,
    });
    // Times stay out of it: two runs of one history have one ledger.
    await appendLedger(tx, [
      loopEntry(context, wiring.name, "loop.drilled", {
        signal: report.signal,
        result: report.passed ? "passed" : `failed at ${report.why}`,
      }),
    ]);
  });
}
