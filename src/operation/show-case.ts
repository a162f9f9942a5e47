import type { Case } from "../core/case/types.ts";
import { InterlockError } from "../std/errors.ts";
import { type EffectSummary, listEffectsOfCase } from "../store/table/effect.ts";
import { findArchivedCase } from "../store/table/archive.ts";
import { findCase } from "../store/table/signal-case.ts";
import { CASE_FIELD, inputSchema, type Operation, type OperationContext } from "./operation.ts";

export type CaseView = { readonly case: Case; readonly effects: ReadonlyArray<EffectSummary> };

export const caseShow: Operation<{ readonly id: string }, CaseView> = {
  name: "case.show",
  summary: "One case as it stands, with every effect it ordered.",
  access: "viewer",
  errors: ["case/not-found"],
  input: inputSchema({ id: CASE_FIELD }),
  async handler(context, { id }) {
    const found = await getCase(context, id);
    return {
      case: found,
      effects: await listEffectsOfCase(context.engine.context.driver, found.id),
    };
  },
};

export async function getCase({ engine }: OperationContext, id: string): Promise<Case> {
  const found = await findCase(engine.context.driver, id);
  if (found === undefined) {
    const archived = await findArchivedCase(engine.context.driver, id);
    if (archived !== undefined) {
      throw new InterlockError("case/not-found", `\`${id}\` is archived, with ${archived.month}`, {
        help: "cases.parquet of that month in the archive has its document",
      });
    }
    throw new InterlockError("case/not-found", `no case has the id \`${id}\``, {
      help: "`case list` shows the ids",
    });
  }
  return found;
}
