/**
 * The marketing agent: answers a signal of risk in a geography with the intervention worth most.
 *
 * It reads its own systems (ad spend, orders), scores every option in the same possible worlds, and
 * proposes the best one that is sure enough to beat doing nothing. A courier's fault goes back to
 * logistics: punishing demand does not mend supply. It changes nothing outside, and the same question
 * gets the same answer.
 */
import { valueAt } from "../../core/contract/evidence.ts";
import type { Proposal, Reply, ScoredOption } from "../../core/contract/types.ts";
import type {
  MarketingFacts,
  MarketingFactsSource,
  ReceivingAgent,
} from "../../core/port/types.ts";
import type { Economics } from "./economics.ts";
import { major, type Scored, scoreOptions } from "./score.ts";

const VERSION = "1.0.0";

export type MarketingAgentOptions = {
  readonly facts: MarketingFactsSource;
  readonly economics: Economics;
  resourceOf(option: string, subject: string): string;
  readonly currency: string;
};

export function createMarketingAgent(options: MarketingAgentOptions): ReceivingAgent {
  const { economics } = options;
  return {
    department: "marketing",
    name: "geo-value-optimiser",
    version: VERSION,

    async evaluate({ signal, contract, now }): Promise<Reply> {
      const facts = await options.facts.readFacts(signal.subject, now);
      if (facts === undefined) {
        return {
          kind: "need-more",
          missing: ["ad spend", "orders"],
          reason: "neither the ads platform nor the shop knows this geography",
        };
      }
      const { options: scored } = scoreOptions(signal, contract, facts, economics);
      const shown = scored.map(toShown);
      if (valueAt(signal.payload, "/cause/owner") === "courier" && offersHandBack(signal.options)) {
        return {
          kind: "bounce",
          to: contract.sender.department,
          reason:
            "one courier carries the excess; a change of courier mends it, less demand does not",
          scored: shown,
        };
      }
      if (signal.confidence < contract.confidence.thresholds.act) {
        return {
          kind: "decline",
          reason: "the confidence is below what the contract asks for to act",
          scored: shown,
        };
      }
      const best = chooseBest(scored);
      if (best === undefined) {
        return {
          kind: "decline",
          reason: "no option is worth more than doing nothing",
          scored: shown,
        };
      }
      return { kind: "accept", proposal: toProposal(options, best, shown, facts, signal) };
    },
  };
}

function offersHandBack(offered: ReadonlyArray<string>): boolean {
  return offered.includes("hand_back");
}

/** Largest mean gain; among equals the smaller loss if it is wrong, then the name. */
function chooseBest(scored: ReadonlyArray<Scored>): Scored | undefined {
  return [...scored]
    .filter((one) => one.choice !== undefined && one.feasible)
    .sort(
      (a, b) =>
        b.value.mean.amountMinor - a.value.mean.amountMinor ||
        a.loss - b.loss ||
        (a.option < b.option ? -1 : 1),
    )[0];
}

function toProposal(
  { economics, resourceOf, currency }: MarketingAgentOptions,
  best: Scored,
  scored: ReadonlyArray<ScoredOption>,
  facts: MarketingFacts,
  signal: Parameters<ReceivingAgent["evaluate"]>[0]["signal"],
): Proposal {
  const subjects = valueAt(signal.payload, "/exposure/subjects");
  return {
    option: best.option,
    parameters: best.parameters,
    resource: resourceOf(best.option, signal.subject),
    value: best.value,
    valueAtStake: major(best.loss, currency),
    blastRadius: {
      subjects: typeof subjects === "number" ? subjects : 1,
      shareOfOrders: share(facts.ordersPerDay, facts.ordersPerDayAll),
      shareOfSpend: share(facts.spendPerDay.amountMinor, facts.spendPerDayAll.amountMinor),
    },
    standingDays: economics.choice.standingDays,
    scored,
    reasons: [
      `${best.option} ${best.reason}`,
      "the alternatives were scored in the same possible worlds and are listed with their reasons",
    ],
  };
}

function share(part: number, whole: number): number {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0;
}

function toShown({ option, parameters, value, feasible, reason }: Scored): ScoredOption {
  return { option, parameters, value, feasible, reason };
}
