/**
 * What became of effects, written down, and their cases moved along with it.
 *
 * The letter that an answer gives to its case is read where it is written: the case goes on in the same
 * transaction, and what it orders next is taken in hand by the worker that is here already. Where a case is
 * being moved by somebody else, or has other letters lying there, its letter is posted and read in turn.
 *
 * INVARIANT (fence): an answer counts only while the claim under which it was asked is the newest.
 */
import type { Case, CaseEvent } from "../core/case/types.ts";
import type { LedgerDraft } from "../core/ledger/entry.ts";
import { isStoreError } from "../std/errors.ts";
import { addMs, type Instant } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import { insertCaseEvents, type Letterbox } from "../store/table/case-event.ts";
import { type EffectEnd, effectKey, type EffectRow, endEffects } from "../store/table/effect.ts";
import { appendLedger } from "../store/table/ledger.ts";
import { claimIdleCases } from "../store/table/signal-case.ts";
import { advanceCases } from "./advance.ts";
import type { Ended, Ending } from "./ending.ts";
import { giveBack } from "./holding.ts";
import type { EngineContext } from "./wiring.ts";

/** Effects that one worker has claimed, and their cases as they stand. */
export type InHand = {
  readonly effects: ReadonlyArray<EffectRow>;
  readonly cases: ReadonlyMap<string, Case>;
};

const NOTHING: InHand = { effects: [], cases: new Map() };

/** Writes down what became of effects, posts their letters, and leaves the cases to the next turn. */
export async function recordAndPost(
  context: EngineContext,
  ended: ReadonlyArray<Ended>,
): Promise<void> {
  await context.driver.transaction(async (tx) => {
    const { letters, entries } = await record(tx, context, ended);
    await insertCaseEvents(tx, letters);
    await context.reached?.("record/letters-written");
    await appendLedger(tx, entries);
    await context.reached?.("record/ledger-written");
  });
}

/**
 * Writes down what became of effects and moves their cases along. Of what these order, up to `takes` come
 * back claimed. What happened outside is kept whatever a case makes of it: where it cannot be moved, its
 * letter is posted. The fence makes that safe, even where the first commit came through unheard.
 */
export async function recordAndAdvance(
  context: EngineContext,
  ended: ReadonlyArray<Ended>,
  takes: number,
): Promise<InHand> {
  // Also where the commit's answer is lost: then this worker holds what it does not know to be its own.
  let ordered = NOTHING;
  try {
    return await context.driver.transaction(
      async (tx) => (ordered = await advance(tx, context, ended, takes)),
    );
  } catch (error) {
    if (isStoreError(error)) {
      await giveBack(context, ordered.effects);
      throw error;
    }
    await recordAndPost(context, ended);
    return NOTHING;
  }
}

async function advance(
  tx: Tx,
  context: EngineContext,
  ended: ReadonlyArray<Ended>,
  takes: number,
): Promise<InHand> {
  const now = context.clock.now();
  const writing = new Set(ended.filter(hasLetter).map(({ effect }) => effect.case_id));
  const [idle, { letters, entries }] = await Promise.all([
    writing.size === 0 ? [] : claimIdleCases(tx, [...writing], now),
    record(tx, context, ended),
  ]);
  const lettersByCase = Map.groupBy(letters, ({ caseId }) => caseId);
  const moved = idle.flatMap((of) => {
    const own = lettersByCase.get(of.id);
    return own === undefined ? [] : [{ case: of, letters: own.map(eventOf), isNew: false }];
  });
  const read = new Set(moved.map(({ case: of }) => of.id));
  await insertCaseEvents(
    tx,
    letters.filter(({ caseId }) => !read.has(caseId)),
  );
  await context.reached?.("record/letters-written");
  const { cases, inHand } = await advanceCases(tx, context, moved, now, { entries, takes });
  await context.reached?.("record/ledger-written");
  return { effects: inHand, cases: new Map(cases.map((of) => [of.id, of])) };
}

function hasLetter({ ending }: Ended): boolean {
  return ending.kind !== "again" && ending.letter !== undefined;
}

function eventOf({ event }: Letterbox): CaseEvent {
  return event;
}

type Recorded = {
  readonly letters: ReadonlyArray<Letterbox>;
  readonly entries: ReadonlyArray<LedgerDraft>;
};

/** Ends the effects whose fence still holds; gives what follows from them. */
async function record(
  tx: Tx,
  context: EngineContext,
  ended: ReadonlyArray<Ended>,
): Promise<Recorded> {
  const now = context.clock.now();
  const held = await endEffects(
    tx,
    ended.map((one) => toEnd(context, one, now)),
  );
  await context.reached?.("record/effects-written");
  const kept = ended.filter(({ effect }) => held.has(effectKey(effect.case_id, effect.step)));
  return {
    letters: kept.flatMap(({ effect, ending }) =>
      ending.kind !== "again" && ending.letter !== undefined
        ? [{ caseId: effect.case_id, event: ending.letter }]
        : [],
    ),
    entries: kept.flatMap(({ effect, ending }) => noticeEntry(effect, ending, now)),
  };
}

function toEnd(context: EngineContext, { effect, ending }: Ended, now: Instant): EffectEnd {
  const end = { caseId: effect.case_id, step: effect.step, fence: effect.fence };
  if (ending.kind === "again") {
    const at = addMs(now, Math.max(ending.waitMs, backoffOf(context, effect.failures)));
    const error = ending.isFailure ? ending.why : null;
    return { ...end, state: "ready", result: null, error, at, isUnsent: ending.isUnsent };
  }
  if (ending.kind === "done") {
    return { ...end, state: "done", result: ending.result, error: null, at: now };
  }
  return { ...end, state: ending.kind, result: null, error: ending.why, at: now };
}

/** INVARIANT (both-told): a notice is delivered or visibly failed, and the ledger says which. */
function noticeEntry(effect: EffectRow, ending: Ending, now: Instant): ReadonlyArray<LedgerDraft> {
  if (effect.body.kind !== "notify" || ending.kind === "again") return [];
  const { topic, department, to } = effect.body.letter;
  return [
    {
      at: now,
      kind: ending.kind === "done" ? "notice.delivered" : "notice.failed",
      loop: effect.loop,
      case: effect.case_id,
      actor: "engine",
      body: {
        step: effect.step,
        topic,
        department,
        to,
        ...(ending.kind === "done" ? {} : { why: ending.why }),
      },
    },
  ];
}

/** Doubling wait that depends only on the failures so far, so that a replay waits alike. */
function backoffOf(context: EngineContext, failures: number): number {
  return Math.min(context.limits.backoffMs * 2 ** failures, context.limits.backoffMaxMs);
}
