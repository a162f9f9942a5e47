/** One part of the bench: what it is called, and how it is run. Sections know nothing of each other. */
export type Section = {
  readonly name: string;
  /** One line for `--help`. */
  readonly words: string;
  /** Left out of a run that names no section: long, or in need of more than is installed. */
  readonly isOnDemand?: boolean;
  run(context: BenchContext): Promise<SectionReport>;
};

export type BenchContext = {
  /** Seeds of the generators, as given; each section says in its report which it used. */
  readonly seeds: ReadonlyArray<number> | undefined;
  /** Short: shows that it works; its figures are not to be quoted. */
  readonly quick: boolean;
  /** Empty, made for this run and removed afterwards. */
  readonly directory: string;
  report(label: string): (done: number, total: number) => void;
};

export type SectionReport = {
  /** For programs. */
  readonly json: object;
  /** For people: tables, and what they do not say. */
  readonly text: string;
};
