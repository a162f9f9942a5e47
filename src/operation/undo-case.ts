import { inTerm, membersOf, normaliseEmail } from "../core/charter/seat.ts";
import type { Charter } from "../core/charter/types.ts";
import { getTerms } from "../engine/terms.ts";
import { InterlockError } from "../std/errors.ts";
import type { Instant } from "../std/time.ts";
import { dayIn } from "../std/zone.ts";
import { insertCaseEvents } from "../store/table/case-event.ts";
import { lockCase } from "../store/table/signal-case.ts";
import { CASE_FIELD, inputSchema, nameField, type Operation, sentenceField } from "./operation.ts";

/** Anyone in term with a seat in a party that the charter gives the authority. */
function checkAuthority(
  { parties, rollback, timeZone }: Charter,
  person: string,
  at: Instant,
): void {
  const key = normaliseEmail(person);
  const today = dayIn(at, timeZone);
  const isEntitled = parties
    .filter(({ department }) => rollback.by.includes(department))
    .flatMap(membersOf)
    .some((member) => normaliseEmail(member.email) === key && inTerm(member, today));
  if (isEntitled) return;
  throw new InterlockError("case/undo-not-entitled", `${person} may not undo by this charter`, {
    help: `anyone with a seat in ${rollback.by.join(" or ")} may`,
  });
}

export const caseUndo: Operation<
  { readonly id: string; readonly person: string; readonly why: string },
  { readonly id: string }
> = {
  name: "case.undo",
  summary: "Takes back a standing action, exactly as far as it is still as we left it.",
  access: "approver",
  errors: ["case/not-found", "loop/wrong-state", "case/undo-not-entitled"],
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
      const { charter } = await getTerms(tx, of.contractHash, of.charterHash);
      checkAuthority(charter, person, at);
      await insertCaseEvents(tx, [
        { caseId: id, event: { kind: "undo.requested", at, person, why } },
      ]);
      return { id };
    });
  },
};
