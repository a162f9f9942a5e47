/**
 * What waiting for answers cost, by who was waited for.
 *
 * An action that was agreed to stands for so many days and is worth so much over them; each day that it
 * came later is a day of that worth that nobody gets back. Where nobody answered at all, all of it is gone.
 * What was expected is counted, not what was measured: it is what lay on the table while it waited.
 *
 * Left out: a rejection, which costs nothing because nothing was to be had; and that two parties who are
 * asked at once wait side by side, so the costs of parties are told apart and never added up.
 */
import { assert } from "../../std/assert.ts";
import { DAY_MS } from "../../std/time.ts";

export type WaitRow = {
  readonly party: string;
  readonly waitedMs: number;
  /** Of it, when the party was at work. */
  readonly waitedOpenMs: number;
  readonly answered: boolean;
  /** Expected over `standingDays`, in minor units; null where nothing was to be had. */
  readonly valueMinor: number | null;
  readonly standingDays: number;
};

export type WaitingCost = {
  readonly party: string;
  readonly asked: number;
  readonly unanswered: number;
  readonly medianMs: number;
  readonly slowestMs: number;
  /** The median of what passed in working hours. */
  readonly medianOpenMs: number;
  readonly costMinor: number;
};

/** The dearest first. */
export function computeWaiting(rows: ReadonlyArray<WaitRow>): ReadonlyArray<WaitingCost> {
  const parties = [...new Set(rows.map(({ party }) => party))].sort();
  return parties
    .map((party) => {
      const own = rows.filter((row) => row.party === party);
      return {
        party,
        asked: own.length,
        unanswered: own.filter(({ answered }) => !answered).length,
        medianMs: medianOf(own.map(({ waitedMs }) => waitedMs)),
        slowestMs: Math.max(...own.map(({ waitedMs }) => waitedMs)),
        medianOpenMs: medianOf(own.map(({ waitedOpenMs }) => waitedOpenMs)),
        costMinor: Math.round(own.reduce((sum, row) => sum + costOf(row), 0)),
      };
    })
    .sort((a, b) => b.costMinor - a.costMinor);
}

function costOf({ waitedMs, answered, valueMinor, standingDays }: WaitRow): number {
  assert(standingDays > 0, "an action stands for some time");
  const worth = Math.max(0, valueMinor ?? 0);
  return answered ? worth * Math.min(1, waitedMs / DAY_MS / standingDays) : worth;
}

/** The lower of the middle two. */
function medianOf(values: ReadonlyArray<number>): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}
