/**
 * Gates: the evidence that must hold before a loop may let a signal through.
 *
 * Each is a pure reading of evidence that the engine gathered: does it hold, on what evidence, and
 * what would make it hold. None can be ticked by hand.
 */
import { HOUR_MS, type Instant, diffMs } from "../../std/time.ts";

export type GateName =
  | "sender-connected"
  | "receiver-connected"
  | "data-fresh"
  | "contract-registered"
  | "receiver-conforms"
  | "sender-calibrated"
  | "charter-in-force"
  | "connectors-reachable"
  | "measurable";

export type Gate = {
  readonly name: GateName;
  /** How far along the lifecycle it belongs. */
  readonly stage: "connect" | "calibrate" | "go-live";
  readonly holds: boolean;
  readonly evidence: string;
  /** What would make it hold; empty when it does. */
  readonly toHold: string;
};

/** What the engine knows when it asks. Absence of evidence never counts as evidence. */
export type GateEvidence = {
  readonly now: Instant;
  readonly sender?: { readonly name: string; readonly version: string };
  readonly receiver?: { readonly name: string; readonly version: string };
  /** End of the newest complete day of data, if any was ever received. */
  readonly dataCompleteTo?: Instant;
  readonly dataMaxAgeHours: number;
  readonly contractRegistered: boolean;
  /** Result of asking the receiver about sample signals of this very contract. */
  readonly conformance?: {
    readonly contractHash: string;
    readonly receiverVersion: string;
    readonly cases: number;
    readonly failures: ReadonlyArray<string>;
  };
  readonly contractHash: string;
  /** Days of history the sender has folded, and how many it asks for. */
  readonly calibration: { readonly daysFolded: number; readonly daysNeeded: number };
  readonly charter: {
    readonly unsigned: ReadonlyArray<string>;
    readonly effective: { readonly from: Instant; readonly until: Instant };
    /** Lint errors; a charter with a known gap does not come into force. */
    readonly errors: ReadonlyArray<string>;
  };
  readonly connectors: ReadonlyArray<{ readonly name: string; readonly fault?: string }>;
  /** Acting options of the charter that no connector carries out. */
  readonly optionsWithoutConnector: ReadonlyArray<string>;
  readonly maturityDays: number;
};

export function computeGates(evidence: GateEvidence): ReadonlyArray<Gate> {
  return [
    connected("sender-connected", "sending", evidence.sender),
    connected("receiver-connected", "receiving", evidence.receiver),
    gate("contract-registered", "connect", evidence.contractRegistered, {
      yes: `contract ${evidence.contractHash.slice(0, 12)} is registered`,
      no: "the contract is not registered",
      toHold: "register the contract",
    }),
    dataFresh(evidence),
    calibrated(evidence),
    conforms(evidence),
    charterInForce(evidence),
    connectorsReachable(evidence),
    gate("measurable", "go-live", evidence.maturityDays > 0, {
      yes: `the effect is read ${evidence.maturityDays} days after each action`,
      no: "the charter does not say when an effect is read",
      toHold: "set outcome.maturityDays in the charter",
    }),
  ];
}

type Words = { readonly yes: string; readonly no: string; readonly toHold: string };

function gate(name: GateName, stage: Gate["stage"], holds: boolean, words: Words): Gate {
  return {
    name,
    stage,
    holds,
    evidence: holds ? words.yes : words.no,
    toHold: holds ? "" : words.toHold,
  };
}

function connected(
  name: "sender-connected" | "receiver-connected",
  side: string,
  agent: { readonly name: string; readonly version: string } | undefined,
): Gate {
  return gate(name, "connect", agent !== undefined, {
    yes: `${agent?.name ?? ""} ${agent?.version ?? ""} is connected`,
    no: `no ${side} agent is connected`,
    toHold: `start the ${side} agent`,
  });
}

function dataFresh(evidence: GateEvidence): Gate {
  const { dataCompleteTo, dataMaxAgeHours, now } = evidence;
  const ageHours = dataCompleteTo === undefined ? Infinity : diffMs(now, dataCompleteTo) / HOUR_MS;
  return gate("data-fresh", "calibrate", ageHours <= dataMaxAgeHours, {
    yes: `data is complete to ${dataCompleteTo ?? ""}`,
    no:
      dataCompleteTo === undefined
        ? "no data was ever received"
        : `data is complete only to ${dataCompleteTo}, ${Math.round(ageHours)} hours ago`,
    toHold: `deliver a complete day not older than ${dataMaxAgeHours} hours`,
  });
}

function calibrated(evidence: GateEvidence): Gate {
  const { daysFolded, daysNeeded } = evidence.calibration;
  return gate("sender-calibrated", "go-live", daysFolded >= daysNeeded, {
    yes: `the sender has learned from ${daysFolded} days`,
    no: `the sender has learned from ${daysFolded} of ${daysNeeded} days`,
    toHold: `feed ${Math.max(0, daysNeeded - daysFolded)} more days of history`,
  });
}

function conforms(evidence: GateEvidence): Gate {
  const { conformance, contractHash, receiver } = evidence;
  const current =
    conformance !== undefined &&
    conformance.contractHash === contractHash &&
    conformance.receiverVersion === receiver?.version;
  const holds = current && conformance.cases > 0 && conformance.failures.length === 0;
  return gate("receiver-conforms", "go-live", holds, {
    yes: `the receiver answered ${conformance?.cases ?? 0} sample signals within the contract`,
    no: !current
      ? "the receiver was not tested against this contract"
      : `the receiver broke the contract: ${conformance.failures[0] ?? "no sample was tried"}`,
    toHold: "activate again after the receiver answers every sample within the contract",
  });
}

function charterInForce(evidence: GateEvidence): Gate {
  const { unsigned, effective, errors } = evidence.charter;
  const inTime = effective.from <= evidence.now && evidence.now < effective.until;
  const holds = unsigned.length === 0 && inTime && errors.length === 0;
  const no =
    errors.length > 0
      ? `the charter has an error: ${errors[0]}`
      : unsigned.length > 0
        ? `the charter is not signed by ${unsigned.join(" and ")}`
        : `the charter is in force from ${effective.from} until ${effective.until}`;
  return gate("charter-in-force", "go-live", holds, {
    yes: `the charter is signed by every party and in force until ${effective.until}`,
    no,
    toHold:
      errors.length > 0
        ? "mend the charter; `charter lint` lists every error"
        : unsigned.length > 0
          ? `have ${unsigned.join(" and ")} sign it`
          : "agree on new dates and sign again",
  });
}

function connectorsReachable(evidence: GateEvidence): Gate {
  const faulty = evidence.connectors.filter((connector) => connector.fault !== undefined);
  const orphans = evidence.optionsWithoutConnector;
  const holds = faulty.length === 0 && orphans.length === 0 && evidence.connectors.length > 0;
  const no =
    orphans.length > 0
      ? `no connector carries out ${orphans.join(", ")}`
      : faulty.length > 0
        ? faulty.map(({ name, fault }) => `${name}: ${fault ?? ""}`).join("; ")
        : "no connector is set up";
  return gate("connectors-reachable", "go-live", holds, {
    yes: `${evidence.connectors.map(({ name }) => name).join(", ")} answered`,
    no,
    toHold: "mend the connector's settings or reach, then activate again",
  });
}
