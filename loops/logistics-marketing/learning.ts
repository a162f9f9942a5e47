/**
 * What marketing's economics foretell of an action, in the unit in which its outcome is measured: failed
 * deliveries per ordinary attempt. An advertising change takes paid orders away in the proportion that
 * the agent's own model says, and with each order the failures it would have had.
 */
import type { Economics } from "../../src/agent/marketing/economics.ts";
import type { Case } from "../../src/core/case/types.ts";
import { valueAt } from "../../src/core/contract/evidence.ts";
import type { LoopLearning } from "../../src/engine/wiring.ts";

const FILE = "loops/logistics-marketing/economics.yaml";
/** A range that holds nine in ten is so many deviations wide. */
const RANGE_DEVIATIONS = 3.29;

export function createLearning({ inputs, decision }: Economics): LoopLearning {
  const { paidShare, spendElasticity, bidResponse, recovery } = inputs;
  const spendLeft = ({ action }: Case): number | undefined => {
    const { option, parameters } = action?.intervention ?? {};
    if (option === "lower_bid") return Number(parameters?.["bidModifier"]) ** bidResponse.value;
    if (option === "exclude_geo") return Number(parameters?.["probeShare"]);
    return undefined;
  };
  const { value: now, low, high } = spendElasticity;
  return {
    foretellEffect(of) {
      const left = spendLeft(of);
      const rate = valueAt(of.signal.payload, "/measure/rate");
      if (left === undefined || !Number.isFinite(left) || typeof rate !== "number")
        return undefined;
      return -rate * paidShare.value * (1 - left ** spendElasticity.value);
    },
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
        now,
        low,
        high,
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
