import type { Gate } from "../core/loop/gates.ts";
import { readGates } from "../engine/loops.ts";
import type { LoopRow } from "../store/table/loop.ts";
import { countCases } from "../store/table/signal-case.ts";
import { getWiring, type Operation } from "./operation.ts";
import { type CaseSum, sumCases } from "./sum-cases.ts";

export type LoopView = {
  readonly loop: Omit<LoopRow, "conformance">;
  readonly contract: string;
  readonly charter: string;
  readonly sender: string;
  readonly receiver: string;
  readonly gates: ReadonlyArray<Gate>;
  readonly cases: CaseSum;
};

export const loopShow: Operation<{ readonly loop: string }, LoopView> = {
  name: "loop.show",
  summary: "One loop: its two ends, its papers, every gate with what would make it hold.",
  access: "viewer",
  errors: ["loop/not-found"],
  async handler(context, { loop }) {
    const wiring = getWiring(context, loop);
    const { row, gates } = await readGates(context.engine.context, wiring);
    const { conformance: _evidence, ...rest } = row;
    return {
      loop: rest,
      contract: `${wiring.contract.name} ${wiring.contract.version}`,
      charter: `${wiring.charter.name}, version ${wiring.charter.version}`,
      sender: `${wiring.sender.department}/${wiring.sender.name} ${wiring.sender.version}`,
      receiver: `${wiring.receiver.department}/${wiring.receiver.name} ${wiring.receiver.version}`,
      gates,
      cases: sumCases(await countCases(context.engine.context.driver, loop)),
    };
  },
};
