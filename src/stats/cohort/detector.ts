/**
 * Watches failures that become known days or weeks after shipping, without waiting until all are
 * known.
 *
 * A day brings new cohorts and, for older ones, outcomes that have become known. It goes through
 * these steps, each a file beside this one: cohorts that reach the horizon are over and enter
 * baselines, delay laws and the folded evidence (subject, lane, laws, evidence); the lanes' delays
 * are looked at (delays); the cohorts under way are read by what is known and what is not
 * (likelihood); what a cohort's day did to all subjects is set aside; and the subjects speak whose
 * evidence pays for the multiplicity (e-BH).
 *
 * Where a lane's delays are not as learned, its cohorts under way are left out and only those that
 * are over are judged: then it is as slow as waiting, and as safe.
 *
 * Guarantee, under laws that are as learned: as in `detect/detector.ts`, in units of days per
 * subject. Left out: levels above the subjects (sum them and watch the sums), weekdays, strata; a
 * subject that several lanes serve (make it one subject per lane); actions of ours. No clock and no
 * chance in here. One more day costs O(horizon x rises) per subject.
 */
import { assert } from "../../std/assert.ts";
import { clip, computeDesignEffect, logistic, logit, raiseRate } from "../detect/beta-binomial.ts";
import { addDayEffect, computeShift, OVER, readDayEffect, SHIFT_MAX } from "./day-effect.ts";
import type { DayEffect } from "./day-effect.ts";
import type { DelayReading } from "./delays.ts";
import { closeCohort, computeBar, NONE, startWalk, walkCohort } from "./evidence.ts";
import type { Walk } from "./evidence.ts";
import { COHORT_STATUSES } from "./feed.ts";
import type { CohortDay, CohortReading, CohortStatus } from "./feed.ts";
import { computeCohortFinding } from "./finding.ts";
import type { CohortFinding } from "./finding.ts";
import { Lanes } from "./lanes.ts";
import type { DelayLaws } from "./laws.ts";
import type { Tally } from "./likelihood.ts";
import { parseCohortSettings } from "./settings.ts";
import type { CohortSettings } from "./settings.ts";
import { CohortSubject } from "./subject.ts";

export class CohortDetector {
  readonly settings: CohortSettings;
  readonly #subjects = new Map<string, CohortSubject>();
  readonly #lanes: Lanes;
  readonly #statuses = new Map<string, CohortStatus>();
  #wholeRate: number;
  #lastDay = NONE;

  constructor(given: Partial<CohortSettings> = {}) {
    this.settings = parseCohortSettings(given);
    this.#lanes = new Lanes(this.settings.horizonDays);
    this.#wholeRate = this.settings.priorRate;
  }

  fold(input: CohortDay): CohortReading {
    this.#openDays(input.day);
    const unplaced = this.#countDay(input);
    const lanes = this.#lanes.read(input.day, this.settings.youngDays, this.#wholeRate);
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
    return this.#lanes.find(lane)?.laws;
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
      this.#lanes.close(over, keep, knownShareMin);
    }
    const isGap = this.#lastDay !== NONE && day > this.#lastDay + 1;
    this.#lastDay = day;
    this.#lanes.beginDay(isGap);
  }

  #closeCohorts(cohortDay: number, keep: number): void {
    const { horizonDays, kappa, rho, cap, rises, knownShareMin } = this.settings;
    const slot = cohortDay % (horizonDays + 1);
    const sums: DayEffect = { slope: 0, information: 0 };
    const isCounted = (subject: CohortSubject) => {
      const known = subject.bad[slot]! + subject.good[slot]!;
      return known > 0 && known >= knownShareMin * subject.orders[slot]!;
    };
    const own = (subject: CohortSubject): DayEffect => {
      const [bad, good] = [subject.bad[slot]!, subject.good[slot]!];
      const rate = subject.readRate(this.#wholeRate, kappa);
      return readDayEffect({ bad, good, open: 0 }, rate, OVER);
    };
    for (const subject of this.#subjects.values()) {
      if (isCounted(subject)) addDayEffect(sums, own(subject));
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
      subject = new CohortSubject(id, this.#lanes.ensure(laneId), this.settings);
      this.#subjects.set(id, subject);
    }
    assert(subject.lane.id === laneId, `\`${id}\` was in lane \`${subject.lane.id}\` before`);
    return subject;
  }

  /** Evidence per subject that can be judged. */
  #weigh(day: number, readings: ReadonlyMap<string, DelayReading>): Weighed[] {
    const { kappa, baselineOrdersMin, rises, horizonDays } = this.settings;
    const sums = this.#sumYoung(day);
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
      const isAsLearned = delays === "as-learned";
      if (isAsLearned) {
        for (let age = Math.min(horizonDays, day); age >= 0; age--) {
          this.#walkCohort(subject, { day, age, rate, error, sums, walks });
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
      readonly sums: ReadonlyArray<DayEffect>;
      readonly walks: ReadonlyArray<Walk>;
    },
  ): void {
    const { rho, cap, caution, rises, horizonDays } = this.settings;
    const { day, age, rate } = of;
    const slot = (day - age) % (horizonDays + 1);
    const orders = subject.orders[slot]!;
    if (orders === 0) return;
    const [bad, good] = [subject.bad[slot]!, subject.good[slot]!];
    const open = orders - bad - good;
    const isOpen = subject.lane.openShares[age]!;
    const own = readDayEffect({ bad, good, open }, rate, isOpen);
    // Of a young cohort only what lifts the null is believed: slow failures look like a good day.
    const shift = computeShift(of.sums[age]!, own, 0);
    const p0 = logistic(logit(rate) + shift + caution * of.error);
    const effect = computeDesignEffect(orders, rho);
    for (let rise = 0; rise < rises.length; rise++) {
      const p1 = raiseRate(p0, rises[rise]!);
      const ratio =
        bad * Math.log(p1 / p0) +
        good * Math.log((1 - p1) / (1 - p0)) +
        open *
          Math.log(
            (p1 * isOpen.bad + (1 - p1) * isOpen.good) / (p0 * isOpen.bad + (1 - p0) * isOpen.good),
          );
      walkCohort(of.walks[rise]!, day - age, Math.min(ratio / effect, cap));
    }
  }

  /** Per age: what the cohort's day did to all subjects so far. */
  #sumYoung(day: number): DayEffect[] {
    const { horizonDays, kappa } = this.settings;
    const sums = Array.from({ length: horizonDays + 1 }, () => ({ slope: 0, information: 0 }));
    for (const subject of this.#subjects.values()) {
      const { openShares } = subject.lane;
      if (openShares.length === 0) continue;
      const rate = subject.readRate(this.#wholeRate, kappa);
      for (let age = 0; age <= Math.min(horizonDays, day); age++) {
        const slot = (day - age) % (horizonDays + 1);
        const [bad, good] = [subject.bad[slot]!, subject.good[slot]!];
        const open = subject.orders[slot]! - bad - good;
        addDayEffect(sums[age]!, readDayEffect({ bad, good, open }, rate, openShares[age]!));
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
