/** Stretches of the week as windows that a charter can say, and what is left of the week beside them. */
import { MINUTES_A_DAY, MINUTES_A_WEEK } from "../condition.ts";
import { type Range, WEEKDAYS, type WeekWindow } from "../types.ts";

/** Minutes of the week as windows, days of the same hours together. */
export function windowsOf(stretches: ReadonlyArray<Range>): ReadonlyArray<WeekWindow> {
  const daysByHours = new Map<string, WeekWindow["days"]>();
  for (const [day, weekday] of WEEKDAYS.entries()) {
    const midnight = day * MINUTES_A_DAY;
    for (const { atLeast = 0, below = MINUTES_A_WEEK } of stretches) {
      const from = Math.max(atLeast - midnight, 0);
      const until = Math.min(below - midnight, MINUTES_A_DAY);
      if (from >= until) continue;
      const hours = `${minuteToText(from)}-${minuteToText(until)}`;
      daysByHours.set(hours, [...(daysByHours.get(hours) ?? []), weekday]);
    }
  }
  return [...daysByHours].map(([hours, days]) => ({
    days,
    from: hours.slice(0, 5),
    until: hours.slice(6),
  }));
}

export function minuteToText(minuteOfDay: number): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${two(Math.floor(minuteOfDay / 60))}:${two(minuteOfDay % 60)}`;
}

/** What of the week is in none of the stretches. */
export function otherMinutes(stretches: ReadonlyArray<Range>): ReadonlyArray<Range> {
  const others: Range[] = [];
  let from = 0;
  for (const { atLeast = 0, below = MINUTES_A_WEEK } of stretches) {
    if (atLeast > from) others.push({ atLeast: from, below: atLeast });
    from = below;
  }
  if (from < MINUTES_A_WEEK) others.push({ atLeast: from, below: MINUTES_A_WEEK });
  return others;
}

/** `mon 09:30`; undefined when it is no time of the week. */
export function parseMinuteOfWeek(text: string): number | undefined {
  const parts = /^([a-z]{3}) ([01]\d|2[0-3]):([0-5]\d)$/.exec(text.trim().toLowerCase());
  const day = (WEEKDAYS as ReadonlyArray<string>).indexOf(parts?.[1] ?? "");
  if (parts === null || day === -1) return undefined;
  return day * MINUTES_A_DAY + Number(parts[2]) * 60 + Number(parts[3]);
}
