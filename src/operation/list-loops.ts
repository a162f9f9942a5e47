import type { LoopRow } from "../store/table/loop.ts";
import { listLoops } from "../store/table/loop.ts";
import { countCases } from "../store/table/signal-case.ts";
import { sumCases, type CaseSum } from "./sum-cases.ts";
import { inputSchema, type Operation } from "./operation.ts";

export type LoopSummary = Pick<LoopRow, "name" | "state" | "autonomy" | "why" | "changed_at"> & {
  readonly cases: CaseSum;
};

export const loopList: Operation<Record<string, never>, ReadonlyArray<LoopSummary>> = {
  name: "loop.list",
  summary: "Every loop, where it stands, and what became of its signals.",
  access: "viewer",
  errors: [],
  input: inputSchema({}),
  async handler({ engine }) {
    const { driver } = engine.context;
    const rows = await listLoops(driver);
    return Promise.all(
      rows.map(async ({ name, state, autonomy, why, changed_at }) => ({
        name,
        state,
        autonomy,
        why,
        changed_at,
        cases: sumCases(await countCases(driver, name)),
      })),
    );
  },
};
