import { InterlockError } from "../std/errors.ts";
import { insertCaseEvents } from "../store/table/case-event.ts";
import { lockCase } from "../store/table/signal-case.ts";
import { CASE_FIELD, inputSchema, nameField, type Operation, sentenceField } from "./operation.ts";

export const caseUndo: Operation<
  { readonly id: string; readonly person: string; readonly why: string },
  { readonly id: string }
> = {
  name: "case.undo",
  summary: "Takes back a standing action, exactly as far as it is still as we left it.",
  access: "approver",
  errors: ["case/not-found", "loop/wrong-state"],
  input: inputSchema({
    id: CASE_FIELD,
    person: nameField("the email of who asks for it"),
    why: sentenceField("the reason, for both departments"),
  }),
  async handler({ engine }, { id, person, why }) {
    const { driver, clock } = engine.context;
    return driver.transaction(async (tx) => {
      const of = await lockCase(tx, id);
      if (of === undefined)
        throw new InterlockError("case/not-found", `no case has the id \`${id}\``);
      if (of.state !== "watching" || of.action === undefined || of.action.liftedAt !== undefined) {
        throw new InterlockError("loop/wrong-state", `case \`${id}\` has no standing action`, {
          help: "only an action that stands can be undone; `case show` tells what became of it",
        });
      }
      const at = clock.now();
      await insertCaseEvents(tx, [
        { caseId: id, event: { kind: "undo.requested", at, person, why } },
      ]);
      return { id };
    });
  },
};
