/**
 * One gate: does it hold, on what evidence, what would make it hold. And the evidence of them all.
 */
import { type Day, diffMs, HOUR_MS, type Instant } from "../../std/time.ts";
import type { OwnRecord } from "./own-record.ts";

export type GateName =
  | "sender-connected"
  | "receiver-connected"
  | "contract-accepted"
  | "data-fresh"
  | "sender-calibrated"
  | "sender-conforms"
  | "receiver-conforms"
  | "receiver-trusted"
  | "charter-in-force"
  | "connectors-reachable"
  | "measurable"
  | "drilled";

export type Gate = {
  readonly name: GateName;
  /** How far along the lifecycle it belongs. */
  readonly stage: "connect" | "calibrate" | "go-live";
  readonly holds: boolean;
  readonly evidence: string;
  /** What would make it hold; empty when it does. */
  readonly toHold: string;
  /** Commands that would make it hold, as far as commands can. */
  readonly commands: ReadonlyArray<string>;
};

export type AgentEvidence = {
  readonly department: string;
  readonly name: string;
  readonly version: string;
  readonly isRemote: boolean;
  readonly seenAt: Instant;
  /** How long it may stay silent; one in the engine's own process has no limit. */
  readonly silenceMaxMs?: number;
};

/** Evidence of a test: undefined if there was none about these very versions. */
export type ConformanceEvidence = {
  readonly cases: number;
  readonly failures: number;
  /** The first failure, in words; empty if there was none. */
  readonly first: string;
  readonly madeAt: Instant;
};

/** Could the effect of an action be told at all, in the places there are? */
export type MeasurementPlan = {
  readonly maturityDays: number;
  /** The smallest effect worth telling, in points of rate, 0..1. */
  readonly effect: number;
  /** Places whose volume would show it, of all that have data. */
  readonly ablePlaces: number;
  readonly places: number;
  /** Both heads accept, in the charter, that elsewhere nobody can tell. */
  readonly acceptsUndetermined: boolean;
};

export type DrillEvidence = {
  readonly passed: boolean;
  /** The hop that failed, and why; empty if it passed. */
  readonly why: string;
  readonly madeAt: Instant;
};

/** What the engine knows when it asks. Absence of evidence never counts as evidence. */
export type GateEvidence = {
  readonly now: Instant;
  readonly loop: string;
  readonly sender?: AgentEvidence;
  readonly receiver?: AgentEvidence;
  readonly departments: { readonly sender: string; readonly receiver: string };
  readonly contract: {
    readonly name: string;
    readonly version: string;
    readonly isInForce: boolean;
    readonly unaccepted: ReadonlyArray<string>;
  };
  /** End of the newest complete day of data, if any was ever received. */
  readonly dataCompleteTo?: Instant;
  readonly dataMaxAgeHours: number;
  /** Days the sender folded and needs; a remote one shows its own record instead. */
  readonly senderLearning:
    | { readonly kind: "days"; readonly folded: number; readonly needed: number }
    | { readonly kind: "record"; readonly record?: OwnRecord };
  readonly senderConformance?: ConformanceEvidence;
  readonly receiverConformance?: ConformanceEvidence;
  readonly receiverRecord?: OwnRecord;
  readonly receiverTrustedBy?: { readonly person: string; readonly at: Instant };
  readonly charter: {
    readonly owners: ReadonlyArray<{ readonly department: string; readonly email: string }>;
    readonly unsigned: ReadonlyArray<string>;
    /** Of those, the ones whose owner has no key to sign with. */
    readonly keyless: ReadonlyArray<string>;
    readonly state: "proposed" | "in-force" | "replaced" | "withdrawn";
    /** In the charter's time zone. */
    readonly today: Day;
    readonly effective: { readonly from: Day; readonly until: Day };
    /** A charter with an error or a gap does not come into force. */
    readonly errors: ReadonlyArray<string>;
  };
  readonly connectors: ReadonlyArray<{ readonly name: string; readonly fault?: string }>;
  /** Acting options of the charter that no connector carries out. */
  readonly optionsWithoutConnector: ReadonlyArray<string>;
  readonly measurement: MeasurementPlan;
  readonly drill?: DrillEvidence;
  readonly drillMaxAgeHours: number;
};

export type Words = {
  readonly yes: string;
  readonly no: string;
  readonly toHold: string;
  readonly commands?: ReadonlyArray<string>;
};

export function gate(name: GateName, stage: Gate["stage"], holds: boolean, words: Words): Gate {
  return {
    name,
    stage,
    holds,
    evidence: holds ? words.yes : words.no,
    toHold: holds ? "" : words.toHold,
    commands: holds ? [] : (words.commands ?? []),
  };
}

export function hoursSince(then: Instant, now: Instant): number {
  return diffMs(now, then) / HOUR_MS;
}

/** The head of a department by the charter, or a blank to fill in. */
export function ownerOf(evidence: GateEvidence, department: string): string {
  const owner = evidence.charter.owners.find((one) => one.department === department);
  return owner?.email ?? "<email>";
}
