/**
 * What marketing's economics foretell of an action, in the unit in which its outcome is measured: failed
 * deliveries per ordinary attempt. An advertising change takes paid orders away in the proportion that
 * the agent's own model says, and with each order the failures it would have had; a confirmation keeps
 * orders back that would have failed, and mends some others.
 */
import type { Economics } from "../../src/agent/marketing/economics.ts";
import { valueAt } from "../../src/core/contract/evidence.ts";
import type { LoopLearning } from "../../src/engine/wiring.ts";
import type { Foretold } from "../../src/stats/outcome/lesson.ts";

const FILE = "loops/logistics-marketing/economics.yaml";
/** From an order to its first attempt, about. */
const LAG_DAYS = 2;
/** A range that holds nine in ten is so many deviations wide. */
const RANGE_DEVIATIONS = 3.29;

export function createLearning({ inputs, decision }: Economics): LoopLearning {
  const { spendElasticity, confirmationReduction, recovery } = inputs;
  return {
    foretellEffect({ action, signal }) {
      const { option, parameters } = action?.intervention ?? {};
      const rate = Number(valueAt(signal.payload, "/measure/rate"));
      const codShare = Number(valueAt(signal.payload, "/exposure/codShare"));
      if (option === "confirm_orders") return foretellConfirmation(inputs, rate, codShare);
      if (option === "exclude_geo") {
        return foretellSpend(inputs, rate, Number(parameters?.["probeShare"]));
      }
      if (option === "lower_bid") {
        const bid = Number(parameters?.["bidModifier"]);
        return foretellSpend(inputs, rate, bid ** inputs.bidResponse.value);
      }
      return undefined;
    },
    lagDays: LAG_DAYS,
    settings: [
      {
        kind: "confidence-threshold",
        about: "confidentFrom",
        file: FILE,
        path: "/decision/confidentFrom/value",
        now: decision.confidentFrom,
      },
      {
        kind: "option-prior",
        about: "spendElasticity",
        file: FILE,
        path: "/inputs/spendElasticity/value",
        options: ["lower_bid", "exclude_geo"],
        ...rangeOf(spendElasticity),
      },
      {
        kind: "option-prior",
        about: "confirmationReduction",
        file: FILE,
        path: "/inputs/confirmationReduction/value",
        options: ["confirm_orders"],
        ...rangeOf(confirmationReduction),
      },
    ],
    failureCost: {
      mean: (1 - recovery.value) * costOfReturn(inputs, "value"),
      deviation: Math.hypot(
        ((recovery.high - recovery.low) / RANGE_DEVIATIONS) * costOfReturn(inputs, "value"),
        ((1 - recovery.value) * (costOfReturn(inputs, "high") - costOfReturn(inputs, "low"))) /
          RANGE_DEVIATIONS,
      ),
    },
  };
}

function rangeOf({ value: now, low, high }: Economics["inputs"]["recovery"]) {
  return { now, low, high };
}

/** `left` is the share of the spend that is still spent. */
function foretellSpend(
  { paidShare, spendElasticity }: Economics["inputs"],
  rate: number,
  left: number,
): Foretold | undefined {
  const effect = -rate * paidShare.value * (1 - left ** spendElasticity.value);
  return Number.isFinite(effect) ? { effect, fixed: 0 } : undefined;
}

/**
 * Of the cash orders' failures a share is mended, and those that nobody confirms are not shipped: they
 * would have come back, which of the failures is the part that is not recovered.
 */
function foretellConfirmation(
  { codRateRatio, confirmationReduction, confirmationCancelled, recovery }: Economics["inputs"],
  rate: number,
  codShare: number,
): Foretold | undefined {
  const codRate = rate / (codShare + (1 - codShare) / codRateRatio.value);
  if (!Number.isFinite(codRate)) return undefined;
  const unsent = Math.min(codRate, confirmationCancelled.value / (1 - recovery.value));
  const mended = Math.min(codRate - unsent, confirmationReduction.value * codRate);
  return { effect: -codShare * (unsent + mended), fixed: -codShare * unsent };
}

/** Both freights, packing, taking it in, and what the goods lose. */
function costOfReturn(inputs: Economics["inputs"], at: "value" | "low" | "high"): number {
  const { forwardFreight, reverseFreight, packing, receipt, goods, writeDownShare } = inputs;
  return (
    forwardFreight[at] +
    reverseFreight[at] +
    packing[at] +
    receipt[at] +
    goods[at] * writeDownShare[at]
  );
}
