/**
 * How well changes are seen: the product's detector on made-up countries beside eight rules that people
 * use and an oracle, at the same budget of false signals.
 */
import { table } from "../../src/cli/output.ts";
import type { Section } from "../section.ts";
import {
  BUDGETS,
  compareProduct,
  compareRivals,
  type Contender,
  PRODUCT_FACTORY,
} from "./compare.ts";
import { type BreakGrade, VOLUME_CLASSES } from "./judge.ts";
import { computeDelayBound } from "./bound.ts";
import { type QuietRow, runQuiet } from "./quiet.ts";
import { runProduct } from "./product.ts";
import { gradeAlarms } from "./judge.ts";
import { addGrades, type Sum } from "./sum.ts";
import { createWorld, WORLD_DEFAULTS, type WorldSettings } from "./world.ts";

const SEEDS = [1, 2, 3, 4];
const QUICK = { geographies: 1_500, historyDays: 60, days: 120 };
/** Factory settings are also tried on countries where less or more goes wrong. */
const BASE_RATES = [0.07, 0.18, 0.3];

type Goal = { readonly goal: string; readonly measured: string; readonly met: boolean };

export const detect: Section = {
  name: "detect",
  words: "changes of rates seen, in time and truly, beside eight rules and an oracle",
  async run(context) {
    const seeds = context.seeds ?? (context.quick ? [1] : SEEDS);
    const settings = { ...WORLD_DEFAULTS, ...(context.quick ? QUICK : {}) };
    const report = context.report;
    const worlds = seeds.map((seed, at) => {
      const world = createWorld({ ...settings, seed });
      report("countries")(at + 1, seeds.length);
      return world;
    });
    const product = compareProduct(worlds, report("Interlock"));
    const contenders = [product, ...compareRivals(worlds, report("other rules"))];
    const factory = product.sums[PRODUCT_FACTORY]!;
    const byBase = BASE_RATES.map((baseRate, at) => {
      const sum =
        baseRate === settings.baseRate ? factory : runFactory(seeds, { ...settings, baseRate });
      report("base rates")(at + 1, BASE_RATES.length);
      return { baseRate, sum };
    });
    const quiet = runQuiet(seeds, context.quick, report("quiet countries"));
    const goals = judgeGoals(contenders, factory, byBase, quiet);
    await Promise.resolve();
    return {
      json: toJson(seeds, settings, contenders, factory, byBase, quiet, goals),
      text: toText(seeds, settings, contenders, factory, byBase, quiet, goals),
    };
  },
};

function runFactory(seeds: ReadonlyArray<number>, settings: Omit<WorldSettings, "seed">): Sum {
  return addGrades(
    seeds.map((seed) => {
      const world = createWorld({ ...settings, seed });
      return gradeAlarms(world, runProduct(world));
    }),
  );
}

type BaseRow = { readonly baseRate: number; readonly sum: Sum };

/** The best that a contender does within a budget: most saved; undefined when it never keeps it. */
export function bestWithin(
  contender: Contender,
  budget: (typeof BUDGETS)[number],
): Sum | undefined {
  const kept = contender.sums.filter((sum) => budget.isKept(sum));
  return kept.reduce<Sum | undefined>(
    (best, sum) => (best === undefined || sum.saved > best.saved ? sum : best),
    undefined,
  );
}

function judgeGoals(
  contenders: ReadonlyArray<Contender>,
  factory: Sum,
  byBase: ReadonlyArray<BaseRow>,
  quiet: ReadonlyArray<QuietRow>,
): Goal[] {
  const [product, ...others] = contenders;
  const [perMonth, byShare] = BUDGETS;
  const flat = others.filter(({ kind }) => kind === "rule");
  const bestRule = Math.max(...flat.map((rule) => bestWithin(rule, byShare!)?.saved ?? 0));
  const oracles = others.filter(({ kind }) => kind === "oracle");
  const ours = bestWithin(product!, perMonth!);
  const delays = VOLUME_CLASSES.map(({ name }, at) => {
    const oracle = Math.min(
      ...oracles.map((one) => bestWithin(one, perMonth!)?.byClass[at]!.meanDelayDays ?? Infinity),
    );
    const own = ours?.byClass[at]!.meanDelayDays ?? Infinity;
    return { name, ratio: own / oracle, own, oracle };
  });
  const worst = Math.max(...delays.map(({ ratio }) => ratio));
  const { breaks, foundIn28 } = factory.districts;
  return [
    {
      goal: "at least 72% of the harm saved at 5% false discoveries or fewer, factory settings",
      measured: `${percent(factory.saved)} at ${percent(factory.falseShare, 1)}`,
      met: factory.saved >= 0.72 && factory.falseShare <= 0.05,
    },
    {
      goal: "at least 1.4 times the best classical rule, at 5% false discoveries",
      measured: `${(factory.saved / Math.max(bestRule, 1e-9)).toFixed(2)} times ${percent(bestRule)}`,
      met: factory.saved >= 1.4 * bestRule,
    },
    {
      goal: "mean delay at most 1.25 times the oracle's in every class, at 1 false per 1,000 months",
      measured: delays
        .map(
          ({ name, ratio, own, oracle }) =>
            `${name}: ${ratio.toFixed(2)} (${own.toFixed(1)} / ${oracle.toFixed(1)} d)`,
        )
        .join(", "),
      met: worst <= 1.25,
    },
    {
      goal: "one- and two-day spikes that signal, at most 0.5%, factory settings",
      measured: percent(factory.spikeShare, 2),
      met: factory.spikeShare <= 0.005,
    },
    {
      goal: "whole districts +10 points or more at 40+ orders a day found in 28 days, at least 95%",
      measured: `${foundIn28} of ${breaks}`,
      met: breaks > 0 && foundIn28 >= 0.95 * breaks,
    },
    ...byBase.map(({ baseRate, sum }) => ({
      goal: `factory settings keep 1 false signal per 1,000 geography-months at a base of ${percent(baseRate)}`,
      measured: sum.falsePer1000.toFixed(2),
      met: sum.falsePer1000 <= 1,
    })),
    ...quiet.map(({ name, signals, without }) => ({
      goal: `nothing raised by ${name}`,
      measured: `${signals} signals, ${without} without it`,
      met: signals <= without,
    })),
  ];
}

function toText(
  seeds: ReadonlyArray<number>,
  settings: Omit<WorldSettings, "seed">,
  contenders: ReadonlyArray<Contender>,
  factory: Sum,
  byBase: ReadonlyArray<BaseRow>,
  quiet: ReadonlyArray<QuietRow>,
  goals: ReadonlyArray<Goal>,
): string {
  const { geographies, historyDays, days } = settings;
  return [
    `seeds ${seeds.join(", ")}: each ${geographies.toLocaleString("en-US")} geographies, ${historyDays} days to learn ` +
      `and ${days} judged; ${factory.breaks.length} breaks of 5 to 25 points in pincodes, districts and states`,
    "",
    ...BUDGETS.flatMap((budget) => [
      `Each at its best within ${budget.name}; rules and oracle tuned in hindsight on these very worlds`,
      indent(contendersToTable(contenders, budget)),
      "",
    ]),
    "Factory settings, nothing tuned",
    indent(table([HEADER, rowOf("Interlock", factory)])),
    "",
    "By size of the rise, factory settings: found within 60 days, median days, median orders, days / bound",
    indent(sizesToTable(factory.breaks)),
    "",
    "False signals of factory settings per 1,000 geography-months",
    indent(
      table([
        ["base rate", "all", ...VOLUME_CLASSES.map(({ name }) => `${name} a day`), "false share"],
        ...byBase.map(({ baseRate, sum }) => [
          percent(baseRate),
          sum.falsePer1000.toFixed(2),
          ...sum.byClass.map(({ falsePer1000 }) => falsePer1000.toFixed(2)),
          percent(sum.falseShare, 1),
        ]),
      ]),
    ),
    "",
    "Countries where nothing breaks",
    indent(
      table([
        ["what happens", "signals", "without it"],
        ...quiet.map(({ name, signals, without }) => [name, String(signals), String(without)]),
      ]),
    ),
    "",
    "Goals",
    ...goals.map(
      ({ goal, measured, met }) => `  ${met ? "met    " : "NOT MET"}  ${goal}: ${measured}`,
    ),
    "",
    "The rules are given the product's own expectation of each day and watch pincodes, as they are used; one also",
    "every level. A signal is false when no break lifts its unit by a point; a break told twice counts once.",
    "Harm is failures beyond the usual in the 60 days after a break. The bound of a delay is ln(30,000) over the",
    "information of a day (Lorden 1971), for breaks whose bound is 3 to 40 days; those not found count as 60 days.",
  ].join("\n");
}

const HEADER = [
  "",
  "saved",
  "false",
  "per 1,000",
  "spikes",
  ...VOLUME_CLASSES.flatMap(({ name }) => [`${name}: 14/28/60 d`, "mean d"]),
];

function rowOf(name: string, sum: Sum): string[] {
  return [
    name,
    percent(sum.saved),
    percent(sum.falseShare, 1),
    sum.falsePer1000.toFixed(2),
    percent(sum.spikeShare, 2),
    ...sum.byClass.flatMap(({ power, meanDelayDays }) => [
      power.map((share) => share.toFixed(2)).join("/"),
      meanDelayDays.toFixed(1),
    ]),
  ];
}

function contendersToTable(
  contenders: ReadonlyArray<Contender>,
  budget: (typeof BUDGETS)[number],
): string {
  return table([
    HEADER,
    ...contenders.map((contender) => {
      const sum = bestWithin(contender, budget);
      return sum === undefined ? [contender.name, "never within it"] : rowOf(contender.name, sum);
    }),
  ]);
}

function sizesToTable(breaks: ReadonlyArray<BreakGrade>): string {
  const sizes = [...new Set(breaks.map(({ of }) => of.size))].sort((a, b) => a - b);
  return table([
    ["points", ...VOLUME_CLASSES.map(({ name }) => `${name} a day`)],
    ...sizes.map((size) => [
      `+${Math.round(100 * size)}`,
      ...VOLUME_CLASSES.map(({ from, until }) => {
        const of = breaks.filter(
          (each) =>
            each.level === "pincode" &&
            each.of.size === size &&
            each.ordersPerDay >= from &&
            each.ordersPerDay < until,
        );
        if (of.length === 0) return "-";
        const found = of.filter(({ delayDays }) => (delayDays ?? Infinity) <= 60);
        const days = middle(of.map(({ delayDays }) => delayDays ?? Infinity));
        const ratio = computeDelayBound(of);
        return (
          `${Math.round((100 * found.length) / of.length)}% of ${of.length}` +
          (Number.isFinite(days)
            ? `, ${days} d, ${middle(of.map(({ ordersExposed }) => ordersExposed))} orders`
            : "") +
          (ratio === undefined ? "" : `, x${ratio.toFixed(1)}`)
        );
      }),
    ]),
  ]);
}

function toJson(
  seeds: ReadonlyArray<number>,
  settings: Omit<WorldSettings, "seed">,
  contenders: ReadonlyArray<Contender>,
  factory: Sum,
  byBase: ReadonlyArray<BaseRow>,
  quiet: ReadonlyArray<QuietRow>,
  goals: ReadonlyArray<Goal>,
): object {
  const short = ({ breaks: _, ...sum }: Sum) => sum;
  return {
    seeds,
    settings,
    budgets: BUDGETS.map((budget) => ({
      budget: budget.name,
      contenders: contenders.map((contender) => {
        const sum = bestWithin(contender, budget);
        return { name: contender.name, ...(sum === undefined ? {} : short(sum)) };
      }),
    })),
    factory: short(factory),
    byBaseRate: byBase.map(({ baseRate, sum }) => ({ baseRate, ...short(sum) })),
    quiet,
    goals,
  };
}

function middle(values: ReadonlyArray<number>): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Infinity;
}

function percent(share: number, digits = 0): string {
  return `${(100 * share).toFixed(digits)}%`;
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}
