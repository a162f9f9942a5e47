/**
 * Grades what was signalled against what was true.
 *
 * A signal is right when a break stood on its subject or on a place around it, or when the breaks
 * within it raise its whole rate by at least `MATERIAL_RISE`: a state is not broken because one of its
 * small pincodes is. "Stood" means that it had begun by the day of the signal and had not ended before
 * the change the signal names. A break is found once, by the first signal that fits it; within a coarser
 * signal only breaks that are material there by themselves are found.
 *
 * More cash orders at unchanged rates (`mix`) lift the rate of the whole and are no break: a signal of it
 * is false. A signal that fits no break is false. If a spike lay between the change it names and its sending, big
 * enough to show in its subject, that spike is held to have triggered it.
 */
import type { Subject } from "../../src/core/port/types.ts";
import { addDays, type Day, dayToNumber } from "../../src/std/time.ts";
import type { Break, Spike, Truth } from "./truth.ts";

const MATERIAL_RISE = 0.01;
/** Where a signal does not name the day of its change, it is taken to be so long before. */
const WINDOW_DAYS = 10;

export type SentSignal = {
  readonly subject: string;
  readonly sentDay: Day;
  /** The day on which the rate changed, as the signal says. */
  readonly onDay?: Day;
};

export type DetectionGrade = {
  readonly trueBreaks: number;
  readonly detected: number;
  readonly falseSignals: number;
  readonly spikes: number;
  readonly spikesSignalled: number;
  readonly medianDelayDays: number | null;
  /** Breaks by the orders a day of their subject: most of them are too small ever to be seen. */
  readonly byVolume: ReadonlyArray<VolumeGrade>;
};

export type VolumeGrade = {
  readonly ordersPerDay: string;
  readonly trueBreaks: number;
  readonly detected: number;
  readonly medianDelayDays: number | null;
};

const VOLUMES: ReadonlyArray<readonly [string, number, number]> = [
  ["20 or more", 20, Infinity],
  ["3 to 20", 3, 20],
  ["under 3", 0, 3],
];

export function gradeDetection(
  signals: ReadonlyArray<SentSignal>,
  truth: Truth,
  subjects: ReadonlyArray<Subject>,
  liveFrom: Day,
): DetectionGrade {
  const isWithin = createIsWithin(subjects);
  const sharesOf = (event: Break | Spike, subject: string): number => {
    if (isWithin(subject, event.subject)) return 1;
    if (!isWithin(event.subject, subject)) return 0;
    return event.ordersPerDay / (truth.ordersPerDay.get(subject) ?? Infinity);
  };
  const breaks = truth.breaks.filter(({ cause }) => cause !== "mix");
  const foundOn = new Map<Break, Day>();
  const triggering = new Set<Spike>();
  let falseSignals = 0;
  const inTime = [...signals].sort((a, b) =>
    a.sentDay === b.sentDay ? 0 : a.sentDay < b.sentDay ? -1 : 1,
  );
  for (const { subject, sentDay, onDay } of inTime) {
    const since = onDay ?? addDays(sentDay, -WINDOW_DAYS);
    const overlaps = (from: Day, until: Day | null) =>
      from <= sentDay && (until === null || until > since);
    const rises = breaks
      .filter(({ startDay, untilDay }) => overlaps(startDay, untilDay))
      .map((of) => ({ of, rise: of.size * sharesOf(of, subject) }));
    if (rises.reduce((sum, { rise }) => sum + rise, 0) >= MATERIAL_RISE) {
      for (const { of, rise } of rises) {
        if (rise >= MATERIAL_RISE && !foundOn.has(of)) foundOn.set(of, sentDay);
      }
      continue;
    }
    falseSignals += 1;
    for (const spike of truth.spikes) {
      if (!overlaps(spike.startDay, spike.untilDay)) continue;
      if (spike.size * sharesOf(spike, subject) >= MATERIAL_RISE) triggering.add(spike);
    }
  }
  const summarise = (some: ReadonlyArray<Break>) => {
    const delays = some.flatMap((of) => {
      const day = foundOn.get(of);
      return day === undefined ? [] : [dayToNumber(day) - dayToNumber(of.startDay)];
    });
    return { trueBreaks: some.length, detected: delays.length, medianDelayDays: median(delays) };
  };
  return {
    ...summarise(breaks),
    falseSignals,
    spikes: truth.spikes.filter(({ untilDay }) => untilDay > liveFrom).length,
    spikesSignalled: triggering.size,
    byVolume: VOLUMES.map(([ordersPerDay, from, until]) => ({
      ordersPerDay,
      ...summarise(breaks.filter((of) => of.ordersPerDay >= from && of.ordersPerDay < until)),
    })),
  };
}

function createIsWithin(
  subjects: ReadonlyArray<Subject>,
): (inner: string, outer: string) => boolean {
  const parents = new Map(subjects.map(({ id, parent }) => [id, parent]));
  return (inner, outer) => {
    let at: string | null = inner;
    while (at !== null) {
      if (at === outer) return true;
      at = parents.get(at) ?? null;
    }
    return false;
  };
}

function median(values: ReadonlyArray<number>): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? null : (lower + upper) / 2;
}
