/**
 * Gates: the evidence that must hold before a loop may let a signal through.
 *
 * Each is a pure reading of evidence that the engine gathered: does it hold, on what evidence, what
 * would make it hold, and the commands that do so. None can be ticked by hand. They stand in the order
 * in which a loop is built: the two ends, the data, each end tested and trusted by itself, the papers,
 * and last a drill along the whole way, which needs all the others first.
 */
import { connected, dataFresh, receiverTrusted, senderCalibrated } from "./end-gates.ts";
import type { Gate, GateEvidence } from "./gate.ts";
import { charterInForce, contractAccepted, measurable } from "./paper-gates.ts";
import { conforms, connectorsReachable, drilled } from "./test-gates.ts";

export type { Gate, GateEvidence, GateName } from "./gate.ts";

export function computeGates(evidence: GateEvidence): ReadonlyArray<Gate> {
  return [
    connected("sender", evidence),
    connected("receiver", evidence),
    contractAccepted(evidence),
    dataFresh(evidence),
    senderCalibrated(evidence),
    conforms("sender", evidence),
    conforms("receiver", evidence),
    receiverTrusted(evidence),
    charterInForce(evidence),
    connectorsReachable(evidence),
    measurable(evidence),
    drilled(evidence),
  ];
}
