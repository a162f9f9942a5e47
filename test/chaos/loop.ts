/**
 * The loop that is run under faults: the reference contract, the reference charter with its rules and caps
 * opened so that it says `auto` to everything, a receiver that answers from memory, and signals of any
 * number. `prepare.ts` takes it live; from there on every process of the run wires it for itself.
 */
import { LOOP_NAME, METRIC, readChange } from "../../loops/logistics-marketing/loop.ts";
import type { Charter } from "../../src/core/charter/types.ts";
import type { Proposal, Reply, Signal } from "../../src/core/contract/types.ts";
import type { ReceivingAgent, SendingAgent } from "../../src/core/port/types.ts";
import { Engine } from "../../src/engine/engine.ts";
import {
  DEFAULT_LIMITS,
  type EngineLimits,
  type LoopWiring,
  REAL_PACE,
} from "../../src/engine/wiring.ts";
import { integerBetween, randomFrom } from "../../src/std/random.ts";
import { addDays, addMs, HOUR_MS, type Instant, instantFromMs } from "../../src/std/time.ts";
import type { Driver } from "../../src/store/driver/driver.ts";
import {
  goodProposal,
  goodSignal,
  referenceCharter,
  referenceContract,
} from "../kit/reference-loop.ts";
import { type Ports, resourceOf } from "./ports.ts";

/** As `test/kit/engine-world.ts` names it, which takes it live. */
export const LOOP = LOOP_NAME;
/** How the loop's sender names itself in every signal. */
export const SOURCE = "logistics/ndr-watch";
const CAP = {
  actions: 100_000_000,
  subjects: 100_000_000,
  value: "INR 9999999999999",
};
const FIRST_PINCODE = 100_000;
const PINCODES = 900_000;
/** Data never grows stale here: the clock is moved on, and nobody delivers. */
export const DATA_HOURS_MAX = 240_000;

export function wallNow(): Instant {
  return instantFromMs(Date.now());
}

/** Long enough in force for a run whose clock is moved on by a month. */
export function openCharter(charter: Charter): Charter {
  const today = wallNow().slice(0, 10);
  return {
    ...charter,
    rules: [
      {
        name: "anything",
        because: "what is looked at here is the engine",
        when: {},
        then: { kind: "auto" },
        accountable: "marketing",
      },
    ],
    guardrails: {
      ...charter.guardrails,
      perDay: CAP,
      perWeek: CAP,
      coolDownDays: 0,
      freezes: [],
    },
    effective: {
      from: addDays(today, -30),
      review: addDays(today, 300),
      until: addDays(today, 365),
    },
  };
}

/** Of a hundred places, so many are dealt with on a platform of each class. */
export type Mix = { readonly readable: number; readonly idempotent: number };

/** Which option a place gets depends on its number alone, so that every process answers alike. */
function optionOf(subject: string, mix: Mix): "exclude_geo" | "lower_bid" | "prepaid_only" {
  const draw = integerBetween(randomFrom("option", subject), 0, 100);
  if (draw < mix.readable) return "exclude_geo";
  return draw < mix.readable + mix.idempotent ? "lower_bid" : "prepaid_only";
}

const PARAMETERS = {
  exclude_geo: { standingDays: 14, probeShare: 0.1 },
  lower_bid: { bidModifier: 0.5, standingDays: 14 },
  prepaid_only: { standingDays: 14 },
} as const;

/** Sees nothing by itself: every signal of a run comes in by HTTP. */
function createSender(): SendingAgent {
  return {
    department: "logistics",
    name: "ndr-watch",
    version: "1.0.0",
    foldDay: ({ day, observations }) => ({
      day,
      evaluated: observations.length,
      notEvaluated: [],
      signals: [],
      nearMisses: [],
    }),
    save: () => new Uint8Array(),
    restore: () => undefined,
  };
}

/** Says yes to everything, at once. */
export function createReceiver(mix: Mix): ReceivingAgent {
  return {
    department: "marketing",
    name: "budget-keeper",
    version: "1.0.0",
    evaluate: ({ signal: { subject } }) =>
      Promise.resolve<Reply>({ kind: "accept", proposal: proposeFor(subject, mix) }),
  };
}

function proposeFor(subject: string, mix: Mix): Proposal {
  const option = optionOf(subject, mix);
  const parameters = PARAMETERS[option];
  const { scored, ...usual } = goodProposal();
  return {
    ...usual,
    option,
    parameters,
    resource: resourceOf(option, subject),
    blastRadius: { subjects: 1, shareOfOrders: 0.000_001, shareOfSpend: 0.000_001 },
    scored: scored.map((one) =>
      one.option === "exclude_geo" ? { ...one, option, parameters } : one,
    ),
  };
}

/** Signal number `n`, about a place of its own: pincodes, and districts when those run out. */
export function makeSignal(n: number, now: Instant): Signal {
  return goodSignal({
    id: `chaos-${n}`,
    source: SOURCE,
    subject: n < PINCODES ? `IN-${FIRST_PINCODE + n}` : `IN-D-chaos-${n}`,
    sentAt: now,
    asOf: addMs(now, -HOUR_MS),
    expiresAt: addMs(now, 71 * HOUR_MS),
  });
}

export function wireLoop({ connectors, notifier }: Ports, mix: Mix): LoopWiring {
  return {
    name: LOOP,
    contract: referenceContract(),
    charter: openCharter(referenceCharter()),
    sender: createSender(),
    receiver: createReceiver(mix),
    connectors,
    notifier,
    resourceOf,
    readChange,
    metric: METRIC,
    effectWorthTelling: 0.03,
    calibrationDays: 1,
    dataMaxAgeHours: DATA_HOURS_MAX,
  };
}

export type LoopProcess = {
  readonly driver: Driver;
  readonly wiring: LoopWiring;
  readonly limits: Partial<EngineLimits>;
  /** How far business time is ahead of the wall's. */
  readonly aheadMs?: number;
};

export function openEngine({ driver, wiring, limits, aheadMs = 0 }: LoopProcess): Engine {
  return new Engine({
    driver,
    clock: { now: () => instantFromMs(Date.now() + aheadMs) },
    loops: new Map([[LOOP, wiring]]),
    pace: REAL_PACE,
    limits: { ...DEFAULT_LIMITS, ...limits },
    zoneOffsetMinutes: 330,
  });
}
