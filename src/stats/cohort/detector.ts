/**
 * Watches failures that become known days or weeks after shipping, without waiting until all are known.
 *
 * A day brings new cohorts and, for older ones, outcomes that have become known. It goes through these
 * steps, each a file beside this one: cohorts that reach the horizon are over and enter baselines, delay
 * laws and the folded evidence (subject, lane, laws, evidence); the lanes' delays are looked at (delays);
 * the cohorts under way are read by what is known and what is not (likelihood); what a cohort's day did
 * to all subjects is set aside; and the subjects speak whose evidence pays for the multiplicity (e-BH).
 *
 * Where a lane's delays are not as learned, its cohorts under way are left out and only those that are
 * over are judged: then it is as slow as waiting, and as safe.
 *
 * Guarantee, under laws that are as learned: as in `detect/detector.ts`, in units of days per subject.
 * Left out: levels above the subjects (sum them and watch the sums), weekdays, strata; a subject that
 * several lanes serve (make it one subject per lane); actions of ours.
 * No clock and no chance in here. One more day costs O(horizon x rises) per subject.
 */
import { assert } from "../../std/assert.ts";
import { clip, computeDesignEffect, logistic, logit, raiseRate } from "../detect/beta-binomial.ts";
import type { DelayReading } from "./delays.ts";
import { closeCohort, computeBar, NONE, startWalk, walkCohort } from "./evidence.ts";
import type { Walk } from "./evidence.ts";
import { computeCohortFinding } from "./finding.ts";
import type { CohortFinding } from "./finding.ts";
import { addRows, Lane } from "./lane.ts";
import {
  computeEnds,
  computeOpenShare,
  learnLaneLaws,
  learnLaneWeight,
  learnWholeLaws,
} from "./laws.ts";
import type { DelayLaws } from "./laws.ts";
import type { Tally } from "./likelihood.ts";
import { parseCohortSettings } from "./settings.ts";
import type { CohortSettings } from "./settings.ts";
import { CohortSubject } from "./subject.ts";

export type Shipped = {
  readonly subject: string;
  /** Whatever moves at one pace; of a subject always the same. */
  readonly lane: string;
  /** Day of shipping, or of the first attempt; whole days since 1970, at most the horizon ago. */
  readonly cohortDay: number;
  readonly orders: number;
};

/** Outcomes of one cohort that have become known since yesterday. */
export type Resolved = {
  readonly subject: string;
  readonly cohortDay: number;
  readonly bad: number;
  readonly good: number;
  /** Age at which they happened; without it the age at which they were told. */
  readonly age?: number;
  /** Orders that left without an outcome, such as those cancelled under way. */
  readonly withdrawn?: number;
};

export type CohortDay = {
  /** Later than every day before it. Days left out brought nothing. */
  readonly day: number;
  readonly shipped: ReadonlyArray<Shipped>;
  readonly resolved: ReadonlyArray<Resolved>;
};

export const COHORT_STATUSES = [
  "not-fired",
  "fired",
  "standing",
  /** Evidence is there; too little of what it rests on can be known yet. */
  "too-young",
  "too-little-data",
  "delays-not-learned",
  /** The lane's delays are not as learned, see `lanes`; only cohorts that are over were judged. */
  "delays-changed",
] as const;
export type CohortStatus = (typeof COHORT_STATUSES)[number];

export type CohortReading = {
  readonly findings: ReadonlyArray<CohortFinding>;
  /** Subjects whose alarm is over. */
  readonly ended: ReadonlyArray<string>;
  readonly lanes: ReadonlyMap<string, DelayReading>;
  /** Subjects per status; their sum is the number of known subjects. */
  readonly statuses: Readonly<Record<CohortStatus, number>>;
  /** Outcomes of cohorts that are over or were never shipped, or beyond what was shipped. */
  readonly unplaced: number;
};

/**
 * What a cohort's day did to all subjects: the slope of their ln L along the logit of the rate, at the
 * rates expected, and its information.
 */
type DaySums = { slope: number; information: number };

/** Logits that a day may move everyone by, and the information that says it did not. */
const SHIFT_MAX = 1;
const SHIFT_PRIOR = 25;

export class CohortDetector {
  readonly settings: CohortSettings;
  readonly #subjects = new Map<string, CohortSubject>();
  readonly #lanes = new Map<string, Lane>();
  readonly #statuses = new Map<string, CohortStatus>();
  #wholeRate: number;
  #lastDay = NONE;

  constructor(given: Partial<CohortSettings> = {}) {
    this.settings = parseCohortSettings(given);
    this.#wholeRate = this.settings.priorRate;
  }

  fold(input: CohortDay): CohortReading {
    this.#openDays(input.day);
    const unplaced = this.#countDay(input);
    const lanes = this.#readLanes(input.day);
    const weighed = this.#weigh(input.day, lanes);
    const { findings, ended } = this.#speak(input.day, weighed);
    const statuses = Object.fromEntries(COHORT_STATUSES.map((status) => [status, 0])) as Record<
      CohortStatus,
      number
    >;
    for (const status of this.#statuses.values()) statuses[status] += 1;
    return { findings, ended, lanes, statuses, unplaced };
  }

  statusOf(subject: string): CohortStatus | undefined {
    return this.#statuses.get(subject);
  }

  /** The lane's laws of today; `undefined` until enough has ended. */
  lawsOf(lane: string): DelayLaws | undefined {
    return this.#lanes.get(lane)?.laws;
  }

  /** Closes the cohorts that are over by the morning of `day`. */
  #openDays(day: number): void {
    assert(Number.isInteger(day) && day > this.#lastDay, `day ${day} follows ${this.#lastDay}`);
    const { horizonDays, halfLifeDays, knownShareMin } = this.settings;
    const keep = 2 ** (-1 / halfLifeDays);
    const from = this.#lastDay === NONE ? day : this.#lastDay + 1;
    for (let at = from; at <= day; at++) {
      const over = at - horizonDays - 1;
      if (over < 0) continue;
      this.#closeCohorts(over, keep);
      for (const lane of this.#lanes.values()) lane.close(over, keep, knownShareMin);
    }
    const isGap = this.#lastDay !== NONE && day > this.#lastDay + 1;
    this.#lastDay = day;
    for (const lane of this.#lanes.values()) lane.beginDay(isGap);
    this.#learnLaws();
  }

  #closeCohorts(cohortDay: number, keep: number): void {
    const { horizonDays, kappa, rho, cap, rises, knownShareMin } = this.settings;
    const slot = cohortDay % (horizonDays + 1);
    const sums: DaySums = { slope: 0, information: 0 };
    const isCounted = (subject: CohortSubject) => {
      const known = subject.bad[slot]! + subject.good[slot]!;
      return known > 0 && known >= knownShareMin * subject.orders[slot]!;
    };
    const own = (subject: CohortSubject): DaySums => {
      const [bad, good] = [subject.bad[slot]!, subject.good[slot]!];
      return readSlope(bad, good, 0, subject.readRate(this.#wholeRate, kappa), OVER);
    };
    for (const subject of this.#subjects.values()) {
      if (isCounted(subject)) addSums(sums, own(subject));
    }
    for (const subject of this.#subjects.values()) {
      subject.age(keep);
      if (isCounted(subject)) {
        const rate = subject.readRate(this.#wholeRate, kappa);
        const shift = computeShift(sums, own(subject), -SHIFT_MAX);
        const expected = logistic(logit(rate) + shift);
        const [bad, good] = [subject.bad[slot]!, subject.good[slot]!];
        if (subject.baselineOrders >= this.settings.baselineOrdersMin) {
          const upper = logistic(
            logit(expected) + this.settings.caution * subject.readError(rate, kappa),
          );
          const effect = computeDesignEffect(bad + good, rho);
          const ratios = rises.map((rise) => {
            const p1 = raiseRate(upper, rise);
            const ratio = bad * Math.log(p1 / upper) + good * Math.log((1 - p1) / (1 - upper));
            return Math.min(ratio / effect, cap);
          });
          const orders = bad + good;
          const weighed = { day: cohortDay, ratios, orders, bad, expected: orders * expected };
          closeCohort(subject.closed, weighed);
        }
        subject.learn(bad, bad + good, rate, expected, rho);
      }
      subject.orders[slot] = subject.bad[slot] = subject.good[slot] = 0;
    }
    this.#learnWholeRate();
  }

  #learnWholeRate(): void {
    const { priorRate, priorOrders } = this.settings;
    let [bad, orders] = [priorRate * priorOrders, priorOrders];
    for (const subject of this.#subjects.values()) {
      bad += subject.baselineBad;
      orders += subject.baselineOrders;
    }
    this.#wholeRate = clip(bad / orders, 0.001, 0.999);
  }

  #learnLaws(): void {
    const lanes = [...this.#lanes.values()];
    const tables = lanes.map((lane) => lane.listRows());
    const whole = learnWholeLaws(computeEnds(addRows(tables)));
    if (whole === undefined) return;
    const ends = tables.map((rows) => computeEnds(rows));
    const weight = learnLaneWeight(ends, whole);
    for (const [at, lane] of lanes.entries()) {
      // The whole knows nothing of a pace that is new.
      if (lane.isRelearning && learnWholeLaws(ends[at]!) === undefined) continue;
      lane.laws = learnLaneLaws(ends[at]!, whole, weight);
    }
  }

  /** Gives how many outcomes had no cohort to go to. */
  #countDay({ day, shipped, resolved }: CohortDay): number {
    const { horizonDays } = this.settings;
    const isOpen = (cohortDay: number) => cohortDay <= day && day - cohortDay <= horizonDays;
    for (const { subject: id, lane: laneId, cohortDay, orders } of shipped) {
      assert(Number.isInteger(orders) && orders >= 0, `\`${id}\` shipped ${orders} orders`);
      assert(isOpen(cohortDay), `a cohort of day ${cohortDay} cannot begin on day ${day}`);
      const subject = this.#subjectOf(id, laneId);
      subject.orders[cohortDay % (horizonDays + 1)]! += orders;
      subject.lane.addOrders(cohortDay, orders);
    }
    let unplaced = 0;
    for (const { subject: id, cohortDay, bad, good, age, withdrawn = 0 } of resolved) {
      assert(
        [bad, good, withdrawn].every((count) => Number.isInteger(count) && count >= 0),
        `\`${id}\` has ${bad} bad, ${good} good and ${withdrawn} withdrawn orders`,
      );
      const subject = this.#subjects.get(id);
      const slot = cohortDay % (horizonDays + 1);
      const isPlaced =
        subject !== undefined &&
        isOpen(cohortDay) &&
        subject.bad[slot]! + subject.good[slot]! + bad + good + withdrawn <= subject.orders[slot]!;
      if (!isPlaced) {
        unplaced += bad + good + withdrawn;
        continue;
      }
      subject.bad[slot]! += bad;
      subject.good[slot]! += good;
      subject.orders[slot]! -= withdrawn;
      subject.lane.withdraw(cohortDay, withdrawn);
      subject.lane.addOutcomes(cohortDay, day, { bad, good, age });
    }
    return unplaced;
  }

  #subjectOf(id: string, laneId: string): CohortSubject {
    let subject = this.#subjects.get(id);
    if (subject === undefined) {
      let lane = this.#lanes.get(laneId);
      if (lane === undefined) {
        lane = new Lane(laneId, this.settings.horizonDays);
        this.#lanes.set(laneId, lane);
      }
      subject = new CohortSubject(id, lane, this.settings);
      this.#subjects.set(id, subject);
    }
    assert(subject.lane.id === laneId, `\`${id}\` was in lane \`${subject.lane.id}\` before`);
    return subject;
  }

  #readLanes(day: number): Map<string, DelayReading> {
    const readings = new Map<string, DelayReading>();
    for (const lane of this.#lanes.values()) {
      readings.set(lane.id, lane.read(day, this.settings.youngDays, this.#wholeRate));
    }
    return readings;
  }

  /** Evidence per subject that can be judged. */
  #weigh(day: number, readings: ReadonlyMap<string, DelayReading>): Weighed[] {
    const { kappa, baselineOrdersMin, rises, horizonDays } = this.settings;
    const shares = new Map<Lane, LaneShares>();
    for (const lane of this.#lanes.values()) {
      if (lane.laws !== undefined) shares.set(lane, computeShares(lane.laws));
    }
    const sums = this.#sumYoung(day, shares);
    const weighed: Weighed[] = [];
    for (const subject of this.#subjects.values()) {
      const delays = readings.get(subject.lane.id)!.kind;
      if (delays === "not-learned") {
        this.#statuses.set(subject.id, "delays-not-learned");
        continue;
      }
      if (subject.baselineOrders < baselineOrdersMin) {
        this.#statuses.set(subject.id, "too-little-data");
        continue;
      }
      const rate = subject.readRate(this.#wholeRate, kappa);
      const error = subject.readError(rate, kappa);
      const walks = rises.map((_, rise) => startWalk(subject.closed, rise));
      const laneShares = shares.get(subject.lane);
      const isAsLearned = delays === "as-learned";
      if (isAsLearned && laneShares !== undefined) {
        for (let age = Math.min(horizonDays, day); age >= 0; age--) {
          this.#walkCohort(subject, { day, age, rate, error, shares: laneShares, sums, walks });
        }
      }
      const evidence = walks.reduce((sum, walk) => sum + walk.evidence, 0) / rises.length;
      weighed.push({ subject, rate, error, walks, evidence, isAsLearned });
    }
    return weighed;
  }

  #walkCohort(
    subject: CohortSubject,
    of: {
      readonly day: number;
      readonly age: number;
      readonly rate: number;
      readonly error: number;
      readonly shares: LaneShares;
      readonly sums: ReadonlyArray<DaySums>;
      readonly walks: ReadonlyArray<Walk>;
    },
  ): void {
    const { rho, cap, caution, rises, horizonDays } = this.settings;
    const { day, age, rate, shares } = of;
    const slot = (day - age) % (horizonDays + 1);
    const orders = subject.orders[slot]!;
    if (orders === 0) return;
    const [bad, good] = [subject.bad[slot]!, subject.good[slot]!];
    const open = orders - bad - good;
    const [open1, open0] = [shares.bad[age]!, shares.good[age]!];
    const own = readSlope(bad, good, open, rate, { open1, open0 });
    // Of a young cohort only what lifts the null is believed: slow failures look like a good day.
    const shift = computeShift(of.sums[age]!, own, 0);
    const p0 = logistic(logit(rate) + shift + caution * of.error);
    const effect = computeDesignEffect(orders, rho);
    for (let rise = 0; rise < rises.length; rise++) {
      const p1 = raiseRate(p0, rises[rise]!);
      const ratio =
        bad * Math.log(p1 / p0) +
        good * Math.log((1 - p1) / (1 - p0)) +
        open * Math.log((p1 * open1 + (1 - p1) * open0) / (p0 * open1 + (1 - p0) * open0));
      walkCohort(of.walks[rise]!, day - age, Math.min(ratio / effect, cap));
    }
  }

  /** Per age: what the cohort's day did to all subjects so far. */
  #sumYoung(day: number, shares: ReadonlyMap<Lane, LaneShares>): DaySums[] {
    const { horizonDays, kappa } = this.settings;
    const sums = Array.from({ length: horizonDays + 1 }, () => ({ slope: 0, information: 0 }));
    for (const subject of this.#subjects.values()) {
      const lane = shares.get(subject.lane);
      if (lane === undefined) continue;
      const rate = subject.readRate(this.#wholeRate, kappa);
      for (let age = 0; age <= Math.min(horizonDays, day); age++) {
        const slot = (day - age) % (horizonDays + 1);
        const [bad, good] = [subject.bad[slot]!, subject.good[slot]!];
        const open = subject.orders[slot]! - bad - good;
        const openShares = { open1: lane.bad[age]!, open0: lane.good[age]! };
        addSums(sums[age]!, readSlope(bad, good, open, rate, openShares));
      }
    }
    return sums;
  }

  #speak(
    day: number,
    weighed: ReadonlyArray<Weighed>,
  ): { readonly findings: CohortFinding[]; readonly ended: string[] } {
    const { falseSignalShare, patienceDays, evidenceFloor, endedEvidence } = this.settings;
    const bar = computeBar(
      weighed.map(({ evidence }) => evidence),
      falseSignalShare / patienceDays,
      evidenceFloor,
    );
    const findings: CohortFinding[] = [];
    const ended: string[] = [];
    for (const of of weighed) {
      const { subject, evidence, isAsLearned } = of;
      let status: CohortStatus = isAsLearned ? "not-fired" : "delays-changed";
      if (subject.isAlarmed && isAsLearned && evidence <= endedEvidence) {
        subject.isAlarmed = false;
        ended.push(subject.id);
      }
      if (subject.isAlarmed) {
        status = "standing";
      } else if (evidence >= bar) {
        const finding = this.#find(day, of, bar);
        if (finding !== undefined) {
          subject.isAlarmed = true;
          findings.push(finding);
        }
        status = finding === undefined ? "too-young" : "fired";
      }
      this.#statuses.set(subject.id, status);
    }
    return { findings, ended };
  }

  /** `undefined` while what the evidence rests on is too young to be spoken of. */
  #find(day: number, of: Weighed, bar: number): CohortFinding | undefined {
    const { horizonDays, rho, maturityMin } = this.settings;
    const { subject, walks } = of;
    const best = walks.reduce((a, b) => (b.cusum > a.cusum ? b : a));
    if (best.sinceDay === NONE) return undefined;
    const rise = walks.indexOf(best);
    const { closed } = subject;
    const tallies: Tally[] = [];
    let expected = 0;
    // The closed part counts only if the change began in it.
    if (closed.sinceDay[rise] === best.sinceDay && closed.sinceOrders[rise]! > 0) {
      const [orders, bad] = [closed.sinceOrders[rise]!, closed.sinceBad[rise]!];
      tallies.push({ age: horizonDays, bad, good: orders - bad, open: 0 });
      expected += closed.sinceExpected[rise]!;
    }
    for (let age = Math.min(horizonDays, day); age >= 0 && of.isAsLearned; age--) {
      const slot = (day - age) % (horizonDays + 1);
      const orders = subject.orders[slot]!;
      if (orders === 0 || day - age < best.sinceDay) continue;
      const [bad, good] = [subject.bad[slot]!, subject.good[slot]!];
      tallies.push({ age, bad, good, open: orders - bad - good });
      expected += orders * of.rate;
    }
    return computeCohortFinding({
      subject: subject.id,
      changeDay: best.sinceDay,
      day,
      tallies,
      laws: subject.lane.laws,
      expected,
      error: of.error,
      evidence: of.evidence,
      bar,
      rho,
      maturityMin,
    });
  }
}

type Weighed = {
  readonly subject: CohortSubject;
  readonly rate: number;
  readonly error: number;
  readonly walks: ReadonlyArray<Walk>;
  readonly evidence: number;
  readonly isAsLearned: boolean;
};

/** Shares of a lane's bad and good orders that are open, by age. */
type LaneShares = { readonly bad: Float64Array; readonly good: Float64Array };

function computeShares({ bad, good }: DelayLaws): LaneShares {
  return {
    bad: Float64Array.from(bad, (_, age) => computeOpenShare(bad, age)),
    good: Float64Array.from(good, (_, age) => computeOpenShare(good, age)),
  };
}

type OpenShares = { readonly open1: number; readonly open0: number };
/** Of a cohort that is over. */
const OVER: OpenShares = { open1: 0, open0: 0 };

/** The first derivative of ln L (likelihood.ts) by the logit of p, and its variance under p. */
function readSlope(
  bad: number,
  good: number,
  open: number,
  p: number,
  { open1, open0 }: OpenShares,
): DaySums {
  const q = 1 - p;
  const isOpen = p * open1 + q * open0;
  const perOpen = isOpen === 0 ? 0 : (p * q * (open1 - open0)) / isOpen;
  const information = p * q * (q * (1 - open1) + p * (1 - open0)) + perOpen ** 2 * isOpen;
  return {
    slope: bad * q - good * p + open * perOpen,
    information: (bad + good + open) * information,
  };
}

function addSums(sums: DaySums, more: DaySums): void {
  sums.slope += more.slope;
  sums.information += more.information;
}

/**
 * Logits by which the day moved the OTHER subjects: one step of Newton's from no move, shrunk, and of
 * it what is beyond its own standard error; what is within it may be chance.
 */
function computeShift(all: DaySums, own: DaySums, least: number): number {
  const weight = Math.max(0, all.information - own.information) + SHIFT_PRIOR;
  const shift = (all.slope - own.slope) / weight;
  const beyond = Math.max(0, Math.abs(shift) - 1 / Math.sqrt(weight));
  return clip(Math.sign(shift) * beyond, least, SHIFT_MAX);
}
