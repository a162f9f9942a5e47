import { type Case, CASE_STATES, type CaseState } from "../core/case/types.ts";
import type { CaseFilter } from "../store/table/signal-case.ts";
import { listCases } from "../store/table/signal-case.ts";
import { inputSchema, LOOP_FIELD, nameField, type Operation } from "./operation.ts";

export const CASES_MAX = 10_000;

export type CaseSummary = {
  readonly id: string;
  readonly subject: string;
  readonly subjectName: string;
  readonly state: CaseState;
  readonly closeReason: string | null;
  readonly option: string | null;
  readonly verdict: string | null;
  readonly openedAt: string;
  readonly actedAt: string | null;
};

export const caseList: Operation<
  CaseFilter & { readonly limit?: number },
  ReadonlyArray<CaseSummary>
> = {
  name: "case.list",
  summary: "Cases, oldest first, by loop, state or subject.",
  access: "viewer",
  errors: [],
  input: inputSchema(
    {
      loop: LOOP_FIELD,
      state: { enum: CASE_STATES, description: "only cases in this state" },
      subject: nameField("only cases about this subject"),
      limit: { type: "integer", minimum: 1, maximum: CASES_MAX, description: "at most so many" },
    },
    ["loop", "state", "subject", "limit"],
  ),
  async handler({ engine }, { limit = CASES_MAX, ...filter }) {
    const cases = await listCases(engine.context.driver, filter, Math.min(limit, CASES_MAX));
    return cases.map(toSummary);
  },
};

function toSummary(of: Case): CaseSummary {
  return {
    id: of.id,
    subject: of.signal.subject,
    subjectName: of.subjectName,
    state: of.state,
    closeReason: of.closeReason ?? null,
    option: of.proposal?.option ?? null,
    verdict: of.verdict?.kind ?? null,
    openedAt: of.openedAt,
    actedAt: of.action?.at ?? null,
  };
}
