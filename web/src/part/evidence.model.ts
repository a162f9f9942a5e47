/** What the evidence chart draws, from the case and its daily counts. */
import type { Case } from "../../../src/core/case/types.ts";
import type { CaseEvidence } from "../../../src/operation/show-evidence.ts";
import { dayToText, pointsToText, shareToText } from "../words.ts";

export type RateDay = { readonly day: string; readonly rate: number };

export type EvidenceModel = {
  /** `n` is how many were tried that day. */
  readonly days: ReadonlyArray<RateDay & { readonly n: number }>;
  /** Events over trials of the seven days that end here. */
  readonly smooth: ReadonlyArray<RateDay>;
  readonly baseline?: { readonly low: number; readonly rate: number; readonly high: number };
  readonly change?: { readonly low: number; readonly size: number; readonly high: number };
  readonly marks: ReadonlyArray<{ readonly day: string; readonly words: string }>;
};

const SMOOTH_DAYS = 7;

export function toEvidence(
  of: Case,
  { days, changedOn, saidOn, actedOn }: CaseEvidence,
): EvidenceModel {
  const { payload } = of.signal;
  const baseline = readThree(payload["baseline"], "rate");
  const change = readThree(payload["change"], "size");
  const marks = [
    ...(changedOn === null ? [] : [{ day: changedOn, words: "changed" }]),
    ...(actedOn === saidOn
      ? [{ day: saidOn, words: "signal and action" }]
      : [
          { day: saidOn, words: "signal" },
          ...(actedOn === null ? [] : [{ day: actedOn, words: "acted" }]),
        ]),
  ];
  return {
    days: days.filter(({ n }) => n > 0).map(({ day, n, k }) => ({ day, n, rate: k / n })),
    smooth: days.slice(SMOOTH_DAYS - 1).flatMap(({ day }, index) => {
      const some = days.slice(index, index + SMOOTH_DAYS);
      const n = some.reduce((sum, one) => sum + one.n, 0);
      const k = some.reduce((sum, one) => sum + one.k, 0);
      return n === 0 ? [] : [{ day, rate: k / n }];
    }),
    ...(baseline === undefined
      ? {}
      : { baseline: { low: baseline.low, rate: baseline.at, high: baseline.high } }),
    ...(change === undefined
      ? {}
      : { change: { low: change.low, size: change.at, high: change.high } }),
    marks,
  };
}

/** Any contract may say a number with its interval; one that does not draws no band. */
function readThree(
  value: unknown,
  name: string,
): { readonly low: number; readonly at: number; readonly high: number } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { low, high, [name]: at } = value as { readonly [key: string]: unknown };
  return typeof low === "number" && typeof high === "number" && typeof at === "number"
    ? { low, at, high }
    : undefined;
}

/** The picture in a sentence. */
export function tellEvidence({ baseline, change, marks }: EvidenceModel): string {
  const usual =
    baseline === undefined
      ? "Rate by day."
      : `Usually ${shareToText(baseline.rate)} (${shareToText(baseline.low)} to ${shareToText(baseline.high)}).`;
  const rose =
    change === undefined
      ? ""
      : ` Lasting change of ${pointsToText(change.size)} points ` +
        `(${pointsToText(change.low)} to ${pointsToText(change.high)}).`;
  const dates = marks.map(({ day, words }) => `${words} on ${dayToText(day)}`).join(", ");
  return `${usual}${rose} ${dates.slice(0, 1).toUpperCase()}${dates.slice(1)}.`;
}
