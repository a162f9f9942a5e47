/**
 * Every option of the contract, scored in the same possible worlds, doing nothing and handing back
 * included, each with the reason it may or may not be chosen.
 *
 * An option stands when it is surely enough better than nothing, when its bad tenth is bounded, and when
 * it pays because of the rise: money that a change of budget would have earned without any rise is
 * no answer to the signal, however true.
 */
import type {
  Contract,
  ScoredOption,
  Signal,
  ValueDistribution,
} from "../../core/contract/types.ts";
import type { MarketingFacts } from "../../core/port/types.ts";
import {
  NO_VALUE,
  quantileOfSorted,
  summariseValues,
  type ValueSummary,
} from "../../stats/decide/distribution.ts";
import { computeInformationValue, orderWorlds } from "../../stats/decide/information.ts";
import { computeVarianceShares } from "../../stats/decide/sensitivity.ts";
import { moneyToText } from "../../std/money.ts";
import { type Candidate, computeHandBackGain, KNOWN_ACTS, listCandidates } from "./candidate.ts";
import { type Economics, INPUT_NAMES, type InputName, INPUTS } from "./economics.ts";
import { type GeoRisk, isRefusedByAll } from "./risk.ts";
import {
  type Beliefs,
  buildWorld,
  DRAWS,
  drawWorlds,
  ratesOf,
  tabulateRates,
  type World,
} from "./world.ts";

export type Question = {
  readonly signal: Signal;
  readonly contract: Contract;
  readonly risk: GeoRisk;
  readonly facts: MarketingFacts;
};

export type Scored = ScoredOption & {
  readonly summary: ValueSummary;
  /** Present for what acts and could be valued. */
  readonly candidate?: Candidate;
  /** Its gain in each world, in minor units; present as `candidate` is. */
  readonly gains?: Float64Array;
  /** It meets every bar; the choice is among these. */
  readonly stands: boolean;
};

export type Scoring = {
  readonly options: ReadonlyArray<Scored>;
  readonly worlds: ReadonlyArray<World>;
};

export function scoreOptions(beliefs: Beliefs, question: Question): Scoring {
  const { contract, risk, facts } = question;
  const { economics } = beliefs;
  const worlds = drawWorlds(beliefs, risk, facts);
  const options = contract.options.map((option): Scored => {
    if (option.kind === "none") return still(economics, option.name, NOTHING_REASON);
    if (option.kind === "hand-back") return scoreHandBack(economics, question, option.name, worlds);
    const blocked = findObstacle(option.name, question, economics);
    const best = findBest(listCandidates(option.name, contract, risk, economics), worlds);
    if (best === undefined) {
      const why = blocked ?? "the contract's ranges leave no parameters that this agent can value";
      return { ...still(economics, option.name, why), feasible: false };
    }
    return scoreCandidate(economics, best, blocked, worlds);
  });
  return { options, worlds };
}

const NOTHING_REASON = "changes nothing; every other option is measured against it";

/** Why the option must not be taken here whatever it is worth; undefined when it may. */
function findObstacle(
  option: string,
  { signal, contract, risk, facts }: Question,
  { decision }: Economics,
): string | undefined {
  if (!KNOWN_ACTS.some((known) => known === option)) return "this agent cannot value it";
  if (!signal.options.includes(option)) return "the signal does not offer it";
  const { act } = contract.confidence.thresholds;
  if (signal.confidence < act) {
    return `the confidence of ${percent(signal.confidence)} is below ${percent(act)}, from which one may act`;
  }
  if (isRefusedByAll(risk)) {
    return "customers who had paid refuse as well: the product or its promise is at fault, not the place";
  }
  if (option === "prepaid_only" || option === "confirm_orders") {
    if (risk.codShare === undefined) return "the data does not say how orders are paid";
    if (risk.codShare === 0) return "no order there is paid in cash";
    const [noHelp, isForAddresses] =
      option === "prepaid_only" ? ["paying ahead", false] : ["asking the buyer", true];
    if (risk.owner === "courier") return `a courier's fault is not mended by ${noHelp}`;
    if (risk.owner === "address" && !isForAddresses) return `an address is not mended by ${noHelp}`;
    return undefined;
  }
  if (facts.spendPerDay.amountMinor <= 0) return "no ad money is spent there";
  if (option === "exclude_geo" && (risk.owner === "courier" || risk.owner === "address")) {
    return "the cause can be mended by logistics; leaving the place would punish demand for it";
  }
  if (option === "exclude_geo" && decision.probeShare <= 0) return "no probe is allowed for";
  return undefined;
}

/** The candidate with the largest expected gain; the first among equals. */
function findBest(
  candidates: ReadonlyArray<Candidate>,
  worlds: ReadonlyArray<World>,
): { candidate: Candidate; gains: Float64Array } | undefined {
  let best: { candidate: Candidate; gains: Float64Array; sum: number } | undefined;
  for (const candidate of candidates) {
    const gains = new Float64Array(worlds.length);
    let sum = 0;
    for (let i = 0; i < worlds.length; i++) {
      sum += gains[i] = gainIn(candidate, worlds[i]!);
    }
    if (best === undefined || sum > best.sum) best = { candidate, gains, sum };
  }
  return best;
}

function gainIn(candidate: Candidate, world: World): number {
  return candidate.days * candidate.gainPerDay(world, world.now) - candidate.cost(world);
}

function scoreCandidate(
  economics: Economics,
  { candidate, gains }: { readonly candidate: Candidate; readonly gains: Float64Array },
  obstacle: string | undefined,
  worlds: ReadonlyArray<World>,
): Scored {
  const summary = summariseValues(gains);
  const shortfall = obstacle ?? findShortfall(economics, candidate, summary, gains, worlds);
  return {
    option: candidate.option,
    parameters: candidate.parameters,
    value: toValue(summary, economics.currency),
    feasible: obstacle === undefined,
    reason: shortfall ?? `${gainToText(economics, candidate.days, summary)}`,
    summary,
    candidate,
    gains,
    stands: shortfall === undefined,
  };
}

/** Share of an action's gain that must be due to the rise, for it to be an answer to the signal. */
const BECAUSE_SHARE_MIN = 0.1;

/** Which bar it does not meet; undefined when it meets them all. */
function findShortfall(
  economics: Economics,
  candidate: Candidate,
  summary: ValueSummary,
  gains: Float64Array,
  worlds: ReadonlyArray<World>,
): string | undefined {
  const { probabilityBetterMin, downsideMax, gainMin } = economics.decision;
  const { mean, p10, probabilityBetter } = summary;
  const said = gainToText(economics, candidate.days, summary);
  if (mean <= 0) return `${said}: worse than doing nothing`;
  if (mean < gainMin) {
    return `${said}: below ${money(economics, gainMin)}, from which a change is worth the attention`;
  }
  if (probabilityBetter < probabilityBetterMin) {
    return `${said}: at least ${percent(probabilityBetterMin)} is asked for`;
  }
  if (-p10 > downsideMax * mean) {
    return `${said}, but in a bad tenth it loses ${money(economics, -p10)} or more`;
  }
  let because = 0;
  for (let i = 0; i < worlds.length; i++) {
    const world = worlds[i]!;
    because += gains[i]! - candidate.days * Math.max(0, candidate.gainPerDay(world, world.usual));
  }
  if (because < BECAUSE_SHARE_MIN * mean * worlds.length) {
    return `${said}, but nearly as much without any rise: a question of budget, not an answer to this`;
  }
  return undefined;
}

function scoreHandBack(
  economics: Economics,
  { signal, contract, risk }: Question,
  option: string,
  worlds: ReadonlyArray<World>,
): Scored {
  const to = contract.sender.department;
  const summary = summariseValues(
    Float64Array.from(worlds, (world) => computeHandBackGain(world, risk, economics)),
  );
  const reason = HAND_BACK_REASONS[risk.owner];
  const scored = {
    ...still(economics, option, reason),
    parameters: { to, reason },
    value: toValue(summary, economics.currency),
    summary,
  };
  if (!signal.options.includes(option)) {
    return { ...scored, feasible: false, reason: "the signal does not offer it" };
  }
  return { ...scored, stands: summary.mean > 0 };
}

const HAND_BACK_REASONS: { readonly [owner in GeoRisk["owner"]]: string } = {
  courier: "the excess sits with the courier: changing the courier mends it, less demand does not",
  address: "the excess sits with addresses: checking them mends it for every order that comes",
  checkout: "marketing can act on this: the way orders are paid and won is its own",
  demand: "marketing can act on this: which orders are won is its own",
  unknown: "nothing says that logistics could mend it",
};

function still(economics: Economics, option: string, reason: string): Scored {
  return {
    option,
    parameters: {},
    value: toValue(NO_VALUE, economics.currency),
    feasible: true,
    reason,
    summary: NO_VALUE,
    stands: false,
  };
}

/**
 * Money moved or forgone if the action is wrong, in minor units, never negative: the larger of the spend
 * it moves and the contribution before ads that it forgoes over its days, in a bad tenth of the worlds,
 * were the rates as usual. Their sum would count the ad money within that contribution twice.
 */
export function computeValueAtStake(
  candidate: Candidate,
  worlds: ReadonlyArray<World>,
  facts: MarketingFacts,
): number {
  const forgone = Float64Array.from(worlds, (world) => candidate.atStakeIn(world)).sort();
  const moved = candidate.days * candidate.spendMoved * facts.spendPerDay.amountMinor;
  return Math.round(Math.max(0, quantileOfSorted(forgone, 0.9), moved));
}

/** Values of each unknown that are tried, one unknown at a time. */
const SENSITIVITY_STEPS = 17;

export type LargestUnknown = { readonly words: string; readonly share: number };

/** The unknown that spreads the option's gain most, and its share of the spread. */
export function findLargestUnknown(
  beliefs: Beliefs,
  candidate: Candidate,
  { risk, facts }: Question,
): LargestUnknown | undefined {
  const tables = tabulateRates(risk, beliefs.economics.decision.priorTrials);
  const middle = DRAWS / 2;
  const { medians } = beliefs;
  const gainWith = (inputs: typeof medians, rank: number, isReal: boolean) => {
    const codShare = risk.codShare ?? inputs.codShare;
    const usual = ratesOf(tables.usual, middle, middle, codShare, inputs.codRateRatio);
    const now = isReal ? ratesOf(tables.now, rank, rank, codShare, inputs.codRateRatio) : usual;
    return gainIn(candidate, buildWorld(inputs, { now, usual }, codShare, facts));
  };
  const steps = Array.from({ length: SENSITIVITY_STEPS }, (_, k) =>
    Math.floor(((k + 0.5) / SENSITIVITY_STEPS) * DRAWS),
  );
  const inputs = [
    ...INPUT_NAMES.map((name) => ({
      name,
      values: steps.map((rank) => beliefs.tables[name][rank]!),
    })),
    { name: "rate" as const, values: steps },
    {
      name: "rise" as const,
      values: steps.map((_, k) => ((k + 0.5) / SENSITIVITY_STEPS < risk.confidence ? 1 : 0)),
    },
  ];
  const [largest] = computeVarianceShares<InputName | "rate" | "rise">(inputs, (name, value) => {
    if (name === "rate") return gainWith(medians, value, true);
    if (name === "rise") return gainWith(medians, middle, value === 1);
    return gainWith({ ...medians, [name]: value }, middle, true);
  });
  if (largest === undefined) return undefined;
  return { words: wordsOf(largest.name), share: largest.share };
}

export type DearestUnknown = { readonly words: string; readonly amountMinor: number };

/** The unknown that would gain most if it were known before choosing; undefined when none would. */
export function findDearestUnknown(
  { orders }: Beliefs,
  { options, worlds }: Scoring,
): DearestUnknown | undefined {
  const gains = options.flatMap(({ gains: of, feasible }) =>
    of === undefined || !feasible ? [] : [of],
  );
  if (gains.length === 0) return undefined;
  // What an order there now leaves behind says how often it fails, and whether the rise is there.
  const leftNow = worlds.map(({ now }) => now.codContribution + now.prepaidContribution);
  const unknowns = [
    ...INPUT_NAMES.map((name) => ({ name, order: orders[name] })),
    { name: "rate" as const, order: orderWorlds(leftNow) },
  ];
  let dearest: DearestUnknown | undefined;
  for (const { name, order } of unknowns) {
    const amountMinor = Math.round(computeInformationValue(gains, order));
    if (amountMinor <= (dearest?.amountMinor ?? 0)) continue;
    dearest = { words: wordsOf(name), amountMinor };
  }
  return dearest;
}

function wordsOf(name: InputName | "rate" | "rise"): string {
  if (name === "rate") return "how often first attempts really fail there now";
  if (name === "rise") return "whether the rise is there at all";
  return INPUTS[name].words;
}

function gainToText(economics: Economics, days: number, summary: ValueSummary): string {
  return (
    `${summary.mean < 0 ? "loses" : "gains"} ${money(economics, Math.abs(summary.mean))} over ` +
    `${days} days as expected (${money(economics, summary.p10)} to ${money(economics, summary.p90)}), ` +
    `better than nothing with ${percent(summary.probabilityBetter)}`
  );
}

function toValue(summary: ValueSummary, currency: string): ValueDistribution {
  const amount = (minor: number) => ({ amountMinor: Math.round(minor) + 0, currency });
  return {
    mean: amount(summary.mean),
    p10: amount(summary.p10),
    p50: amount(summary.p50),
    p90: amount(summary.p90),
    probabilityBetter: summary.probabilityBetter,
  };
}

function money({ currency }: Economics, amountMinor: number): string {
  return moneyToText({ amountMinor, currency });
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
