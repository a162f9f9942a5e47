import { CASE_STATES } from "../core/case/types.ts";
import { type CaseFilter, type CaseLineRow, listCaseLines } from "../store/table/signal-case.ts";
import { inputSchema, LOOP_FIELD, nameField, type Operation } from "./operation.ts";

export const CASES_MAX = 10_000;
const WORDS_MAX = 8;

export type CaseSummary = CaseLineRow;

export const caseList: Operation<
  CaseFilter & { readonly find?: string; readonly newestFirst?: boolean; readonly limit?: number },
  ReadonlyArray<CaseSummary>
> = {
  name: "case.list",
  summary: "Cases by loop, state, subject or words, oldest first unless asked for the newest.",
  access: "viewer",
  errors: [],
  input: inputSchema(
    {
      loop: LOOP_FIELD,
      state: { enum: CASE_STATES, description: "only cases in this state" },
      subject: nameField("only cases about this subject"),
      find: nameField("only cases that have all these words: of a place, an option, a state"),
      newestFirst: { type: "boolean", description: "the newest first" },
      limit: { type: "integer", minimum: 1, maximum: CASES_MAX, description: "at most so many" },
    },
    ["loop", "state", "subject", "find", "newestFirst", "limit"],
  ),
  handler({ engine }, { find = "", newestFirst = false, limit = CASES_MAX, ...filter }) {
    return listCaseLines(engine.context.driver, filter, {
      words: find.split(/\s+/).filter(Boolean).slice(0, WORDS_MAX),
      isNewestFirst: newestFirst,
      limit: Math.min(limit, CASES_MAX),
    });
  },
};
