/** How much of everything a run does. `quick` shows that the bench works; its figures are rough. */
export type BenchSettings = {
  readonly rounds: number;
  readonly fold: { readonly subjects: number; readonly days: number };
  readonly memory: { readonly subjects: ReadonlyArray<number>; readonly days: number };
  readonly storeDays: number;
  /** Signals per round: through the engine, and through the naive loop (which is told one by one). */
  readonly action: {
    readonly warmUp: number;
    readonly signals: number;
    readonly naiveSignals: number;
    readonly sandboxSignals: number;
  };
  readonly steady: { readonly perSecond: number; readonly signals: number };
  /** Charters of each shape; shapes are so many rules of six dimensions, and sixty of so many. */
  readonly gaps: {
    readonly rules: ReadonlyArray<number>;
    readonly dimensions: ReadonlyArray<number>;
    readonly charters: number;
  };
  readonly proof: { readonly entries: number; readonly signals: number };
};

export const DEFAULT_SETTINGS: BenchSettings = {
  rounds: 3,
  fold: { subjects: 10_000, days: 40 },
  memory: { subjects: [5_000, 15_000], days: 35 },
  storeDays: 2,
  action: { warmUp: 60, signals: 300, naiveSignals: 200, sandboxSignals: 120 },
  steady: { perSecond: 20, signals: 80 },
  gaps: { rules: [10, 30, 60, 120], dimensions: [2, 4, 6, 8], charters: 10 },
  proof: { entries: 20_000, signals: 20_000 },
};

export const QUICK_SETTINGS: BenchSettings = {
  rounds: 1,
  fold: { subjects: 2_000, days: 35 },
  memory: { subjects: [2_000, 6_000], days: 32 },
  storeDays: 2,
  action: { warmUp: 50, signals: 200, naiveSignals: 100, sandboxSignals: 50 },
  steady: { perSecond: 20, signals: 40 },
  gaps: { rules: [10, 60], dimensions: [2, 6, 8], charters: 3 },
  proof: { entries: 5_000, signals: 2_000 },
};
