/**
 * Gathers what the outcome is read from: daily events of the acted subject before its change and after
 * the action, and those of comparable places that no case of the loop touched. The reading itself is
 * `stats/outcome`'s.
 *
 * The window before ends where the signal says the change began, so that the bad days that raised the
 * alarm are not the yardstick; what the change had added is subtracted at the signal's cautious size.
 * The outcome is a level, failed deliveries per ordinary attempt: a rate would hide an exclusion, which
 * leaves few attempts behind.
 */
import type { Case, Outcome } from "../core/case/types.ts";
import type { Subject } from "../core/port/types.ts";
import { levelPoints, type Series, type Window } from "../stats/outcome/panel.ts";
import { estimatePanelEffect } from "../stats/outcome/panel-effect.ts";
import { assert } from "../std/assert.ts";
import type { Json } from "../std/canonical-json.ts";
import { addDays, type Day, dayOf, type Instant } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import {
  type DailyCount,
  listCompleteDays,
  listDailyCounts,
  listVolumes,
} from "../store/table/observation.ts";
import { listTouchedSubjects } from "../store/table/signal-case.ts";
import { listSubjects } from "../store/table/subject.ts";
import { getTerms } from "./terms.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

/** Comparable places: the nearest by volume before the change. */
const CONTROLS_MAX = 60;
/** Effects within a failed delivery per hundred ordinary attempts count as none. */
const MARGIN = 0.01;

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
  const change = wiring.readChange(of.signal);
  const changedOn = change !== undefined && change.onDay < actedOn ? change.onDay : actedOn;
  const before: Window = { from: addDays(changedOn, -days), until: changedOn };
  // An action works from the day after it was made.
  const after: Window = { from: addDays(actedOn, 1), until: addDays(actedOn, 1 + days) };

  const series = new SeriesReader(tx, wiring, new Tree(await listSubjects(tx)));
  const touched = new Set(await listTouchedSubjects(tx, of.loop));
  const [treated, ...controls] = await series.read(
    [of.signal.subject, ...(await series.chooseControls(of.signal.subject, touched, before))],
    before,
    after,
  );
  const { reasons, ...estimate } = estimatePanelEffect({
    treated: treated === undefined ? [] : [treated],
    controls,
    controlsAre: "similar",
    before,
    after,
    unit: "failed deliveries per ordinary attempt",
    betterWhen: "lower",
    margin: MARGIN,
    ...(change === undefined
      ? {}
      : { earlierRise: { mean: change.size, deviation: change.deviation } }),
  });
  return {
    verdict: estimate.verdict,
    measuredAt: at,
    reasons: [...reasons, "this counts failed deliveries, not money: fewer orders also fail less"],
    estimate: estimate as unknown as Json,
  };
}

/** Reads subjects of any level as series, by summing the finest subjects under them. */
class SeriesReader {
  readonly #tx: Tx;
  readonly #wiring: LoopWiring;
  readonly #tree: Tree;

  constructor(tx: Tx, wiring: LoopWiring, tree: Tree) {
    this.#tx = tx;
    this.#wiring = wiring;
    this.#tree = tree;
  }

  /** Untouched subjects of the same level, those nearest by volume first. */
  async chooseControls(
    subject: string,
    touched: ReadonlySet<string>,
    before: Window,
  ): Promise<ReadonlyArray<string>> {
    const volumes = await listVolumes(this.#tx, this.#wiring.metric, before);
    const volumeOf = (id: string) =>
      this.#tree.within(id).reduce((sum, inner) => sum + (volumes.get(inner) ?? 0), 0);
    const own = Math.log(1 + volumeOf(subject));
    return this.#tree
      .peersOf(subject)
      .filter((peer) => !this.#tree.isTouched(peer, touched))
      .map((peer) => ({ peer, volume: volumeOf(peer) }))
      .filter(({ volume }) => volume > 0)
      .map(({ peer, volume }) => ({ peer, distance: Math.abs(Math.log(1 + volume) - own) }))
      .sort((a, b) => a.distance - b.distance || (a.peer < b.peer ? -1 : 1))
      .slice(0, CONTROLS_MAX)
      .map(({ peer }) => peer);
  }

  /** In the order asked for. A complete day without a row saw nothing there: no failure. */
  async read(
    subjects: ReadonlyArray<string>,
    before: Window,
    after: Window,
  ): Promise<ReadonlyArray<Series>> {
    const ownerOf = new Map<string, string>();
    for (const subject of subjects) {
      for (const inner of this.#tree.within(subject)) ownerOf.set(inner, subject);
    }
    const counts = await listDailyCounts(this.#tx, this.#wiring.metric, [...ownerOf.keys()], {
      from: before.from,
      until: after.until,
    });
    const complete = await listCompleteDays(this.#tx, this.#wiring.metric, undefined);
    const within = complete.filter((day) => day >= before.from && day < after.until);
    const days = new Map<string, DaySums>(
      subjects.map((id) => [id, new Map(within.map((day) => [day, { n: 0, k: 0 }]))]),
    );
    for (const count of counts) addCount(days, ownerOf.get(count.subject) ?? "", count);
    return subjects.map((id) => toSeries(id, days.get(id) ?? new Map(), before));
  }
}

type DaySums = Map<Day, { n: number; k: number }>;

function addCount(days: Map<string, DaySums>, owner: string, { day, n, k }: DailyCount): void {
  const ofOwner: DaySums = days.get(owner) ?? new Map<Day, { n: number; k: number }>();
  const sum = ofOwner.get(day) ?? { n: 0, k: 0 };
  ofOwner.set(day, { n: sum.n + n, k: sum.k + k });
  days.set(owner, ofOwner);
}

/** Failures a day over the attempts of an ordinary day, which is one before the change. */
function toSeries(id: string, days: DaySums, before: Window): Series {
  const usual = [...days].filter(([day]) => day >= before.from && day < before.until);
  const attempts = usual.reduce((sum, [, { n }]) => sum + n, 0);
  if (attempts === 0) return { id, points: [] };
  const levels = [...days].map(([day, { k }]) => ({ day, value: k }));
  return { id, points: levelPoints(levels, attempts / usual.length) };
}

/** Subjects by parent: who lies under whom, and who stands beside whom. */
export class Tree {
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

  /** The subject and everything under it. */
  within(id: string): ReadonlyArray<string> {
    return [id, ...(this.#children.get(id) ?? []).flatMap((child) => this.within(child))];
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
    return this.within(id).some((inner) => touched.has(inner));
  }
}
