/** What watching a file gives, for rates and for levels alike. */
import { type Day, dayFromNumber } from "../../std/time.ts";
import type { WatchPlan } from "./plan.ts";

export type Direction = "up" | "down";

export type WatchFinding = {
  readonly subject: string;
  readonly direction: Direction;
  /** The day from which it was different, as estimated on the day it was raised. */
  readonly changedOn: Day;
  readonly raisedOn: Day;
  /** What was to be expected since the change: a rate of 0..1, or a level a day. */
  readonly baseline: number;
  /** The lasting rate or level, shrunk towards the baseline because findings look their worst. */
  readonly rate: number;
  /** Of `rate`; holds 95%. */
  readonly interval: readonly [number, number];
  /** 0..1: probability that it is a lasting change. */
  readonly confidence: number;
  /** log10 of the evidence against no change, and what it took on that day. */
  readonly evidence: { readonly log10: number; readonly needed: number };
  /** What was counted since the change. */
  readonly observed: Readonly<Record<string, number>>;
  readonly reason: string;
  /** The day on which it was over again, if it was; `back` to before, or `absorbed` as the new usual. */
  readonly ended?: { readonly on: Day; readonly how: "back" | "absorbed" };
};

export type WatchReport = {
  readonly kind: "rates" | "counts" | "amounts" | "numbers";
  readonly from: Day;
  readonly until: Day;
  readonly days: number;
  readonly subjects: number;
  readonly warmUp: { readonly days: number; readonly judgedFrom: Day; readonly words: string };
  readonly findings: ReadonlyArray<WatchFinding>;
  readonly notEvaluated: ReadonlyArray<{ readonly subject: string; readonly reason: string }>;
  readonly nearMisses: ReadonlyArray<{
    readonly subject: string;
    readonly direction: Direction;
    readonly on: Day;
    readonly reason: string;
  }>;
};

export function describePlan(
  plan: WatchPlan,
  subjects: number,
): Omit<WatchReport, "kind" | "findings" | "notEvaluated" | "nearMisses"> {
  const judgedFrom = dayFromNumber(plan.firstDay + plan.warmupDays);
  return {
    from: dayFromNumber(plan.firstDay),
    until: dayFromNumber(plan.lastDay),
    days: plan.days,
    subjects,
    warmUp: {
      days: plan.warmupDays,
      judgedFrom,
      words:
        plan.days <= plan.warmupDays
          ? `${plan.days} days are too few to judge by: the first ${plan.warmupDays} are for learning`
          : `of ${plan.days} days the first ${plan.warmupDays} are for learning; a day counts as usual ` +
            `${plan.lagDays} days later; what a subject lacks it borrows from what is above it`,
    },
  };
}

/** The strongest near miss of each subject and direction that was never found. */
export class NearMisses {
  readonly #best = new Map<
    string,
    WatchReport["nearMisses"][number] & { readonly share: number }
  >();

  add(subject: string, direction: Direction, day: number, evidence: number, bar: number): void {
    const key = `${direction} ${subject}`;
    const share = Math.log(evidence) / Math.log(bar);
    if ((this.#best.get(key)?.share ?? 0) >= share) return;
    const [has, needs] = [evidence, bar].map((value) => Math.log10(value).toFixed(1));
    const reason = `evidence of 10^${has} was short of the 10^${needs} that it took that day`;
    this.#best.set(key, { subject, direction, on: dayFromNumber(day), reason, share });
  }

  list(findings: ReadonlyArray<WatchFinding>): WatchReport["nearMisses"] {
    const found = new Set(findings.map(({ subject, direction }) => `${direction} ${subject}`));
    return [...this.#best]
      .filter(([key]) => !found.has(key))
      .map(([, { share: _, ...miss }]) => miss)
      .sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : a.subject < b.subject ? -1 : 1));
  }
}

export function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale + 0;
}
