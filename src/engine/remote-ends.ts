/**
 * Agents elsewhere, at the ends of loops: they come, they are heard of, and they speak for the
 * department that the contract names and no other.
 */
import { CLOCK_SKEW_MS } from "../core/contract/signal.ts";
import { quote } from "../core/problem.ts";
import { InterlockError } from "../std/errors.ts";
import { addMs, type Instant, isInstant } from "../std/time.ts";
import {
  type AgentRow,
  type AgentSide,
  findAgent,
  updateAgentSeen,
  upsertAgent,
} from "../store/table/agent.ts";
import { appendLedger } from "../store/table/ledger.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

export type Registration = {
  readonly name: string;
  readonly version: string;
  /** Where it answers questions; without one it fetches them. */
  readonly url?: string;
  readonly heartbeatSeconds: number;
};

export type Heartbeat = {
  readonly name: string;
  readonly dataCompleteTo?: Instant;
  readonly calibration?: {
    readonly predictions: number;
    readonly covered: number;
    readonly nominal: number;
    readonly asOf: Instant;
  };
};

/** Throws 403 where the department is not the contract's party at that end. */
export function refuseOtherDepartment(
  { name, contract }: LoopWiring,
  side: AgentSide,
  department: string,
): void {
  const party = contract[side].department;
  if (party === department) return;
  throw new InterlockError(
    "agent/wrong-department",
    `the ${side} of \`${name}\` is ${party}, and the key is ${quote(department)}'s`,
    { help: `ask for a key of ${party}` },
  );
}

/** Puts the agent at its end, in the place of one that stood there before. */
export async function registerAgent(
  { driver, clock }: EngineContext,
  wiring: LoopWiring,
  side: AgentSide,
  department: string,
  said: Registration,
): Promise<void> {
  refuseOtherDepartment(wiring, side, department);
  const played = wiring[side];
  if (played !== null && !("isRemote" in played && played.isRemote === true)) {
    throw new InterlockError(
      "agent/end-taken",
      `the ${side} of \`${wiring.name}\` is ${played.name}, which runs inside Interlock`,
      { help: "have this end set up as remote before an agent elsewhere takes it" },
    );
  }
  const url = said.url === undefined ? null : checkUrl(side, said.url);
  const now = clock.now();
  await driver.transaction(async (tx) => {
    const before = await findAgent(tx, wiring.name, side);
    await upsertAgent(tx, {
      loop: wiring.name,
      side,
      department,
      name: said.name,
      version: said.version,
      route: url === null ? "poll" : "url",
      url,
      heartbeat_seconds: said.heartbeatSeconds,
      seen_at: now,
    });
    const isSame =
      before?.name === said.name && before.version === said.version && before.url === url;
    if (isSame) return;
    const body = { side, name: said.name, version: said.version, route: url ?? "poll" };
    const actor = `${department}/${said.name}`;
    await appendLedger(tx, [
      { at: now, kind: "agent.registered", loop: wiring.name, case: null, actor, body },
    ]);
  });
}

/** Notes that the agent lives, and what it says of its data and of its own predictions. */
export async function noteHeartbeat(
  { driver, clock }: EngineContext,
  wiring: LoopWiring,
  side: AgentSide,
  department: string,
  said: Heartbeat,
): Promise<AgentRow> {
  refuseOtherDepartment(wiring, side, department);
  const now = clock.now();
  for (const [path, at] of [
    ["/dataCompleteTo", said.dataCompleteTo],
    ["/calibration/asOf", said.calibration?.asOf],
  ] as const) {
    if (at !== undefined) checkPast(path, at, now);
  }
  if (said.calibration !== undefined && said.calibration.covered > said.calibration.predictions) {
    throw new InterlockError(
      "server/invalid-request",
      "more predictions are covered than were made",
      { path: "/calibration/covered" },
    );
  }
  const isKnown = await updateAgentSeen(driver, {
    loop: wiring.name,
    side,
    name: said.name,
    seen_at: now,
    ...(said.dataCompleteTo === undefined ? {} : { data_complete_to: said.dataCompleteTo }),
    ...(said.calibration === undefined ? {} : { calibration: said.calibration }),
  });
  const row = await findAgent(driver, wiring.name, side);
  if (!isKnown || row === undefined) {
    throw new InterlockError(
      "agent/not-registered",
      `no agent ${quote(said.name)} stands at the ${side} end of \`${wiring.name}\``,
      {
        help:
          row === undefined
            ? `register first: PUT /v1/loops/${wiring.name}/${side}`
            : `${row.name} ${row.version} stands there; register to take its place`,
      },
    );
  }
  return row;
}

function checkUrl(side: AgentSide, text: string): string {
  const refuse = (message: string) =>
    new InterlockError("server/invalid-request", message, {
      path: "/url",
      help: "an agent's URL is http or https, with a host and without a user or password",
    });
  if (side === "sender") throw refuse("a sender is not called: it sends, and needs no URL");
  const url = URL.parse(text);
  if (url === null) throw refuse(`${quote(text)} is not a URL`);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw refuse(`${quote(url.protocol)} is not a way an agent is called`);
  }
  if (url.username !== "" || url.password !== "") throw refuse("the URL holds a user or password");
  // Where cloud machines keep their credentials; no agent lives there.
  if (/^(169\.254\.|\[fe80:)/.test(url.hostname)) throw refuse("the URL is link-local");
  return url.href;
}

function checkPast(path: string, at: Instant, now: Instant): void {
  const refuse = (message: string) =>
    new InterlockError("server/invalid-request", message, {
      path,
      help: "write UTC with milliseconds, such as 2026-01-05T00:30:00.000Z",
    });
  if (!isInstant(at)) throw refuse(`${quote(at)} is not an instant`);
  if (at > addMs(now, CLOCK_SKEW_MS)) {
    throw refuse(`${quote(at)} lies in the future; it is now ${now}`);
  }
}
