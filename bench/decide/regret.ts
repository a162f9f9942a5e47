/**
 * What each way of choosing was worth, on companies whose truth is known.
 *
 * The logistics agent watches a company's data and signals; for each first signal on a place the marketing
 * agent answers from counted orders and spend, and others choose by rules of thumb. Each choice is then valued
 * by the company's own expected contribution over the four weeks after the signal, with it in force at
 * that place alone, less the same without. The oracle tries every option and parameter and knows that value.
 *
 * Left out: what handing back would mend (this company's couriers do not learn), so places whose orders fail
 * through a courier or bad addresses are counted apart; attention, and what platforms relearn.
 */
import { createLogisticsAgent } from "../../src/agent/logistics/agent.ts";
import type { Economics } from "../../src/agent/marketing/economics.ts";
import { createMarketingAgent } from "../../src/agent/marketing/agent.ts";
import { valueAt } from "../../src/core/contract/evidence.ts";
import type { Reply, Signal } from "../../src/core/contract/types.ts";
import type { MarketingFactsSource, ReceivingAgent } from "../../src/core/port/types.ts";
import { addDays, type Day, dayOf, instantOn } from "../../src/std/time.ts";
import { loadPapers } from "../../loops/logistics-marketing/loop.ts";
import { type Company, createCompany } from "../../twin/company/company.ts";
import {
  type InForce,
  type InterventionInForce,
  NOTHING_IN_FORCE,
} from "../../twin/company/response.ts";
import { COMPANY_DEFAULTS, TRUTH } from "../../twin/company/settings.ts";
import type { Break } from "../../twin/company/truth.ts";

export const POLICIES = [
  "Interlock, knowing its own books",
  "Interlock, published ranges alone",
  "always exclude",
  "always COD off",
  "always confirm orders",
  "exclude where the rate is above 40%",
  "do nothing",
] as const;
export type Policy = (typeof POLICIES)[number] | "ORACLE";

export type Choice = {
  readonly option: string;
  readonly valueMinor: number;
  /** Why nothing was done, or with which parameters what was. */
  readonly why?: string;
};
export type DecidedCase = {
  readonly subject: string;
  readonly cause: Break["cause"] | "none";
  readonly ordersPerDay: number;
  readonly choices: { readonly [P in Policy]: Choice };
};

const HORIZON_DAYS = 28;
const OFFSET_MINUTES = 330;
const LOOKBACK_DAYS = 28;
const STANDING_DAYS = [7, 14, 28];
const BID_MODIFIERS = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
const PROBE_SHARES = [0.05, 0.1, 0.2];
const RAW_RATE = 0.4;

type Standing = { readonly intervention: InterventionInForce; readonly days: number };

const CANDIDATES: ReadonlyArray<Standing> = STANDING_DAYS.flatMap((days) => [
  ...BID_MODIFIERS.map((bidModifier) => standing("lower_bid", { bidModifier }, days)),
  ...PROBE_SHARES.map((probeShare) => standing("exclude_geo", { probeShare }, days)),
  standing("prepaid_only", {}, days),
  standing("confirm_orders", {}, days),
]);

function standing(
  option: string,
  parameters: InterventionInForce["parameters"],
  days: number,
): Standing {
  return { intervention: { option, parameters }, days };
}

export async function decideCompany(seed: number, quick: boolean): Promise<DecidedCase[]> {
  const company = createCompany({
    ...COMPANY_DEFAULTS,
    seed,
    geographies: 300,
    ordersPerDay: 6_000,
    historyDays: 45,
    days: quick ? 75 : 95,
    breaksPerMonth: 0.06,
    districtBreaksPerMonth: 0.06,
  });
  const { contract, economics, charter } = loadPapers();
  const [informed, published] = [learnBooks(company, economics), economics].map((known) =>
    createMarketingAgent({
      facts: readFactsOf(company),
      economics: known,
      resourceOf: (option, subject) => `${option}:${subject}`,
      currency: charter.currency,
    }),
  ) as [ReceivingAgent, ReceivingAgent];
  const decided: DecidedCase[] = [];
  for (const signal of listSignals(company)) {
    const request = { signal, contract, caseId: `case-${signal.id}`, now: signal.sentAt };
    const replies = [await informed.evaluate(request), await published.evaluate(request)] as const;
    decided.push(valueChoices(company, signal, replies));
  }
  return decided;
}

/** The first signal on each place, as the logistics agent sends it. */
function listSignals(company: Company): Signal[] {
  const { startDay, days, historyDays } = company.settings;
  const agent = createLogisticsAgent();
  const subjects = new Map(company.subjects.map((subject) => [subject.id, subject]));
  const seen = new Set<string>();
  const signals: Signal[] = [];
  for (let offset = 0; offset < days; offset++) {
    const day = addDays(startDay, offset);
    const { observations } = company.batchFor(day, NOTHING_IN_FORCE);
    const now = instantOn(addDays(day, 1), 360, OFFSET_MINUTES);
    const reading = agent.foldDay({ day, now, subjects, observations, acted: new Set() });
    if (offset < historyDays) continue;
    for (const signal of reading.signals) {
      if (seen.has(signal.subject)) continue;
      seen.add(signal.subject);
      signals.push(signal);
    }
  }
  return signals;
}

/**
 * What a company finds in its own books: prices, costs and fees to the rupee; how many failed attempts come
 * back, from its history; and how orders answer to ads and to COD off as one knows them after tests
 * of one's own, to within a tenth or so. The shipped ranges are those that vendors publish.
 */
function learnBooks(company: Company, { currency, inputs, decision }: Economics): Economics {
  const { startDay, historyDays } = company.settings;
  const past = company.totals(NOTHING_IN_FORCE, startDay, addDays(startDay, historyDays));
  const known = (value: number, within: number, source: string) => ({
    value,
    low: value * (1 - within),
    high: value * (1 + within),
    source,
  });
  const books = (value: number) => known(value, 0.005, "own books");
  const tested = (value: number) => known(value, 0.12, "own tests");
  return {
    currency,
    decision,
    inputs: {
      ...inputs,
      netPrice: books(TRUTH.netPriceMinor),
      goods: books(TRUTH.goodsMinor),
      forwardFreight: books(TRUTH.forwardMinor),
      reverseFreight: books(TRUTH.reverseMinor),
      packing: books(TRUTH.packingMinor),
      receipt: books(TRUTH.receiptMinor),
      writeDownShare: books(TRUTH.writeDownShare),
      codFee: books(TRUTH.codFeeMinor),
      gatewayFee: books(TRUTH.gatewayFeeMinor),
      recovery: known(1 - past.returns / past.failures, 0.05, "own history"),
      prepaidSwitchShare: tested(TRUTH.prepaidSwitchShare),
      paidShare: known(TRUTH.paidShare, 0.06, "own tests"),
      spendElasticity: tested(TRUTH.spendElasticity),
      bidResponse: known(1, 0.05, "own tests"),
      redirectedReturn: known(TRUTH.marginalValue, 0.04, "own tests"),
      confirmationCancelled: tested(TRUTH.confirmationCancelled),
      confirmationReduction: tested(TRUTH.confirmationReduction),
      confirmationCost: books(TRUTH.confirmationMinor),
      // This company's platform learns nothing anew when a bid changes.
      learningLossShare: { value: 0, low: 0, high: 0.005, source: "own tests" },
    },
  };
}

function readFactsOf(company: Company): MarketingFactsSource {
  const currency = "INR";
  return {
    readFacts(subject, asOf, lookbackDays = LOOKBACK_DAYS) {
      const until = dayOf(asOf, OFFSET_MINUTES);
      const from = addDays(until, -lookbackDays);
      const mean = (values: ReadonlyArray<number>) =>
        values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
      const orders = (of: string) =>
        mean(
          company.countedOrdersPerDay(of, from, until, NOTHING_IN_FORCE).map((day) => day.orders),
        );
      const spend = (of: string) => ({
        amountMinor: Math.round(mean(company.spendPerDayMinor(of, from, until, NOTHING_IN_FORCE))),
        currency,
      });
      return Promise.resolve({
        subject,
        spendPerDay: spend(subject),
        spendPerDayAll: spend("IN"),
        ordersPerDay: orders(subject),
        ordersPerDayAll: orders("IN"),
        lookbackDays,
      });
    },
  };
}

function valueChoices(
  company: Company,
  signal: Signal,
  [informed, published]: readonly [Reply, Reply],
): DecidedCase {
  const { subject } = signal;
  const from = addDays(dayOf(signal.sentAt, OFFSET_MINUTES), 1);
  const until = addDays(from, HORIZON_DAYS);
  const base = company.totals(NOTHING_IN_FORCE, from, until, subject);
  const valueOf = (of: Standing | undefined): Choice => {
    if (of === undefined) return { option: "do_nothing", valueMinor: 0 };
    const last = addDays(from, of.days);
    const inForce: InForce = (at: string, day: Day) =>
      at === subject && day >= from && day < last ? [of.intervention] : [];
    const { contributionMinor } = company.totals(inForce, from, until, subject);
    return {
      option: of.intervention.option,
      valueMinor: contributionMinor - base.contributionMinor,
      why: `${JSON.stringify(of.intervention.parameters)} for ${of.days} days`,
    };
  };
  const nothing = valueOf(undefined);
  const tried = CANDIDATES.map(valueOf);
  const oracle = tried.reduce(
    (best, choice) => (choice.valueMinor > best.valueMinor ? choice : best),
    nothing,
  );
  const exclusion = valueOf(standing("exclude_geo", { probeShare: 0.1 }, HORIZON_DAYS));
  const ofReply = (reply: Reply): Choice =>
    reply.kind === "accept"
      ? valueOf(toStanding(reply.proposal))
      : { ...nothing, option: reply.kind, why: "reason" in reply ? reply.reason : "" };
  const rate = Number(valueAt(signal.payload, "/measure/rate"));
  return {
    subject,
    cause: causeOf(company, subject, dayOf(signal.sentAt, OFFSET_MINUTES)),
    ordersPerDay: base.orders / HORIZON_DAYS,
    choices: {
      "Interlock, knowing its own books": ofReply(informed),
      "Interlock, published ranges alone": ofReply(published),
      "always exclude": exclusion,
      "always COD off": valueOf(standing("prepaid_only", {}, HORIZON_DAYS)),
      "always confirm orders": valueOf(standing("confirm_orders", {}, HORIZON_DAYS)),
      "exclude where the rate is above 40%": rate > RAW_RATE ? exclusion : nothing,
      "do nothing": nothing,
      ORACLE: oracle,
    },
  };
}

function toStanding({
  option,
  parameters,
  standingDays,
}: Extract<Reply, { kind: "accept" }>["proposal"]): Standing {
  return { intervention: { option, parameters }, days: Math.min(standingDays, HORIZON_DAYS) };
}

/** The break on the place, around it, or the largest within it. */
function causeOf(company: Company, subject: string, day: Day): DecidedCase["cause"] {
  const parents = new Map(company.subjects.map(({ id, parent }) => [id, parent]));
  const isWithin = (inner: string, outer: string): boolean => {
    for (let at: string | null | undefined = inner; at; at = parents.get(at)) {
      if (at === outer) return true;
    }
    return false;
  };
  const [main] = company.truth.breaks
    .filter(
      ({ startDay, untilDay }) =>
        startDay <= day && (untilDay === null || untilDay > addDays(day, -10)),
    )
    .filter((of) => isWithin(subject, of.subject) || isWithin(of.subject, subject))
    .sort((a, b) => b.size * b.ordersPerDay - a.size * a.ordersPerDay);
  return main?.cause ?? "none";
}
