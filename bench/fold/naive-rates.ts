/**
 * What one writes first: keep every day of every unit, and each morning add it all up again.
 *
 * A unit whose last two weeks lie four standard errors above all that came before is called out. It has
 * no weekday, no shrinkage, no maturity, no memory of what it said yesterday, and no bound on its false
 * alarms; it is here for its cost alone, which grows with every day that it remembers.
 */
import type { Observation, Subject } from "../../src/core/port/types.ts";

const RECENT_DAYS = 14;
const STANDARD_ERRORS = 4;

type DayCount = { readonly day: number; n: number; k: number };

export class NaiveRates {
  readonly #history = new Map<string, DayCount[]>();

  fold(
    day: number,
    observations: ReadonlyArray<Observation>,
    subjects: ReadonlyMap<string, Subject>,
  ): ReadonlyArray<string> {
    for (const { subject, n, k } of observations) {
      for (let at: string | null = subject; at !== null; at = subjects.get(at)?.parent ?? null) {
        this.#add(at, day, n, k);
      }
    }
    const risen: string[] = [];
    for (const [unit, days] of this.#history) if (hasRisen(days, day)) risen.push(unit);
    return risen;
  }

  #add(unit: string, day: number, n: number, k: number): void {
    let days = this.#history.get(unit);
    if (days === undefined) this.#history.set(unit, (days = []));
    const last = days.at(-1);
    if (last?.day === day) {
      last.n += n;
      last.k += k;
    } else days.push({ day, n, k });
  }
}

function hasRisen(days: ReadonlyArray<DayCount>, today: number): boolean {
  let [n, k, recentN, recentK] = [0, 0, 0, 0];
  for (const count of days) {
    if (today - count.day < RECENT_DAYS) {
      recentN += count.n;
      recentK += count.k;
    } else {
      n += count.n;
      k += count.k;
    }
  }
  if (n === 0 || recentN === 0) return false;
  const rate = k / n;
  const error = Math.sqrt(rate * (1 - rate) * (1 / n + 1 / recentN));
  return recentK / recentN - rate > STANDARD_ERRORS * error;
}
