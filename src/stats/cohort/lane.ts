/**
 * One lane's books: its young cohorts with the ages of their outcomes, and what its old ones
 * taught.
 *
 * A cohort's slot is its day modulo the ring's length, so the slot of the cohort that is over is
 * the slot of the one that begins. When delays have changed, all that was learned before is
 * forgotten and the lane learns anew, from the first cohort that the change concerns.
 */
import type { AgeRow } from "./incidence.ts";
import { type DelayReading, type LaneCohort, readDelays } from "./delays.ts";
import type { OpenShares } from "./day-effect.ts";
import { BAD, computeOpenShare, type DelayLaws, GOOD } from "./laws.ts";

type Change = Extract<DelayReading, { readonly kind: "changed" }>;

export class Lane {
  readonly id: string;
  readonly #ages: number;
  readonly #orders: Float64Array;
  readonly #known: Float64Array;
  readonly #today: Float64Array;
  readonly #ended: ReadonlyArray<ReadonlyArray<Float64Array>>;
  /** Orders at risk and ended by age, of the cohorts that are over, discounted. */
  readonly #atRisk: Float64Array;
  readonly #past: readonly [Float64Array, Float64Array];
  #laws: DelayLaws | undefined;
  #openShares: ReadonlyArray<OpenShares> = [];
  #change: { readonly reading: Change; readonly fromDay: number } | undefined;
  /** The feed was silent until yesterday: what comes today may have happened long ago. */
  #wasSilent = false;

  constructor(id: string, horizonDays: number) {
    this.id = id;
    this.#ages = horizonDays + 1;
    const column = () => new Float64Array(this.#ages);
    this.#orders = column();
    this.#known = column();
    this.#today = column();
    this.#ended = [BAD, GOOD].map(() => Array.from({ length: this.#ages }, column));
    this.#atRisk = column();
    this.#past = [column(), column()];
  }

  /** Of today; `undefined` until enough has ended. */
  get laws(): DelayLaws | undefined {
    return this.#laws;
  }

  /** By the laws, per age; empty without laws. */
  get openShares(): ReadonlyArray<OpenShares> {
    return this.#openShares;
  }

  /** True while the lane's delays are being learned anew. */
  get isRelearning(): boolean {
    return this.#change !== undefined;
  }

  /** `isGap`: the day before was never folded. */
  beginDay(isGap: boolean): void {
    this.#today.fill(0);
    this.#wasSilent ||= isGap;
  }

  addOrders(cohortDay: number, orders: number): void {
    this.#orders[cohortDay % this.#ages]! += orders;
  }

  /** `age` is when they happened; `undefined` if only known is that they came on `day`. */
  addOutcomes(
    cohortDay: number,
    day: number,
    of: { readonly bad: number; readonly good: number; readonly age: number | undefined },
  ): void {
    const slot = cohortDay % this.#ages;
    const told = day - cohortDay;
    this.#known[slot]! += of.bad + of.good;
    this.#today[slot]! += of.bad + of.good;
    if (of.age === undefined && this.#wasSilent) return;
    const age = Math.min(Math.max(Math.trunc(of.age ?? told), 0), told);
    this.#ended[BAD]![slot]![age]! += of.bad;
    this.#ended[GOOD]![slot]![age]! += of.good;
  }

  /** Orders that will have no outcome: as if they had never been shipped. */
  withdraw(cohortDay: number, orders: number): void {
    this.#orders[cohortDay % this.#ages]! -= orders;
  }

  setLaws(laws: DelayLaws | undefined): void {
    this.#laws = laws;
    this.#openShares =
      laws?.bad.map((_, age) => ({
        bad: computeOpenShare(laws.bad, age),
        good: computeOpenShare(laws.good, age),
      })) ?? [];
  }

  /** Looks at the young cohorts; a change stands until the new delays are learned. */
  read(day: number, youngDays: number, rate: number): DelayReading {
    if (this.#change !== undefined && this.#laws === undefined) return this.#change.reading;
    this.#change = undefined;
    const reading = readDelays(this.#listYoung(day, youngDays), this.#laws, rate);
    this.#wasSilent = reading.kind === "silent";
    if (reading.kind === "changed") this.#forget(reading, day - reading.fromAge);
    return reading;
  }

  #forget(reading: Change, fromDay: number): void {
    this.#change = { reading, fromDay };
    this.setLaws(undefined);
    this.#atRisk.fill(0);
    for (const past of this.#past) past.fill(0);
  }

  #listYoung(day: number, ageMax: number): LaneCohort[] {
    const cohorts: LaneCohort[] = [];
    for (let age = 0; age <= Math.min(ageMax, day); age++) {
      const slot = (day - age) % this.#ages;
      const orders = this.#orders[slot]!;
      if (orders === 0) continue;
      const [known, today] = [this.#known[slot]!, this.#today[slot]!];
      const ended = this.#ended.map((outcome) => outcome[slot]!);
      const areAged = ended.reduce((all, ages) => all + sum(ages), 0) === known;
      cohorts.push({ age, orders, known, today, ended: areAged ? ended : undefined });
    }
    return cohorts;
  }

  /**
   * The cohort is over and forgotten. It teaches if enough of it is known, with the ages of all,
   * and if it moved at today's pace.
   */
  close(cohortDay: number, keep: number, knownShareMin: number): void {
    const slot = cohortDay % this.#ages;
    const [bad, good] = [this.#ended[BAD]![slot]!, this.#ended[GOOD]![slot]!];
    const orders = this.#orders[slot]!;
    const known = this.#known[slot]!;
    const teaches =
      known > 0 &&
      known >= knownShareMin * orders &&
      known === sum(bad) + sum(good) &&
      (this.#change === undefined || cohortDay >= this.#change.fromDay);
    let atRisk = orders;
    for (let age = 0; age < this.#ages; age++) {
      this.#atRisk[age] = this.#atRisk[age]! * keep + (teaches ? atRisk : 0);
      this.#past[BAD][age] = this.#past[BAD][age]! * keep + (teaches ? bad[age]! : 0);
      this.#past[GOOD][age] = this.#past[GOOD][age]! * keep + (teaches ? good[age]! : 0);
      atRisk -= bad[age]! + good[age]!;
    }
    bad.fill(0);
    good.fill(0);
    this.#orders[slot] = this.#known[slot] = 0;
  }

  /** What the cohorts that are over taught. */
  listRows(): AgeRow[] {
    return Array.from(this.#atRisk, (atRisk, age) => ({
      atRisk,
      ended: [this.#past[BAD][age]!, this.#past[GOOD][age]!],
    }));
  }
}

function sum(counts: Float64Array): number {
  let all = 0;
  for (const count of counts) all += count;
  return all;
}
