/**
 * One turn: a batch of cases with letters due, every letter read, everything written at once.
 *
 * Cases are taken with `skip locked`, so any number of workers turn at the same time without meeting.
 * A crash before the commit leaves every letter unread; after it, none is read twice.
 */
import type { CaseEvent } from "../core/case/types.ts";
import { deleteCaseEvents, findNextDue, listDueEvents } from "../store/table/case-event.ts";
import { claimDueCases } from "../store/table/signal-case.ts";
import { advanceCases } from "./advance.ts";
import type { EngineContext } from "./wiring.ts";

/** Returns how many cases had letters; 0 means that nothing was due. */
export async function runTurn(context: EngineContext): Promise<number> {
  const now = context.clock.now();
  // Most looks find nothing: one statement instead of a transaction.
  const next = await findNextDue(context.driver);
  if (next === undefined || next > now) return 0;
  const turned = await context.driver.transaction(async (tx) => {
    const cases = await claimDueCases(tx, now, context.limits.turnEvents);
    if (cases.length === 0) return 0;
    await context.reached?.("turn/claimed");
    const rows = await listDueEvents(
      tx,
      cases.map((claimed) => claimed.id),
      now,
    );
    const lettersByCase = new Map<string, CaseEvent[]>();
    for (const row of rows) {
      const letters = lettersByCase.get(row.case_id) ?? [];
      letters.push(row.body);
      lettersByCase.set(row.case_id, letters);
    }
    await deleteCaseEvents(
      tx,
      rows.map((row) => row.id),
    );
    await context.reached?.("turn/letters-read");
    await advanceCases(
      tx,
      context,
      cases.map((claimed) => ({
        case: claimed,
        letters: lettersByCase.get(claimed.id) ?? [],
        isNew: false,
      })),
      now,
    );
    await context.reached?.("turn/advanced");
    return cases.length;
  });
  if (turned > 0) await context.reached?.("turn/committed");
  return turned;
}
