/** What a day brings to the cohort detector, and what it says of the day. */
import type { DelayReading } from "./delays.ts";
import type { CohortFinding } from "./finding.ts";

export type Shipped = {
  readonly subject: string;
  /** Whatever moves at one pace; of a subject always the same. */
  readonly lane: string;
  /** Day of shipping, or of the first attempt; whole days since 1970, at most the horizon ago. */
  readonly cohortDay: number;
  readonly orders: number;
};

/** Outcomes of one cohort that have become known since yesterday. */
export type Resolved = {
  readonly subject: string;
  readonly cohortDay: number;
  readonly bad: number;
  readonly good: number;
  /** Age at which they happened; without it the age at which they were told. */
  readonly age?: number;
  /** Orders that left without an outcome, such as those cancelled under way. */
  readonly withdrawn?: number;
};

export type CohortDay = {
  /** Later than every day before it. Days left out brought nothing. */
  readonly day: number;
  readonly shipped: ReadonlyArray<Shipped>;
  readonly resolved: ReadonlyArray<Resolved>;
};

export const COHORT_STATUSES = [
  "not-fired",
  "fired",
  "standing",
  /** Evidence is there; too little of what it rests on can be known yet. */
  "too-young",
  "too-little-data",
  "delays-not-learned",
  /** The lane's delays are not as learned, see `lanes`; only cohorts that are over were judged. */
  "delays-changed",
] as const;
export type CohortStatus = (typeof COHORT_STATUSES)[number];

export type CohortReading = {
  readonly findings: ReadonlyArray<CohortFinding>;
  /** Subjects whose alarm is over. */
  readonly ended: ReadonlyArray<string>;
  readonly lanes: ReadonlyMap<string, DelayReading>;
  /** Subjects per status; their sum is the number of known subjects. */
  readonly statuses: Readonly<Record<CohortStatus, number>>;
  /** Outcomes of cohorts that are over or were never shipped, or beyond what was shipped. */
  readonly unplaced: number;
};
