/**
 * From a statistic to alarms, for many thresholds at once.
 *
 * An alarm is raised when the statistic reaches the threshold; the next one on the same unit only after
 * the statistic has been below it again and `QUIET_DAYS` have passed.
 */
import type { Alarm } from "./judge.ts";

const QUIET_DAYS = 30;

export class Episodes {
  readonly thresholds: ReadonlyArray<number>;
  readonly alarms: ReadonlyArray<Alarm[]>;
  readonly #units: number;
  readonly #judgedFrom: number;
  readonly #lastDay: Int16Array;
  readonly #above: Uint8Array;

  constructor(thresholds: ReadonlyArray<number>, units: number, judgedFrom: number) {
    this.thresholds = thresholds;
    this.alarms = thresholds.map(() => []);
    this.#units = units;
    this.#judgedFrom = judgedFrom;
    this.#lastDay = new Int16Array(thresholds.length * units).fill(-QUIET_DAYS);
    // How many of the thresholds, which rise, the unit's statistic is above.
    this.#above = new Uint8Array(units);
  }

  visit(unit: number, day: number, statistic: number): void {
    const before = this.#above[unit]!;
    let above = before;
    while (above > 0 && statistic < this.thresholds[above - 1]!) above -= 1;
    while (above < this.thresholds.length && statistic >= this.thresholds[above]!) above += 1;
    this.#above[unit] = above;
    for (let at = before; at < above; at++) {
      const cell = at * this.#units + unit;
      if (day - this.#lastDay[cell]! < QUIET_DAYS) continue;
      this.#lastDay[cell] = day;
      if (day >= this.#judgedFrom) this.alarms[at]!.push({ unit, day });
    }
  }
}
