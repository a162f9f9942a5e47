/** The gates that rest on a test which was run: both ends' conformance, the connectors, the drill. */
import { type Gate, gate, type GateEvidence, hoursSince } from "./gate.ts";

export function conforms(side: "sender" | "receiver", evidence: GateEvidence): Gate {
  const test = evidence[`${side}Conformance`];
  const { name, version } = evidence.contract;
  const holds = test !== undefined && test.cases > 0 && test.failures === 0;
  return gate(`${side}-conforms`, "go-live", holds, {
    yes: `the ${side} passed ${test?.cases ?? 0} cases of ${name} ${version} at ${test?.madeAt ?? ""}`,
    no:
      test === undefined
        ? `this version of the ${side} was not tested against this version of ${name}`
        : test.cases === 0
          ? `no case was tried on the ${side}`
          : `the ${side} failed ${test.failures} of ${test.cases} cases: ${test.first}`,
    toHold:
      test === undefined
        ? `run the conformance suite of ${name} ${version}`
        : `mend the ${side}, then run the suite again`,
    commands: [`contract conformance ${evidence.loop} --side ${side}`],
  });
}

export function connectorsReachable(evidence: GateEvidence): Gate {
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
    toHold: "mend the connector's settings or reach; it is tried again at every look",
  });
}

/** A drill needs every other gate: it walks the way that a signal will take. */
export function drilled(evidence: GateEvidence): Gate {
  const { drill, drillMaxAgeHours, now, loop } = evidence;
  const isRecent = drill !== undefined && hoursSince(drill.madeAt, now) <= drillMaxAgeHours;
  return gate("drilled", "go-live", drill?.passed === true && isRecent, {
    yes: `a drill passed at ${drill?.madeAt ?? ""}`,
    no:
      drill === undefined
        ? "no drill was run with these agents and papers"
        : !drill.passed
          ? `the last drill failed: ${drill.why}`
          : `the last drill was at ${drill.madeAt}, more than ${drillMaxAgeHours} hours ago`,
    toHold: "run a drill once every other gate holds; it changes nothing outside",
    commands: [`drill ${loop}`],
  });
}
