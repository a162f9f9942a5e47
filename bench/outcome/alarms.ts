/**
 * The holdout drawn by lot beside before/after and ordinary difference-in-differences, on alarms of
 * the worst.
 */
import { estimateHoldoutEffect, type HoldoutRow } from "../../src/stats/outcome/holdout.ts";
import { computeStudentQuantile } from "../../src/stats/outcome/student.ts";
import { ALARM_SETTINGS, drawStudy, type Study } from "./alarm-world.ts";

/** A change of the rate within plus and minus this counts as none. */
const MARGIN = 0.01;

export type Reading = {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** At 0.05, two-sided. */
  readonly isSure: boolean;
};

export const DESIGNS: ReadonlyArray<{
  readonly name: string;
  readonly read: (study: Study) => Reading;
}> = [
  { name: "before/after", read: readBeforeAfter },
  { name: "DiD, quiet places", read: readDid },
  { name: "holdout by lot", read: readHoldout },
];

export type DesignSum = {
  studies: number;
  alarms: number;
  error: number;
  squares: number;
  covered: number;
  helped: number;
  harmed: number;
  noEffect: number;
  error90: number;
};

export type EffectSum = { readonly effect: number; readonly designs: ReadonlyArray<DesignSum> };

export function runAlarms(
  seeds: ReadonlyArray<number>,
  studies: number,
  effects: ReadonlyArray<number>,
  report: (done: number, total: number) => void,
): ReadonlyArray<EffectSum> {
  const total = effects.length * seeds.length;
  return effects.map((effect, at) => {
    const designs = DESIGNS.map((): DesignSum => {
      return {
        studies: 0,
        alarms: 0,
        error: 0,
        squares: 0,
        covered: 0,
        helped: 0,
        harmed: 0,
        noEffect: 0,
        error90: 0,
      };
    });
    seeds.forEach((seed, s) => {
      for (let i = 0; i < studies; i++) {
        const study = drawStudy({ ...ALARM_SETTINGS, effect }, seed, at, i);
        DESIGNS.forEach(({ read }, d) =>
          grade(designs[d] as DesignSum, read(study), effect, study),
        );
      }
      report(at * seeds.length + s + 1, total);
    });
    return { effect, designs };
  });
}

function grade(sum: DesignSum, reading: Reading, effect: number, { rows }: Study): void {
  const { estimate, low, high, isSure } = reading;
  sum.studies += 1;
  sum.alarms += rows.length;
  sum.error += estimate - effect;
  sum.squares += (estimate - effect) ** 2;
  sum.covered += Number(low <= effect && effect <= high);
  // A lower rate is better.
  sum.helped += Number(isSure && estimate < 0);
  sum.harmed += Number(isSure && estimate > 0);
  sum.noEffect += Number(!isSure && low > -MARGIN && high < MARGIN);
  sum.error90 += (high - low) / 2;
}

function readHoldout({ rows }: Study): Reading {
  const effect = estimateHoldoutEffect(rows);
  if ("missing" in effect) return { estimate: 0, low: -Infinity, high: Infinity, isSure: false };
  const [low, high] = effect.interval;
  return { estimate: effect.estimate, low, high, isSure: effect.pValue <= 0.05 };
}

/** The acted places' own change, as a report on the action would have it. */
function readBeforeAfter({ rows }: Study): Reading {
  return readMean(listActed(rows).map(({ row }) => row.k / row.n - row.before));
}

function readDid({ rows, quietChange }: Study): Reading {
  return readMean(
    listActed(rows).map(({ row, i }) => row.k / row.n - row.before - (quietChange[i] ?? 0)),
  );
}

function listActed(rows: ReadonlyArray<HoldoutRow>) {
  return rows.map((row, i) => ({ row, i })).filter(({ row }) => row.arm === "act-now" && row.n > 0);
}

function readMean(changes: ReadonlyArray<number>): Reading {
  const mean = changes.reduce((sum, change) => sum + change, 0) / changes.length;
  const squares = changes.reduce((sum, change) => sum + (change - mean) ** 2, 0);
  const error = Math.sqrt(squares / (changes.length * (changes.length - 1)));
  const degrees = changes.length - 1;
  const reach = computeStudentQuantile(0.95, degrees) * error;
  return {
    estimate: mean,
    low: mean - reach,
    high: mean + reach,
    isSure: Math.abs(mean) >= computeStudentQuantile(0.975, degrees) * error,
  };
}
