/**
 * What was read of each unit on a day, so that "why did nothing happen" has an answer.
 *
 * Read and quiet is one thing, not read another: the first three say that the unit was evaluated, each
 * of the others why it could not be.
 */
import { isAlarmed } from "./alarm.ts";
import type { DayCounts } from "./day-counts.ts";
import type { Units } from "./units.ts";

export const UNIT_STATUSES = [
  "not-fired",
  "fired",
  "standing",
  "warming-up",
  "too-little-data",
  "no-data",
  "immature",
  "under-action",
] as const;
export type UnitStatus = (typeof UNIT_STATUSES)[number];
export type StatusCounts = { readonly [S in UnitStatus]: number };

/** Notes every unit's status before anything has fired. */
export function noteStatuses(
  units: Units,
  counts: DayCounts,
  known: {
    readonly monitored: ReadonlySet<number>;
    readonly immature: ReadonlySet<string>;
    isWarm(unit: number): boolean;
  },
): void {
  for (let unit = 0; unit < units.count; unit++) {
    let status: UnitStatus = isAlarmed(units, unit) ? "standing" : "not-fired";
    if (units.columns.acted[unit] === 1) status = "under-action";
    else if (known.immature.has(units.ids[unit]!)) status = "immature";
    else if (!known.isWarm(unit)) status = "warming-up";
    else if (!known.monitored.has(unit)) status = "too-little-data";
    else if (counts.trials[unit] === 0) status = "no-data";
    setStatus(units, unit, status);
  }
}

export function setStatus(units: Units, unit: number, status: UnitStatus): void {
  units.columns.status[unit] = UNIT_STATUSES.indexOf(status);
}

export function readStatus(units: Units, unit: number): UnitStatus {
  return UNIT_STATUSES[units.columns.status[unit]!]!;
}

/** Units per status; the sum is the number of units. */
export function countStatuses(units: Units): StatusCounts {
  const sums = UNIT_STATUSES.map(() => 0);
  for (let unit = 0; unit < units.count; unit++) sums[units.columns.status[unit]!]! += 1;
  return Object.fromEntries(UNIT_STATUSES.map((status, at) => [status, sums[at]!])) as StatusCounts;
}
