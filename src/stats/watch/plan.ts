/**
 * How long a file is watched before it is judged: short files must be useful, long ones can wait.
 *
 * A third of the file, between two weeks and the 45 days of a running loop; the lag, after which a day
 * enters the baseline, is two thirds of that. What a subject lacks of its own it borrows from its parent.
 */
export type WatchPlan = {
  readonly days: number;
  readonly firstDay: number;
  readonly lastDay: number;
  readonly lagDays: number;
  readonly warmupDays: number;
};

const WARM_UP_SHARE = 0.35;
const WARM_UP_DAYS = [14, 45] as const;
const LAG_DAYS = [7, 21] as const;

export function planWatch(days: ReadonlyArray<number>): WatchPlan {
  const firstDay = days[0] ?? 0;
  const lastDay = days.at(-1) ?? -1;
  const length = lastDay - firstDay + 1;
  const warmupDays = within(Math.round(length * WARM_UP_SHARE), WARM_UP_DAYS);
  return {
    days: length,
    firstDay,
    lastDay,
    lagDays: Math.min(within(Math.round((warmupDays * 2) / 3), LAG_DAYS), warmupDays - 7),
    warmupDays,
  };
}

function within(value: number, [low, high]: readonly [number, number]): number {
  return Math.min(Math.max(value, low), high);
}
