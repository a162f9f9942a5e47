/** Tells the owners of every loop concerned when loops get in each other's way; once a case. */
import type { Case } from "../core/case/types.ts";
import type { Tx } from "../store/driver/driver.ts";
import { writeLoopNews } from "./loop-news.ts";
import type { EngineContext } from "./wiring.ts";

/** `moved` are cases that this transaction changed. */
export async function tellConflicts(
  tx: Tx,
  context: EngineContext,
  moved: ReadonlyArray<Case>,
): Promise<void> {
  for (const of of moved) {
    const { verdict, proposal } = of;
    if (verdict === undefined || proposal === undefined) continue;
    const { claims, cycle } = verdict.facts;
    const isAboutOthers =
      verdict.rule !== "one-case-at-a-time" && verdict.decidedBy === "arbitration";
    if (!isAboutOthers && of.waitsFor === undefined) continue;
    const others = [...claims.map(({ loop }) => loop), ...(cycle?.through ?? [])];
    const { resource } = proposal;
    for (const loop of new Set([of.loop, ...others])) {
      const wiring = context.loops.get(loop);
      if (wiring === undefined) continue;
      await writeLoopNews(tx, context, wiring, of.id, {
        topic: verdict.rule === "loop-cycle" ? "cycle" : "conflict",
        case: of.id,
        loop: of.loop,
        resource,
        waits: of.waitsFor !== undefined,
        reasons: verdict.reasons,
      });
    }
  }
}
