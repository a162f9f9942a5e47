/**
 * The intention written down before anything leaves the building.
 *
 * INVARIANT (intent before call): in one transaction the last look is taken (`last-look.ts`) and the
 * intent is committed. What is refused here never reaches a connector.
 */
import type { Case } from "../core/case/types.ts";
import type { LedgerDraft } from "../core/ledger/entry.ts";
import { assert } from "../std/assert.ts";
import { type Instant, MINUTE_MS } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import { effectKey, type EffectRow, type Intent, updateIntents } from "../store/table/effect.ts";
import { appendLedger } from "../store/table/ledger.ts";
import { lockLoop, type LoopRow } from "../store/table/loop.ts";
import { listCasesById } from "../store/table/signal-case.ts";
import { startMsOf } from "./change.ts";
import type { Ended, Ending } from "./ending.ts";
import { LastLook, type Refusal } from "./last-look.ts";
import type { EngineContext } from "./wiring.ts";

export type Intended = {
  readonly effect: EffectRow;
  readonly intent: Intent;
  /** Set where authority is gone since it was first sent: how it ends unless it is found to be done. */
  readonly refusal?: Ending;
};

export async function intendChanges(
  context: EngineContext,
  changes: ReadonlyArray<Intended>,
): Promise<{ readonly intended: ReadonlyArray<Intended>; readonly refused: ReadonlyArray<Ended> }> {
  const now = context.clock.now();
  return context.driver.transaction(async (tx) => {
    const [cases, loops, look] = await Promise.all([
      listCasesById(
        tx,
        changes.map(({ effect }) => effect.case_id),
      ),
      lockLoops(tx, changes),
      LastLook.open(tx, now),
    ]);
    await context.reached?.("intend/looked");
    const allowed: Intended[] = [];
    const refused: Ended[] = [];
    for (const change of changes) {
      const of = cases.get(change.effect.case_id);
      const loop = loops.get(change.effect.loop);
      assert(of && loop, "an effect belongs to a case of a loop; foreign keys hold them");
      const refusal = await look.findRefusal(change, of, loop);
      if (refusal === undefined) allowed.push(change);
      else {
        const ended = endRefused(change, refusal, now);
        // Sent before: what became of it must be found out, but it must not be sent again.
        if (change.effect.intent === null) refused.push(ended);
        else allowed.push({ ...change, refusal: ended.ending });
      }
    }
    const held = await updateIntents(
      tx,
      allowed.map(({ effect, intent }) => ({
        caseId: effect.case_id,
        step: effect.step,
        fence: effect.fence,
        intent,
      })),
      context.limits.callMs + startMsOf(context.limits),
    );
    await context.reached?.("intend/intent-written");
    const intended = allowed.filter(({ effect }) =>
      held.has(effectKey(effect.case_id, effect.step)),
    );
    await appendLedger(
      tx,
      intended
        .filter(({ effect }) => effect.intent === null)
        .map((change) => intentEntry(change, cases.get(change.effect.case_id), now)),
    );
    await context.reached?.("intend/ledger-written");
    return { intended, refused };
  });
}

/** How soon an action held back by a paused loop is looked at again. */
const PAUSED_RECHECK_MS = 15 * MINUTE_MS;

function endRefused({ effect }: Intended, refusal: Refusal, now: Instant): Ended {
  const { body, step } = effect;
  const { because, code, why, charterHash } = refusal;
  if (because === "paused") {
    const wait = { waitMs: PAUSED_RECHECK_MS, isFailure: false, isUnsent: false };
    return { effect, ending: { kind: "again", why, ...wait } };
  }
  return {
    effect,
    ending:
      body.kind === "act"
        ? {
            kind: "failed",
            why: `refused at dispatch: ${why}`,
            letter: {
              kind: "action.refused",
              at: now,
              step,
              because,
              code,
              why,
              ...(charterHash === undefined ? {} : { charterHash }),
            },
          }
        : { kind: "failed", why },
  };
}

async function lockLoops(
  tx: Tx,
  changes: ReadonlyArray<Intended>,
): Promise<ReadonlyMap<string, LoopRow>> {
  const names = [...new Set(changes.map(({ effect }) => effect.loop))].sort();
  const rows = await Promise.all(names.map((name) => lockLoop(tx, name)));
  return new Map(rows.flatMap((row) => (row === undefined ? [] : [[row.name, row]])));
}

function intentEntry(
  { effect, intent }: Intended,
  of: Case | undefined,
  now: Instant,
): LedgerDraft {
  return {
    at: now,
    kind: effect.body.kind === "undo" ? "undo.intended" : "action.intended",
    loop: effect.loop,
    case: effect.case_id,
    actor: "engine",
    ...(of === undefined ? {} : { contract: of.contractHash, charter: of.charterHash }),
    body: {
      step: effect.step,
      key: effectKey(effect.case_id, effect.step),
      connector: intent.connector,
      plan: intent.plan,
    },
  };
}
