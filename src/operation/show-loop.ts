import { type DatedGate, readGates } from "../engine/gates.ts";
import type { Halts } from "../core/loop/halt.ts";
import { type AutonomyView, viewAutonomy } from "../engine/autonomy.ts";
import { readHalts } from "../engine/halts.ts";
import { getLoopTerms } from "../engine/terms.ts";
import { type AgentSide, findAgent } from "../store/table/agent.ts";
import type { LoopRow } from "../store/table/loop.ts";
import { countCases, readTimeToAction, type TimeToAction } from "../store/table/signal-case.ts";
import {
  getWiring,
  inputSchema,
  LOOP_FIELD,
  type Operation,
  type OperationContext,
} from "./operation.ts";
import { type CaseSum, sumCases } from "./sum-cases.ts";

/** Stops that cover the loop or a connector of it, and the glass that is broken now. */
export type LoopView = Halts & {
  readonly loop: LoopRow;
  readonly contract: string;
  readonly charter: string;
  readonly sender: string;
  readonly receiver: string;
  readonly autonomy: AutonomyView;
  readonly gates: ReadonlyArray<DatedGate>;
  readonly cases: CaseSum;
  readonly toAction: TimeToAction;
};

export const loopShow: Operation<{ readonly loop: string }, LoopView> = {
  name: "loop.show",
  summary: "One loop: its two ends, its papers, every gate with what would make it hold.",
  access: "viewer",
  errors: ["loop/not-found"],
  input: inputSchema({ loop: LOOP_FIELD }),
  async handler(context, { loop }) {
    const wiring = getWiring(context, loop);
    const { driver } = context.engine.context;
    const { row, gates } = await readGates(context.engine.context, wiring, "recent");
    const { charter } = await getLoopTerms(context.engine.context.driver, loop);
    return {
      loop: row,
      contract: `${wiring.contract.name} ${wiring.contract.version}`,
      charter: `${charter.name}, version ${charter.version}`,
      sender: await nameEnd(context, loop, "sender"),
      receiver: await nameEnd(context, loop, "receiver"),
      autonomy: await viewAutonomy(driver, context.engine.context, row),
      ...(await readHalts(context.engine.context, row)),
      gates,
      cases: sumCases(await countCases(driver, loop)),
      toAction: await readTimeToAction(driver, loop),
    };
  },
};

async function nameEnd(
  { engine }: OperationContext,
  loop: string,
  side: AgentSide,
): Promise<string> {
  const agent = await findAgent(engine.context.driver, loop, side);
  if (agent === undefined) return `no ${side}`;
  return `${agent.department}/${agent.name} ${agent.version}`;
}
