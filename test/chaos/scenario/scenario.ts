/** What every scenario is: a name, a sentence, and a run that ends in a report. */
import type { Report } from "../report.ts";

export type RunSettings = {
  readonly seed: number;
  readonly rounds: number | undefined;
  readonly cases: number | undefined;
  readonly signals: number | undefined;
  readonly minutes: number | undefined;
  /** Seconds between two kills of a worker. */
  readonly every: number | undefined;
  /** Told how far it is, a few times a minute. */
  say(line: string): void;
};

export type Scenario = {
  readonly name: string;
  readonly words: string;
  run(settings: RunSettings): Promise<Report>;
};
