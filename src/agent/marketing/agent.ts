/**
 * The marketing agent: answers a signal of risk in a geography with the intervention worth most.
 *
 * Like a good buyer it asks first whose fault it is, then what each answer would earn, how sure that is,
 * and what it costs to be wrong. Its own facts (ad spend, orders) come from its own systems; of the signal
 * it reads numbers and enumerated words only, so that no text in it can talk it into anything.
 * It changes nothing outside, and the same question with the same facts gets the same answer.
 *
 * Left out: campaigns within a geography, effects between neighbouring geographies, and what the
 * charter says, which is asked afterwards.
 */
import type { Contract, Proposal, Reply, ScoredOption } from "../../core/contract/types.ts";
import type {
  MarketingFacts,
  MarketingFactsSource,
  ReceivingAgent,
} from "../../core/port/types.ts";
import { assert } from "../../std/assert.ts";
import { InterlockError } from "../../std/errors.ts";
import { moneyToText } from "../../std/money.ts";
import type { Candidate } from "./candidate.ts";
import type { Economics } from "./economics.ts";
import { predictOrders } from "./own-record.ts";
import { type GeoRisk, isRefusedByAll, readRisk } from "./risk.ts";
import {
  computeValueAtStake,
  findDearestUnknown,
  findLargestUnknown,
  type Question,
  type Scored,
  scoreOptions,
  type Scoring,
} from "./score.ts";
import { type Beliefs, drawBeliefs } from "./world.ts";

export const CONTRACT_NAME = "logistics.geo-risk";

export type MarketingAgentOptions = {
  readonly facts: MarketingFactsSource;
  readonly economics: Economics;
  /** Canonical name of what an option would change for a subject. */
  resourceOf(option: string, subject: string): string;
  readonly currency: string;
};

export function createMarketingAgent(options: MarketingAgentOptions): ReceivingAgent {
  const { economics, currency } = options;
  if (economics.currency !== currency) {
    throw new InterlockError(
      "document/invalid-shape",
      `the economics are in \`${economics.currency}\`, the loop's money is in \`${currency}\``,
      { path: "/currency" },
    );
  }
  const beliefs = drawBeliefs(economics);
  return {
    department: "marketing",
    name: "geo-value",
    version: "1.0.0",
    predictOwnDomain: (input) => predictOrders(options.facts, input),
    async evaluate({ signal, contract }): Promise<Reply> {
      if (contract.name !== CONTRACT_NAME) {
        throw new InterlockError(
          "agent/failed",
          `the marketing agent answers ${CONTRACT_NAME}, not \`${contract.name}\``,
        );
      }
      const reading = readRisk(signal);
      if (reading.kind === "missing") {
        return needMore(
          reading.missing,
          "the signal lacks numbers that an answer is worked out from",
        );
      }
      const facts = await options.facts.readFacts(signal.subject, signal.asOf);
      if (facts === undefined) {
        return needMore(
          ["ad spend per day", "orders per day"],
          "neither the ads platform nor the shop knows this geography",
        );
      }
      const unusable = findUnusable(facts, currency);
      if (unusable !== undefined) return unusable;
      const question: Question = { signal, contract, risk: reading.risk, facts };
      return reply(options, beliefs, question, scoreOptions(beliefs, question));
    },
  };
}

function findUnusable(facts: MarketingFacts, currency: string): Reply | undefined {
  for (const money of [facts.spendPerDay, facts.spendPerDayAll]) {
    if (money.currency === currency) continue;
    throw new InterlockError(
      "agent/failed",
      `ad spend is told in \`${money.currency}\`, the loop's money is in \`${currency}\``,
    );
  }
  if (facts.ordersPerDay > 0) return undefined;
  return needMore(["orders per day"], "the shop has no orders from this geography");
}

function needMore(missing: ReadonlyArray<string>, reason: string): Reply {
  return { kind: "need-more", missing, reason };
}

function reply(
  options: MarketingAgentOptions,
  beliefs: Beliefs,
  question: Question,
  scoring: Scoring,
): Reply {
  const { contract, risk } = question;
  const handBack = scoring.options.find(
    ({ option, feasible }) => feasible && kindOf(contract, option) === "hand-back",
  );
  const best = chooseBest(options.economics, contract, risk, scoring.options);
  const isTheirs =
    handBack !== undefined &&
    (risk.owner === "courier" ||
      (handBack.stands && handBack.summary.mean >= (best?.summary.mean ?? 0)));
  if (isTheirs) {
    const considered = best === undefined ? "" : `; ${best.option} was weighed and can wait`;
    return {
      kind: "bounce",
      to: contract.sender.department,
      reason: `${handBack.reason}${considered}`,
      scored: show(scoring.options, handBack.option),
    };
  }
  const nothing = contract.options.find(({ kind }) => kind === "none")?.name ?? "do_nothing";
  if (best?.candidate === undefined || risk.owner === "courier") {
    return {
      kind: "decline",
      reason: declineReason(question),
      scored: show(scoring.options, nothing),
    };
  }
  return {
    kind: "accept",
    proposal: toProposal(options, beliefs, question, scoring, {
      ...best,
      candidate: best.candidate,
    }),
  };
}

/**
 * Largest expected gain among what meets every bar. Those within the tie share of it count as
 * equal; among equals the one that can be undone goes first, then the one that moves least.
 */
function chooseBest(
  { decision }: Economics,
  contract: Contract,
  risk: GeoRisk,
  options: ReadonlyArray<Scored>,
): Scored | undefined {
  let standing = options.filter(({ stands, candidate }) => stands && candidate !== undefined);
  // Refused cash orders ask for another way of paying, or fewer of them, before leaving the place.
  const gentler = standing.filter(({ option }) => option !== "exclude_geo");
  if (risk.owner === "checkout" && gentler.length > 0) standing = gentler;
  const most = Math.max(...standing.map(({ summary }) => summary.mean));
  const isReversible = (name: string) =>
    contract.options.find((option) => option.name === name)?.reversible ?? false;
  return standing
    .filter(({ summary }) => summary.mean >= most * (1 - decision.tieShare))
    .sort(
      (a, b) =>
        Number(isReversible(b.option)) - Number(isReversible(a.option)) ||
        GENTLENESS.indexOf(a.option) - GENTLENESS.indexOf(b.option),
    )[0];
}

/** From what changes least for customers to what changes most. */
const GENTLENESS = ["confirm_orders", "lower_bid", "prepaid_only", "exclude_geo"];

function declineReason({ signal, contract, risk }: Question): string {
  if (signal.confidence < contract.confidence.thresholds.act) {
    return "the signal is not sure enough to act on; doing nothing is the answer until it is";
  }
  if (isRefusedByAll(risk)) {
    return "customers who had paid refuse as well: tell those who answer for the product, not the ads";
  }
  if (risk.owner === "courier") return "a courier's fault is not marketing's to act on";
  return "no option is surely enough worth more than doing nothing";
}

function toProposal(
  { economics, currency, resourceOf }: MarketingAgentOptions,
  beliefs: Beliefs,
  question: Question,
  scoring: Scoring,
  best: Scored & { readonly candidate: Candidate },
): Proposal {
  const { signal, risk, facts } = question;
  const { options, worlds } = scoring;
  const { candidate } = best;
  assert(candidate.days >= 1, "an action stands at least a day");
  const unknown = findLargestUnknown(beliefs, candidate, question);
  const dearest = findDearestUnknown(beliefs, scoring);
  const { whole } = risk;
  const percent = (share: number) => `${Math.round(share * 100)}%`;
  return {
    option: best.option,
    parameters: best.parameters,
    resource: resourceOf(best.option, signal.subject),
    value: best.value,
    valueAtStake: { amountMinor: computeValueAtStake(candidate, worlds, facts), currency },
    blastRadius: {
      subjects: risk.subjects,
      shareOfOrders: shareOf(facts.ordersPerDay, facts.ordersPerDayAll),
      shareOfSpend:
        candidate.spendMoved === 0
          ? 0
          : shareOf(facts.spendPerDay.amountMinor, facts.spendPerDayAll.amountMinor),
    },
    standingDays: candidate.days,
    scored: show(options, best.option),
    reasons: [
      `first attempts fail at ${percent(whole.events / Math.max(1, whole.trials))} where ` +
        `${percent(whole.baselineRate)} was to be expected; about ` +
        `${percent(1 - economics.inputs.recovery.value)} of failures come back as returns`,
      `${best.option} ${best.reason}`,
      ...(unknown === undefined
        ? []
        : [
            `what matters most and is not known is ${unknown.words} ` +
              `(${percent(unknown.share)} of the spread)`,
          ]),
      dearest === undefined
        ? "no single unknown, were it known, would change the choice"
        : `knowing ${dearest.words} before choosing would be worth ` +
          moneyToText({ amountMinor: dearest.amountMinor, currency }),
    ],
  };
}

/** Unknown totals count as everything: the charter must not take silence for small. */
function shareOf(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 1;
}

function show(options: ReadonlyArray<Scored>, chosen: string): ReadonlyArray<ScoredOption> {
  return options.map(({ option, parameters, value, feasible, reason, stands }) => {
    const outcome =
      option === chosen ? "chosen: " : stands ? "not chosen, another is worth more: " : "";
    return { option, parameters, value, feasible, reason: `${outcome}${reason}` };
  });
}

function kindOf(contract: Contract, option: string): string | undefined {
  return contract.options.find(({ name }) => name === option)?.kind;
}
