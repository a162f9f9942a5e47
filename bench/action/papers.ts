/**
 * What both loops of the bench are given: the reference contract, the reference charter with its rules
 * and caps opened so that it says `auto` to everything, signals that keep the contract, and a receiver
 * that answers from memory. What is measured is the engine, not an agent's arithmetic.
 */
import { loadPapers, type Papers } from "../../loops/logistics-marketing/loop.ts";
import { parseCharter } from "../../src/core/charter/parse.ts";
import type { Proposal, Reply, Signal } from "../../src/core/contract/types.ts";
import type { ReceivingAgent } from "../../src/core/port/types.ts";
import { addMs, HOUR_MS, type Instant } from "../../src/std/time.ts";
import { goodProposal, goodSignal } from "../../test/kit/reference-loop.ts";
import { ADS_RESOURCE } from "./ads.ts";

const NO_LIMIT = { actions: 1_000_000, subjects: 10_000_000, value: "INR 9999999999999" };

export function loadBenchPapers(): Papers {
  const { charter, ...papers } = loadPapers();
  return {
    ...papers,
    charter: parseCharter({
      ...charter,
      rules: [
        {
          name: "anything",
          because: "bench",
          when: {},
          then: { kind: "auto" },
          accountable: "marketing",
        },
      ],
      guardrails: {
        ...charter.guardrails,
        perDay: NO_LIMIT,
        perWeek: NO_LIMIT,
        coolDownDays: 0,
        freezes: [],
      },
    }),
  };
}

const FIRST_PINCODE = 100_000;

/** Signal number `index`: a subject of its own, valid from `now`. */
export function makeSignal(index: number, now: Instant): Signal {
  return goodSignal({
    id: `bench-${index}`,
    subject: `IN-${FIRST_PINCODE + index}`,
    sentAt: now,
    asOf: addMs(now, -12 * HOUR_MS),
    expiresAt: addMs(now, 48 * HOUR_MS),
  });
}

export function makeProposal(subject: string, resource = `${ADS_RESOURCE}/${subject}`): Proposal {
  const parameters = { bidModifier: 0.5, standingDays: 14 };
  const { scored, ...rest } = goodProposal();
  return {
    ...rest,
    option: "lower_bid",
    parameters,
    resource,
    scored: scored.map((option) =>
      option.option === "exclude_geo" ? { ...option, option: "lower_bid", parameters } : option,
    ),
  };
}

/** Says yes to everything, at once. */
export function createBenchReceiver(resourceOf?: (subject: string) => string): ReceivingAgent {
  return {
    department: "marketing",
    name: "bench-receiver",
    version: "1.0.0",
    evaluate: ({ signal }) =>
      Promise.resolve<Reply>({
        kind: "accept",
        proposal: makeProposal(signal.subject, resourceOf?.(signal.subject)),
      }),
  };
}
