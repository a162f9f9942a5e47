/**
 * What a list of signals was worth, against the truth of a world.
 *
 * A signal is true when breaks that stood on the day it was raised lift its unit by at least a point,
 * weighted by orders: a district is not broken because one of its small pincodes is. A break is found on
 * the first day on which signals on it, above it or below it cover half of its orders. Harm is the
 * failures beyond the usual in the `HARM_DAYS` days after the break; saved is what falls after the signal.
 */
import { forUnitAndAbove, HARM_DAYS, type World, type WorldBreak } from "./world.ts";

export type Alarm = { readonly unit: number; readonly day: number };

const MATERIAL_RISE = 0.01;
/** Orders in a spike from which it could be taken for more, and days in which a signal is blamed on it. */
const SPIKE_ORDERS_MIN = 15;
const SPIKE_BLAME_DAYS = 10;

export const VOLUME_CLASSES = [
  { name: "20 or more", from: 20, until: Infinity },
  { name: "3 to 20", from: 3, until: 20 },
  { name: "0.5 to 3", from: 0.5, until: 3 },
] as const;

export type BreakGrade = {
  readonly of: WorldBreak;
  readonly level: "pincode" | "district" | "state" | "nation";
  readonly ordersPerDay: number;
  /** Whether any signal spoke of it. */
  readonly spokenOf: boolean;
  /** Days from the break to the day it was found; undefined when it never was. */
  readonly delayDays: number | undefined;
  /** Orders of the unit from the break to the signal, or to the end of the harm counted. */
  readonly ordersExposed: number;
};

export type Grade = {
  readonly signals: number;
  readonly falseSignals: number;
  readonly geoMonths: number;
  /** False signals and pincode-months by volume class of the signal's unit, at pincode level. */
  readonly falseByClass: ReadonlyArray<number>;
  readonly monthsByClass: ReadonlyArray<number>;
  readonly excess: number;
  readonly saved: number;
  readonly spikes: number;
  readonly spikesSignalled: number;
  readonly breaks: ReadonlyArray<BreakGrade>;
};

export function gradeAlarms(world: World, alarms: ReadonlyArray<Alarm>): Grade {
  const { breaks, settings, leaves, volume } = world;
  const truth = new Truth(world);
  const inTime = [...alarms].sort((a, b) => a.day - b.day);
  const falseAlarms = inTime.filter((alarm) => truth.riseAt(alarm) < MATERIAL_RISE);
  const firstAlarm = new Map<number, number>();
  const falseSet = new Set(falseAlarms);
  for (const alarm of inTime) {
    if (falseSet.has(alarm)) continue;
    for (const leaf of truth.leavesOf(alarm.unit)) {
      const broken = truth.breakOf(leaf);
      if (broken === undefined || alarm.day < broken.startDay) continue;
      // A signal on a whole state has not found the small pincode that rose in it.
      const share = volume[broken.unit]! / volume[alarm.unit]!;
      if (broken.size * Math.min(1, share) < MATERIAL_RISE) continue;
      if (!firstAlarm.has(leaf)) firstAlarm.set(leaf, alarm.day);
    }
  }
  let [excess, saved] = [0, 0];
  for (const of of breaks) {
    for (const leaf of truth.leavesOf(of.unit)) {
      const alarmDay = firstAlarm.get(leaf) ?? Infinity;
      for (let day = of.startDay; day < of.startDay + HARM_DAYS; day++) {
        const harm = truth.ordersOn(leaf, day) * of.size;
        excess += harm;
        if (day > alarmDay) saved += harm;
      }
    }
  }
  const classOf = (unit: number) =>
    VOLUME_CLASSES.findIndex(({ from, until }) => volume[unit]! >= from && volume[unit]! < until);
  const falseByClass = VOLUME_CLASSES.map(() => 0);
  const monthsByClass = VOLUME_CLASSES.map(() => 0);
  const months = settings.days / 30;
  for (let leaf = 0; leaf < leaves; leaf++) {
    const at = classOf(leaf);
    if (at >= 0) monthsByClass[at]! += months;
  }
  for (const { unit } of falseAlarms) {
    const at = classOf(unit);
    if (unit < leaves && at >= 0) falseByClass[at]! += 1;
  }
  return {
    signals: inTime.length,
    falseSignals: falseAlarms.length,
    geoMonths: leaves * months,
    falseByClass,
    monthsByClass,
    excess,
    saved,
    ...gradeSpikes(world, truth, falseAlarms),
    breaks: breaks.map((of) => gradeBreak(world, truth, of, firstAlarm)),
  };
}

function gradeBreak(
  { volume, subjects }: World,
  truth: Truth,
  of: WorldBreak,
  firstAlarm: ReadonlyMap<number, number>,
): BreakGrade {
  const leaves = truth.leavesOf(of.unit);
  const days = leaves
    .map((leaf) => ({ leaf, day: firstAlarm.get(leaf) ?? Infinity }))
    .sort((a, b) => a.day - b.day);
  let covered = 0;
  let foundOn = Infinity;
  for (const { leaf, day } of days) {
    covered += volume[leaf]!;
    if (covered < volume[of.unit]! / 2) continue;
    foundOn = day;
    break;
  }
  let ordersExposed = 0;
  const until = Math.min(foundOn, of.startDay + HARM_DAYS - 1);
  for (let day = of.startDay; day <= until; day++) {
    for (const leaf of leaves) ordersExposed += truth.ordersOn(leaf, day);
  }
  return {
    of,
    level: subjects[of.unit]!.level,
    ordersPerDay: volume[of.unit]!,
    spokenOf: days.some(({ day }) => Number.isFinite(day)),
    delayDays: Number.isFinite(foundOn) ? foundOn - of.startDay : undefined,
    ordersExposed,
  };
}

function gradeSpikes(world: World, truth: Truth, falseAlarms: ReadonlyArray<Alarm>) {
  const blamed = new Map<number, Alarm[]>();
  for (const alarm of falseAlarms) {
    forUnitAndAbove(world.parent, alarm.unit, (unit) => {
      const list = blamed.get(unit);
      if (list === undefined) blamed.set(unit, [alarm]);
      else list.push(alarm);
    });
  }
  let [spikes, spikesSignalled] = [0, 0];
  for (const { unit, startDay, days } of world.spikes) {
    if (startDay < world.settings.historyDays) continue;
    let orders = 0;
    for (let day = startDay; day < Math.min(startDay + days, world.allDays); day++) {
      for (const leaf of truth.leavesOf(unit)) orders += truth.ordersOn(leaf, day);
    }
    if (orders < SPIKE_ORDERS_MIN) continue;
    spikes += 1;
    // A signal on the spike's unit, or on a pincode of a district that spiked.
    const raised = (blamed.get(unit) ?? []).some(
      ({ day }) => day >= startDay && day < startDay + days + SPIKE_BLAME_DAYS,
    );
    if (raised) spikesSignalled += 1;
  }
  return { spikes, spikesSignalled };
}

/** Looks the truth up. */
export class Truth {
  readonly #world: World;
  readonly #leavesOf: number[][];
  readonly #breakOf = new Map<number, WorldBreak>();

  constructor(world: World) {
    this.#world = world;
    this.#leavesOf = Array.from({ length: world.parent.length }, () => []);
    for (let leaf = 0; leaf < world.leaves; leaf++) {
      forUnitAndAbove(world.parent, leaf, (unit) => this.#leavesOf[unit]!.push(leaf));
    }
    for (const of of world.breaks) {
      for (const leaf of this.leavesOf(of.unit)) this.#breakOf.set(leaf, of);
    }
  }

  leavesOf(unit: number): ReadonlyArray<number> {
    return this.#leavesOf[unit]!;
  }

  breakOf(leaf: number): WorldBreak | undefined {
    return this.#breakOf.get(leaf);
  }

  ordersOn(leaf: number, day: number): number {
    const at = day * this.#world.leaves + leaf;
    return this.#world.cashTrials[at]! + this.#world.prepaidTrials[at]!;
  }

  /** By how much the unit's rate is lifted on that day, by orders. */
  riseAt({ unit, day }: Alarm): number {
    const { volume } = this.#world;
    let lifted = 0;
    for (const leaf of this.leavesOf(unit)) {
      const broken = this.#breakOf.get(leaf);
      if (broken !== undefined && day >= broken.startDay) lifted += broken.size * volume[leaf]!;
    }
    return lifted / volume[unit]!;
  }
}
