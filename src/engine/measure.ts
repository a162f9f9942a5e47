/**
 * Gathers what the outcome is read from: events of the acted subject before and after the action, and
 * those of comparable places that no case of the loop touched. The reading itself is `stats/outcome`'s.
 */
import type { Case, Outcome } from "../core/case/types.ts";
import type { Subject } from "../core/port/types.ts";
import { type EffectEstimate, estimateEffect } from "../stats/outcome/effect.ts";
import { assert } from "../std/assert.ts";
import type { Json } from "../std/canonical-json.ts";
import { addDays, type Day, dayOf, dayToNumber, type Instant } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import { listCompleteDays, listWindowCounts } from "../store/table/observation.ts";
import { listTouchedSubjects } from "../store/table/signal-case.ts";
import { listSubjects } from "../store/table/subject.ts";
import { getTerms } from "./terms.ts";
import type { EngineContext } from "./wiring.ts";

/** Comparable places: the nearest by volume before the action. */
const CONTROLS_MAX = 60;

export async function measureOutcome(
  tx: Tx,
  context: EngineContext,
  of: Case,
  at: Instant,
): Promise<Outcome> {
  const wiring = context.loops.get(of.loop);
  assert(wiring && of.action, "only an executed action of a wired loop is measured");
  const { charter } = await getTerms(tx, of.contractHash, of.charterHash);
  const days = charter.outcome.maturityDays;
  const actedOn = dayOf(of.action.at, context.zoneOffsetMinutes);
  const before = { from: addDays(actedOn, -days), until: actedOn };
  // An action works from the day after it was made.
  const after = { from: addDays(actedOn, 1), until: addDays(actedOn, 1 + days) };
  const complete = await listCompleteDays(tx, wiring.metric, addDays(before.from, -1));
  const counts = await listWindowCounts(tx, wiring.metric, before, after);
  const tree = new Tree(await listSubjects(tx));
  const touched = new Set(await listTouchedSubjects(tx, of.loop));
  const sumOf = (subject: string): Window => tree.sum(subject, counts);
  const treated = sumOf(of.signal.subject);
  const controls = tree
    .peersOf(of.signal.subject)
    .filter((peer) => !tree.isTouched(peer, touched))
    .map(sumOf)
    .filter((window) => window.n_before > 0 && window.n_after > 0)
    .sort((a, b) => distance(a, treated) - distance(b, treated))
    .slice(0, CONTROLS_MAX);
  const estimate = estimateEffect({
    treated: toCounts(treated),
    controls: controls.map(toCounts),
    daysBefore: countWithin(complete, before),
    daysAfter: countWithin(complete, after),
  });
  return {
    verdict: estimate.verdict,
    measuredAt: at,
    reasons: explain(estimate, days),
    estimate: estimate as unknown as Json,
  };
}

type Window = {
  readonly n_before: number;
  readonly k_before: number;
  readonly n_after: number;
  readonly k_after: number;
};

/** Subjects by parent: who lies under whom, and who stands beside whom. */
class Tree {
  readonly #byId: ReadonlyMap<string, Subject>;
  readonly #children = new Map<string, string[]>();

  constructor(subjects: ReadonlyArray<Subject>) {
    this.#byId = new Map(subjects.map((subject) => [subject.id, subject]));
    for (const { id, parent } of subjects) {
      if (parent === null) continue;
      const siblings = this.#children.get(parent) ?? [];
      siblings.push(id);
      this.#children.set(parent, siblings);
    }
  }

  /** Every other subject of the same level. */
  peersOf(id: string): ReadonlyArray<string> {
    const level = this.#byId.get(id)?.level;
    return [...this.#byId.values()]
      .filter((subject) => subject.level === level && subject.id !== id)
      .map((subject) => subject.id);
  }

  /** True when a case was ever opened on it, on something around it, or on something within it. */
  isTouched(id: string, touched: ReadonlySet<string>): boolean {
    for (let at: string | null | undefined = id; at != null; at = this.#byId.get(at)?.parent) {
      if (touched.has(at)) return true;
    }
    return (this.#children.get(id) ?? []).some((child) => touched.has(child));
  }

  sum(id: string, counts: ReadonlyMap<string, Window>): Window {
    const own = counts.get(id) ?? { n_before: 0, k_before: 0, n_after: 0, k_after: 0 };
    return (this.#children.get(id) ?? [])
      .map((child) => this.sum(child, counts))
      .reduce(
        (total, one) => ({
          n_before: total.n_before + one.n_before,
          k_before: total.k_before + one.k_before,
          n_after: total.n_after + one.n_after,
          k_after: total.k_after + one.k_after,
        }),
        own,
      );
  }
}

function toCounts(window: Window): { before: number; after: number } {
  return { before: window.k_before, after: window.k_after };
}

function distance(a: Window, b: Window): number {
  return Math.abs(Math.log((a.n_before + 1) / (b.n_before + 1)));
}

function countWithin(days: ReadonlyArray<Day>, window: { from: Day; until: Day }): number {
  const from = dayToNumber(window.from);
  const until = dayToNumber(window.until);
  return days.filter((day) => dayToNumber(day) >= from && dayToNumber(day) < until).length;
}

function explain(estimate: EffectEstimate, days: number): ReadonlyArray<string> {
  const { ratio, perDay, controls, method, why, verdict } = estimate;
  if (ratio === null || perDay === null) return [`${verdict}: ${why}`];
  const percent = (value: number) => `${Math.round((value - 1) * 100)}%`;
  return [
    `${verdict}: ${why}`,
    `failed deliveries changed by ${percent(ratio.estimate)} ` +
      `(90% interval ${percent(ratio.low)} to ${percent(ratio.high)}) against ${controls} comparable ` +
      `untouched places, ${days} days before and after`,
    `that is ${perDay.estimate.toFixed(1)} failed deliveries a day ` +
      `(${perDay.low.toFixed(1)} to ${perDay.high.toFixed(1)})`,
    `${method}: places picked because they looked bad fall back in part by themselves`,
    "this counts failed deliveries, not money: fewer orders also fail less",
  ];
}
