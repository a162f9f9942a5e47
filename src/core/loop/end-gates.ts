/** The gates of the two ends, each by itself: is it there, is its data fresh, is it to be trusted. */
import type { Instant } from "../../std/time.ts";
import { type Gate, gate, type GateEvidence, hoursSince, ownerOf } from "./gate.ts";
import { judgeOwnRecord } from "./own-record.ts";

export function connected(side: "sender" | "receiver", evidence: GateEvidence): Gate {
  const agent = evidence[side];
  const department = evidence.departments[side];
  const silentMs = agent === undefined ? 0 : Date.parse(evidence.now) - Date.parse(agent.seenAt);
  const isHeard = agent?.silenceMaxMs === undefined || silentMs <= agent.silenceMaxMs;
  const name = agent === undefined ? "" : `${agent.department}/${agent.name} ${agent.version}`;
  return gate(`${side}-connected`, "connect", agent !== undefined && isHeard, {
    yes: `${name} is connected${agent?.isRemote === true ? `, last heard at ${agent.seenAt}` : ""}`,
    no:
      agent === undefined
        ? `no ${side === "sender" ? "sending" : "receiving"} agent of ${department} is connected`
        : `${name} was last heard at ${agent.seenAt}, ${Math.round(silentMs / 1000)} seconds ago`,
    toHold:
      agent === undefined
        ? `give ${department} a key and start its agent; it registers itself`
        : "start the agent again, or find out why its heartbeat does not arrive",
    commands:
      agent === undefined
        ? [`agent key create --department ${department} --by ${ownerOf(evidence, department)}`]
        : [],
  });
}

export function dataFresh(evidence: GateEvidence): Gate {
  const { dataCompleteTo, dataMaxAgeHours, now } = evidence;
  const ageHours = dataCompleteTo === undefined ? Infinity : hoursSince(dataCompleteTo, now);
  return gate("data-fresh", "calibrate", ageHours <= dataMaxAgeHours, {
    yes: `data is complete to ${dataCompleteTo ?? ""}`,
    no:
      dataCompleteTo === undefined
        ? "no data was ever received"
        : `data is complete only to ${dataCompleteTo}, ${Math.round(ageHours)} hours ago`,
    toHold: `deliver a complete day not older than ${dataMaxAgeHours} hours`,
  });
}

export function senderCalibrated(evidence: GateEvidence): Gate {
  const { senderLearning } = evidence;
  if (senderLearning.kind === "record") {
    const { ok, words } = judgeOwnRecord(senderLearning.record);
    return gate("sender-calibrated", "go-live", ok, {
      yes: `as the sender reports: ${words}`,
      no: words,
      toHold: "let the sender report its record (`calibration`) in a heartbeat",
    });
  }
  const { folded, needed } = senderLearning;
  return gate("sender-calibrated", "go-live", folded >= needed, {
    yes: `the sender has learned from ${folded} day${folded === 1 ? "" : "s"}`,
    no: `the sender has learned from ${folded} of ${needed} days`,
    toHold: `feed ${Math.max(0, needed - folded)} more days of history`,
  });
}

/** Calibrated by its own record and trusted by the head of its department, at this very version. */
export function receiverTrusted(evidence: GateEvidence): Gate {
  const { receiver, receiverRecord, receiverTrustedBy, departments, loop } = evidence;
  const { ok, words } = judgeOwnRecord(receiverRecord);
  const email = ownerOf(evidence, departments.receiver);
  const calibrate = receiver?.isRemote === true ? [] : [`agent calibrate ${loop}`];
  return gate("receiver-trusted", "go-live", ok && receiverTrustedBy !== undefined, {
    yes: `${words}; trusted by ${receiverTrustedBy?.person ?? ""} since ${timeOf(receiverTrustedBy)}`,
    no: ok ? `${words}, but ${departments.receiver} has not said that it trusts it` : words,
    toHold: ok
      ? `the head of ${departments.receiver} looks at the record and says so`
      : "let the receiver show that it predicts its own domain, then have its head trust it",
    commands: [...(ok ? [] : calibrate), `agent trust ${loop} --by ${email}`],
  });
}

function timeOf(trusted: { readonly at: Instant } | undefined): string {
  return trusted?.at ?? "";
}
