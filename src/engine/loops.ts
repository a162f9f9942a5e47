/**
 * Loops at run time: registering their papers, gathering the evidence for their gates, and moving them
 * through their life. What the evidence means is `core/loop`'s; this file only gathers it.
 */
import { lintCharter } from "../core/charter/lint.ts";
import { validateReply } from "../core/contract/proposal.ts";
import type { Signal } from "../core/contract/types.ts";
import { computeGates, type Gate, type GateEvidence } from "../core/loop/gates.ts";
import { computeLoopStep, type LoopRequest, type LoopStep } from "../core/loop/lifecycle.ts";
import { findOption } from "../core/contract/option.ts";
import { sampleSignals, sampleValue } from "../core/contract/sample.ts";
import type { Connector, Intervention } from "../core/port/types.ts";
import { assert } from "../std/assert.ts";
import { errorToText, InterlockError } from "../std/errors.ts";
import { addDays, instantOn } from "../std/time.ts";
import { findAgentProgress } from "../store/table/agent-state.ts";
import { insertCaseEvents } from "../store/table/case-event.ts";
import { findContract, insertContract } from "../store/table/contract.ts";
import { insertCharter, insertSignature, listSignatures } from "../store/table/charter.ts";
import { appendLedger } from "../store/table/ledger.ts";
import {
  findLoop,
  insertLoop,
  type LoopRow,
  lockLoop,
  updateLoopConformance,
  updateLoopPapers,
  updateLoopState,
} from "../store/table/loop.ts";
import { findNewestCompleteDay } from "../store/table/observation.ts";
import { listCases } from "../store/table/signal-case.ts";
import { listSubjects } from "../store/table/subject.ts";
import { withDeadline } from "./deadline.ts";
import { papersOf } from "./intake.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

/** Parked cases that are let through when a loop goes live, at most. */
const PARKED_MAX = 100_000;

/** Registers a loop's contract and charter and creates the loop if it is new. */
export async function registerLoop(context: EngineContext, wiring: LoopWiring): Promise<void> {
  const now = context.clock.now();
  const papers = papersOf(wiring);
  await context.driver.transaction(async (tx) => {
    await insertContract(tx, papers.contract_hash, wiring.contract, now);
    await insertCharter(tx, papers.charter_hash, wiring.charter, now);
    const created = await insertLoop(tx, {
      name: wiring.name,
      autonomy: wiring.autonomy,
      ...papers,
      changed_at: now,
    });
    const row = await lockLoop(tx, wiring.name);
    const changed =
      row !== undefined &&
      (row.contract_hash !== papers.contract_hash || row.charter_hash !== papers.charter_hash);
    if (changed) {
      await updateLoopPapers(tx, wiring.name, { ...papers, changed_at: now });
    }
    if (created || changed) {
      await appendLedger(tx, [
        loopEntry(context, wiring.name, created ? "loop.created" : "loop.papers-changed", papers),
      ]);
    }
  });
}

/** Records that a person signed the loop's charter for a party. */
export async function signCharter(
  context: EngineContext,
  wiring: LoopWiring,
  party: string,
  email: string,
): Promise<void> {
  const { charter } = wiring;
  const signing = charter.parties.find((candidate) => candidate.department === party);
  if (signing === undefined || signing.owner.email !== email) {
    throw new InterlockError(
      "charter/not-in-force",
      `\`${email}\` is not the owner of \`${party}\` in charter \`${charter.name}\``,
      {
        help: `the owners are ${charter.parties
          .map((p) => `${p.owner.email} (${p.department})`)
          .join(", ")}`,
      },
    );
  }
  const { charter_hash } = papersOf(wiring);
  const now = context.clock.now();
  await context.driver.transaction(async (tx) => {
    const isNew = await insertSignature(tx, charter_hash, { party, person: email, signed_at: now });
    if (!isNew) return;
    await appendLedger(tx, [
      loopEntry(context, wiring.name, "charter.signed", { party, charter_hash }, email),
    ]);
  });
}

export async function readGates(
  context: EngineContext,
  wiring: LoopWiring,
): Promise<{ readonly row: LoopRow; readonly gates: ReadonlyArray<Gate> }> {
  const row = await getLoop(context, wiring.name);
  return { row, gates: computeGates(await gatherEvidence(context, wiring, row)) };
}

/**
 * Asks for a change of a loop's life and carries it out if the gates allow it. Going live lets the
 * parked signals through, in the order in which they came.
 */
export async function requestLoop(
  context: EngineContext,
  wiring: LoopWiring,
  request: LoopRequest,
): Promise<LoopStep> {
  if (request === "activate") await testReceiver(context, wiring);
  const { gates } = await readGates(context, wiring);
  const now = context.clock.now();
  return context.driver.transaction(async (tx) => {
    const row = await lockLoop(tx, wiring.name);
    assert(row, "a registered loop has a row");
    const step = computeLoopStep(row.state, request, gates);
    if (step.kind !== "moved") return step;
    await updateLoopState(tx, wiring.name, { state: step.to, why: step.why, changed_at: now });
    await appendLedger(tx, [
      loopEntry(context, wiring.name, "loop.moved", {
        from: row.state,
        to: step.to,
        why: step.why,
      }),
    ]);
    if (step.to === "live") {
      const parked = await listCases(tx, { loop: wiring.name, state: "parked" }, PARKED_MAX);
      await insertCaseEvents(
        tx,
        parked.map((of) => ({ caseId: of.id, event: { kind: "loop.resumed", at: now } as const })),
      );
    }
    return step;
  });
}

/** Asks the receiver about sample signals of the contract; the result is evidence for its gate. */
async function testReceiver(context: EngineContext, wiring: LoopWiring): Promise<void> {
  const { contract, receiver } = wiring;
  const now = context.clock.now();
  const subjects = await listSubjects(context.driver);
  const subject = subjects.find((candidate) => candidate.level === "pincode");
  const samples = sampleSignals(contract, {
    now,
    ...(subject === undefined ? {} : { subject: subject.id }),
  });
  const failures: string[] = [];
  for (const signal of samples) {
    const failure = await tryReceiver(context, wiring, signal);
    if (failure !== undefined) failures.push(`sample \`${signal.id}\`: ${failure}`);
  }
  const { contract_hash } = papersOf(wiring);
  await context.driver.transaction(async (tx) => {
    const registered = await findContract(tx, contract_hash);
    assert(registered, "a registered loop's contract is registered");
    await updateLoopConformance(tx, wiring.name, {
      contractHash: contract_hash,
      receiverVersion: receiver.version,
      cases: samples.length,
      failures,
    });
  });
}

async function tryReceiver(
  context: EngineContext,
  { contract, receiver }: LoopWiring,
  signal: Signal,
): Promise<string | undefined> {
  const request = { caseId: "conformance", signal, contract, now: context.clock.now() };
  try {
    const ask = () =>
      withDeadline(
        context.limits.callMs,
        () => silent(receiver.name),
        () => receiver.evaluate(request),
      );
    const reply = await ask();
    const again = await ask();
    if (JSON.stringify(reply) !== JSON.stringify(again)) return "two answers to one question";
    const [problem] = validateReply(contract, signal, reply);
    return problem === undefined ? undefined : `${problem.path}: ${problem.message}`;
  } catch (error) {
    return errorToText(error);
  }
}

async function gatherEvidence(
  context: EngineContext,
  wiring: LoopWiring,
  row: LoopRow,
): Promise<GateEvidence> {
  const { driver, clock, zoneOffsetMinutes } = context;
  const { charter, contract } = wiring;
  const newest = await findNewestCompleteDay(driver, wiring.metric);
  const progress = await findAgentProgress(driver, wiring.name);
  const signatures = await listSignatures(driver, row.charter_hash);
  const carried = new Set(wiring.connectors.flatMap((connector) => connector.options));
  const acting = contract.options.filter((option) => option.kind === "act").map(({ name }) => name);
  return {
    now: clock.now(),
    sender: { name: wiring.sender.name, version: wiring.sender.version },
    receiver: { name: wiring.receiver.name, version: wiring.receiver.version },
    ...(newest === undefined
      ? {}
      : { dataCompleteTo: instantOn(addDays(newest, 1), 0, zoneOffsetMinutes) }),
    dataMaxAgeHours: wiring.dataMaxAgeHours,
    contractRegistered: (await findContract(driver, row.contract_hash)) !== undefined,
    ...(row.conformance === null ? {} : { conformance: row.conformance }),
    contractHash: row.contract_hash,
    calibration: { daysFolded: progress?.days_folded ?? 0, daysNeeded: wiring.calibrationDays },
    charter: {
      unsigned: charter.parties
        .map((party) => party.department)
        .filter((party) => !signatures.some((signature) => signature.party === party)),
      effective: charter.effective,
      errors: lintCharter(charter, contract)
        .filter((finding) => finding.severity === "error")
        .map((finding) => finding.message),
    },
    connectors: await Promise.all(
      wiring.connectors.map((connector) => probe(context, wiring, connector)),
    ),
    optionsWithoutConnector: charter.options.filter(
      (option) => acting.includes(option) && !carried.has(option),
    ),
    maturityDays: charter.outcome.maturityDays,
  };
}

/** A read of a real target through the connector; nothing is changed. */
async function probe(
  context: EngineContext,
  wiring: LoopWiring,
  connector: Connector,
): Promise<{ readonly name: string; readonly fault?: string }> {
  const option = findOption(wiring.contract, connector.options[0] ?? "");
  const subject = (await listSubjects(context.driver)).find((s) => s.level === "pincode");
  if (option === undefined || subject === undefined) {
    return { name: connector.name, fault: "nothing to try it on: no subject is known yet" };
  }
  try {
    const intervention = {
      option: option.name,
      parameters: sampleValue(option.parameters, "middle") as Intervention["parameters"],
      subject: subject.id,
      resource: wiring.resourceOf(option.name, subject.id),
    };
    await withDeadline(
      context.limits.callMs,
      () => silent(connector.name),
      (signal) => connector.read(intervention, { idempotencyKey: "probe", fence: 0, signal }),
    );
    return { name: connector.name };
  } catch (error) {
    return { name: connector.name, fault: errorToText(error) };
  }
}

function silent(name: string): InterlockError {
  return new InterlockError("connector/unavailable", `\`${name}\` did not answer in time`, {
    retry: "later",
  });
}

async function getLoop(context: EngineContext, name: string): Promise<LoopRow> {
  const row = await findLoop(context.driver, name);
  if (row === undefined) throw new InterlockError("loop/not-found", `no loop is named \`${name}\``);
  return row;
}

function loopEntry(
  context: EngineContext,
  loop: string,
  kind: string,
  body: { readonly [key: string]: string },
  actor = "engine",
) {
  return { at: context.clock.now(), kind, loop, case: null, actor, body };
}
