/**
 * One way to answer with all its parameters filled in, and what it is worth in a given world.
 *
 * Every gain is money in minor units over the days it stands, compared with doing nothing in the same
 * world. `atStakeIn` asks the other question: if the rise is not there at all, what is given up?
 */
import { findOption } from "../../core/contract/option.ts";
import { valueAt } from "../../core/contract/evidence.ts";
import type { Contract } from "../../core/contract/types.ts";
import {
  computeBudgetValue,
  computeCodOffValue,
  computeConfirmationValue,
  computeGrossValue,
  computeNothingValue,
  computeOrdersFactor,
} from "../../stats/decide/option-value.ts";
import type { Json } from "../../std/canonical-json.ts";
import type { Economics } from "./economics.ts";
import type { GeoRisk } from "./risk.ts";
import type { Place, World } from "./world.ts";

export type Candidate = {
  readonly option: string;
  readonly parameters: { readonly [key: string]: Json };
  readonly days: number;
  /** Gain per day in one state of the geography, before the cost of changing anything. */
  gainPerDay(world: World, at: Place): number;
  /** Cost of making and lifting the change. */
  cost(world: World): number;
  /** Contribution forgone over the days if the rates were as usual; never negative. */
  atStakeIn(world: World): number;
  /** Share of the geography's spend that is moved, at the best guess of every input. */
  readonly spendMoved: number;
};

/** Multipliers of the bid that are tried. */
const BID_MODIFIERS = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/** Options this agent can value. */
export const KNOWN_ACTS = ["exclude_geo", "lower_bid", "prepaid_only", "confirm_orders"] as const;

/** Every candidate of an option within the contract's ranges; empty when none fits them. */
export function listCandidates(
  option: string,
  contract: Contract,
  risk: GeoRisk,
  economics: Economics,
): ReadonlyArray<Candidate> {
  const { decision } = economics;
  const range = (name: string) => readRange(contract, option, name);
  const days = chooseDays(risk, economics, range("standingDays"));
  if (days === undefined) return [];
  if (option === "prepaid_only") {
    return [codRuleCandidate(option, days, decision.actionCost, computeCodOffGain)];
  }
  if (option === "confirm_orders") {
    return [codRuleCandidate(option, days, decision.actionCost, computeConfirmationGain)];
  }
  if (option === "exclude_geo") {
    const { low, high } = range("probeShare");
    const probeShare = Math.max(decision.probeShare, low);
    if (probeShare > high) return [];
    const parameters = { standingDays: days, probeShare };
    return [spendCandidate(option, parameters, days, economics, () => probeShare)];
  }
  if (option === "lower_bid") {
    const { low, high } = range("bidModifier");
    return BID_MODIFIERS.filter((modifier) => modifier >= low && modifier <= high).map(
      (bidModifier) =>
        spendCandidate(
          option,
          { bidModifier, standingDays: days },
          days,
          economics,
          ({ inputs }) => bidModifier ** inputs.bidResponse,
          bidModifier ** economics.inputs.bidResponse.value,
        ),
    );
  }
  return [];
}

/** Less spend, moved elsewhere; `factorOf` is what is left of it. */
function spendCandidate(
  option: string,
  parameters: Candidate["parameters"],
  days: number,
  { decision }: Economics,
  factorOf: (world: World) => number,
  usualFactor = Number(parameters["probeShare"]),
): Candidate {
  return {
    option,
    parameters,
    days,
    gainPerDay(world, at) {
      const cut = 1 - factorOf(world);
      return (
        computeBudgetValue(at, world.response, cut, world.elsewhereSpend) - computeNothingValue(at)
      );
    },
    // The platform learns anew when the change is made, on what is left, and when it is lifted.
    cost(world) {
      const restarted = world.now.spend * (factorOf(world) + 1);
      return (
        decision.actionCost + decision.learningDays * world.inputs.learningLossShare * restarted
      );
    },
    atStakeIn(world) {
      const lost = 1 - computeOrdersFactor(world.response, factorOf(world));
      return Math.max(0, days * lost * computeGrossValue(world.usual));
    },
    spendMoved: 1 - usualFactor,
  };
}

function computeCodOffGain({ inputs }: World, at: Place): number {
  return computeCodOffValue(at, inputs.prepaidSwitchShare) - computeNothingValue(at);
}

function computeConfirmationGain({ inputs }: World, at: Place): number {
  const confirmation = {
    reduction: inputs.confirmationReduction,
    cancelledShare: inputs.confirmationCancelled,
    costPerOrder: inputs.confirmationCost,
  };
  return (
    computeConfirmationValue(at, inputs, at.codReturnRate, confirmation) - computeNothingValue(at)
  );
}

/** Another rule for cash orders in the shop; no ad money is moved by it. */
function codRuleCandidate(
  option: string,
  days: number,
  cost: number,
  gainPerDay: Candidate["gainPerDay"],
): Candidate {
  return {
    option,
    parameters: { standingDays: days },
    days,
    gainPerDay,
    cost: () => cost,
    atStakeIn: (world) => Math.max(0, -days * gainPerDay(world, world.usual)),
    spendMoved: 0,
  };
}

/**
 * What handing back is worth: the share of the rise that logistics mends, from the day it has mended it.
 * Nothing where the cause is not logistics' own.
 */
export function computeHandBackGain(world: World, risk: GeoRisk, economics: Economics): number {
  if (risk.owner !== "courier" && risk.owner !== "address") return 0;
  const { standingDays, mendDays } = economics.decision;
  const lostPerDay = computeGrossValue(world.usual) - computeGrossValue(world.now);
  return world.inputs.mendShare * Math.max(0, lostPerDay) * Math.max(0, standingDays - mendDays);
}

type NumberRange = { readonly low: number; readonly high: number };

function chooseDays(
  { owner, confidence }: GeoRisk,
  { decision }: Economics,
  { low, high }: NumberRange,
): number | undefined {
  const wanted =
    owner === "courier"
      ? decision.standingDaysCourier
      : confidence >= decision.confidentFrom && owner !== "unknown"
        ? decision.standingDays
        : decision.standingDaysDoubtful;
  const days = Math.floor(Math.min(wanted, high));
  return days >= low ? days : undefined;
}

/** What the contract allows for a number of an option. */
function readRange(contract: Contract, option: string, name: string): NumberRange {
  const schema = findOption(contract, option)?.parameters;
  const bound = (keyword: string, otherwise: number) => {
    const value = valueAt(schema, `/properties/${name}/${keyword}`);
    return typeof value === "number" ? value : otherwise;
  };
  return { low: bound("minimum", -Infinity), high: bound("maximum", Infinity) };
}
