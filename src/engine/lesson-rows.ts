/**
 * Gathers what a loop can learn from: the outcomes that were measured, and what became of the places that
 * were signalled and left alone.
 *
 * A confidence is scored on days that nobody had seen when it was said, against the place's own days
 * before its change. Only places where nothing was done are counted: an action changes who orders, and so
 * the rate. An honest confidence holds in every group that is picked by what was known when it was said,
 * so leaving the acted ones out does not make it look better or worse.
 */
import type { Case } from "../core/case/types.ts";
import type { Told } from "../stats/outcome/honesty.ts";
import type { ActionRow, Foretold } from "../stats/outcome/lesson.ts";
import type { Window } from "../stats/outcome/panel.ts";
import type { PanelEffect } from "../stats/outcome/panel-effect.ts";
import { addDays, type Day, dayOf } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import { listCompleteDays, listDailyCounts } from "../store/table/observation.ts";
import { listSubjects } from "../store/table/subject.ts";
import { Tree } from "./measure.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

/** The usual rate is read over four weeks, so that each weekday is in it alike. */
export const BEFORE_DAYS = 28;
/** Fewer attempts than this in either window say nothing of a rate. */
export const ATTEMPTS_LEAST = 20;

/** What became of every executed action whose outcome is measured. */
export function readActions(wiring: LoopWiring, cases: ReadonlyArray<Case>): ActionRow[] {
  return cases.flatMap((of) => {
    if (of.action === undefined || of.outcome === undefined) return [];
    const { effect, standardError, treated } = of.outcome.estimate as unknown as PanelEffect;
    const foretold = foretell(wiring, of, treated?.daysAfter);
    const isSeen = effect !== undefined && standardError !== undefined && standardError > 0;
    return [
      {
        option: of.action.intervention.option,
        verdict: of.outcome.verdict,
        ...(isSeen ? { seen: { estimate: effect.estimate, variance: standardError ** 2 } } : {}),
        ...(foretold === undefined ? {} : { foretold }),
        ...(treated === undefined ? {} : countAttempts(treated)),
      },
    ];
  });
}

/** As the settings foretell it, less the first days, in which what was ordered before is still counted. */
function foretell(
  { learning }: LoopWiring,
  of: Case,
  daysAfter: number | undefined,
): Foretold | undefined {
  const foretold = learning?.foretellEffect(of);
  if (learning === undefined || foretold === undefined || daysAfter === undefined) return undefined;
  const seenShare = Math.max(0, 1 - learning.lagDays / daysAfter);
  return { effect: seenShare * foretold.effect, fixed: seenShare * foretold.fixed };
}

/** A level's denominators are its ordinary attempts a day, so its noise says how many those are. */
function countAttempts({ daysBefore, daysAfter, noise }: NonNullable<PanelEffect["treated"]>) {
  const perDay = (1 / daysBefore + 1 / daysAfter) / noise;
  return { attempts: perDay * daysAfter, days: daysAfter };
}

/** What was said of places that were left alone, and what their next `maturityDays` showed. */
export async function readTold(
  tx: Tx,
  { zoneOffsetMinutes }: EngineContext,
  wiring: LoopWiring,
  cases: ReadonlyArray<Case>,
  maturityDays: number,
): Promise<ReadonlyArray<Told>> {
  const complete = await listCompleteDays(tx, wiring.metric, undefined);
  const lastDay = complete.at(-1);
  if (lastDay === undefined) return [];
  const tree = new Tree(await listSubjects(tx));
  const told: Told[] = [];
  for (const { signal, state, closeReason } of cases) {
    const isGood = state !== "quarantined" && closeReason !== "quarantined";
    const change = isGood ? wiring.readChange(signal) : undefined;
    if (change === undefined) continue;
    const from = dayOf(signal.asOf, zoneOffsetMinutes);
    const before = { from: addDays(change.onDay, -BEFORE_DAYS), until: change.onDay };
    const after = { from, until: addDays(from, maturityDays) };
    if (after.until > addDays(lastDay, 1)) continue;
    const acted = listActed(cases, { from: before.from, until: after.until });
    if (tree.isTouched(signal.subject, acted)) continue;
    const within = tree.within(signal.subject);
    const usual = await countWindow(tx, wiring.metric, within, before);
    const seen = await countWindow(tx, wiring.metric, within, after);
    if (usual.n < ATTEMPTS_LEAST || seen.n < ATTEMPTS_LEAST || change.deviation <= 0) continue;
    const noise = Math.hypot(usual.error, seen.error);
    told.push({
      confidence: signal.confidence,
      cameTrue: seen.k / seen.n - usual.k / usual.n >= wiring.effectWorthTelling,
      clarity: change.deviation / Math.hypot(change.deviation, noise),
    });
  }
  return told;
}

/** An action of another month says nothing about this window, and must not pick what is counted. */
function listActed(cases: ReadonlyArray<Case>, { from, until }: Window): ReadonlySet<string> {
  return new Set(
    cases.flatMap(({ action, signal }) =>
      action !== undefined && action.at < until && (action.liftedAt ?? until) >= from
        ? [signal.subject]
        : [],
    ),
  );
}

async function countWindow(
  tx: Tx,
  metric: string,
  subjects: ReadonlyArray<string>,
  window: Window,
): Promise<{ readonly n: number; readonly k: number; readonly error: number }> {
  const days = new Map<Day, { n: number; k: number }>();
  for (const { day, n, k } of await listDailyCounts(tx, metric, subjects, window)) {
    const sum = days.get(day) ?? { n: 0, k: 0 };
    days.set(day, { n: sum.n + n, k: sum.k + k });
  }
  const counts = [...days.values()].filter(({ n }) => n > 0);
  const n = counts.reduce((sum, count) => sum + count.n, 0);
  const k = counts.reduce((sum, count) => sum + count.k, 0);
  // Never quite 0 or 1, so that a few lucky days do not look certain.
  const rate = (k + 1) / (n + 2);
  const spread = counts.reduce((sum, day) => sum + (day.k - day.n * rate) ** 2 / day.n, 0);
  // Days that differ by more than luck make the whole window less sure (McCullagh and Nelder 1989).
  const excess = spread / (rate * (1 - rate) * Math.max(1, counts.length - 1));
  return { n, k, error: Math.sqrt((rate * (1 - rate) * Math.max(1, excess)) / Math.max(1, n)) };
}
