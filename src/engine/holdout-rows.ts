/**
 * Gathers what the lot shows: of every case that might act under a charter with a holdout, what its place
 * looked like before, and how many deliveries failed there over the days after, matured.
 *
 * A case counts as it was drawn, whatever became of its action later. Failures are counted against the
 * attempts of an ordinary day, as in `measure.ts`: a rate would hide an exclusion, which leaves few
 * attempts behind. What could not be carried out is in neither arm.
 */
import type { Case } from "../core/case/types.ts";
import type { Subject } from "../core/port/types.ts";
import type { HoldoutRow } from "../stats/outcome/holdout.ts";
import type { Window } from "../stats/outcome/panel.ts";
import { addDays, type Day, dayOf, dayToNumber } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import { listCompleteDays, listDailyCounts } from "../store/table/observation.ts";
import { listSubjects } from "../store/table/subject.ts";
import { ATTEMPTS_LEAST, BEFORE_DAYS } from "./lesson-rows.ts";
import { Tree } from "./measure.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

export type HoldoutCount = {
  readonly rows: ReadonlyArray<HoldoutRow>;
  /** Drawn and begun, and not yet as old as an outcome takes, or without data to tell. */
  readonly waiting: number;
};

export async function readHoldout(
  tx: Tx,
  { zoneOffsetMinutes }: EngineContext,
  wiring: LoopWiring,
  cases: ReadonlyArray<Case>,
  maturityDays: number,
): Promise<HoldoutCount> {
  const complete = await listCompleteDays(tx, wiring.metric, undefined);
  const lastDay = complete.at(-1);
  const subjects = await listSubjects(tx);
  const places = new Map(subjects.map((subject) => [subject.id, subject]));
  const tree = new Tree(subjects);
  const count = async (subject: string, window: Window): Promise<{ n: number; k: number }> => {
    const counts = await listDailyCounts(tx, wiring.metric, tree.within(subject), window);
    return counts.reduce((sum, { n, k }) => ({ n: sum.n + n, k: sum.k + k }), { n: 0, k: 0 });
  };
  const rows: HoldoutRow[] = [];
  let waiting = 0;
  for (const { lot, action, withheld, signal } of cases) {
    const start = action?.at ?? withheld?.at;
    if (lot === undefined || start === undefined) continue;
    const startDay = dayOf(start, zoneOffsetMinutes);
    const change = wiring.readChange(signal);
    const changedOn = change !== undefined && change.onDay < startDay ? change.onDay : startDay;
    const usually: Window = { from: addDays(changedOn, -BEFORE_DAYS), until: changedOn };
    const alarming: Window = { from: changedOn, until: dayOf(signal.asOf, zoneOffsetMinutes) };
    const after = windowFrom(addDays(startDay, 1), maturityDays);
    const usual = await count(signal.subject, usually);
    if (lastDay === undefined || after.until > addDays(lastDay, 1) || usual.n < ATTEMPTS_LEAST) {
      waiting += 1;
      continue;
    }
    const perDay = usual.n / complete.filter((day) => isWithin(day, usually)).length;
    const alarm = await count(signal.subject, alarming);
    const baseline = usual.k / usual.n;
    const alarmed = perDay * daysOf(alarming);
    const place = places.get(signal.subject);
    rows.push({
      ...lot,
      stratum: place?.level ?? "",
      ...clusterOf(place, places),
      n: perDay * maturityDays,
      k: (await count(signal.subject, after)).k,
      before: alarmed > 0 ? alarm.k / alarmed : baseline,
      baseline,
    });
  }
  return { rows, waiting };
}

/** Pincodes of one district share their couriers and their rain. */
function clusterOf(
  place: Subject | undefined,
  places: ReadonlyMap<string, Subject>,
): Pick<HoldoutRow, "cluster"> {
  const around = places.get(place?.parent ?? "");
  return around?.level === "district" ? { cluster: around.id } : {};
}

function windowFrom(from: Day, days: number): Window {
  return { from, until: addDays(from, days) };
}

function isWithin(day: Day, { from, until }: Window): boolean {
  return day >= from && day < until;
}

function daysOf({ from, until }: Window): number {
  return Math.max(0, dayToNumber(until) - dayToNumber(from));
}
