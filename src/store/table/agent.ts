/** Agents: who stands at each end of a loop, how it is reached, and when it was last heard. */
import type { Json } from "../../std/canonical-json.ts";
import type { Instant } from "../../std/time.ts";
import type { Tx } from "../driver/driver.ts";

export type AgentSide = "sender" | "receiver";

export type AgentRow = {
  readonly loop: string;
  readonly side: AgentSide;
  readonly department: string;
  readonly name: string;
  readonly version: string;
  /** `in-process`, called at its `url`, or fetching its questions by `poll`. */
  readonly route: "in-process" | "url" | "poll";
  readonly url: string | null;
  /** How often a remote agent promises to be heard; null for one in this process. */
  readonly heartbeat_seconds: number | null;
  readonly registered_at: Instant;
  readonly seen_at: Instant;
  readonly data_complete_to: Instant | null;
  readonly calibration: Json;
};

const COLUMNS =
  "loop, side, department, name, version, route, url, heartbeat_seconds, registered_at, seen_at, " +
  "data_complete_to, calibration";

/** Registers an agent at its end of the loop, in the place of the one that stood there. */
export async function upsertAgent(
  tx: Tx,
  row: Omit<AgentRow, "registered_at" | "data_complete_to" | "calibration">,
): Promise<void> {
  await tx.query(
    `insert into agent (loop, side, department, name, version, route, url, heartbeat_seconds,
       registered_at, seen_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
     on conflict (loop, side) do update
     set department = excluded.department, name = excluded.name, version = excluded.version,
         route = excluded.route, url = excluded.url,
         heartbeat_seconds = excluded.heartbeat_seconds, seen_at = excluded.seen_at,
         registered_at = case
           when agent.name = excluded.name and agent.version = excluded.version
           then agent.registered_at else excluded.registered_at end`,
    [
      row.loop,
      row.side,
      row.department,
      row.name,
      row.version,
      row.route,
      row.url,
      row.heartbeat_seconds,
      row.seen_at,
    ],
  );
}

/** Notes a heartbeat. Returns false when no agent of this name stands at that end. */
export async function updateAgentSeen(
  tx: Tx,
  beat: Pick<AgentRow, "loop" | "side" | "name" | "seen_at"> & {
    readonly data_complete_to?: Instant;
    readonly calibration?: Json;
  },
): Promise<boolean> {
  const rows = await tx.query(
    `update agent
     set seen_at = $4,
         data_complete_to = coalesce($5, data_complete_to),
         calibration = coalesce($6::jsonb, calibration)
     where loop = $1 and side = $2 and name = $3
     returning name`,
    [
      beat.loop,
      beat.side,
      beat.name,
      beat.seen_at,
      beat.data_complete_to ?? null,
      beat.calibration === undefined ? null : JSON.stringify(beat.calibration),
    ],
  );
  return rows.length === 1;
}

export async function findAgent(
  tx: Tx,
  loop: string,
  side: AgentSide,
): Promise<AgentRow | undefined> {
  const rows = await tx.query<AgentRow>(
    `select ${COLUMNS} from agent where loop = $1 and side = $2`,
    [loop, side],
  );
  return rows[0];
}

export async function listAgents(tx: Tx): Promise<ReadonlyArray<AgentRow>> {
  return tx.query<AgentRow>(`select ${COLUMNS} from agent order by loop, side`);
}
