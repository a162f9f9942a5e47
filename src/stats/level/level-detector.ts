/**
 * Watches thousands of levels (sales, amounts) for a lasting change, up or down.
 *
 * The same engine as for rates (`stats/detect`), with other members: a lagged, fading baseline of its
 * own for each unit; the weekday and what the day did to everybody else set aside; capped evidence for
 * each possible change (Shiryaev-Roberts), of which the two best days count little; e-BH over all units
 * and both directions; an alarm that stays quiet until it is over. Levels differ by orders of magnitude, so
 * nothing is borrowed of them; what is borrowed from the others is how days go, and how much they vary.
 *
 * Guarantee: as for rates, under the family's law with the spread learned, and no carry-over from day to
 * day beyond it. Left out: trends that last (a slow drift is followed by the baseline), and seasons
 * longer than a week that not everybody shares.
 */
import { assert } from "../../std/assert.ts";
import type { Family } from "./family.ts";
import { describeChange, keepCoarsest, type LevelFinding } from "./finding.ts";
import { LEVEL_DEFAULTS, type LevelSettings } from "./settings.ts";
import {
  addEvidence,
  type Direction,
  DIRECTIONS,
  type End,
  followAlarm,
  readEvidence,
} from "./side.ts";
import { adjustDay } from "./surroundings.ts";
import {
  createSpreads,
  createWeekdays,
  FIRST_DAYS,
  newUnit,
  readBase,
  rememberDay,
  type Today,
  type Unit,
} from "./unit.ts";

export type LevelReading = {
  readonly findings: ReadonlyArray<LevelFinding>;
  readonly nearMisses: ReadonlyArray<Scored & { readonly bar: number }>;
  readonly ended: ReadonlyArray<{
    readonly unit: number;
    readonly direction: Direction;
    readonly how: End;
  }>;
  readonly monitored: number;
};

type Scored = { readonly unit: number; readonly direction: Direction; readonly evidence: number };

export class LevelDetector {
  readonly settings: LevelSettings;
  readonly #family: Family;
  readonly #units: ReadonlyArray<Unit>;
  #lastDay = -Infinity;

  /** `parents[i]` is the index of the unit above unit `i`, which sums it, or -1. */
  constructor(
    family: Family,
    parents: ReadonlyArray<number>,
    settings: Partial<LevelSettings> = {},
  ) {
    this.settings = { ...LEVEL_DEFAULTS, ...settings };
    const { lagDays, warmupDays, pairCap, evidenceFloor } = this.settings;
    assert(warmupDays >= lagDays + FIRST_DAYS, "the warm-up must be a week longer than the lag");
    assert(
      Math.exp(pairCap) < evidenceFloor,
      "the evidence floor must be out of reach of two days",
    );
    this.#family = family;
    this.#units = parents.map((parent) => newUnit(parent, lagDays, family.steps.length));
  }

  /** `values[i]` of unit `i`; undefined where there was none. Days rise; days left out had no data. */
  fold(day: number, values: ReadonlyArray<number | undefined>): LevelReading {
    assert(Number.isInteger(day) && day > this.#lastDay, `day ${day} follows ${this.#lastDay}`);
    this.#lastDay = day;
    // 0 is Monday; day 0 (1970-01-01) was a Thursday.
    const weekday = (((day + 3) % 7) + 7) % 7;
    const today = adjustDay(this.#expectDay(weekday, values), this.#units, this.#family);
    const ended = this.#weighDay(today, day);
    const reading = this.#speak(today, day);
    for (const of of today) {
      if (of !== undefined) rememberDay(of, this.#family, this.settings, weekday);
    }
    return { ...reading, ended };
  }

  /** What each unit is expected to do, from itself alone. */
  #expectDay(
    weekday: number,
    values: ReadonlyArray<number | undefined>,
  ): ReadonlyArray<Today | undefined> {
    const family = this.#family;
    const { lagDays } = this.settings;
    const spreadOf = createSpreads(this.#units, family, lagDays);
    const weekdayOf = createWeekdays(this.#units);
    return this.#units.map((unit, at) => {
      const value = values[at];
      if (value === undefined) return undefined;
      if (unit.days === 0) {
        return { unit, value, expected: { mean: value, spread: 0 }, error: Infinity, shift: 0 };
      }
      const spread = spreadOf(unit);
      const base = readBase(unit, family, lagDays);
      const shift = weekdayOf(unit, weekday);
      const information = family.information({ mean: base.mean, spread });
      return {
        unit,
        value,
        expected: { mean: family.move(base.mean, spread, shift), spread },
        error: 1 / Math.sqrt(information * base.weight),
        shift,
      };
    });
  }

  #weighDay(today: ReadonlyArray<Today | undefined>, day: number): LevelReading["ended"] {
    const ended: Array<LevelReading["ended"][number]> = [];
    today.forEach((of, at) => {
      if (of === undefined || !this.#isWarm(of.unit)) return;
      const { unit, value, expected, error, shift } = of;
      for (const direction of DIRECTIONS) {
        const side = unit.sides[direction];
        const seen = { direction, day, value, expected, error };
        addEvidence(side, this.#family, this.settings, seen);
        const now = { value, spread: expected.spread, shift };
        const how = followAlarm(side, this.#family, this.settings, now);
        if (how !== undefined) ended.push({ unit: at, direction, how });
      }
    });
    return ended;
  }

  /** e-BH over all units and both directions, as for rates (`detect/decision.ts`). */
  #speak(today: ReadonlyArray<Today | undefined>, day: number): Omit<LevelReading, "ended"> {
    const { falseSignalShare, patienceDays, evidenceFloor, nearMissShare, lagDays } = this.settings;
    const scored = this.#scoreAll();
    const alpha = falseSignalShare / patienceDays;
    const barAt = (rank: number) => Math.max(evidenceFloor, scored.length / (alpha * rank));
    let passed = 0;
    scored.forEach(({ evidence }, rank) => {
      if (evidence >= barAt(rank + 1)) passed = rank + 1;
    });
    const findings: LevelFinding[] = [];
    const nearMisses: Array<LevelReading["nearMisses"][number]> = [];
    scored.forEach((of, rank) => {
      if (this.#units[of.unit]!.sides[of.direction].alarm !== undefined) return;
      const bar = barAt(rank < passed ? passed : passed + 1);
      if (rank >= passed) {
        if (of.evidence >= bar * nearMissShare) nearMisses.push({ ...of, bar });
        return;
      }
      const seen = today[of.unit];
      const finding =
        seen && describeChange(seen, this.#family, this.settings, { ...of, day, bar });
      if (finding !== undefined) findings.push(finding);
    });
    const spoken = keepCoarsest(findings, this.#units, this.#family);
    for (const { unit: at, direction, step } of spoken) {
      const unit = this.#units[at]!;
      const usual = readBase(unit, this.#family, lagDays).mean;
      unit.sides[direction].alarm = { usual, step, back: 0 };
    }
    return { findings: spoken, nearMisses, monitored: scored.length / DIRECTIONS.length };
  }

  /** The evidence of every unit that is judged, the strongest first. */
  #scoreAll(): Scored[] {
    const { pairCap } = this.settings;
    return this.#units
      .flatMap((unit, at) =>
        this.#isWarm(unit)
          ? DIRECTIONS.map((direction) => ({
              unit: at,
              direction,
              evidence: readEvidence(unit.sides[direction], pairCap),
            }))
          : [],
      )
      .sort((a, b) => b.evidence - a.evidence || a.unit - b.unit);
  }

  #isWarm(unit: Unit): boolean {
    return unit.days >= this.settings.warmupDays;
  }
}
