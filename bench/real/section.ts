/**
 * The real file, and failures that become known late.
 *
 * First what a public file of one seller is like and what the product would have said of it, untouched
 * and with a rise put into real counts; then, in a simulation with a known answer, six ways of reading
 * outcomes that come days or weeks after shipping. Without the file only the simulation is run.
 */
import { table } from "../../src/cli/output.ts";
import { quantile } from "../sample.ts";
import type { Section } from "../section.ts";
import {
  type AgeRow,
  type BandRow,
  computeDispersion,
  computeMaturityCurve,
  computeStateRates,
  type Dispersion,
  readYoungCohorts,
  type StateRate,
} from "./describe.ts";
import {
  drawInjections,
  FOUND_WITHIN_DAYS,
  type Injected,
  runInjection,
  runUntouched,
  type Untouched,
  type VolumeClass,
  WARMUP_DAYS,
} from "./inject.ts";
import { compareFeeds, type LateSum, PRODUCT } from "./late.ts";
import { BAD_MEAN_AGE, GOOD_MEAN_AGE, LATE_WORLD } from "./late-world.ts";
import { findShipmentFile, readRealFile, type RealFile } from "./shipments.ts";

const SEEDS = [1, 2, 3];
const CLASSES: ReadonlyArray<VolumeClass> = [
  { low: 10, high: 20 },
  { low: 20, high: 40 },
];
const RISES = [0.05, 0.1, 0.15];
const INJECTIONS_PER_SEED = 30;

type Goal = { readonly goal: string; readonly measured: string; readonly met: boolean };

type InjectionSum = VolumeClass & {
  readonly rise: number;
  readonly count: number;
  readonly found: number;
  readonly medianDays: number;
  readonly medianOrders: number;
  readonly named: { readonly state: number; readonly within: number; readonly above: number };
  readonly others: number;
};

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

function sumInjections(results: ReadonlyArray<Injected>) {
  const found = results.filter(({ days }) => days !== undefined);
  const days = results.map((result) => result.days ?? Infinity).sort((a, b) => a - b);
  const count = (named: Injected["named"]) =>
    found.filter((result) => result.named === named).length;
  return {
    count: results.length,
    found: found.length,
    medianDays: days[Math.floor(days.length / 2)] ?? Infinity,
    medianOrders: quantile(
      found.map(({ orders }) => orders).sort((a, b) => a - b),
      0.5,
    ),
    named: { state: count("state"), within: count("within"), above: count("above") },
    others: results.reduce((sum, { others }) => sum + others, 0),
  };
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

function statesText(states: ReadonlyArray<StateRate>): string {
  const all = states.reduce((sum, { n, k }) => ({ n: sum.n + n, k: sum.k + k }), { n: 0, k: 0 });
  return [
    `Failure rate of mature cohorts by state, ${states.length} states, ${all.n} orders, ${percent(all.k / all.n)} failed`,
    table([
      ["state", "orders", "a day", "failed", "rate", "95% interval"],
      ...states.map(({ state, n, k, perDay, low, high }) => [
        state,
        String(n),
        perDay.toFixed(1),
        String(k),
        percent(k / n),
        `${percent(low)} to ${percent(high)}`,
      ]),
    ]),
  ].join("\n");
}

function dispersionText(dispersion: ReadonlyArray<Dispersion>): string {
  return [
    "How much rates differ beyond chance: beta-binomial rho, likeliest value; 2 ln of the likelihood ratio to none",
    table([
      ["between", "groups", "rho", "2 ln ratio"],
      ...dispersion.map(({ between, groups, rho, twiceLogRatio }) => [
        between,
        String(groups),
        rho.toFixed(4),
        twiceLogRatio.toFixed(1),
      ]),
    ]),
  ].join("\n");
}

function maturityText(curve: ReadonlyArray<AgeRow>, young: ReadonlyArray<BandRow>): string {
  return [
    "What is known by age at the file's last day, and the rate that a naive reader would state",
    table([
      ["age", "orders", "known", "naive rate"],
      ...curve.map(({ age, shipped, knownShare, naiveRate }) => [
        String(age),
        String(shipped),
        percent(knownShare),
        knownShare === 0 ? "-" : percent(naiveRate),
      ]),
    ]),
    "",
    "The youngest cohorts by competing risks; each half of the states read by laws of the other half",
    table([
      ["ages", "orders", "known", "naive rate", "maturity", "estimate"],
      ...young.map(({ ages, shipped, naiveRate, reading }) => [
        `${ages[0]} to ${ages[1]}`,
        String(shipped),
        percent(reading.knownShare),
        percent(naiveRate),
        reading.maturity.toFixed(2),
        reading.kind === "too-young"
          ? "no verdict: too young"
          : `${percent(reading.rate)} (${percent(reading.low)} to ${percent(reading.high)})`,
      ]),
    ]),
  ].join("\n");
}

function untouchedText(file: RealFile, untouched: Untouched): string {
  const { findings, units, monitored, levels, nearMisses } = untouched;
  return [
    `The untouched file, day by day: ${units} places in ${file.days.length} mature days, warm-up ${WARMUP_DAYS}; ` +
      `at most ${monitored} large enough to be watched alone; ${findings.length} signals, ${nearMisses} near misses`,
    table([
      ["level", "places", "highest ln M", "of", "on the last day"],
      ...levels.map(({ level, units: count, highest, subject, statuses }) => [
        level,
        String(count),
        highest.toFixed(1),
        file.subjects.get(subject)?.name ?? subject,
        statuses,
      ]),
    ]),
    ...(findings.length === 0
      ? []
      : [
          table([
            ["signal", "day", "events", "trials", "expected", "ln M", "ln bar"],
            ...findings.map((finding) => [
              finding.subject,
              String(finding.day),
              String(finding.events),
              String(finding.trials),
              finding.expected.toFixed(1),
              Math.log(finding.evidence).toFixed(1),
              Math.log(finding.bar).toFixed(1),
            ]),
          ]),
        ]),
  ].join("\n");
}

function injectionText(injections: ReadonlyArray<InjectionSum>): string {
  return [
    `A lasting rise put into the real counts of one state (busier states thinned), found within ${FOUND_WITHIN_DAYS} days`,
    table([
      [
        "orders a day",
        "rise",
        "runs",
        "found",
        "median days",
        "orders",
        "named: state",
        "in it",
        "nation",
        "other signals",
      ],
      ...injections.map((sum) => [
        `${sum.low} to ${sum.high}`,
        `+${sum.rise * 100}`,
        String(sum.count),
        percent(sum.found / sum.count),
        days(sum.medianDays),
        sum.found === 0 ? "-" : sum.medianOrders.toFixed(0),
        String(sum.named.state),
        String(sum.named.within),
        String(sum.named.above),
        String(sum.others),
      ]),
    ]),
  ].join("\n");
}

function lateText(feeds: ReadonlyArray<LateSum>): string {
  const { ordersPerDay, sale, rate } = LATE_WORLD;
  return [
    `Late outcomes: ${ordersPerDay} orders a day, ${percent(rate)} fail; failures known after ${BAD_MEAN_AGE} days on average, ` +
      `deliveries after ${GOOD_MEAN_AGE}; a sale of ${sale.factor} times the orders. Median days from the first worse order shipped.`,
    lateTable(feeds),
    "The first five are given every true rate (and the true laws, where they use them).",
  ].join("\n");
}

function troubleText(troubles: ReadonlyArray<LateSum>): string {
  return ["The product through what must raise nothing", lateTable(troubles)].join("\n");
}

function lateTable(sums: ReadonlyArray<LateSum>): string {
  return table([
    [
      "read",
      "unchanged that alarm",
      ...LATE_WORLD.rises.map((rise) => `+${rise * 100}`),
      "maturity",
      "not read",
    ],
    ...sums.map(({ name, nulls, nullAlarms, rises, maturity, withheld }) => [
      name,
      `${share(nullAlarms, nulls)} of ${nulls}`,
      ...rises.map(({ median, found, count }) =>
        found === count ? days(median) : `${days(median)} (${count - found} of ${count} missed)`,
      ),
      maturity === undefined ? "" : maturity.toFixed(2),
      withheld === undefined ? "" : percent(withheld),
    ]),
  ]);
}

function days(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? "not found" : `${value} d`;
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)}%`;
}

function share(part: number, whole: number): string {
  return percent(part / Math.max(whole, 1));
}
