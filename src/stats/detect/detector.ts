/**
 * Watches thousands of units for a rate that rises and stays up, at a stated price in false alarms.
 *
 * A day goes through these steps, each a file beside this one: counts are summed up the tree
 * (day-counts), the baseline takes in the day of three weeks ago (baseline, shrinkage), what the day
 * did to everyone is set aside (weekday, adjustment), what remains is turned into capped evidence
 * (evidence), the units whose evidence pays for the multiplicity are found (decision), and one unit per
 * problem speaks (publication, finding). An alarm stays quiet until it is over (alarm).
 *
 * Guarantee. If a unit's daily rate stays at or below `upper` (baseline plus `caution` standard errors)
 * and its overdispersion at or below `rho`, its M needs at least A days on average to reach A,
 * whatever other units do; per day at most `falseSignalShare / patienceDays` of the alarms are false in
 * expectation (e-BH, Dandapanthula and Ramdas 2025). Three days can never alarm from a fresh state.
 * Not guaranteed: a slow drift above `upper` counts as a change; the baseline is an estimate; and the
 * hierarchy's choice among alarms keeps the family's share, not each level's.
 *
 * No clock and no chance in here: the same days give the same bits, and a restored state goes on as
 * if it had never stopped. About 432 bytes per unit, whatever the history.
 */
import { assert } from "../../std/assert.ts";
import type { AlarmEnd } from "./alarm.ts";
import { clearAlarm, followAlarm, isAlarmed, raiseAlarm } from "./alarm.ts";
import { adjustDay } from "./adjustment.ts";
import { RATE_MAX, RATE_MIN, advanceBaseline, readBaseline, rememberDay } from "./baseline.ts";
import { clip, logistic, logit } from "./beta-binomial.ts";
import { DayCounts } from "./day-counts.ts";
import type { Count } from "./day-counts.ts";
import { decide, isVisible } from "./decision.ts";
import type { Decision } from "./decision.ts";
import { addEvidence, readEvidence } from "./evidence.ts";
import { learnDispersion, newDispersion, readDispersion } from "./dispersion.ts";
import type { Dispersion } from "./dispersion.ts";
import type { Finding } from "./finding.ts";
import { choosePublished } from "./publication.ts";
import { LEVELS, parseDetectorSettings } from "./settings.ts";
import type { DetectorSettings } from "./settings.ts";
import {
  learnMix,
  newMix,
  newStratumSums,
  readMix,
  type Mix,
  type Row,
  startMix,
  StratumIndex,
  type StratumSums,
} from "./mix.ts";
import { KAPPA_EVERY_DAYS, learnKappa } from "./shrinkage.ts";
import { countStatuses, noteStatuses, readStatus, setStatus } from "./status.ts";
import type { StatusCounts, UnitStatus } from "./status.ts";
import { NONE, Units } from "./units.ts";
import type { SubjectLookup } from "./units.ts";
import { learnWeekday, newWeekdays, readWeekday } from "./weekday.ts";
import type { Weekdays } from "./weekday.ts";

export type DetectorDay = {
  /** Whole days since 1970; later than every day before it. Days left out had no data. */
  readonly day: number;
  /** Only of known subjects; a subject twice adds up. No row is no data. */
  readonly counts: ReadonlyArray<Count>;
  readonly lookup: SubjectLookup;
  /** Subjects under an action of ours; their descendants are under it too. */
  readonly acted: ReadonlySet<string>;
  /** Subjects whose day is not yet known well enough; their counts are set aside. */
  readonly immature?: ReadonlySet<string>;
};

export type DetectorReading = {
  readonly findings: ReadonlyArray<Finding>;
  readonly nearMisses: ReadonlyArray<{ readonly subject: string; readonly reason: string }>;
  /** Units whose evidence is near the bar of the day. */
  readonly almost: ReadonlyArray<Almost>;
  readonly ended: ReadonlyArray<Ended>;
  /** Units per status; their sum is the number of known units. */
  readonly statuses: StatusCounts;
  /** Units that the error budget was spent on. */
  readonly monitored: number;
};

/** What belongs to the network as a whole. */
type Memory = {
  firstDay: number;
  lastDay: number;
  kappaDay: number;
  kappa: number[];
  weekdays: Weekdays;
  dispersion: Dispersion;
  mix: Mix;
  firstStrata: StratumSums;
};

export class Detector {
  readonly settings: DetectorSettings;
  readonly units: Units;
  readonly #counts = new DayCounts();
  #memory: Memory;
  #strata: StratumIndex;
  #rows: ReadonlyArray<Row> = [];

  constructor(settings: Partial<DetectorSettings> = {}) {
    this.settings = parseDetectorSettings(settings);
    this.units = new Units(this.settings);
    this.#memory = {
      firstDay: NONE,
      lastDay: NONE,
      kappaDay: NONE,
      kappa: LEVELS.map((level) => this.settings.kappa[level]),
      weekdays: newWeekdays(),
      dispersion: newDispersion(),
      mix: newMix(),
      firstStrata: newStratumSums(),
    };
    this.#strata = new StratumIndex(this.#memory.mix);
  }

  /** The last day folded, or -1. */
  get lastDay(): number {
    return this.#memory.lastDay;
  }

  fold(input: DetectorDay): DetectorReading {
    this.#openDay(input.day);
    const released = this.#countDay(input);
    const isFirst = input.day - this.#memory.firstDay < this.settings.lagDays;
    this.#expectDay(isFirst);
    const monitored = isFirst ? [] : this.#listMonitored();
    const ended = isFirst ? [] : this.#weighDay();
    noteStatuses(this.units, this.#counts, {
      monitored: new Set(monitored),
      immature: input.immature ?? new Set(),
      isWarm: (unit) => this.#isWarm(unit),
    });
    const { findings, nearMisses, almost } = this.#speak(monitored);
    this.#closeDay(isFirst);
    return {
      findings,
      nearMisses,
      almost,
      ended: [...released, ...ended],
      statuses: countStatuses(this.units),
      monitored: monitored.length,
    };
  }

  /** What the last folded day said of a subject; `undefined` for one that was never seen. */
  statusOf(subject: string): UnitStatus | undefined {
    const unit = this.units.indexOf(subject);
    return unit === undefined ? undefined : readStatus(this.units, unit);
  }

  /** ln M of a subject, for reports and tests; `-Infinity` when there is no evidence at all. */
  logEvidenceOf(subject: string): number {
    const unit = this.units.indexOf(subject);
    return unit === undefined ? -Infinity : Math.log(readEvidence(this.units, unit));
  }

  /** The last folded day, worked out for every unit (rows of `units`); the next fold overwrites it. */
  get lastDayCounts(): Readonly<DayCounts> {
    return this.#counts;
  }

  save(): Uint8Array {
    return this.units.save(this.#memory);
  }

  restore(state: Uint8Array): void {
    this.#memory = this.units.restore(state) as Memory;
    this.#strata = new StratumIndex(this.#memory.mix);
  }

  /** Days that were left out pass without data, so that lags and half-lives keep their length. */
  #openDay(day: number): void {
    const memory = this.#memory;
    assert(Number.isInteger(day) && day > memory.lastDay, `day ${day} follows ${memory.lastDay}`);
    if (memory.firstDay === NONE) {
      memory.firstDay = memory.kappaDay = day;
    } else {
      for (let silent = memory.lastDay + 1; silent < day; silent++) {
        this.#counts.begin(silent, this.units.count, []);
        advanceBaseline(this.units, silent);
        this.#ageVolumes();
      }
    }
    memory.lastDay = day;
  }

  /** Sums the day up the tree; gives the units whose action has ended. */
  #countDay(input: DetectorDay): Ended[] {
    const rows: Row[] = [];
    for (const { subject, n, k, stratum } of input.counts) {
      assert(
        Number.isInteger(n) && Number.isInteger(k) && k >= 0 && k <= n,
        `\`${subject}\` has ${k} events in ${n} trials`,
      );
      if (n === 0 || input.immature?.has(subject) === true) continue;
      const unit = this.units.ensure(subject, input.day, input.lookup);
      if (unit !== undefined) rows.push({ unit, n, k, stratum: this.#strata.indexOf(stratum) });
    }
    const released = this.#markActed(input.acted);
    const rho = readDispersion(this.#memory.dispersion, this.settings);
    this.#counts.begin(input.day, this.units.count, rho);
    for (const { unit, n, k } of rows) this.#counts.add(this.units, unit, n, k);
    this.#rows = rows;
    advanceBaseline(this.units, input.day);
    return released;
  }

  #markActed(acted: ReadonlySet<string>): Ended[] {
    const { columns, topDown, ids } = this.units;
    const released: Ended[] = [];
    for (const unit of topDown) {
      const above = columns.parent[unit]!;
      const isUnder = acted.has(ids[unit]!) || (above !== NONE && columns.acted[above] === 1);
      if (!isUnder && columns.acted[unit] === 1) {
        clearAlarm(this.units, unit);
        released.push({ subject: ids[unit]!, end: "released" });
      }
      columns.acted[unit] = isUnder ? 1 : 0;
    }
    return released;
  }

  /** Fills the rates that are expected of the day. */
  #expectDay(isFirst: boolean): void {
    const counts = this.#counts;
    const memory = this.#memory;
    readBaseline(this.units, counts, memory.kappa);
    if (isFirst) startMix(this.#rows, memory.mix, memory.firstStrata);
    readMix(this.units, counts, this.#rows, memory.mix);
    if (isFirst) return;
    const weekday = weekdayOf(counts.day);
    const used = readWeekday(memory.weekdays, weekday);
    const whole = adjustDay(this.units, counts, used);
    learnWeekday(memory.weekdays, weekday, used, whole);
    for (let unit = 0; unit < this.units.count; unit++) {
      if (counts.allTrials[unit] === 0) continue;
      const l = logit(counts.rate[unit]!) + counts.shift[unit]!;
      const p = clip(logistic(l), RATE_MIN, RATE_MAX);
      counts.expected[unit] = p;
      const caution = this.settings.caution[this.units.levelOf(unit)];
      counts.upper[unit] = logistic(logit(p) + caution * counts.error[unit]!);
    }
  }

  /** Units the budget is spent on, chosen by what was known before today. */
  #listMonitored(): number[] {
    const monitored: number[] = [];
    for (let unit = 0; unit < this.units.count; unit++) {
      if (this.#isWarm(unit) && this.units.columns.acted[unit] === 0) {
        if (isVisible(this.units, this.#counts, unit)) monitored.push(unit);
      }
    }
    return monitored;
  }

  /** Adds the day's evidence, for and against. */
  #weighDay(): Ended[] {
    const ended: Ended[] = [];
    for (let unit = 0; unit < this.units.count; unit++) {
      if (this.#counts.trials[unit]! > 0 && this.#isWarm(unit)) {
        addEvidence(this.units, this.#counts, unit);
      }
      if (!isAlarmed(this.units, unit)) continue;
      const end = followAlarm(this.units, this.#counts, unit);
      if (end === undefined) continue;
      clearAlarm(this.units, unit);
      ended.push({ subject: this.units.ids[unit]!, end });
    }
    return ended;
  }

  /** Lets the units speak that may, and says of the others that almost did why they did not. */
  #speak(
    monitored: ReadonlyArray<number>,
  ): Pick<DetectorReading, "findings" | "nearMisses" | "almost"> {
    const units = this.units;
    const decision = decide(units, monitored);
    const { published, silenced } = choosePublished(
      units,
      this.#counts,
      decision,
      new Set(monitored),
    );
    for (const { unit, finding } of published) {
      raiseAlarm(units, this.#counts, unit, finding.size.mean);
      setStatus(units, unit, "fired");
    }
    const almost = this.#listAlmost(monitored, decision);
    return {
      findings: published.map(({ finding }) => finding),
      nearMisses: [
        ...silenced.map(({ unit, reason }) => ({ subject: units.ids[unit]!, reason })),
        ...almost.map(({ subject, evidence, bar }) => ({
          subject,
          reason: `evidence of ${inTens(evidence)} is short of the ${inTens(bar)} that it takes today`,
        })),
      ],
      almost,
    };
  }

  #listAlmost(monitored: ReadonlyArray<number>, decision: Decision): Almost[] {
    const almost: Almost[] = [];
    for (const unit of monitored) {
      if (isAlarmed(this.units, unit) || decision.rejected.has(unit)) continue;
      const evidence = readEvidence(this.units, unit);
      const bar = decision.barOf(unit);
      if (evidence < bar * this.settings.nearMissShare) continue;
      almost.push({ subject: this.units.ids[unit]!, evidence, bar });
    }
    return almost;
  }

  /** Lets the day into the memory that later days are judged by. */
  #closeDay(isFirst: boolean): void {
    const counts = this.#counts;
    for (let unit = 0; unit < this.units.count; unit++) {
      if (counts.trials[unit]! > 0) rememberDay(this.units, counts, unit, isFirst);
    }
    this.#ageVolumes();
    const memory = this.#memory;
    if (!isFirst) {
      learnDispersion(this.units, counts, memory.dispersion);
      learnMix(this.units, counts, this.#rows, memory.mix);
    }
    if (isFirst || counts.day - memory.kappaDay < KAPPA_EVERY_DAYS) return;
    memory.kappa = learnKappa(this.units, counts, memory.kappa);
    memory.kappaDay = counts.day;
  }

  /** Mean orders per day; a unit under an action keeps the mean of before. */
  #ageVolumes(): void {
    const { volume, volumeDays, acted } = this.units.columns;
    const keep = 2 ** (-1 / this.settings.volumeHalfLifeDays);
    for (let unit = 0; unit < this.units.count; unit++) {
      if (acted[unit] === 1) continue;
      volume[unit] = volume[unit]! * keep + this.#counts.allTrials[unit]!;
      volumeDays[unit] = volumeDays[unit]! * keep + 1;
    }
  }

  #isWarm(unit: number): boolean {
    return this.#counts.day - this.units.columns.firstDay[unit]! >= this.settings.warmupDays;
  }
}

type Almost = { readonly subject: string; readonly evidence: number; readonly bar: number };

function inTens(evidence: number): string {
  return `10^${Math.log10(evidence).toFixed(1)}`;
}

type Ended = { readonly subject: string; readonly end: AlarmEnd };

/** 0 is Monday; day 0 (1970-01-01) was a Thursday. */
function weekdayOf(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}
