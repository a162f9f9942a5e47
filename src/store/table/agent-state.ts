/** What a sending agent remembers between days: one row per loop, replaced as it folds. */
import type { Day } from "../../std/time.ts";
import type { Tx } from "../driver/driver.ts";

export type AgentState = {
  readonly agent: string;
  readonly version: string;
  readonly as_of_day: Day;
  readonly days_folded: number;
  readonly state: Uint8Array;
};

export async function findAgentState(tx: Tx, loop: string): Promise<AgentState | undefined> {
  const rows = await tx.query<AgentState>(
    "select agent, version, as_of_day, days_folded, state from agent_state where loop = $1",
    [loop],
  );
  return rows[0];
}

/** Where the agent stands, without its state. */
export async function findAgentProgress(
  tx: Tx,
  loop: string,
): Promise<Omit<AgentState, "state"> | undefined> {
  const rows = await tx.query<Omit<AgentState, "state">>(
    "select agent, version, as_of_day, days_folded from agent_state where loop = $1",
    [loop],
  );
  return rows[0];
}

/**
 * Saves what the agent became by folding a day. False when somebody else has folded on from where it began:
 * what they saved stands.
 */
export async function saveAgentState(tx: Tx, loop: string, row: AgentState): Promise<boolean> {
  const rows = await tx.query(
    `insert into agent_state as saved (loop, agent, version, as_of_day, days_folded, state)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (loop) do update
     set agent = excluded.agent, version = excluded.version, as_of_day = excluded.as_of_day,
         days_folded = excluded.days_folded, state = excluded.state
     where saved.days_folded = excluded.days_folded - 1
     returning loop`,
    [loop, row.agent, row.version, row.as_of_day, row.days_folded, row.state],
  );
  return rows.length === 1;
}
