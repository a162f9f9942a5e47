/**
 * The logistics -> marketing loop: its papers, its two agents, and what they are given.
 *
 * The folder holds everything that is particular to this loop. The papers are YAML, so that the people
 * who sign them can read them; this file only brings them together with the ports it is handed.
 */
import { readFileSync } from "node:fs";
import { createLogisticsAgent } from "../../src/agent/logistics/agent.ts";
import type { LogisticsSettings } from "../../src/agent/logistics/settings.ts";
import { createMarketingAgent } from "../../src/agent/marketing/agent.ts";
import { type Economics, parseEconomics } from "../../src/agent/marketing/economics.ts";
import { parseCharter } from "../../src/core/charter/parse.ts";
import { parseContract } from "../../src/core/contract/parse.ts";
import type { Charter } from "../../src/core/charter/types.ts";
import { valueAt } from "../../src/core/contract/evidence.ts";
import { guardReceiver } from "../../src/core/contract/guard.ts";
import type { Contract, Signal } from "../../src/core/contract/types.ts";
import { parseDocument } from "../../src/core/document.ts";
import type {
  Connector,
  MarketingFactsSource,
  Notifier,
  ReceivingAgent,
} from "../../src/core/port/types.ts";
import type { LoopWiring, SignalledChange } from "../../src/engine/wiring.ts";
import { isDay } from "../../src/std/time.ts";
import { createLearning } from "./learning.ts";
import { listHistories, TRIAL_WORDS } from "./trial.ts";

export const LOOP_NAME = "logistics-marketing";
export const METRIC = "ndr_rate";
/** Three points of NDR: what the contract calls material. */
const EFFECT_WORTH_TELLING = 0.03;

export type Papers = {
  readonly contract: Contract;
  readonly charter: Charter;
  readonly economics: Economics;
};

/** Reads the three documents of this folder. */
export function loadPapers(): Papers {
  return {
    contract: parseContract(readDocument("contract.yaml")),
    charter: parseCharter(readDocument("charter.yaml")),
    economics: parseEconomics(readDocument("economics.yaml")),
  };
}

function readDocument(file: string): unknown {
  return parseDocument(readFileSync(new URL(file, import.meta.url), "utf8"), file).value;
}

/** A 95% interval is this many standard deviations wide. */
const INTERVAL_DEVIATIONS = 3.92;

/** Where this loop's contract says when the rise began and how large it is. */
export function readChange({ payload }: Signal): SignalledChange | undefined {
  const onDay = valueAt(payload, "/change/onDay");
  const size = valueAt(payload, "/change/size");
  const low = valueAt(payload, "/change/low");
  const high = valueAt(payload, "/change/high");
  if (!isDay(onDay) || typeof size !== "number") return undefined;
  if (typeof low !== "number" || typeof high !== "number") return undefined;
  return { onDay, size, deviation: (high - low) / INTERVAL_DEVIATIONS };
}

export type LoopPorts = {
  readonly connectors: ReadonlyArray<Connector>;
  readonly notifier: Notifier;
  readonly facts: MarketingFactsSource;
  /** Canonical name of what an option would change for a subject. */
  resourceOf(option: string, subject: string): string;
  readonly calibrationDays: number;
  readonly dataMaxAgeHours: number;
  readonly detector?: Partial<LogisticsSettings>;
  /** Ends that are not our own agents in this process: a remote receiver; null for a remote sender. */
  readonly remote?: { readonly sender?: null; readonly receiver?: ReceivingAgent };
};

export function wireLogisticsMarketing(papers: Papers, ports: LoopPorts): LoopWiring {
  return {
    name: LOOP_NAME,
    contract: papers.contract,
    charter: papers.charter,
    sender: ports.remote?.sender === null ? null : createLogisticsAgent(ports.detector),
    senderTrial: {
      createSender: () => createLogisticsAgent(ports.detector),
      histories: listHistories,
      words: TRIAL_WORDS,
    },
    receiver:
      ports.remote?.receiver ??
      guardReceiver(
        createMarketingAgent({
          facts: ports.facts,
          economics: papers.economics,
          resourceOf: ports.resourceOf,
          currency: papers.charter.currency,
        }),
      ),
    connectors: ports.connectors,
    notifier: ports.notifier,
    resourceOf: ports.resourceOf,
    readChange,
    metric: METRIC,
    effectWorthTelling: EFFECT_WORTH_TELLING,
    calibrationDays: ports.calibrationDays,
    dataMaxAgeHours: ports.dataMaxAgeHours,
    learning: createLearning(papers.economics),
  };
}
