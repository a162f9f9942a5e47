/**
 * Gathers the evidence for a loop's gates. What the evidence means is `core/loop`'s; this file only
 * reads it, and tries the connectors when nobody did for a while.
 */
import { lintCharter } from "../core/charter/lint.ts";
import { normaliseEmail } from "../core/charter/seat.ts";
import type { Charter } from "../core/charter/types.ts";
import type { Signer } from "../core/sign/signers.ts";
import { findOption } from "../core/contract/option.ts";
import { sampleValue } from "../core/contract/sample.ts";
import type { Contract } from "../core/contract/types.ts";
import { type AgentId, hashOfAgent, hashOfEnd, hashOfRoute } from "../core/loop/about.ts";
import type {
  AgentEvidence,
  ConformanceEvidence,
  DrillEvidence,
  GateEvidence,
  MeasurementPlan,
} from "../core/loop/gate.ts";
import { computeGates, type Gate } from "../core/loop/gates.ts";
import type { OwnRecord } from "../core/loop/own-record.ts";
import type { Connector, Intervention } from "../core/port/types.ts";
import { errorToText, InterlockError } from "../std/errors.ts";
import { type Hash, hashJson } from "../std/hash.ts";
import { computeTrialsNeeded } from "../stats/outcome/power.ts";
import { addDays, dayToNumber, diffMs, type Instant, instantOn, MINUTE_MS } from "../std/time.ts";
import { dayIn } from "../std/zone.ts";
import { type AgentRow, findAgent } from "../store/table/agent.ts";
import { findAgentProgress } from "../store/table/agent-state.ts";
import { findCharterState, listSignatures } from "../store/table/charter.ts";
import {
  type EvidenceKind,
  type EvidenceRow,
  listEvidence,
  writeEvidence,
} from "../store/table/evidence.ts";
import { listGates, upsertGates } from "../store/table/gate.ts";
import { findLoop, type LoopRow } from "../store/table/loop.ts";
import { findNewestCompleteDay, listVolumes, readRate } from "../store/table/observation.ts";
import { listSubjects } from "../store/table/subject.ts";
import { withDeadline } from "./deadline.ts";
import { isContractInForce, listMissingAcceptances } from "./registry.ts";
import { listSigners } from "./signers.ts";
import { getTerms } from "./terms.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

const DAYS_OF_WEEK = 7;
/** A connector that answered this recently is not asked again just to look. */
const PROBE_MAX_AGE_MS = 15 * MINUTE_MS;
/** A remote agent that missed its heartbeat gets half an interval's grace. */
const SILENCE_INTERVALS = 1.5;
/** A drill older than this says little about today. */
export const DRILL_MAX_AGE_HOURS = 30 * 24;

export type DatedGate = Gate & {
  /** Since when it holds, or does not. */
  readonly since: Instant;
};

export type Gates = { readonly row: LoopRow; readonly gates: ReadonlyArray<DatedGate> };

/** `fresh` tries every connector now; `recent` is content with an answer of the last minutes. */
export async function readGates(
  context: EngineContext,
  wiring: LoopWiring,
  probing: "fresh" | "recent",
): Promise<Gates> {
  const { driver, clock } = context;
  const row = await getLoop(context, wiring.name);
  const gates = computeGates(await gatherEvidence(context, wiring, row, probing));
  const now = clock.now();
  await upsertGates(
    driver,
    gates.map(({ name, holds }) => ({ loop: wiring.name, name, holds, since: now })),
  );
  const since = new Map(
    (await listGates(driver, wiring.name)).map((gate) => [gate.name, gate.since]),
  );
  return { row, gates: gates.map((gate) => ({ ...gate, since: since.get(gate.name) ?? now })) };
}

export async function getLoop(context: EngineContext, name: string): Promise<LoopRow> {
  const row = await findLoop(context.driver, name);
  if (row === undefined) throw new InterlockError("loop/not-found", `no loop is named \`${name}\``);
  return row;
}

async function gatherEvidence(
  context: EngineContext,
  wiring: LoopWiring,
  row: LoopRow,
  probing: "fresh" | "recent",
): Promise<GateEvidence> {
  const { driver, clock } = context;
  const { contract } = wiring;
  const { charter } = await getTerms(driver, row.contract_hash, row.charter_hash);
  const sender = await findAgent(driver, wiring.name, "sender");
  const receiver = await findAgent(driver, wiring.name, "receiver");
  const evidence = await listEvidence(driver, wiring.name);
  const signatures = await listSignatures(driver, row.charter_hash);
  const signers = await listSigners(driver);
  const unsigned = charter.parties
    .map((party) => party.department)
    .filter((party) => !signatures.some((signature) => signature.party === party));
  const unaccepted = await listMissingAcceptances(driver, row.contract_hash);
  const carried = new Set(wiring.connectors.flatMap((connector) => connector.options));
  const acting = contract.options.filter((option) => option.kind === "act").map(({ name }) => name);
  const dataCompleteTo = await findDataEnd(context, wiring, sender);
  const drill =
    sender && receiver
      ? findAbout(evidence, "drill", hashOfRoute(papersHashes(row), sender, receiver))
      : undefined;
  return {
    now: clock.now(),
    loop: wiring.name,
    departments: {
      sender: contract.sender.department,
      receiver: contract.receiver.department,
    },
    ...(sender === undefined ? {} : { sender: toAgentEvidence(sender) }),
    ...(receiver === undefined ? {} : { receiver: toAgentEvidence(receiver) }),
    contract: {
      name: contract.name,
      version: contract.version,
      isInForce: await isContractInForce(driver, row.contract_hash),
      unaccepted,
    },
    ...(dataCompleteTo === undefined ? {} : { dataCompleteTo }),
    dataMaxAgeHours: wiring.dataMaxAgeHours,
    senderLearning: await readLearning(context, wiring, sender),
    ...testOf("senderConformance", row, evidence, "sender-conformance", sender),
    ...testOf("receiverConformance", row, evidence, "receiver-conformance", receiver),
    ...readReceiverRecord(evidence, receiver),
    charter: {
      owners: charter.parties.map(({ department, owner }) => ({ department, email: owner.email })),
      unsigned,
      keyless: unsigned.filter((department) => {
        const owner = charter.parties.find((party) => party.department === department)?.owner;
        return !signers.some((signer) => isKeyOf(signer, owner?.email ?? "", clock.now()));
      }),
      state: (await findCharterState(driver, row.charter_hash)) ?? "proposed",
      today: dayIn(clock.now(), charter.timeZone),
      effective: charter.effective,
      errors: listErrors(row, charter, contract),
    },
    connectors: await probeAll(context, wiring, evidence.get("connectors"), probing),
    optionsWithoutConnector: charter.options.filter(
      (option) => acting.includes(option) && !carried.has(option),
    ),
    measurement: await readMeasurement(context, wiring, charter, evidence.get("measurement")),
    ...(drill === undefined ? {} : { drill: toDrill(drill) }),
    drillMaxAgeHours: DRILL_MAX_AGE_HOURS,
  };
}

/** The refusal of whatever needs every gate, with what would make each hold. */
export function refuseUnmet(what: string, unmet: ReadonlyArray<Gate>): InterlockError {
  return new InterlockError("loop/gates-unmet", what, {
    help: unmet
      .flatMap((gate) => [
        `${gate.name}: ${gate.evidence}; to make it hold, ${gate.toHold}`,
        ...gate.commands.map((command) => `  interlock ${command}`),
      ])
      .join("\n"),
  });
}

export function papersHashes(row: LoopRow): { contractHash: Hash; charterHash: Hash } {
  return { contractHash: row.contract_hash, charterHash: row.charter_hash };
}

export function toAgentEvidence(agent: AgentRow): AgentEvidence {
  return {
    department: agent.department,
    name: agent.name,
    version: agent.version,
    isRemote: agent.heartbeat_seconds !== null,
    seenAt: agent.seen_at,
    ...(agent.heartbeat_seconds === null
      ? {}
      : { silenceMaxMs: agent.heartbeat_seconds * 1_000 * SILENCE_INTERVALS }),
  };
}

/** The end of the data that the sender reads: ours if it runs here, its own word if it does not. */
async function findDataEnd(
  { driver, zoneOffsetMinutes }: EngineContext,
  wiring: LoopWiring,
  sender: AgentRow | undefined,
): Promise<Instant | undefined> {
  if (wiring.sender === null) return sender?.data_complete_to ?? undefined;
  const newest = await findNewestCompleteDay(driver, wiring.metric);
  return newest === undefined ? undefined : instantOn(addDays(newest, 1), 0, zoneOffsetMinutes);
}

async function readLearning(
  { driver }: EngineContext,
  wiring: LoopWiring,
  sender: AgentRow | undefined,
): Promise<GateEvidence["senderLearning"]> {
  if (wiring.sender === null) {
    const record = sender?.calibration as OwnRecord | null | undefined;
    return { kind: "record", ...(record ? { record } : {}) };
  }
  const progress = await findAgentProgress(driver, wiring.name);
  return { kind: "days", folded: progress?.days_folded ?? 0, needed: wiring.calibrationDays };
}

function isKeyOf({ person, validUntil }: Signer, email: string, now: Instant): boolean {
  if (normaliseEmail(person) !== normaliseEmail(email)) return false;
  return validUntil === undefined || now < validUntil;
}

const KEPT_MAX = 64;
const errorsByPapers = new Map<string, ReadonlyArray<string>>();

/** Looked for once for each pair of papers: they never change, and gates are read at every heartbeat. */
function listErrors(row: LoopRow, charter: Charter, contract: Contract): ReadonlyArray<string> {
  const key = `${row.charter_hash} ${row.contract_hash}`;
  const known = errorsByPapers.get(key);
  if (known !== undefined) return known;
  const errors = lintCharter(charter, contract)
    .filter((finding) => finding.severity === "error")
    .map((finding) => finding.message);
  if (errorsByPapers.size >= KEPT_MAX) errorsByPapers.clear();
  errorsByPapers.set(key, errors);
  return errors;
}

type EvidenceByKind = ReadonlyMap<EvidenceKind, EvidenceRow>;

/** Evidence counts only while it is about what stands there now. */
function findAbout(
  evidence: EvidenceByKind,
  kind: EvidenceKind,
  about: Hash,
): EvidenceRow | undefined {
  const row = evidence.get(kind);
  return row?.about === about ? row : undefined;
}

function testOf<Field extends "senderConformance" | "receiverConformance">(
  field: Field,
  row: LoopRow,
  evidence: EvidenceByKind,
  kind: EvidenceKind,
  agent: AgentId | undefined,
): { readonly [F in Field]?: ConformanceEvidence } {
  if (agent === undefined) return {};
  const found = findAbout(evidence, kind, hashOfEnd(row.contract_hash, agent));
  if (found === undefined) return {};
  const body = found.body as Omit<ConformanceEvidence, "madeAt">;
  const { cases, failures, first } = body;
  return { [field]: { cases, failures, first, madeAt: found.made_at } } as {
    readonly [F in Field]?: ConformanceEvidence;
  };
}

function readReceiverRecord(
  evidence: EvidenceByKind,
  receiver: AgentRow | undefined,
): Pick<GateEvidence, "receiverRecord" | "receiverTrustedBy"> {
  if (receiver === undefined) return {};
  const about = hashOfAgent(receiver);
  const isRemote = receiver.route !== "in-process";
  const record = isRemote
    ? (receiver.calibration as OwnRecord | null)
    : (findAbout(evidence, "receiver-calibration", about)?.body as OwnRecord | undefined);
  const trust = findAbout(evidence, "receiver-trust", about);
  return {
    ...(record ? { receiverRecord: record } : {}),
    ...(trust === undefined
      ? {}
      : {
          receiverTrustedBy: {
            person: (trust.body as { readonly person: string }).person,
            at: trust.made_at,
          },
        }),
  };
}

function toDrill(row: EvidenceRow): DrillEvidence {
  const { passed, why } = row.body as { readonly passed: boolean; readonly why: string };
  return { passed, why, madeAt: row.made_at };
}

type Power = { readonly ablePlaces: number; readonly places: number };

/** Which places are busy enough changes slowly: it is counted once a week of data. */
async function readMeasurement(
  { driver, clock }: EngineContext,
  wiring: LoopWiring,
  charter: Charter,
  known: EvidenceRow | undefined,
): Promise<MeasurementPlan> {
  const { metric, effectWorthTelling: effect } = wiring;
  const { maturityDays, acceptUndetermined } = charter.outcome;
  const plan = { maturityDays, effect, acceptsUndetermined: acceptUndetermined ?? false };
  const newest = await findNewestCompleteDay(driver, metric);
  if (newest === undefined) return { ...plan, ablePlaces: 0, places: 0 };
  const week = Math.floor(dayToNumber(newest) / DAYS_OF_WEEK);
  const about = hashJson({ week, metric, effect, maturityDays });
  if (known?.about === about) return { ...plan, ...(known.body as Power) };
  const window = { from: addDays(newest, 1 - maturityDays), until: addDays(newest, 1) };
  const volumes = [...(await listVolumes(driver, metric, window)).values()];
  const rate = await readRate(driver, metric, window);
  const needed = rate <= effect ? Infinity : computeTrialsNeeded(rate, effect);
  const power: Power = {
    ablePlaces: volumes.filter((trials) => trials >= needed).length,
    places: volumes.length,
  };
  const row = { loop: wiring.name, kind: "measurement", about, body: power } as const;
  await writeEvidence(driver, { ...row, made_at: clock.now() });
  return { ...plan, ...power };
}

type Reach = { readonly name: string; readonly fault?: string };

async function probeAll(
  context: EngineContext,
  wiring: LoopWiring,
  known: EvidenceRow | undefined,
  probing: "fresh" | "recent",
): Promise<ReadonlyArray<Reach>> {
  const now = context.clock.now();
  const about = hashJson(wiring.connectors.map(({ name }) => name));
  const isRecent =
    known?.about === about && Math.abs(diffMs(now, known.made_at)) < PROBE_MAX_AGE_MS;
  if (probing === "recent" && isRecent) {
    const reached = known.body as unknown as ReadonlyArray<Reach>;
    // What failed is tried again at every look.
    if (reached.every(({ fault }) => fault === undefined)) return reached;
  }
  const reached = await Promise.all(
    wiring.connectors.map((connector) => probe(context, wiring, connector)),
  );
  await writeEvidence(context.driver, {
    loop: wiring.name,
    kind: "connectors",
    about,
    body: reached,
    made_at: now,
  });
  return reached;
}

/** A read of a real target through the connector; nothing is changed. */
async function probe(
  context: EngineContext,
  wiring: LoopWiring,
  connector: Connector,
): Promise<Reach> {
  const intervention = await sampleIntervention(context, wiring, connector.options[0] ?? "");
  if (intervention === undefined) {
    return { name: connector.name, fault: "nothing to try it on: no subject is known yet" };
  }
  try {
    await withDeadline(
      context.limits.callMs,
      () => silent(connector.name),
      (signal) => connector.read(intervention, { idempotencyKey: "probe", fence: 0, signal }),
      context.timer,
    );
    return { name: connector.name };
  } catch (error) {
    return { name: connector.name, fault: errorToText(error) };
  }
}

/** An intervention that could be meant: the option's middle parameters on a subject that exists. */
export async function sampleIntervention(
  context: EngineContext,
  wiring: LoopWiring,
  name: string,
): Promise<Intervention | undefined> {
  const option = findOption(wiring.contract, name);
  const subject = (await listSubjects(context.driver)).find(({ level }) => level === "pincode");
  if (option === undefined || subject === undefined) return undefined;
  return {
    option: option.name,
    parameters: sampleValue(option.parameters, "middle") as Intervention["parameters"],
    subject: subject.id,
    resource: wiring.resourceOf(option.name, subject.id),
  };
}

export function silent(name: string): InterlockError {
  return new InterlockError("connector/unavailable", `\`${name}\` did not answer in time`, {
    retry: "later",
  });
}
