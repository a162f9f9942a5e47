/** An agent comes to its end of a loop, and says from time to time that it lives. */
import type { AgentSide } from "../../store/table/agent.ts";
import { findLoop } from "../../store/table/loop.ts";
import { contractHash } from "../../core/contract/parse.ts";
import {
  type Heartbeat,
  noteHeartbeat,
  type Registration,
  registerAgent,
} from "../../engine/remote-ends.ts";
import type { LoopWiring } from "../../engine/wiring.ts";
import { getWiring } from "../../operation/operation.ts";
import { addMs, SECOND_MS } from "../../std/time.ts";
import { assert } from "../../std/assert.ts";
import { KB } from "./body.ts";
import type { Caller, HttpCall, Route } from "./route.ts";
import { instant, link, LOOP_PARAM, object, SIDE_PARAM, text } from "./schemas.ts";

const HEARTBEAT_SECONDS_MIN = 5;
const HEARTBEAT_SECONDS_MAX = 3_600;
const HEARTBEAT_SECONDS = 30;
const URL_CHARS_MAX = 2_000;
const BODY_BYTES = 16 * KB;

const CONTRACT_LINK = object({
  name: text("the contract's name"),
  version: text("the version in force for this loop"),
  hash: text("SHA-256 of its canonical JSON"),
  href: link("the contract's document"),
  schemaHref: link("the JSON Schema of its payload"),
});

export const registerRoute: Route = {
  method: "PUT",
  path: "/v1/loops/{loop}/{side}",
  name: "agent.register",
  summary: "Takes an end of a loop, in the place of the agent that stood there.",
  description:
    "The key's department must be the contract's party at that end. A receiver with a `url` is asked " +
    "there; one without fetches its questions. Registering again is how an agent says it was changed.",
  access: "department",
  params: { loop: LOOP_PARAM, side: SIDE_PARAM },
  body: {
    kind: "json",
    bytesMax: BODY_BYTES,
    schema: object(
      {
        name: {
          ...text("the agent's name"),
          pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*$",
        },
        version: text("its version; evidence about another version is no evidence"),
        url: text("where a receiver answers questions, by POST", URL_CHARS_MAX),
        heartbeatSeconds: {
          type: "integer",
          minimum: HEARTBEAT_SECONDS_MIN,
          maximum: HEARTBEAT_SECONDS_MAX,
          description: `how often it promises to be heard; ${HEARTBEAT_SECONDS} if left out`,
        },
      },
      ["url", "heartbeatSeconds"],
    ),
  },
  answers: {
    200: {
      description: "the agent stands at its end",
      schema: object(
        {
          loop: text("the loop"),
          side: SIDE_PARAM,
          source: text("what `source` of this agent's signals is"),
          state: text("where the loop stands"),
          contract: CONTRACT_LINK,
          heartbeatSeconds: { type: "integer", description: "the promised interval" },
          heartbeat: link("POST heartbeats here"),
          signals: link("a sender POSTs its signals here"),
          questions: link("a receiver without a URL POSTs here to fetch questions"),
        },
        ["signals", "questions", "source"],
      ),
    },
  },
  refusals: [404, 409],
  async handle(call) {
    const { wiring, side, department } = endOf(call);
    const { context } = call.server.engine;
    const said = { heartbeatSeconds: HEARTBEAT_SECONDS, ...(call.body as Partial<Registration>) };
    await registerAgent(context, wiring, side, department, said as Registration);
    const at = `/v1/loops/${encodeURIComponent(wiring.name)}`;
    const body = {
      loop: wiring.name,
      side,
      state: await stateOf(call, wiring),
      contract: contractLink(wiring),
      heartbeatSeconds: said.heartbeatSeconds,
      heartbeat: `${at}/${side}/heartbeat`,
      ...(side === "sender"
        ? { source: `${department}/${said.name ?? ""}`, signals: `${at}/signals` }
        : { questions: `${at}/receiver/questions` }),
    };
    return { status: 200, body };
  },
};

export const heartbeatRoute: Route = {
  method: "POST",
  path: "/v1/loops/{loop}/{side}/heartbeat",
  name: "agent.heartbeat",
  summary: "Says that the agent lives, how fresh its data is and how well it predicts.",
  access: "department",
  params: { loop: LOOP_PARAM, side: SIDE_PARAM },
  body: {
    kind: "json",
    bytesMax: BODY_BYTES,
    schema: object(
      {
        name: text("the agent's name, as it registered"),
        dataCompleteTo: instant("its data is complete up to here"),
        calibration: {
          ...object({
            predictions: { type: "integer", minimum: 0, description: "intervals it predicted" },
            covered: { type: "integer", minimum: 0, description: "of them, how many held" },
            nominal: {
              type: "number",
              exclusiveMinimum: 0,
              exclusiveMaximum: 1,
              description: "the share that should hold, such as 0.8",
            },
            asOf: instant("the newest outcome that it counts"),
          }),
          description: "how well it predicts its own domain",
        },
      },
      ["dataCompleteTo", "calibration"],
    ),
  },
  answers: {
    200: {
      description: "heard",
      schema: object({
        loop: text("the loop"),
        state: text("where the loop stands"),
        contract: CONTRACT_LINK,
        nextBefore: instant("the next heartbeat is due by then"),
      }),
    },
  },
  refusals: [404, 409],
  async handle(call) {
    const { wiring, side, department } = endOf(call);
    const { context } = call.server.engine;
    const row = await noteHeartbeat(context, wiring, side, department, call.body as Heartbeat);
    const nextBefore = addMs(row.seen_at, (row.heartbeat_seconds ?? 0) * SECOND_MS);
    const state = await stateOf(call, wiring);
    return {
      status: 200,
      body: { loop: wiring.name, state, contract: contractLink(wiring), nextBefore },
    };
  },
};

function endOf(call: HttpCall): { wiring: LoopWiring; side: AgentSide; department: string } {
  const { loop = "", side } = call.params;
  assert(side === "sender" || side === "receiver", "the address matches no other side");
  return { wiring: getWiring(call.server, loop), side, department: departmentOf(call.caller) };
}

/** The department that a route for departments is called by. */
export function departmentOf(caller: Caller): string {
  assert(caller.kind === "department", "the route is for departments");
  return caller.department;
}

async function stateOf({ server }: HttpCall, wiring: LoopWiring): Promise<string> {
  return (await findLoop(server.engine.context.driver, wiring.name))?.state ?? "draft";
}

function contractLink({ name: loop, contract }: LoopWiring) {
  const href = `/v1/loops/${encodeURIComponent(loop)}/contract`;
  const { name, version } = contract;
  return { name, version, hash: contractHash(contract), href, schemaHref: `${href}/schema` };
}
