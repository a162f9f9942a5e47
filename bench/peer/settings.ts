/** How much of everything a run of the comparison does, and how long it waits at most. */
export type PeerSettings = {
  readonly rounds: number;
  /** Share of the roster's signals. */
  readonly share: number;
  readonly warmUp: number;
  readonly httpAtOnce: number;
  readonly steady: {
    readonly perSecond: number;
    readonly warmUp: number;
    readonly signals: number;
  };
  readonly settleMs: number;
  readonly crash: {
    readonly atOnce: number;
    /** No news for so long after a crash means that none will come. */
    readonly quietMs: number;
    readonly longestMs: number;
  };
};

export const FULL: PeerSettings = {
  rounds: 3,
  share: 1,
  warmUp: 200,
  httpAtOnce: 128,
  steady: { perSecond: 20, warmUp: 60, signals: 240 },
  settleMs: 90_000,
  crash: { atOnce: 64, quietMs: 75_000, longestMs: 120_000 },
};

export const QUICK: PeerSettings = {
  ...FULL,
  rounds: 1,
  share: 0.25,
  warmUp: 100,
  steady: { perSecond: 20, warmUp: 20, signals: 60 },
  crash: { atOnce: 64, quietMs: 45_000, longestMs: 90_000 },
};
