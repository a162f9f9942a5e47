/**
 * The real file, and failures that become known late.
 *
 * First what a public file of one seller is like and what the product would have said of it,
 * untouched and with a rise put into real counts; then, in a simulation with a known answer, six
 * ways of reading outcomes that come days or weeks after shipping. Without the file only the
 * simulation is run.
 */
import { table } from "../../src/cli/output.ts";
import type { Section } from "../section.ts";
import {
  computeDispersion,
  computeMaturityCurve,
  computeStateRates,
  readYoungCohorts,
} from "./describe.ts";
import {
  drawInjections,
  FOUND_WITHIN_DAYS,
  type InjectionSum,
  runInjection,
  runUntouched,
  sumInjections,
  type Untouched,
  type VolumeClass,
} from "./inject.ts";
import { compareFeeds, type LateSum, PRODUCT } from "./late.ts";
import { LATE_WORLD } from "./late-world.ts";
import { findShipmentFile, readRealFile, type RealFile } from "./shipments.ts";
import {
  days,
  dispersionText,
  injectionText,
  lateText,
  maturityText,
  share,
  statesText,
  troubleText,
  untouchedText,
} from "./words.ts";

const SEEDS = [1, 2, 3];
const CLASSES: ReadonlyArray<VolumeClass> = [
  { low: 10, high: 20 },
  { low: 20, high: 40 },
];
const RISES = [0.05, 0.1, 0.15];
const INJECTIONS_PER_SEED = 30;

type Goal = { readonly goal: string; readonly measured: string; readonly met: boolean };

export const real: Section = {
  name: "real",
  words: "a real file: what it is like, what would have been said of it; outcomes that come late",
  async run(context) {
    const seeds = context.seeds ?? (context.quick ? [1] : SEEDS);
    const file = findShipmentFile();
    const opened = file === undefined ? undefined : await readRealFile(file);
    const untouched = opened === undefined ? undefined : runUntouched(opened);
    const injections =
      opened === undefined
        ? []
        : inject(opened, seeds, context.quick ? 4 : INJECTIONS_PER_SEED, context.report("rises"));
    const { feeds, troubles } = compareFeeds(seeds, context.quick, context.report("late outcomes"));
    const goals = [
      ...(untouched === undefined ? [] : judgeFile(untouched, injections)),
      ...judgeLate(feeds, troubles),
    ];
    const described = opened === undefined ? undefined : describe(opened);
    return {
      json: { seeds, file: described ?? null, untouched, injections, feeds, troubles, goals },
      text: [
        `seeds ${seeds.join(", ")}`,
        ...(opened === undefined || untouched === undefined || described === undefined
          ? ["The public file is not here (INTERLOCK_SHARED says where to look); simulation only."]
          : [
              statesText(described.states),
              dispersionText(described.dispersion),
              maturityText(described.maturity, described.young),
              untouchedText(opened, untouched),
              injectionText(injections),
            ]),
        lateText(feeds),
        troubleText(troubles),
        table(
          goals.map(({ goal, measured, met }) => [
            `goal ${goal}`,
            measured,
            met ? "met" : "NOT met",
          ]),
        ),
      ].join("\n\n"),
    };
  },
};

function describe(file: RealFile) {
  return {
    states: computeStateRates(file),
    dispersion: computeDispersion(file),
    maturity: computeMaturityCurve(file.stateCohorts),
    young: readYoungCohorts(file.stateCohorts),
  };
}

function inject(
  file: RealFile,
  seeds: ReadonlyArray<number>,
  count: number,
  report: (done: number, total: number) => void,
): InjectionSum[] {
  const total = CLASSES.length * RISES.length * seeds.length;
  let done = 0;
  return CLASSES.flatMap((volume) =>
    RISES.map((rise) => {
      const results = seeds.flatMap((seed) => {
        const drawn = drawInjections(file, { ...volume, rise, count, seed });
        const injected = drawn.map((injection) => runInjection(file, injection));
        report(++done, total);
        return injected;
      });
      return { ...volume, rise, ...sumInjections(results) };
    }),
  );
}

function judgeFile(untouched: Untouched, injections: ReadonlyArray<InjectionSum>): Goal[] {
  const ten = injections.find(({ low, rise }) => low === 10 && rise === 0.1);
  const goals: Goal[] = [
    {
      goal: "no signal on the untouched file",
      measured: `${untouched.findings.length} of ${untouched.units} units`,
      met: untouched.findings.length === 0,
    },
  ];
  if (ten === undefined) return goals;
  goals.push(
    {
      goal: `+10 points at 10 to 20 orders a day: at least 94% found within ${FOUND_WITHIN_DAYS} days`,
      measured: share(ten.found, ten.count),
      met: ten.found / ten.count >= 0.94,
    },
    {
      goal: "the same: median at most 14 days",
      measured: days(ten.medianDays),
      met: ten.medianDays <= 14,
    },
  );
  return goals;
}

function judgeLate(feeds: ReadonlyArray<LateSum>, troubles: ReadonlyArray<LateSum>): Goal[] {
  const product = feeds.find(({ name }) => name === PRODUCT)!;
  const ten = product.rises.find(({ rise }) => rise === 0.1);
  return [
    {
      goal: "late outcomes: at most 0.5% of unchanged subjects ever alarm, through a sale",
      measured: share(product.nullAlarms, product.nulls),
      met: product.nullAlarms / product.nulls <= 0.005,
    },
    {
      goal: `late outcomes: +10 points at ${LATE_WORLD.ordersPerDay} orders a day, median at most 20 days`,
      measured: days(ten?.median),
      met: (ten?.median ?? Infinity) <= 20,
    },
    ...troubles.map(({ name, nullAlarms, nulls }) => ({
      goal: `late outcomes: at most 0.5% alarm, ${name}`,
      measured: share(nullAlarms, nulls),
      met: nullAlarms / nulls <= 0.005,
    })),
  ];
}
