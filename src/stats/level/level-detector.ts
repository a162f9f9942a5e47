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
import { clip } from "../detect/beta-binomial.ts";
import type { Expected, Family } from "./family.ts";

export type LevelSettings = {
  readonly lagDays: number;
  readonly halfLifeDays: number;
  /** Days with a value before a unit is judged. */
  readonly warmupDays: number;
  /** Standard errors of the baseline that the null is widened by. */
  readonly caution: number;
  readonly cap: number;
  readonly pairCap: number;
  readonly evidenceFloor: number;
  readonly falseSignalShare: number;
  readonly patienceDays: number;
  readonly recoveryEvidence: number;
  /** Share of the bar from which a unit that did not speak is a near miss. */
  readonly nearMissShare: number;
  readonly changePerDay: number;
};

export const LEVEL_DEFAULTS: LevelSettings = {
  lagDays: 14,
  halfLifeDays: 30,
  warmupDays: 28,
  caution: 1,
  cap: 2.2,
  pairCap: 3,
  evidenceFloor: 2_000,
  falseSignalShare: 0.1,
  patienceDays: 30,
  recoveryEvidence: 1_000,
  nearMissShare: 0.1,
  changePerDay: 0.001,
};

export type Direction = "up" | "down";

export type LevelFinding = {
  readonly unit: number;
  readonly direction: Direction;
  readonly changeDay: number;
  readonly day: number;
  /** Expected and seen means since the change, and the lasting level with its 95% interval. */
  readonly baseline: number;
  readonly seen: number;
  readonly level: { readonly mean: number; readonly low: number; readonly high: number };
  /** The lasting change on the family's scale. */
  readonly step: number;
  readonly days: number;
  readonly evidence: number;
  readonly bar: number;
  readonly confidence: number;
};

export type LevelReading = {
  readonly findings: ReadonlyArray<LevelFinding>;
  readonly nearMisses: ReadonlyArray<{
    readonly unit: number;
    readonly direction: Direction;
    readonly evidence: number;
    readonly bar: number;
  }>;
  readonly ended: ReadonlyArray<Ended>;
  readonly monitored: number;
};

/** `back` to what it was, or `absorbed`: the baseline has come to contain the change. */
type Ended = {
  readonly unit: number;
  readonly direction: Direction;
  readonly how: "back" | "absorbed";
};

const DIRECTIONS: ReadonlyArray<Direction> = ["up", "down"];
const EVIDENCE_MAX = 1e100;
/** Days that the others' weekday counts for in a unit's own, and the memory of both in days. */
const WEEKDAY_LEAN = 4;
const WEEKDAY_KEEP = 2 ** (-7 / 60);
/** One day says at most so many steps of its weekday. */
const WEEKDAY_MAX = 2;
/** Days before a unit's own mean and spread are believed. */
const FIRST_DAYS = 7;
/** Added to the bound of a spike, so that one sale in a quiet place is none. */
const SPIKE_SLACK = 0.5;
/** Prior variance of what a day does to everybody, and to the units of one parent, in steps squared. */
const WHOLE_VARIANCE = 0.3;
const PARENT_VARIANCE = 0.05;
/** Standard deviations at which a day is cut off. */
const SPIKE_DEVIATIONS = 3;
/** One unit pulls its surroundings by at most so many standard deviations a day. */
const PULL_DEVIATIONS = 1.5;
/** Days that the others' spread counts for in a unit's own. */
const SPREAD_LEAN = 20;
/** Standard deviation of a change before it is seen, in logarithms or in standard deviations. */
const CHANGE_DEVIATION = { counts: 0.7, amounts: 1.5, numbers: 1.5 };
/** By what a change is less certain than its days say, because its first day is estimated too. */
const DATED_BY_EYE = 1.25;

/** What is remembered of one unit; nothing in it grows with history. */
type Unit = {
  readonly parent: number;
  days: number;
  /** Discounted days, values (set straight) and, for the spread, squared misses and means. */
  weight: number;
  sum: number;
  squares: number;
  means: number;
  meanSquares: number;
  readonly ringValue: Float64Array;
  readonly ringSquare: Float64Array;
  readonly ringMean: Float64Array;
  readonly weekdaySum: Float64Array;
  readonly weekdayWeight: Float64Array;
  readonly sides: { readonly [D in Direction]: Side };
};

type Side = {
  readonly evidence: Float64Array;
  readonly cusum: Float64Array;
  readonly since: Array<Since | undefined>;
  best: number;
  second: number;
  /** The alarm: the usual level before, by how many steps it changed, the evidence that it is back. */
  alarm: { readonly usual: number; readonly step: number; back: number } | undefined;
};

type Since = {
  readonly day: number;
  days: number;
  values: number;
  means: number;
  information: number;
};

/** One unit's day, worked out. */
type Today = {
  readonly unit: Unit;
  readonly value: number;
  readonly expected: Expected;
  /** Standard error of the baseline, in steps; infinite on a unit's first day. */
  readonly error: number;
  /** What weekday and surroundings do to the day, in steps. */
  readonly shift: number;
};

export class LevelDetector {
  readonly settings: LevelSettings;
  readonly #family: Family;
  readonly #units: Unit[] = [];
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
    const today = this.#expectDay(day, values);
    const ended: Ended[] = [];
    today.forEach((of, at) => {
      if (of === undefined || of.unit.days < this.settings.warmupDays) return;
      for (const direction of DIRECTIONS) {
        this.#weigh(of, direction, day);
        const how = this.#followAlarm(of, direction);
        if (how !== undefined) ended.push({ unit: at, direction, how });
      }
    });
    const reading = this.#speak(today, day);
    this.#remember(today, day);
    return { ...reading, ended };
  }

  /** Whether the unit has had enough days to be judged. */
  isWarm(unit: number): boolean {
    return this.#units[unit]!.days >= this.settings.warmupDays;
  }

  #expectDay(day: number, values: ReadonlyArray<number | undefined>): Array<Today | undefined> {
    const family = this.#family;
    const spreadOfAll = this.#readSpread();
    const weekdays = this.#readWeekdays();
    const weekday = (((day + 3) % 7) + 7) % 7;
    const first = this.#units.map((unit, at): Today | undefined => {
      const value = values[at];
      if (value === undefined) return undefined;
      if (unit.days === 0) {
        return { unit, value, expected: { mean: value, spread: 0 }, error: Infinity, shift: 0 };
      }
      const spread = this.#spreadOf(unit, spreadOfAll);
      const base = this.#readBase(unit);
      const shift = weekdays(unit, weekday);
      const information = family.information({ mean: base.mean, spread });
      return {
        unit,
        value,
        expected: { mean: family.move(base.mean, spread, shift), spread },
        error: 1 / Math.sqrt(information * base.weight),
        shift,
      };
    });
    return this.#adjust(first);
  }

  /** Sets aside what the day did to the others: first to all, then to those of the same parent. */
  #adjust(first: ReadonlyArray<Today | undefined>): Array<Today | undefined> {
    const family = this.#family;
    const hasChildren = new Set(this.#units.map(({ parent }) => parent));
    const score = new Float64Array(first.length + 1);
    const information = new Float64Array(first.length + 1);
    const own = first.map((of, at) => {
      // Sums speak through their parts; who is known to have changed says nothing of the others' day.
      if (of === undefined || of.error === Infinity || hasChildren.has(at)) return undefined;
      if (DIRECTIONS.some((direction) => of.unit.sides[direction].alarm !== undefined))
        return undefined;
      const i = family.information(of.expected);
      const bound = PULL_DEVIATIONS * Math.sqrt(i);
      const s = clip(family.score(of.value, of.expected), -bound, bound);
      for (let above = of.unit.parent; above !== -1; above = this.#units[above]!.parent) {
        score[above]! += s;
        information[above]! += i;
      }
      score[first.length]! += s;
      information[first.length]! += i;
      return { s, i };
    });
    return first.map((of, at) => {
      if (of === undefined || of.error === Infinity) return of;
      // A sum is compared with everything that is not under it.
      const mine =
        own[at] ?? (hasChildren.has(at) ? { s: score[at]!, i: information[at]! } : NOTHING);
      const restS = score[first.length]! - mine.s;
      const restI = information[first.length]! - mine.i;
      let shared = restS / (restI + 1 / WHOLE_VARIANCE);
      const { parent } = of.unit;
      if (parent !== -1) {
        const [s, i] = [score[parent]! - mine.s, information[parent]! - mine.i];
        shared += (s - i * shared) / (i + 1 / PARENT_VARIANCE);
      }
      const { mean, spread } = of.expected;
      const moved = family.move(mean, spread, shared);
      return { ...of, expected: { mean: moved, spread }, shift: of.shift + shared };
    });
  }

  #weigh({ unit, value, expected, error }: Today, direction: Direction, day: number): void {
    const family = this.#family;
    const { cap, caution } = this.settings;
    const side = unit.sides[direction];
    const sign = direction === "up" ? 1 : -1;
    const from = family.move(expected.mean, expected.spread, sign * caution * error);
    const before = mean(side.evidence);
    family.steps.forEach((step, at) => {
      const to = family.move(from, expected.spread, sign * step);
      const nulled = { mean: from, spread: expected.spread };
      const llr = Math.min(family.logRatio(value, nulled, to), cap);
      side.evidence[at] = Math.min((1 + side.evidence[at]!) * Math.exp(llr), EVIDENCE_MAX);
      const next = Math.max(0, side.cusum[at]! + llr);
      if (next === 0) side.since[at] = undefined;
      else {
        const since = (side.since[at] ??= { day, days: 0, values: 0, means: 0, information: 0 });
        since.days += 1;
        since.values += value;
        since.means += expected.mean;
        since.information += family.information(expected);
      }
      side.cusum[at] = next;
    });
    noteBestDays(side, before);
  }

  /** Says how a standing alarm ended, if it did: by the mirrored bet, or because the evidence has melted. */
  #followAlarm(
    { unit, value, expected, shift }: Today,
    direction: Direction,
  ): Ended["how"] | undefined {
    const side = unit.sides[direction];
    if (side.alarm === undefined) return undefined;
    const family = this.#family;
    const was = family.move(side.alarm.usual, expected.spread, shift);
    const stands = family.move(was, expected.spread, side.alarm.step);
    const llr = family.logRatio(value, { mean: stands, spread: expected.spread }, was);
    side.alarm.back = (1 + side.alarm.back) * Math.exp(Math.min(llr, this.settings.cap));
    const isBack = side.alarm.back >= this.settings.recoveryEvidence;
    if (!isBack && readEvidence(side, this.settings.pairCap) > ABSORBED_EVIDENCE) return undefined;
    resetSide(side);
    return isBack ? "back" : "absorbed";
  }

  #speak(today: ReadonlyArray<Today | undefined>, day: number): Omit<LevelReading, "ended"> {
    const { falseSignalShare, patienceDays, evidenceFloor, pairCap, nearMissShare } = this.settings;
    const warm = this.#units.filter((unit) => unit.days >= this.settings.warmupDays).length;
    const streams = 2 * warm;
    const alpha = falseSignalShare / patienceDays;
    const scored: Array<{ at: number; direction: Direction; evidence: number }> = [];
    this.#units.forEach((unit, at) => {
      if (unit.days < this.settings.warmupDays) return;
      for (const direction of DIRECTIONS) {
        scored.push({ at, direction, evidence: readEvidence(unit.sides[direction], pairCap) });
      }
    });
    scored.sort((a, b) => b.evidence - a.evidence || a.at - b.at);
    let passed = 0;
    scored.forEach(({ evidence }, rank) => {
      if (evidence >= evidenceFloor && evidence >= streams / (alpha * (rank + 1)))
        passed = rank + 1;
    });
    const barAt = (rank: number) => Math.max(evidenceFloor, streams / (alpha * rank));
    const findings: LevelFinding[] = [];
    const nearMisses: Array<LevelReading["nearMisses"][number]> = [];
    scored.forEach(({ at, direction, evidence }, rank) => {
      const side = this.#units[at]!.sides[direction];
      const of = today[at];
      if (side.alarm !== undefined) return;
      if (rank >= passed) {
        const bar = barAt(passed + 1);
        if (evidence >= bar * nearMissShare)
          nearMisses.push({ unit: at, direction, evidence, bar });
        return;
      }
      if (of === undefined) return;
      const finding = this.#describe(of, at, direction, day, { evidence, bar: barAt(passed) });
      if (finding !== undefined) findings.push(finding);
    });
    const spoken = this.#keepCoarsest(findings);
    for (const { unit, direction, step } of spoken) {
      const usual = this.#readBase(this.#units[unit]!).mean;
      this.#units[unit]!.sides[direction].alarm = { usual, step, back: 0 };
    }
    return { findings: spoken, nearMisses, monitored: warm };
  }

  /** One change, one finding: of the sum if its parts moved together, of the part that did it all if not. */
  #keepCoarsest(findings: ReadonlyArray<LevelFinding>): LevelFinding[] {
    const excessOf = ({ seen, baseline, days }: LevelFinding) => (seen - baseline) * days;
    const childShareOf = (of: LevelFinding, direction: Direction) => {
      let most = 0;
      this.#units.forEach(({ parent, sides }, child) => {
        if (parent !== of.unit) return;
        const best = findSince(sides[direction]);
        if (best === undefined) return;
        most = Math.max(most, (best.values - best.means) / excessOf(of));
        if (sides[direction].alarm !== undefined)
          most = Math.max(most, CHILD_SHARE * Number(child >= 0));
      });
      return most;
    };
    const kept = findings.filter((of) => childShareOf(of, of.direction) < CHILD_SHARE);
    return kept.filter((of) => {
      for (let at = this.#units[of.unit]!.parent; at !== -1; at = this.#units[at]!.parent) {
        if (this.#units[at]!.sides[of.direction].alarm !== undefined) return false;
        if (kept.some((other) => other.unit === at && other.direction === of.direction))
          return false;
      }
      return true;
    });
  }

  #describe(
    { unit, expected, error }: Today,
    at: number,
    direction: Direction,
    day: number,
    { evidence, bar }: { readonly evidence: number; readonly bar: number },
  ): LevelFinding | undefined {
    const since = findSince(unit.sides[direction]);
    if (since === undefined) return undefined;
    const family = this.#family;
    const baseline = since.means / since.days;
    const seen = since.values / since.days;
    // Normal around no change before it is seen: whoever is reported is reported at its worst.
    const step = this.#stepBetween(baseline, seen, expected);
    const prior = CHANGE_DEVIATION[family.name] ** 2;
    const variance = 1 / Math.max(since.information, 1e-9) + error ** 2;
    const share = prior / (prior + variance);
    const deviation = DATED_BY_EYE * Math.sqrt(variance * share);
    const levelAt = (by: number) => family.fromScale(family.move(baseline, expected.spread, by));
    const lasting = step * share;
    const ends = [levelAt(lasting - 1.96 * deviation), levelAt(lasting + 1.96 * deviation)];
    const odds = this.settings.changePerDay * evidence;
    return {
      unit: at,
      direction,
      changeDay: since.day,
      day,
      baseline: family.fromScale(baseline),
      seen: family.fromScale(seen),
      level: { mean: levelAt(lasting), low: Math.min(...ends), high: Math.max(...ends) },
      step: lasting,
      days: since.days,
      evidence,
      bar,
      confidence: odds / (1 + odds),
    };
  }

  /** How far apart two means are, on the family's scale. */
  #stepBetween(from: number, to: number, { spread }: Expected): number {
    return this.#family.name === "counts"
      ? Math.log(Math.max(to, 0.01) / Math.max(from, 0.01))
      : (to - from) / Math.max(spread, 1e-12);
  }

  /** Lets the day into the memory: weekdays at once, level and spread after the lag. */
  #remember(today: ReadonlyArray<Today | undefined>, day: number): void {
    const family = this.#family;
    const { lagDays, halfLifeDays } = this.settings;
    const keep = 2 ** (-1 / halfLifeDays);
    const weekday = (((day + 3) % 7) + 7) % 7;
    for (const of of today) {
      if (of === undefined) continue;
      const { unit, value, expected, shift } = of;
      const slot = unit.days % lagDays;
      if (unit.days >= lagDays) {
        unit.weight = unit.weight * keep + 1;
        unit.sum = unit.sum * keep + unit.ringValue[slot]!;
        unit.squares = unit.squares * keep + unit.ringSquare[slot]!;
        unit.means = unit.means * keep + unit.ringMean[slot]!;
        unit.meanSquares = unit.meanSquares * keep + unit.ringMean[slot]! ** 2;
      }
      // Until there is a spread to tell a spike by, nothing is cut off.
      const isKnown = unit.days >= FIRST_DAYS;
      const bound = isKnown
        ? SPIKE_DEVIATIONS * Math.sqrt(family.variance(expected.mean, expected.spread)) +
          SPIKE_SLACK
        : Infinity;
      const miss = clip(value - expected.mean, -bound, bound);
      // Set straight: as if it had been an ordinary day.
      unit.ringValue[slot] =
        family.name === "counts"
          ? Math.max(0, (expected.mean + miss) * Math.exp(-shift))
          : expected.mean + miss - expected.spread * shift;
      unit.ringSquare[slot] = miss * miss;
      unit.ringMean[slot] = expected.mean;
      if (unit.days > 0) {
        const { mean: base } = this.#readBase(unit);
        const steps = clip(this.#stepBetween(base, value, expected), -WEEKDAY_MAX, WEEKDAY_MAX);
        unit.weekdaySum[weekday] = unit.weekdaySum[weekday]! * WEEKDAY_KEEP + steps;
        unit.weekdayWeight[weekday] = unit.weekdayWeight[weekday]! * WEEKDAY_KEEP + 1;
      }
      unit.days += 1;
    }
  }

  /** The usual level of a unit: of its first days, all it has; then what has come through the lag. */
  #readBase(unit: Unit): { readonly mean: number; readonly weight: number } {
    const { lagDays } = this.settings;
    const least = this.#family.name === "counts" ? 0.05 : -Infinity;
    if (unit.days >= lagDays + FIRST_DAYS) {
      return { mean: Math.max(least, unit.sum / unit.weight), weight: unit.weight };
    }
    const days = Math.min(unit.days, lagDays);
    return { mean: Math.max(least, mean(unit.ringValue.subarray(0, days))), weight: days };
  }

  #readSpread(): number {
    const sums = { squares: 0, means: 0, meanSquares: 0 };
    for (const unit of this.#units) {
      if (unit.weight < FIRST_DAYS) continue;
      if (this.#family.name === "counts") {
        sums.squares += unit.squares;
        sums.means += unit.means;
        sums.meanSquares += unit.meanSquares;
      }
    }
    return this.#family.spreadOf(sums);
  }

  /** Counts lean on what all units have in common; amounts have a size of their own. */
  #spreadOf(unit: Unit, ofAll: number): number {
    const { squares, means, meanSquares, weight } = unit;
    if (this.#family.name !== "counts") {
      if (weight < FIRST_DAYS) return firstSpread(unit, this.settings.lagDays);
      // One standard error above what was seen: a spread that is told too small finds changes.
      const deviation = Math.sqrt(squares / weight) * (1 + 1 / Math.sqrt(2 * weight));
      return Math.max(this.#family.spreadMin, deviation);
    }
    const own = this.#family.spreadOf({ squares, means, meanSquares });
    return (own * weight + ofAll * SPREAD_LEAN) / (weight + SPREAD_LEAN);
  }

  /** What a weekday does, in steps: the unit's own habit leaning on everybody's, centred. */
  #readWeekdays(): (unit: Unit, weekday: number) => number {
    const all = Array.from({ length: 7 }, (_, w) => {
      let [sum, weight] = [0, 0];
      for (const unit of this.#units) {
        sum += unit.weekdaySum[w]!;
        weight += unit.weekdayWeight[w]!;
      }
      return weight === 0 ? 0 : sum / weight;
    });
    return (unit, weekday) => {
      const own = all.map((habit, w) => {
        const weight = unit.weekdayWeight[w]!;
        return (unit.weekdaySum[w]! + WEEKDAY_LEAN * habit) / (weight + WEEKDAY_LEAN);
      });
      const seen = own.filter((_, w) => unit.weekdayWeight[w]! > 0 || all[w] !== 0);
      if (seen.length < 7) return 0;
      return own[weekday]! - own.reduce((sum, habit) => sum + habit, 0) / 7;
    };
  }
}

const NOTHING = { s: 0, i: 0 };
const ABSORBED_EVIDENCE = 10;
/** A change of a sum belongs to the one part that has so much of it. */
const CHILD_SHARE = 0.7;

function newUnit(parent: number, lagDays: number, steps: number): Unit {
  const newSide = (): Side => ({
    evidence: new Float64Array(steps),
    cusum: new Float64Array(steps),
    since: Array.from({ length: steps }, () => undefined),
    best: 0,
    second: 0,
    alarm: undefined,
  });
  return {
    parent,
    days: 0,
    weight: 0,
    sum: 0,
    squares: 0,
    means: 0,
    meanSquares: 0,
    ringValue: new Float64Array(lagDays),
    ringSquare: new Float64Array(lagDays),
    ringMean: new Float64Array(lagDays),
    weekdaySum: new Float64Array(7),
    weekdayWeight: new Float64Array(7),
    sides: { up: newSide(), down: newSide() },
  };
}

/** Of a unit's first days: their own standard deviation. */
function firstSpread({ ringValue, days }: Unit, lagDays: number): number {
  const values = ringValue.subarray(0, Math.min(days, lagDays));
  if (values.length < 2) return 1;
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1)) || 1e-9;
}

function noteBestDays(side: Side, before: number): void {
  const after = mean(side.evidence);
  if (after <= 1) {
    side.best = side.second = 0;
    return;
  }
  const gained = Math.log(after / Math.max(before, 1));
  if (gained > side.best) {
    side.second = side.best;
    side.best = gained;
  } else if (gained > side.second) {
    side.second = gained;
  }
}

function readEvidence(side: Side, pairCap: number): number {
  const beyond = side.best + side.second - pairCap;
  return mean(side.evidence) * (beyond > 0 ? Math.exp(-beyond) : 1);
}

function findSince({ cusum, since }: Side): Since | undefined {
  let best: number | undefined;
  cusum.forEach((value, at) => {
    if (value > (best === undefined ? 0 : cusum[best]!)) best = at;
  });
  return best === undefined ? undefined : since[best];
}

function resetSide(side: Side): void {
  side.evidence.fill(0);
  side.cusum.fill(0);
  side.since.fill(undefined);
  side.best = side.second = 0;
  side.alarm = undefined;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
