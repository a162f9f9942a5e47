/**
 * Possible worlds: everything that is not known, drawn together, 512 times.
 *
 * In each world the rise is real with the signal's confidence; then the rates now are drawn from the counts
 * since the change, leaning on what was expected (a Beta with the baseline as prior, because a geography
 * that was picked for being high is in part just unlucky). Otherwise the rates are what they were.
 */
import type { MarketingFacts } from "../../core/port/types.ts";
import { computeContribution, computeReturnRate } from "../../stats/decide/contribution.ts";
import { drawRanks, type Ranks, tabulateBeta, tabulateRange } from "../../stats/decide/draw.ts";
import { orderWorlds } from "../../stats/decide/information.ts";
import type { AdResponse, Geography } from "../../stats/decide/option-value.ts";
import { randomFrom } from "../../std/random.ts";
import { type Economics, INPUT_NAMES, type InputName, INPUTS } from "./economics.ts";
import type { GeoRisk, RateCounts } from "./risk.ts";

export const DRAWS = 512;
/** Any fixed number; the draws are part of the agent, not of chance. */
const SEED = "marketing/geo-value";

export type Inputs = { readonly [name in InputName]: number };

/** NDR rates, 0..1. */
export type Rates = { readonly cod: number; readonly prepaid: number };

/** A geography with the share of its COD orders that come back, 0..1. */
export type Place = Geography & { readonly codReturnRate: number };

/** One world: the geography with the rise, if it is real there, and without it; money in minor units. */
export type World = {
  readonly inputs: Inputs;
  readonly now: Place;
  readonly usual: Place;
  readonly response: AdResponse;
  readonly elsewhereSpend: number;
};

/** Beyond the inputs: is the rise real, two rates now, two rates as usual. */
const RATE_DIMENSIONS = 5;
const RATE_MAX = 0.97;

export type Beliefs = {
  readonly economics: Economics;
  /** `inputs[draw]`. */
  readonly inputs: ReadonlyArray<Inputs>;
  readonly medians: Inputs;
  /** Equally likely values of each input, rising. */
  readonly tables: { readonly [name in InputName]: Float64Array };
  /** The draws from an input's smallest value to its largest; undefined for one that is known. */
  readonly orders: { readonly [name in InputName]: Int32Array | undefined };
  readonly rateRanks: Ranks;
};

/** What does not depend on a signal, drawn once. */
export function drawBeliefs(economics: Economics): Beliefs {
  const ranks = drawRanks(randomFrom(SEED), DRAWS, INPUT_NAMES.length + RATE_DIMENSIONS);
  const tables = mapInputs((name) => tabulateRange(economics.inputs[name], INPUTS[name], DRAWS));
  const inputs = Array.from({ length: DRAWS }, (_, draw) =>
    mapInputs((name) => tables[name][ranks[INPUT_NAMES.indexOf(name)]![draw]!]!),
  );
  return {
    economics,
    tables,
    medians: mapInputs((name) => economics.inputs[name].value),
    inputs,
    orders: mapInputs((name) => orderWorlds(inputs.map((world) => world[name]))),
    rateRanks: ranks.slice(INPUT_NAMES.length),
  };
}

export function drawWorlds(
  beliefs: Beliefs,
  risk: GeoRisk,
  facts: MarketingFacts,
): ReadonlyArray<World> {
  const tables = tabulateRates(risk, beliefs.economics.decision.priorTrials);
  const [real, nowCod, nowPrepaid, usualCod, usualPrepaid] = beliefs.rateRanks;
  return beliefs.inputs.map((inputs, draw) => {
    const codShare = risk.codShare ?? inputs.codShare;
    const usual = ratesOf(
      tables.usual,
      usualCod![draw]!,
      usualPrepaid![draw]!,
      codShare,
      inputs.codRateRatio,
    );
    const isReal = (real![draw]! + 0.5) / DRAWS < risk.confidence;
    const now = isReal
      ? ratesOf(tables.now, nowCod![draw]!, nowPrepaid![draw]!, codShare, inputs.codRateRatio)
      : usual;
    return buildWorld(inputs, { now, usual }, codShare, facts);
  });
}

export function buildWorld(
  inputs: Inputs,
  rates: { readonly now: Rates; readonly usual: Rates },
  codShare: number,
  facts: MarketingFacts,
): World {
  const geography = ({ cod, prepaid }: Rates): Place => {
    const codReturnRate = computeReturnRate(cod, inputs.recovery);
    return {
      orders: facts.ordersPerDay,
      codShare,
      codReturnRate,
      codContribution: computeContribution(inputs, "cod", codReturnRate),
      prepaidContribution: computeContribution(
        inputs,
        "prepaid",
        computeReturnRate(prepaid, inputs.recovery),
      ),
      spend: facts.spendPerDay.amountMinor,
    };
  };
  return {
    inputs,
    now: geography(rates.now),
    usual: rates.now === rates.usual ? geography(rates.now) : geography(rates.usual),
    response: inputs,
    elsewhereSpend: Math.max(0, facts.spendPerDayAll.amountMinor - facts.spendPerDay.amountMinor),
  };
}

/** Quantile tables of NDR rates: by payment mode where the signal splits them, else of the whole. */
type RateTable =
  | { readonly kind: "split"; readonly cod: Float64Array; readonly prepaid: Float64Array }
  | { readonly kind: "whole"; readonly whole: Float64Array };

export type RateTables = { readonly now: RateTable; readonly usual: RateTable };

export function tabulateRates(risk: GeoRisk, priorTrials: number): RateTables {
  const { whole, byPayment } = risk;
  const usualTrials = trialsBehind(whole.baselineRate, risk.baseline);
  const now = (counts: RateCounts, share: number) => {
    const prior = priorTrials * share;
    const rate = clipRate(counts.baselineRate);
    return tabulateBeta(
      Math.max(0.5, counts.events + prior * rate),
      Math.max(0.5, counts.trials - counts.events + prior * (1 - rate)),
      DRAWS,
    );
  };
  const usual = ({ baselineRate }: RateCounts) => {
    const rate = clipRate(baselineRate);
    return tabulateBeta(
      Math.max(0.5, usualTrials * rate),
      Math.max(0.5, usualTrials * (1 - rate)),
      DRAWS,
    );
  };
  if (byPayment === undefined) {
    return {
      now: { kind: "whole", whole: now(whole, 1) },
      usual: { kind: "whole", whole: usual(whole) },
    };
  }
  const { cod, prepaid } = byPayment;
  const codPart = cod.trials / Math.max(1, cod.trials + prepaid.trials);
  return {
    now: { kind: "split", cod: now(cod, codPart), prepaid: now(prepaid, 1 - codPart) },
    usual: { kind: "split", cod: usual(cod), prepaid: usual(prepaid) },
  };
}

/** Rates at given ranks; a whole rate r = s c + (1-s) c/ratio is solved for the COD rate c. */
export function ratesOf(
  table: RateTable,
  codRank: number,
  prepaidRank: number,
  codShare: number,
  ratio: number,
): Rates {
  if (table.kind === "split") {
    return { cod: table.cod[codRank]!, prepaid: table.prepaid[prepaidRank]! };
  }
  const prepaid = table.whole[codRank]! / (codShare * ratio + 1 - codShare);
  return { cod: Math.min(RATE_MAX, prepaid * ratio), prepaid: Math.min(RATE_MAX, prepaid) };
}

/** How many trials an estimate with this 95% interval is worth: m(1-m)/sd^2 - 1. */
function trialsBehind(rate: number, interval: { readonly low: number; readonly high: number }) {
  const deviation = Math.max(1e-4, (interval.high - interval.low) / 3.92);
  const mean = clipRate(rate);
  return Math.min(1e5, Math.max(4, (mean * (1 - mean)) / deviation ** 2 - 1));
}

function clipRate(rate: number): number {
  return Math.min(RATE_MAX, Math.max(0.002, rate));
}

function mapInputs<To>(of: (name: InputName) => To): { readonly [name in InputName]: To } {
  return Object.fromEntries(INPUT_NAMES.map((name) => [name, of(name)])) as Record<InputName, To>;
}
