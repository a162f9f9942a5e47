import type { Halts } from "../core/loop/halt.ts";
import { readHalts } from "../engine/halts.ts";
import type { LoopRow } from "../store/table/loop.ts";
import { listLoops } from "../store/table/loop.ts";
import { countCases } from "../store/table/signal-case.ts";
import { sumCases, type CaseSum } from "./sum-cases.ts";
import { inputSchema, type Operation } from "./operation.ts";
import { departmentsOf } from "./scope.ts";

export type LoopSummary = Pick<LoopRow, "name" | "state" | "autonomy" | "why" | "changed_at"> &
  Halts & {
    /** The sender's and the receiver's. */
    readonly departments: ReadonlyArray<string>;
    readonly cases: CaseSum;
  };

export const loopList: Operation<Record<string, never>, ReadonlyArray<LoopSummary>> = {
  name: "loop.list",
  summary: "Every loop, where it stands, and what became of its signals.",
  access: "viewer",
  errors: [],
  input: inputSchema({}),
  async handler({ engine }) {
    const { context } = engine;
    const { driver } = context;
    const rows = await listLoops(driver);
    return Promise.all(
      rows.map(async (row) => ({
        name: row.name,
        state: row.state,
        autonomy: row.autonomy,
        why: row.why,
        changed_at: row.changed_at,
        ...(await readHalts(context, row)),
        departments: departmentsOf(engine, row.name) ?? [],
        cases: sumCases(await countCases(driver, row.name)),
      })),
    );
  },
};
