/** All lanes: what they learn from each other, and how each moves today. */
import type { DelayReading } from "./delays.ts";
import type { AgeRow } from "./incidence.ts";
import { Lane } from "./lane.ts";
import { BAD, computeEnds, GOOD, learnLaneLaws, learnLaneWeight, learnWholeLaws } from "./laws.ts";

export class Lanes {
  readonly #horizonDays: number;
  readonly #lanes = new Map<string, Lane>();

  constructor(horizonDays: number) {
    this.#horizonDays = horizonDays;
  }

  find(id: string): Lane | undefined {
    return this.#lanes.get(id);
  }

  ensure(id: string): Lane {
    let lane = this.#lanes.get(id);
    if (lane === undefined) this.#lanes.set(id, (lane = new Lane(id, this.#horizonDays)));
    return lane;
  }

  /** The cohorts of that day are over; `keep` is what remains of older ones. */
  close(cohortDay: number, keep: number, knownShareMin: number): void {
    for (const lane of this.#lanes.values()) lane.close(cohortDay, keep, knownShareMin);
  }

  /** `isGap`: the day before was never folded. */
  beginDay(isGap: boolean): void {
    for (const lane of this.#lanes.values()) lane.beginDay(isGap);
    this.#learn();
  }

  /** How each lane moves, by what is known at the end of `day`. */
  read(day: number, youngDays: number, rate: number): Map<string, DelayReading> {
    const readings = new Map<string, DelayReading>();
    for (const lane of this.#lanes.values()) {
      readings.set(lane.id, lane.read(day, youngDays, rate));
    }
    return readings;
  }

  #learn(): void {
    const lanes = [...this.#lanes.values()];
    const tables = lanes.map((lane) => lane.listRows());
    const whole = learnWholeLaws(computeEnds(addRows(tables)));
    if (whole === undefined) return;
    const ends = tables.map((rows) => computeEnds(rows));
    const weight = learnLaneWeight(ends, whole);
    for (const [at, lane] of lanes.entries()) {
      // The whole knows nothing of a pace that is new.
      if (lane.isRelearning && learnWholeLaws(ends[at]!) === undefined) continue;
      lane.setLaws(learnLaneLaws(ends[at]!, whole, weight));
    }
  }
}

/** The rows of several lanes as those of one. */
function addRows(tables: ReadonlyArray<ReadonlyArray<AgeRow>>): AgeRow[] {
  const [first] = tables;
  if (first === undefined) return [];
  return first.map((_, age) => ({
    atRisk: tables.reduce((all, rows) => all + rows[age]!.atRisk, 0),
    ended: [BAD, GOOD].map((j) => tables.reduce((all, rows) => all + rows[age]!.ended[j]!, 0)),
  }));
}
