/**
 * The reference contract once more, as someone would write it in TypeScript with Zod. A test holds it
 * to the hash of `loops/logistics-marketing/contract.yaml`.
 */
import { z } from "zod";
import { defineContract } from "../../src/core/contract/define.ts";

const attempted = "shipments with an attempt";
const interval = {
  low: "Lower end of its 95% interval",
  high: "Upper end of its 95% interval",
} as const;

const share = (description: string, denominator?: string) =>
  z
    .number()
    .min(0)
    .max(1)
    .meta({ unit: "1", description, ...(denominator === undefined ? {} : { denominator }) });
const points = (description: string) =>
  z.number().min(-1).max(1).meta({ unit: "1", denominator: attempted, description });
const shipments = (description: string, least = 0) =>
  z.int().min(least).meta({ unit: "shipments", description });
const day = (description: string) => z.iso.date().describe(description);

const payload = z.strictObject({
  metric: z
    .enum(["ndr_rate"])
    .describe("What is counted. ndr_rate is non-delivery reports over first delivery attempts."),
  level: z.enum(["pincode", "district", "state", "nation"]).describe("How large the geography is"),
  measure: z
    .strictObject({
      rate: share("events over trials"),
      events: shipments("Shipments with an NDR"),
      trials: shipments("Shipments with an attempt", 1),
      from: day("First day counted"),
      to: day("Last day counted"),
    })
    .describe("What was seen since the change, from its estimated day to the last complete day"),
  baseline: z
    .strictObject({
      rate: share("Expected NDR rate, shrunk towards the district, state and nation", attempted),
      low: share(interval.low, attempted),
      high: share(interval.high, attempted),
    })
    .describe("The rate that was to be expected here without the change"),
  change: z
    .strictObject({
      onDay: day("The day on which it most likely began"),
      size: points("Size of the rise, shrunk for having been picked out of many geographies"),
      low: points(interval.low),
      high: points(interval.high),
    })
    .describe("The lasting rise, in points of rate; 0.03 is three points"),
  evidence: z
    .strictObject({
      log10: z.number().min(-1000).max(100_000).meta({
        unit: "powers of ten",
        description: "Evidence for the rise against no rise; 3 means a thousand to one",
      }),
      threshold: z.number().min(0).max(1000).meta({
        unit: "powers of ten",
        description: "The bar it had to pass, set by the number of geographies watched",
      }),
      daysObserved: z
        .int()
        .min(1)
        .max(3660)
        .meta({ unit: "days", description: "Days since onDay" }),
    })
    .describe("How strong the evidence is, as an e-value that may be looked at every day"),
  maturity: share(
    "Share whose outcome is already known; the rest may still become NDRs",
    "shipments attempted in the measure",
  ),
  cause: z
    .strictObject({
      owner: z
        .enum(["courier", "checkout", "address", "demand", "unknown"])
        .describe(
          "Where the cause most likely lies. courier, address and checkout are logistics' own to " +
            "mend; demand is marketing's; unknown is honest.",
        ),
      split: z
        .array(
          z.strictObject({
            dimension: z.string().min(1).max(60).describe("Such as courier"),
            value: z.string().min(1).max(120).describe("Such as ekart"),
            trials: shipments("Attempted in this part"),
            events: shipments("NDRs in this part"),
            rate: share("events over trials"),
            baselineRate: share("The rate to be expected in this part"),
            shareOfExcess: z
              .number()
              .min(-10)
              .max(10)
              .meta({
                unit: "1",
                denominator: "all NDRs above the baseline",
                description:
                  "Share of the excess NDRs that this part has; below 0 or above 1 when parts move " +
                  "against each other",
              }),
          }),
        )
        .max(100)
        .describe("The excess split by courier, payment mode and reason where data has them"),
    })
    .describe("Who can do something about it, and where the excess sits"),
  exposure: z
    .strictObject({
      ordersPerDay: z.number().min(0).max(100_000_000).meta({
        unit: "orders per day",
        description: "Orders shipped into the geography per day, over the last 28 days",
      }),
      codShare: share("Share paid in cash on delivery", "orders shipped into the geography"),
      subjects: z.int().min(1).max(100_000).meta({
        unit: "pincodes",
        description: "Pincodes that the geography covers",
      }),
    })
    .describe("How much business is touched"),
});

const standingDays = z
  .int()
  .min(1)
  .max(28)
  .meta({ unit: "days", description: "Days until it lifts itself" });

export const zodContract = defineContract({
  name: "logistics.geo-risk",
  version: "1.0.0",
  title: "Non-delivery has risen for good",
  description:
    "Logistics sends this when the non-delivery report (NDR) rate of a geography has risen and stays " +
    "risen: not a spike, a festival, a weekday or a place with four orders. Marketing answers with one " +
    "of the options below, which may be to do nothing or to hand the case back.",
  sender: { department: "logistics" },
  receiver: { department: "marketing" },
  subject: {
    kind: "geography",
    description: "IN-560001 is a pincode, IN-D-patna a district, IN-S-bihar a state, IN the nation",
    pattern: "^IN(?:-[1-9][0-9]{5}|-[DS]-[a-z0-9-]{1,60})?$",
  },
  payload,
  options: [
    {
      name: "exclude_geo",
      kind: "act",
      reversible: true,
      description: "Stop advertising to the geography, but for a small probe that shows a recovery",
      parameters: z.strictObject({
        standingDays,
        probeShare: z.number().min(0).max(0.5).meta({
          unit: "1",
          denominator: "ad spend in the geography before",
          description: "Share of the spend that goes on, so that recovery can be seen",
        }),
      }),
    },
    {
      name: "lower_bid",
      kind: "act",
      reversible: true,
      description:
        "Bid less for customers in the geography, so that only the likelier buyers are won",
      parameters: z.strictObject({
        bidModifier: z.number().min(0.1).max(0.9).meta({
          unit: "1",
          description: "What the bid is multiplied by; 0.7 bids 30% less",
        }),
        standingDays,
      }),
    },
    {
      name: "prepaid_only",
      kind: "act",
      reversible: true,
      description: "Turn cash on delivery off in the shop for addresses in the geography",
      parameters: z.strictObject({ standingDays }),
    },
    {
      name: "confirm_orders",
      kind: "act",
      reversible: true,
      description:
        "Ship cash orders to the geography only once the buyer has confirmed order and address",
      parameters: z.strictObject({ standingDays }),
    },
    {
      name: "hand_back",
      kind: "hand-back",
      reversible: true,
      description:
        "Return the case to logistics because the cause is theirs to mend, with the reason",
      parameters: z.strictObject({
        to: z.enum(["logistics"]).describe("The department it goes back to"),
        reason: z.string().min(1).max(500).describe("Why it is not marketing's"),
      }),
    },
    {
      name: "do_nothing",
      kind: "none",
      reversible: true,
      description: "Change nothing, because every other option costs more than it saves",
      parameters: z.strictObject({}),
    },
  ],
  confidence: {
    meaning:
      "The posterior probability that the lasting rise of the NDR rate is at least material, that is " +
      "at least 3 points (0.03), given all complete days up to asOf.",
    calibration:
      "Each signal is scored once its outcomes are known: of those sent with confidence near 0.8, " +
      "about 80 in 100 must have had a rise of at least 3 points. Checked per band of 0.1 over the " +
      "last 200 scored signals; a band that is off by more than 0.1 takes the loop back to asking for " +
      "votes.",
    thresholds: { signal: 0.6, act: 0.7 },
  },
  evidence: {
    required: [
      {
        name: "Shipments attempted",
        path: "/measure/trials",
        why: "a rate without its denominator cannot be weighed",
      },
      { name: "NDR rate since the change", path: "/measure/rate", why: "what is happening now" },
      {
        name: "Expected NDR rate",
        path: "/baseline/rate",
        why: "what was to be expected, so that the excess is known",
      },
      { name: "Lasting rise", path: "/change/size", why: "what each option is valued by" },
      {
        name: "Evidence passed (powers of ten)",
        path: "/evidence/log10",
        why: "tells a lasting change from luck",
      },
      {
        name: "Outcomes known",
        path: "/maturity",
        why: "an immature cohort still looks better than it is",
      },
      {
        name: "Where the cause lies",
        path: "/cause/owner",
        why: "a geography is the wrong target when one courier is at fault",
      },
      {
        name: "Orders per day",
        path: "/exposure/ordersPerDay",
        why: "sets the value at stake",
      },
    ],
  },
  expiry: { afterHours: 72 },
});
