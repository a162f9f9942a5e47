import { calibrateReceiver, type ReceiverRecord, trustReceiver } from "../engine/own-record.ts";
import type { OwnRecord } from "../core/loop/own-record.ts";
import type { Instant } from "../std/time.ts";
import { getWiring, inputSchema, LOOP_FIELD, nameField, type Operation } from "./operation.ts";

export type AgentRecord = {
  readonly loop: string;
  /** `department/name version`. */
  readonly agent: string;
  readonly record: OwnRecord;
  readonly ok: boolean;
  readonly words: string;
  readonly trustedBy: { readonly person: string; readonly at: Instant } | null;
};

export const agentCalibrate: Operation<{ readonly loop: string }, AgentRecord> = {
  name: "agent.calibrate",
  summary: "Has a loop's receiver predict its own domain, and compares it with what came.",
  access: "operator",
  errors: ["loop/not-found", "agent/not-registered", "agent/no-record", "agent/failed"],
  input: inputSchema({ loop: LOOP_FIELD }),
  async handler(context, { loop }) {
    const wiring = getWiring(context, loop);
    return toAgentRecord(loop, await calibrateReceiver(context.engine.context, wiring));
  },
};

export const agentTrust: Operation<
  { readonly loop: string; readonly person: string },
  AgentRecord
> = {
  name: "agent.trust",
  summary: "Records that the head of the receiving department trusts its agent at this version.",
  access: "owner",
  errors: [
    "loop/not-found",
    "agent/not-registered",
    "agent/no-record",
    "agent/record-off",
    "agent/not-entitled",
  ],
  input: inputSchema({
    loop: LOOP_FIELD,
    person: nameField("e-mail address of the department's owner by the charter"),
  }),
  async handler(context, { loop, person }) {
    const wiring = getWiring(context, loop);
    return toAgentRecord(loop, await trustReceiver(context.engine.context, wiring, person));
  },
};

function toAgentRecord(loop: string, shown: ReceiverRecord): AgentRecord {
  const { agent, record, ok, words, trustedBy } = shown;
  const name = `${agent.department}/${agent.name} ${agent.version}`;
  return { loop, agent: name, record, ok, words, trustedBy };
}
