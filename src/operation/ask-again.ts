import { InterlockError } from "../std/errors.ts";
import { insertCaseEvents } from "../store/table/case-event.ts";
import { lockCase } from "../store/table/signal-case.ts";
import { CASE_FIELD, inputSchema, nameField, type Operation } from "./operation.ts";

export const caseAsk: Operation<
  { readonly id: string; readonly person: string },
  { readonly id: string }
> = {
  name: "case.ask",
  summary: "Asks the receiving agent once more about a case that it gave no usable answer to.",
  access: "operator",
  errors: ["case/not-found", "loop/wrong-state"],
  input: inputSchema({ id: CASE_FIELD, person: nameField("the email of who asks for it") }),
  async handler({ engine }, { id, person }) {
    const { driver, clock } = engine.context;
    return driver.transaction(async (tx) => {
      const of = await lockCase(tx, id);
      if (of === undefined)
        throw new InterlockError("case/not-found", `no case has the id \`${id}\``);
      if (of.state !== "evaluating" || of.awaitingPerson === undefined) {
        throw new InterlockError("loop/wrong-state", `case \`${id}\` does not wait for an answer`, {
          help: "only a question that was given up is asked again; `case show` tells where it stands",
        });
      }
      const at = clock.now();
      await insertCaseEvents(tx, [
        { caseId: id, event: { kind: "question.repeated", at, person } },
      ]);
      return { id };
    });
  },
};
