/** What can be turned on the detector of levels. */
export type LevelSettings = {
  readonly lagDays: number;
  readonly halfLifeDays: number;
  /** Days with a value before a unit is judged. */
  readonly warmupDays: number;
  /** Standard errors of the baseline that the null is widened by. */
  readonly caution: number;
  readonly cap: number;
  readonly pairCap: number;
  readonly evidenceFloor: number;
  readonly falseSignalShare: number;
  readonly patienceDays: number;
  readonly recoveryEvidence: number;
  /** Share of the bar from which a unit that did not speak is a near miss. */
  readonly nearMissShare: number;
  readonly changePerDay: number;
};

export const LEVEL_DEFAULTS: LevelSettings = {
  lagDays: 14,
  halfLifeDays: 30,
  warmupDays: 28,
  caution: 1,
  cap: 2.2,
  pairCap: 3,
  evidenceFloor: 2_000,
  falseSignalShare: 0.1,
  patienceDays: 30,
  recoveryEvidence: 1_000,
  nearMissShare: 0.1,
  changePerDay: 0.001,
};
