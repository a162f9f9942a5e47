/**
 * Scores every option of the contract for one signal, doing nothing and handing back included.
 *
 * Only numbers and enumerated words of the signal are read; its free text cannot reach a score.
 */
import { type Money, moneyToText } from "../../std/money.ts";
import type { Json } from "../../std/canonical-json.ts";
import { valueAt } from "../../core/contract/evidence.ts";
import type {
  Contract,
  ScoredOption,
  Signal,
  ValueDistribution,
} from "../../core/contract/types.ts";
import type { MarketingFacts } from "../../core/port/types.ts";
import { type Summary, summarise } from "../../stats/decide/draws.ts";
import {
  type Choice,
  drawGains,
  findLargestUnknown,
  forgoneAtRate,
  type Situation,
} from "../../stats/decide/gain.ts";
import type { Economics } from "./economics.ts";

export type Scored = ScoredOption & {
  /** What it forgoes over its days if the rise turns out not to be real; major units, not negative. */
  readonly loss: number;
  readonly choice: Choice | undefined;
};

export type Scoring = {
  readonly options: ReadonlyArray<Scored>;
  readonly situation: Situation;
};

export function scoreOptions(
  signal: Signal,
  contract: Contract,
  facts: MarketingFacts,
  economics: Economics,
): Scoring {
  const situation = readSituation(signal, facts, economics);
  const baseline = numberAt(signal, "/baseline/rate");
  const options = contract.options.flatMap(({ name, kind }): Scored[] => {
    if (kind === "none")
      return [still(economics, name, "changes nothing; every other option is measured against it")];
    if (kind === "hand-back") {
      const owner = valueAt(signal.payload, "/cause/owner");
      const reason =
        owner === "courier"
          ? "the excess sits with a courier, which logistics can change and ads cannot"
          : "marketing can act on this itself";
      const to = contract.sender.department;
      return [{ ...still(economics, name, reason), parameters: { to, reason } }];
    }
    return choicesOf(name, facts, economics).map(({ choice, parameters }) =>
      scoreChoice(signal, { name, choice, parameters, situation, baseline, economics }),
    );
  });
  return { options, situation };
}

function scoreChoice(
  signal: Signal,
  input: {
    readonly name: string;
    readonly choice: Choice;
    readonly parameters: { readonly [key: string]: Json };
    readonly situation: Situation;
    readonly baseline: number;
    readonly economics: Economics;
  },
): Scored {
  const { name, choice, parameters, situation, baseline, economics } = input;
  const gain = summarise(drawGains(situation, choice));
  const offered = signal.options.includes(name);
  const { probabilityBetterMin, gainMinimum } = economics.choice;
  const unsure = gain.aboveZero < probabilityBetterMin;
  const small = gain.mean < gainMinimum;
  const value = toValue(gain, economics.currency);
  const reason = !offered
    ? "the signal does not offer it"
    : unsure
      ? `better than nothing with only ${percent(gain.aboveZero)}, ${percent(probabilityBetterMin)} is asked for`
      : small
        ? `the gain is below ${moneyToText(major(gainMinimum, economics.currency))}`
        : `gains ${moneyToText(value.mean)} over ${economics.choice.standingDays} days, ` +
          `better than nothing with ${percent(gain.aboveZero)}; what matters most and is not known ` +
          `is ${WORDS[findLargestUnknown(situation, choice)] ?? "the failure rate"}`;
  return {
    option: name,
    parameters,
    value,
    feasible: offered && !unsure && !small,
    reason,
    loss: Math.max(forgoneAtRate(situation, choice, baseline), -gain.p10),
    choice,
  };
}

const WORDS: { readonly [unknown: string]: string } = {
  failureRate: "the failure rate itself",
  returnsPerFailure: "how many failures come back as returns",
  paidShare: "how many orders would come without ads",
  spendElasticity: "how orders follow spend",
  marginalValue: "what the money earns elsewhere",
  prepaidSwitchShare: "how many COD buyers would pay ahead",
};

function choicesOf(
  option: string,
  facts: MarketingFacts,
  { choice }: Economics,
): ReadonlyArray<{ choice: Choice; parameters: { readonly [key: string]: Json } }> {
  const { standingDays, probeShare, bidModifiers, learningCostShare } = choice;
  const switchingCost = (learningCostShare * 7 * facts.spendPerDay.amountMinor) / 100;
  switch (option) {
    case "exclude_geo":
      return [
        {
          choice: { kind: "spend-cut", cut: 1 - probeShare, switchingCost },
          parameters: { probeShare, standingDays },
        },
      ];
    case "lower_bid":
      return bidModifiers.map((bidModifier) => ({
        choice: { kind: "spend-cut", cut: 1 - bidModifier, switchingCost },
        parameters: { bidModifier, standingDays },
      }));
    case "prepaid_only":
      return [{ choice: { kind: "cod-off" }, parameters: { standingDays } }];
    default:
      return [];
  }
}

function readSituation(signal: Signal, facts: MarketingFacts, economics: Economics): Situation {
  const { standingDays } = economics.choice;
  const size = numberAt(signal, "/change/size");
  const width = numberAt(signal, "/change/high") - numberAt(signal, "/change/low");
  return {
    order: economics.order,
    unknowns: economics.unknowns,
    orders: facts.ordersPerDay * standingDays,
    spend: (facts.spendPerDay.amountMinor / 100) * standingDays,
    codShare: Math.min(1, Math.max(0, numberAt(signal, "/exposure/codShare"))),
    failureRate: {
      mean: Math.min(0.97, Math.max(0.005, numberAt(signal, "/baseline/rate") + size)),
      // A 95% interval is 3.92 standard deviations wide.
      deviation: Math.max(0.005, width / 3.92),
    },
    codToPrepaidRatio: readRatio(signal) ?? economics.codToPrepaidRatio,
  };
}

const RATIO_TRIALS_MIN = 30;

/** COD over prepaid failure rate from the signal's own split, where both have enough trials. */
function readRatio(signal: Signal): number | undefined {
  const split = valueAt(signal.payload, "/cause/split");
  if (!Array.isArray(split)) return undefined;
  const find = (value: string) =>
    (split as ReadonlyArray<{ readonly [key: string]: Json | undefined }>).find(
      (part) => part["dimension"] === "payment" && part["value"] === value,
    );
  const cod = find("cod");
  const prepaid = find("prepaid");
  const enough = (part: typeof cod) => Number(part?.["trials"] ?? 0) >= RATIO_TRIALS_MIN;
  if (!enough(cod) || !enough(prepaid)) return undefined;
  const ratio = (Number(cod?.["rate"]) + 0.01) / (Number(prepaid?.["rate"]) + 0.01);
  return Number.isFinite(ratio) ? Math.min(20, Math.max(0.5, ratio)) : undefined;
}

function still({ currency }: Economics, option: string, reason: string): Scored {
  const zero = major(0, currency);
  return {
    option,
    parameters: {},
    value: { mean: zero, p10: zero, p50: zero, p90: zero, probabilityBetter: 0 },
    feasible: true,
    reason,
    loss: 0,
    choice: undefined,
  };
}

export function major(amount: number, currency: string): Money {
  return { amountMinor: Math.round(amount * 100), currency };
}

function toValue(gain: Summary, currency: string): ValueDistribution {
  return {
    mean: major(gain.mean, currency),
    p10: major(gain.p10, currency),
    p50: major(gain.p50, currency),
    p90: major(gain.p90, currency),
    probabilityBetter: gain.aboveZero,
  };
}

function numberAt(signal: Signal, pointer: string): number {
  const value = valueAt(signal.payload, pointer);
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
