/**
 * The receiver by itself, before anything is fed to it: it shows its record in its own domain, and the
 * head of its own department says whether that is good enough.
 *
 * An agent in this process is asked to predict and is compared with what came; one elsewhere tells its
 * record in its heartbeats. Both records, and the trust, are about one version of one agent: when the
 * agent changes, they are about something else and no longer count.
 */
import { hashOfAgent } from "../core/loop/about.ts";
import { judgeOwnRecord, type OwnRecord } from "../core/loop/own-record.ts";
import type { OwnPredictions, ReceivingAgent, Subject } from "../core/port/types.ts";
import { InterlockError } from "../std/errors.ts";
import { DAY_MS, diffMs, type Instant, isInstant, MINUTE_MS } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import { type AgentRow, findAgent } from "../store/table/agent.ts";
import {
  type EvidenceKind,
  type EvidenceRow,
  findEvidence,
  writeEvidence,
} from "../store/table/evidence.ts";
import { appendLedger } from "../store/table/ledger.ts";
import { listHeldSubjects } from "../store/table/signal-case.ts";
import { listSubjects } from "../store/table/subject.ts";
import { withDeadline } from "./deadline.ts";
import { loopEntry } from "./loops.ts";
import { getLoopTerms } from "./terms.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

/** An agent that looks back over months of its own data may take this long. */
const PREDICT_MS = 5 * MINUTE_MS;

export type ReceiverRecord = {
  readonly agent: AgentRow;
  readonly record: OwnRecord;
  /** Does it cover as often as it claims; and in words. */
  readonly ok: boolean;
  readonly words: string;
  readonly trustedBy: { readonly person: string; readonly at: Instant } | null;
};

/** Has the receiver show its record, and keeps it as evidence. */
export async function calibrateReceiver(
  context: EngineContext,
  wiring: LoopWiring,
): Promise<ReceiverRecord> {
  const { driver, clock } = context;
  const agent = await getReceiver(driver, wiring);
  if (agent.route !== "in-process") return readReceiverRecord(context, wiring);
  const { receiver } = wiring;
  if (receiver.predictOwnDomain === undefined) {
    throw new InterlockError("agent/no-record", `\`${agent.name}\` keeps no record to show`, {
      help: "give the agent `predictOwnDomain`, or choose one that has it",
    });
  }
  const now = clock.now();
  const record = await predict(receiver, { now, subjects: await listFreeSubjects(driver) });
  await driver.transaction(async (tx) => {
    await writeEvidence(tx, {
      loop: wiring.name,
      kind: "receiver-calibration",
      about: hashOfAgent(agent),
      body: { ...record },
      made_at: now,
    });
    const { name, version } = agent;
    await appendLedger(tx, [
      loopEntry(context, wiring.name, "agent.calibrated", {
        agent: `${agent.department}/${name} ${version}`,
        words: judgeOwnRecord(record).words,
      }),
    ]);
  });
  return readReceiverRecord(context, wiring);
}

const CALIBRATE_EVERY_MS = 7 * DAY_MS;

/** The first record is asked for by a person; after that it is kept young. */
export async function isCalibrationDue(
  { driver, clock }: EngineContext,
  wiring: LoopWiring,
): Promise<boolean> {
  if (wiring.receiver.predictOwnDomain === undefined) return false;
  const last = await findEvidence(driver, wiring.name, "receiver-calibration");
  return last !== undefined && diffMs(clock.now(), last.made_at) >= CALIBRATE_EVERY_MS;
}

/** Records that the head of the receiving department trusts this version of its agent. */
export async function trustReceiver(
  context: EngineContext,
  wiring: LoopWiring,
  person: string,
): Promise<ReceiverRecord> {
  const { driver, clock } = context;
  const { department } = wiring.contract.receiver;
  const { charter } = await getLoopTerms(driver, wiring.name);
  const owner = charter.parties.find((party) => party.department === department)?.owner;
  if (owner === undefined || owner.email !== person) {
    throw new InterlockError(
      "agent/not-entitled",
      `\`${person}\` is not the owner of \`${department}\` in charter \`${charter.name}\``,
      owner === undefined ? {} : { help: `the owner is ${owner.email}` },
    );
  }
  const { agent, ok, words } = await readReceiverRecord(context, wiring);
  if (!ok) {
    throw new InterlockError("agent/record-off", `\`${agent.name}\` cannot be trusted: ${words}`, {
      help: "mend the agent, or wait until its record says more; then calibrate it again",
    });
  }
  const now = clock.now();
  await driver.transaction(async (tx) => {
    await writeEvidence(tx, {
      loop: wiring.name,
      kind: "receiver-trust",
      about: hashOfAgent(agent),
      body: { person },
      made_at: now,
    });
    const name = `${agent.department}/${agent.name} ${agent.version}`;
    await appendLedger(tx, [
      loopEntry(context, wiring.name, "agent.trusted", { agent: name, words }, person),
    ]);
  });
  return readReceiverRecord(context, wiring);
}

/** The record of the receiver that stands there now; throws `agent/no-record` if it has none. */
export async function readReceiverRecord(
  { driver }: EngineContext,
  wiring: LoopWiring,
): Promise<ReceiverRecord> {
  const agent = await getReceiver(driver, wiring);
  const isRemote = agent.route !== "in-process";
  const shown = isRemote
    ? agent.calibration
    : (await findAbout(driver, wiring.name, "receiver-calibration", agent))?.body;
  if (shown === undefined || shown === null) {
    throw new InterlockError(
      "agent/no-record",
      `\`${agent.name}\` ${agent.version} has shown no record of its own domain`,
      {
        help: isRemote
          ? "the agent reports it as `calibration` in its heartbeat"
          : `agent calibrate ${wiring.name}`,
      },
    );
  }
  const record = shown as unknown as OwnRecord;
  const trust = await findAbout(driver, wiring.name, "receiver-trust", agent);
  return {
    agent,
    record,
    ...judgeOwnRecord(record),
    trustedBy:
      trust === undefined
        ? null
        : { person: (trust.body as { readonly person: string }).person, at: trust.made_at },
  };
}

/** Evidence about another agent, or another version of this one, is no evidence. */
async function findAbout(
  tx: Tx,
  loop: string,
  kind: EvidenceKind,
  agent: AgentRow,
): Promise<EvidenceRow | undefined> {
  const found = await findEvidence(tx, loop, kind);
  return found?.about === hashOfAgent(agent) ? found : undefined;
}

async function getReceiver(tx: Tx, wiring: LoopWiring): Promise<AgentRow> {
  const agent = await findAgent(tx, wiring.name, "receiver");
  if (agent !== undefined) return agent;
  throw new InterlockError(
    "agent/not-registered",
    `no receiving agent is registered for the loop \`${wiring.name}\``,
  );
}

/** An agent is somebody else's code: what it says is looked at before it is kept. */
async function predict(
  receiver: ReceivingAgent,
  input: { readonly now: Instant; readonly subjects: ReadonlyArray<Subject> },
): Promise<OwnPredictions> {
  const late = () =>
    new InterlockError("agent/failed", `\`${receiver.name}\` did not show its record in time`, {
      retry: "later",
    });
  const said = await withDeadline(PREDICT_MS, late, () =>
    // The caller has seen that the method is there.
    Promise.resolve(receiver.predictOwnDomain?.(input)),
  );
  const { predictions = 0, covered = 0, nominal = 0, asOf = "", words = "" } = said ?? {};
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
  const isRecord =
    isCount(predictions) &&
    isCount(covered) &&
    covered <= predictions &&
    nominal > 0 &&
    nominal < 1 &&
    isInstant(asOf) &&
    asOf <= input.now;
  if (!isRecord) {
    throw new InterlockError(
      "agent/failed",
      `\`${receiver.name}\` showed a record that cannot be: ${covered} of ${predictions} ` +
        `within intervals of ${nominal}, as of \`${asOf}\``,
    );
  }
  return { predictions, covered, nominal, asOf, words };
}

/** Not under an action of ours, nor within a larger place that is: there the future is our doing. */
async function listFreeSubjects(tx: Tx): Promise<ReadonlyArray<Subject>> {
  const subjects = await listSubjects(tx);
  const byId = new Map(subjects.map((subject) => [subject.id, subject]));
  const held = new Set(await listHeldSubjects(tx));
  const isFree = (subject: Subject): boolean => {
    for (let at: Subject | undefined = subject; at !== undefined;) {
      if (held.has(at.id)) return false;
      at = at.parent === null ? undefined : byId.get(at.parent);
    }
    return true;
  };
  return subjects.filter(isFree);
}
