/**
 * The evidence of a case in one picture: a bar for each day, as high as the day's rate, the days since the
 * change in another colour, and a line at what was usual before it.
 *
 * This is the picture as numbers and as words; what draws it (an image, a row of characters) is elsewhere.
 * `usual` and `since` are plain shares of the days shown, for the eye; the signal's own figures are what is
 * argued with.
 */
import type { Day } from "../../std/time.ts";

/** Trials and events of one day; days without data are absent. */
export type EvidenceDay = { readonly day: Day; readonly n: number; readonly k: number };

export type EvidencePicture = {
  /** Share of each day, 0..1, in order. */
  readonly bars: ReadonlyArray<{
    readonly day: Day;
    readonly rate: number;
    readonly isSince: boolean;
  }>;
  /** Share of all trials before the change, where there are any. */
  readonly usual?: number;
  /** The top of the scale. */
  readonly top: number;
  /** For who cannot see it. */
  readonly words: string;
  /** In characters, for channels without images. */
  readonly line: string;
};

const BLOCKS = "▁▂▃▄▅▆▇█";
/** Characters of the line; more days are put together. */
const LINE_CHARS_MAX = 40;

/** Undefined where no day was counted. */
export function composeEvidence(
  metric: string,
  counted: ReadonlyArray<EvidenceDay>,
  changedOn: Day | null,
): EvidencePicture | undefined {
  const days = counted.filter(({ n }) => n > 0);
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const isSince = ({ day }: EvidenceDay): boolean => changedOn !== null && day >= changedOn;
  const usual = shareOf(days.filter((day) => !isSince(day)));
  const since = shareOf(days.filter(isSince));
  const bars = days.map((one) => ({
    day: one.day,
    rate: one.k / one.n,
    isSince: isSince(one),
  }));
  const top = Math.max(0.01, ...bars.map(({ rate }) => rate));
  const told = [
    usual === undefined ? "" : `${percent(usual)} before`,
    since === undefined ? "" : `${percent(since)} since ${changedOn ?? ""}`,
  ].filter((words) => words !== "");
  return {
    bars,
    ...(usual === undefined ? {} : { usual }),
    top,
    words: `${metric} by day from ${first.day} to ${last.day}: ${told.join(", ")}`,
    line: toLine(days, top),
  };
}

function shareOf(days: ReadonlyArray<EvidenceDay>): number | undefined {
  const n = days.reduce((sum, day) => sum + day.n, 0);
  return n === 0 ? undefined : days.reduce((sum, day) => sum + day.k, 0) / n;
}

function toLine(days: ReadonlyArray<EvidenceDay>, top: number): string {
  const width = Math.ceil(days.length / LINE_CHARS_MAX);
  const characters: string[] = [];
  for (let at = 0; at < days.length; at += width) {
    const share = shareOf(days.slice(at, at + width)) ?? 0;
    const height = Math.round((share / top) * (BLOCKS.length - 1));
    characters.push(BLOCKS[height] ?? "");
  }
  return characters.join("");
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10}%`;
}
