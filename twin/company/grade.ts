/**
 * Grades what was signalled against what was true.
 *
 * A signal finds a break when the break had begun by the day of the signal and stands on the same
 * subject, on one around it, or on one within it. One break is found once, by the first signal that
 * fits. A signal that fits no break is false; when it was sent within `SPIKE_WINDOW_DAYS` of a spike on
 * its subject, that spike is held to have triggered it.
 */
import type { Subject } from "../../src/core/port/types.ts";
import { addDays, type Day, dayToNumber } from "../../src/std/time.ts";
import type { Break, Truth } from "./truth.ts";

const SPIKE_WINDOW_DAYS = 10;

export type SentSignal = { readonly subject: string; readonly sentDay: Day };

export type DetectionGrade = {
  readonly trueBreaks: number;
  readonly detected: number;
  readonly falseSignals: number;
  readonly spikes: number;
  readonly spikesSignalled: number;
  readonly medianDelayDays: number | null;
  /** Breaks by the orders a day of their subject: most of them are too small ever to be seen. */
  readonly byVolume: ReadonlyArray<{
    readonly ordersPerDay: string;
    readonly trueBreaks: number;
    readonly detected: number;
    readonly medianDelayDays: number | null;
  }>;
};

export function gradeDetection(
  signals: ReadonlyArray<SentSignal>,
  truth: Truth,
  subjects: ReadonlyArray<Subject>,
  liveFrom: Day,
): DetectionGrade {
  const parents = new Map(subjects.map(({ id, parent }) => [id, parent]));
  const isWithin = (inner: string, outer: string): boolean => {
    for (let at: string | null | undefined = inner; at != null; at = parents.get(at)) {
      if (at === outer) return true;
    }
    return false;
  };
  const inTime = [...signals].sort((a, b) => (a.sentDay < b.sentDay ? -1 : 1));
  const foundOn = new Map<Break, Day>();
  const usedSpikes = new Set<unknown>();
  let falseSignals = 0;
  for (const { subject, sentDay } of inTime) {
    const fitting = truth.breaks.filter(
      (of) =>
        of.startDay <= sentDay && (isWithin(subject, of.subject) || isWithin(of.subject, subject)),
    );
    for (const of of fitting) if (!foundOn.has(of)) foundOn.set(of, sentDay);
    if (fitting.length > 0) continue;
    falseSignals += 1;
    for (const spike of truth.spikes) {
      const until = addDays(spike.startDay, spike.days + SPIKE_WINDOW_DAYS);
      const isNear = spike.startDay <= sentDay && sentDay < until;
      if (isNear && isWithin(spike.subject, subject)) usedSpikes.add(spike);
    }
  }
  const summarise = (breaks: ReadonlyArray<Break>) => {
    const delays = breaks.flatMap((of) => {
      const day = foundOn.get(of);
      return day === undefined ? [] : [dayToNumber(day) - dayToNumber(of.startDay)];
    });
    return { trueBreaks: breaks.length, detected: delays.length, medianDelayDays: median(delays) };
  };
  const bands: ReadonlyArray<readonly [string, number, number]> = [
    ["20 or more", 20, Infinity],
    ["3 to 20", 3, 20],
    ["under 3", 0, 3],
  ];
  return {
    ...summarise(truth.breaks),
    falseSignals,
    spikes: truth.spikes.filter((spike) => spike.startDay >= liveFrom).length,
    spikesSignalled: usedSpikes.size,
    byVolume: bands.map(([ordersPerDay, from, until]) => ({
      ordersPerDay,
      ...summarise(truth.breaks.filter((of) => of.ordersPerDay >= from && of.ordersPerDay < until)),
    })),
  };
}

function median(values: ReadonlyArray<number>): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
