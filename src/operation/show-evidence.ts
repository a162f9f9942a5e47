import { type CaseEvidence, readCaseEvidence } from "../engine/case-evidence.ts";
import { CASE_FIELD, getWiring, inputSchema, type Operation } from "./operation.ts";
import { getCase } from "./show-case.ts";

export type { CaseEvidence } from "../engine/case-evidence.ts";

export const caseEvidence: Operation<{ readonly id: string }, CaseEvidence> = {
  name: "case.evidence",
  summary: "The daily counts of a case's subject, from before its change until after its action.",
  access: "viewer",
  errors: ["case/not-found", "loop/not-found"],
  input: inputSchema({ id: CASE_FIELD }),
  async handler(context, { id }) {
    const of = await getCase(context, id);
    getWiring(context, of.loop);
    return readCaseEvidence(context.engine.context, of);
  },
};
