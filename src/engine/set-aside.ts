/**
 * What was set aside, in the hands of a person: tried again, or given up with a reason.
 *
 * Picture the shelf behind the counter, with the parcels that could not be delivered: each with its label, how
 * often it was tried, what the last courier wrote. Somebody of either department takes one down, has it carried
 * once more, or writes on it that it will not be, and why.
 *
 * Trying again gives no authority: an action goes through the last look before it is sent, like the first
 * time, and what an earlier call may have done is found out by the connector's class. Where nothing can be
 * read back, the person says that it was not done (`isUndone`), and answers for it.
 */
import { inTerm, membersOf, normaliseEmail } from "../core/charter/seat.ts";
import type { Case } from "../core/case/types.ts";
import type { LedgerDraft } from "../core/ledger/entry.ts";
import { assert } from "../std/assert.ts";
import { InterlockError } from "../std/errors.ts";
import { dayIn } from "../std/zone.ts";
import type { Tx } from "../store/driver/driver.ts";
import { insertCaseEvents } from "../store/table/case-event.ts";
import { appendLedger } from "../store/table/ledger.ts";
import {
  discardEffect,
  type EffectRecord,
  findEffect,
  reopenEffect,
} from "../store/table/set-aside.ts";
import { lockCase } from "../store/table/signal-case.ts";
import { getTerms } from "./terms.ts";
import type { EngineContext } from "./wiring.ts";

export type EffectName = { readonly case: string; readonly step: number };

/** How tries are asked for that are a question or a step of their own. */
const ASKED_OTHERWISE: { readonly [kind: string]: string } = {
  ask: "have it asked anew: `case ask`",
  undo: "ask for it anew: `case undo`",
};

export async function getEffect(
  tx: Tx,
  { case: caseId, step }: EffectName,
  lock: "read" | "lock" = "read",
): Promise<EffectRecord> {
  const found = await findEffect(tx, caseId, step, lock);
  if (found !== undefined) return found;
  throw new InterlockError("effect/not-found", `case \`${caseId}\` has no effect ${step}`, {
    help: "`effect list` and `case show` name them",
  });
}

export async function retrySetAside(
  context: EngineContext,
  name: EffectName,
  said: { readonly person: string; readonly isUndone: boolean },
): Promise<void> {
  await context.driver.transaction(async (tx) => {
    const { effect, of } = await open(tx, context, name, said.person);
    const otherwise = ASKED_OTHERWISE[effect.kind];
    const isOver =
      effect.kind === "act" && !(of.state === "executing" && of.executingStep === effect.step);
    if (isOver || otherwise !== undefined) {
      throw new InterlockError(
        "effect/not-retryable",
        `effect ${effect.step} of case \`${effect.case}\` cannot simply be tried again`,
        {
          help:
            otherwise ??
            `the case is ${of.closeReason ?? of.state} and asks for no action any more`,
        },
      );
    }
    const now = context.clock.now();
    await reopenEffect(tx, effect, { now, isUndone: said.isUndone });
    const event = {
      kind: "step.retried",
      at: now,
      step: effect.step,
      person: said.person,
    } as const;
    await insertCaseEvents(tx, [{ caseId: of.id, event }]);
    await appendLedger(tx, [
      entry(context, effect, "effect.retried", said.person, { isUndone: said.isUndone }),
    ]);
  });
}

export async function discardSetAside(
  context: EngineContext,
  name: EffectName,
  { person, reason }: { readonly person: string; readonly reason: string },
): Promise<void> {
  await context.driver.transaction(async (tx) => {
    const { effect, of } = await open(tx, context, name, person);
    await discardEffect(tx, effect);
    const at = context.clock.now();
    const event = { kind: "step.given-up", at, step: effect.step, person, why: reason } as const;
    await insertCaseEvents(tx, [{ caseId: of.id, event }]);
    await appendLedger(tx, [entry(context, effect, "effect.discarded", person, { why: reason })]);
  });
}

async function open(
  tx: Tx,
  { clock }: EngineContext,
  name: EffectName,
  person: string,
): Promise<{ readonly effect: EffectRecord; readonly of: Case }> {
  // The case first, as everybody else locks them.
  const of = await lockCase(tx, name.case);
  const effect = await getEffect(tx, name, "lock");
  assert(of, "an effect belongs to a case; a foreign key holds it");
  if (effect.state !== "failed" && effect.state !== "needs-person") {
    throw new InterlockError(
      "effect/not-set-aside",
      `effect ${effect.step} of case \`${effect.case}\` is ${effect.state}, not set aside`,
      { help: "`effect list` shows what was set aside" },
    );
  }
  const { charter } = await getTerms(tx, of.contractHash, of.charterHash);
  const today = dayIn(clock.now(), charter.timeZone);
  const key = normaliseEmail(person);
  const isSeated = charter.parties
    .flatMap(membersOf)
    .some((member) => normaliseEmail(member.email) === key && inTerm(member, today));
  if (!isSeated) {
    throw new InterlockError("effect/not-entitled", `${person} has no seat in this charter`, {
      help: "anyone with a seat in a party of the case's charter may",
    });
  }
  return { effect, of };
}

function entry(
  { clock }: EngineContext,
  { case: of, step, loop, kind, why }: EffectRecord,
  what: "effect.retried" | "effect.discarded",
  actor: string,
  said: { readonly isUndone: boolean } | { readonly why: string },
): LedgerDraft {
  const body = { step, effect: kind, setAside: why ?? "", ...said };
  return { at: clock.now(), kind: what, loop, case: of, actor, body };
}
