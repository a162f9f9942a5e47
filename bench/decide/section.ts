/** How well answers are chosen: value lost against an oracle that knows the company's true parameters. */
import { table } from "../../src/cli/output.ts";
import type { Section } from "../section.ts";
import { decideCompany, type DecidedCase, POLICIES, type Policy } from "./regret.ts";

const SEEDS = Array.from({ length: 50 }, (_, i) => i + 1);
const QUICK_SEEDS = [1, 2, 3, 4];
const REGRET_GOAL = 0.1;
/** Causes that marketing can do something about. */
const OURS = ["demand", "mix", "none"];

export const decide: Section = {
  name: "decide",
  words: "answers chosen, against an oracle and rules of thumb",
  async run({ seeds: given, quick, report }) {
    const seeds = given ?? (quick ? QUICK_SEEDS : SEEDS);
    const cases: Array<{ readonly seed: number; readonly cases: ReadonlyArray<DecidedCase> }> = [];
    for (const seed of seeds) {
      cases.push({ seed, cases: await decideCompany(seed, quick) });
      report("companies")(cases.length, seeds.length);
    }
    const all = cases.flatMap((company) => company.cases);
    const ours = all.filter(({ cause }) => OURS.includes(cause));
    const others = all.filter(({ cause }) => !OURS.includes(cause));
    const rows = [...POLICIES, "ORACLE" as const].map((policy) => ({
      policy,
      ...summarise(ours, policy),
      perSeed: quantiles(
        cases.map((company) =>
          sumOf(
            company.cases.filter(({ cause }) => OURS.includes(cause)),
            policy,
          ),
        ),
      ),
    }));
    const [interlock] = rows;
    const [, published] = rows;
    const rivals = rows.slice(2, -1);
    const goals = [
      {
        goal: `at most ${100 * REGRET_GOAL}% of the oracle's value lost`,
        measured: percent(interlock!.regret),
        met: interlock!.regret <= REGRET_GOAL,
      },
      {
        goal: "more than always excluding, COD off or confirming, doing nothing and a raw rule",
        measured: rivals
          .map(({ policy, valueMinor }) => `${policy}: ${rupees(valueMinor)}`)
          .join(", "),
        met: rivals.every(
          ({ valueMinor }) =>
            interlock!.valueMinor > valueMinor && published!.valueMinor > valueMinor,
        ),
      },
    ];
    const handedBack = others.filter(
      ({ choices }) => choices[POLICIES[0]].option === "bounce",
    ).length;
    return {
      json: {
        seeds,
        cases: all.length,
        ours: ours.length,
        rows,
        handedBack,
        others: others.length,
        goals,
      },
      text: [
        `${seeds.length} companies of 300 places; ${all.length} signals, ${ours.length} of demand or of nothing, ` +
          `${others.length} of couriers and addresses`,
        "",
        "Expected contribution over the four weeks after a signal, beyond doing nothing",
        table([
          [
            "",
            "in all",
            "lost against the oracle",
            "harmful",
            "a company: p10, p50, p90",
            "chosen",
          ],
          ...rows.map(({ policy, valueMinor, regret, harmful, perSeed, options }) => [
            policy,
            rupees(valueMinor),
            percent(regret),
            percent(harmful),
            perSeed.map(rupees).join(", "),
            options,
          ]),
        ]).replace(/^/gm, "  "),
        "",
        `Of the ${others.length} signals of couriers and addresses ${handedBack} were handed back to logistics.`,
        "",
        "Goals",
        ...goals.map(
          ({ goal, measured, met }) => `  ${met ? "met    " : "NOT MET"}  ${goal}: ${measured}`,
        ),
        "",
        "The oracle knows rates, elasticities, when a rise will end, and picks the best of every option and parameter.",
        "Own books: prices and costs to the rupee, recovery from history, answers to ads and COD off from tests within 12%;",
        "published ranges: the shipped economics.yaml as it is. The charter's votes are left out.",
        "Signals are the logistics agent's own, false ones among them; the agent knows orders and spend as counted.",
      ].join("\n"),
    };
  },
};

function sumOf(cases: ReadonlyArray<DecidedCase>, policy: Policy): number {
  return cases.reduce((sum, { choices }) => sum + choices[policy].valueMinor, 0);
}

function summarise(cases: ReadonlyArray<DecidedCase>, policy: Policy) {
  const valueMinor = sumOf(cases, policy);
  const oracle = sumOf(cases, "ORACLE");
  const counts = new Map<string, number>();
  for (const { choices } of cases) {
    const { option } = choices[policy];
    counts.set(option, (counts.get(option) ?? 0) + 1);
  }
  const harmful = cases.filter(({ choices }) => choices[policy].valueMinor < 0).length;
  return {
    valueMinor,
    regret: oracle === 0 ? 0 : 1 - valueMinor / oracle,
    harmful: cases.length === 0 ? 0 : harmful / cases.length,
    options: [...counts]
      .sort((a, b) => b[1] - a[1])
      .map(([option, count]) => `${count} ${option}`)
      .join(", "),
  };
}

function quantiles(values: ReadonlyArray<number>): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return [0.1, 0.5, 0.9].map((q) => sorted[Math.floor(q * (sorted.length - 1))] ?? 0);
}

function rupees(minor: number): string {
  return `Rs ${Math.round(minor / 100).toLocaleString("en-IN")}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}
