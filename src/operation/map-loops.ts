import { computeMap, type LoopMap, type MapAgent, type MapLoop } from "../core/loop/map.ts";
import { describeHalts } from "../core/loop/halt.ts";
import { toAgentEvidence } from "../engine/gates.ts";
import { readHalts } from "../engine/halts.ts";
import { assert } from "../std/assert.ts";
import { diffMs, type Instant } from "../std/time.ts";
import { type AgentRow, listAgents } from "../store/table/agent.ts";
import { findCharter } from "../store/table/charter.ts";
import { type ContractRow, listContracts } from "../store/table/contract.ts";
import { listLoops } from "../store/table/loop.ts";
import { inputSchema, type Operation } from "./operation.ts";

export const loopMap: Operation<Record<string, never>, LoopMap> = {
  name: "loop.map",
  summary:
    "Who sends what to whom across the company, and every dead end with what to do about it.",
  access: "viewer",
  errors: [],
  input: inputSchema({}),
  async handler({ engine }) {
    const { driver, clock, loops: wired } = engine.context;
    const contracts = await listContracts(driver, null);
    const agents = await listAgents(driver);
    const loops: MapLoop[] = [];
    for (const row of await listLoops(driver)) {
      const contract = contracts.find(({ hash }) => hash === row.contract_hash);
      const charter = await findCharter(driver, row.charter_hash);
      assert(contract && charter, "a loop's papers are registered; foreign keys hold them");
      const wiring = wired.get(row.name);
      const ends = agents.filter(({ loop }) => loop === row.name);
      loops.push({
        name: row.name,
        state: row.state,
        contract: { name: contract.name, version: contract.version },
        ...endOf("sender", ends, clock.now()),
        ...endOf("receiver", ends, clock.now()),
        charterOptions: charter.options,
        halts: describeHalts(await readHalts(engine.context, row)),
        ...(wiring === undefined
          ? {}
          : { connectorOptions: wiring.connectors.flatMap(({ options }) => options) }),
      });
    }
    return computeMap({ loops, contracts: contracts.map(toMapContract) });
  },
};

function endOf(
  side: AgentRow["side"],
  ends: ReadonlyArray<AgentRow>,
  now: Instant,
): { readonly sender?: MapAgent; readonly receiver?: MapAgent } {
  const agent = ends.find((end) => end.side === side);
  if (agent === undefined) return {};
  const { seenAt, silenceMaxMs } = toAgentEvidence(agent);
  const isHeard = silenceMaxMs === undefined || diffMs(now, seenAt) <= silenceMaxMs;
  return { [side]: { name: agent.name, version: agent.version, isHeard } };
}

function toMapContract({ name, version, state, contract }: ContractRow) {
  return {
    name,
    version,
    state,
    sender: contract.sender.department,
    receiver: contract.receiver.department,
    actingOptions: contract.options
      .filter(({ kind }) => kind === "act")
      .map((option) => option.name),
  };
}
