/**
 * A simulated direct-to-consumer company in India, as its own systems would see it.
 *
 * Everything is a function of seed, settings, day and what was in force on the days before: any day
 * can be asked for without having lived the earlier ones, so a run that was killed can go on. Chance
 * is drawn in streams named by pincode and day, the same whatever stands in force.
 *
 * Left out: single orders, returns without a failed attempt, and competition between geographies for
 * the same budget beyond one marginal value of money.
 */
import { normal, type Random, randomFrom } from "../../src/std/random.ts";
import { addDays, type Day, dayToNumber } from "../../src/std/time.ts";
import type { Observation, ObservationBatch, Subject } from "../../src/core/port/types.ts";
import { createCalendar, type DayMood } from "./calendar.ts";
import { binomial, pick, poissonAt, sigmoid } from "./draw.ts";
import { createGeography, type Geography, type Pincode } from "./geography.ts";
import { computeResponse, type InForce } from "./response.ts";
import {
  ATTEMPT_LAG_SHARES,
  checkSettings,
  type CompanySettings,
  COURIERS,
  PAYMENTS,
  TRUTH,
} from "./settings.ts";
import {
  type Break,
  type BreakCause,
  createTruth,
  excessOf,
  type Spike,
  type Truth,
} from "./truth.ts";

/** Share of pincode-days, and of state-days, on which the courier's feed is silent. */
const SILENT_PINCODE_SHARE = 0.01;
const SILENT_STATE_SHARE = 0.003;
/** Day-to-day overdispersion of the failure rate, in logits. */
const DAY_NOISE_LOGIT = 0.12;
const RATE_MAX = 0.95;

const REASONS: ReadonlyArray<readonly [string, number]> = [
  ["customer_unavailable", 0.38],
  ["refused", 0.2],
  ["customer_unreachable", 0.14],
  ["address_issue", 0.12],
  ["payment_not_ready", 0.06],
  ["courier_no_attempt", 0.05],
  ["misroute_or_delay", 0.03],
  ["unknown", 0.02],
];
const CAUSE_REASONS: Record<BreakCause, ReadonlyArray<readonly [string, number]>> = {
  demand: [
    ["refused", 0.75],
    ["payment_not_ready", 0.15],
    ["customer_unreachable", 0.1],
  ],
  courier: [
    ["courier_no_attempt", 0.7],
    ["misroute_or_delay", 0.3],
  ],
  address: [
    ["address_issue", 0.9],
    ["customer_unreachable", 0.1],
  ],
};

export type Company = {
  readonly settings: CompanySettings;
  readonly subjects: ReadonlyArray<Subject>;
  readonly truth: Truth;
  /** What logistics' data shows for a day once it has closed. */
  batchFor(day: Day, inForce: InForce): ObservationBatch;
  /** Expected contribution over `from <= day < until`, in paise: see `computeContribution`. */
  contributionMinor(inForce: InForce, from: Day, until: Day): number;
  /** Per day of `from <= day < until`, all pincodes of a subject together. */
  ordersPerDay(
    subject: string,
    from: Day,
    until: Day,
    inForce: InForce,
  ): ReadonlyArray<{ readonly orders: number; readonly codOrders: number }>;
  spendPerDayMinor(subject: string, from: Day, until: Day, inForce: InForce): ReadonlyArray<number>;
};

export function createCompany(given: Partial<CompanySettings>): Company {
  const settings = checkSettings(given);
  const geography = createGeography(settings);
  const truth = createTruth(settings, geography);
  const model = new Model(settings, geography, truth);
  const daysOf = (from: Day, until: Day) =>
    Array.from({ length: dayToNumber(until) - dayToNumber(from) }, (_, i) => addDays(from, i));
  const pincodesOf = (subject: string) => geography.pincodesOf.get(subject) ?? [];

  return {
    settings,
    subjects: geography.subjects,
    truth,
    batchFor: (day, inForce) => ({
      source: "company",
      id: `company-${settings.seed}-${day}`,
      metric: "ndr_rate",
      completeDays: [day],
      subjects: day === settings.startDay ? geography.subjects : [],
      observations: geography.pincodes.flatMap((pincode) => model.observe(pincode, day, inForce)),
    }),
    contributionMinor: (inForce, from, until) =>
      Math.round(
        daysOf(from, until).reduce(
          (sum, day) =>
            geography.pincodes.reduce(
              (ofDay, pincode) => ofDay + model.contribution(pincode, day, inForce),
              sum,
            ),
          0,
        ),
      ),
    ordersPerDay: (subject, from, until, inForce) =>
      daysOf(from, until).map((day) => {
        let orders = 0;
        let codOrders = 0;
        for (const pincode of pincodesOf(subject)) {
          const placed = model.orders(pincode, day, inForce);
          orders += placed.cod + placed.prepaid;
          codOrders += placed.cod;
        }
        return { orders, codOrders };
      }),
    spendPerDayMinor: (subject, from, until, inForce) =>
      daysOf(from, until).map((day) =>
        Math.round(
          pincodesOf(subject).reduce((sum, pincode) => sum + model.spend(pincode, day, inForce), 0),
        ),
      ),
  };
}

class Model {
  readonly #settings: CompanySettings;
  readonly #mood: (day: Day) => DayMood;
  readonly #moods = new Map<Day, DayMood>();
  readonly #breaks = new Map<string, Break[]>();
  readonly #spikes = new Map<string, Spike[]>();

  constructor(settings: CompanySettings, geography: Geography, truth: Truth) {
    this.#settings = settings;
    this.#mood = createCalendar(settings);
    for (const of of truth.breaks) {
      for (const { id } of geography.pincodesOf.get(of.subject) ?? []) {
        this.#breaks.set(id, [...(this.#breaks.get(id) ?? []), of]);
      }
    }
    for (const of of truth.spikes) {
      this.#spikes.set(of.subject, [...(this.#spikes.get(of.subject) ?? []), of]);
    }
  }

  /** Expected orders placed on a day, by payment. */
  orders(pincode: Pincode, day: Day, inForce: InForce): { cod: number; prepaid: number } {
    const response = computeResponse(pincode, day, inForce);
    const all = pincode.ordersPerDay * this.#moodOf(day).orders * response.orders;
    const cod = all * pincode.codShare;
    const prepaid = all - cod;
    return response.isPrepaidOnly
      ? { cod: 0, prepaid: prepaid + cod * TRUTH.prepaidSwitchShare }
      : { cod, prepaid };
  }

  /** Ad spend of a day in paise. Spend follows demand, as budgets with daily pacing do. */
  spend(pincode: Pincode, day: Day, inForce: InForce): number {
    const usual = pincode.ordersPerDay * this.#moodOf(day).orders * TRUTH.spendPerOrderMinor;
    return usual * computeResponse(pincode, day, inForce).spend;
  }

  /**
   * Expected contribution of a pincode's orders of one day: delivered margin, less freight, returns,
   * fees and ad spend, plus what redirected spend earns elsewhere. Returns follow the failure rate of
   * the order's day.
   */
  contribution(pincode: Pincode, day: Day, inForce: InForce): number {
    const orders = this.orders(pincode, day, inForce);
    const spend = this.spend(pincode, day, inForce);
    const saved =
      pincode.ordersPerDay * this.#moodOf(day).orders * TRUTH.spendPerOrderMinor - spend;
    const codReturns = TRUTH.returnsPerFailure * this.#meanRate(pincode, day, "cod");
    const prepaidReturns = TRUTH.returnsPerFailure * this.#meanRate(pincode, day, "prepaid");
    return (
      orders.cod * marginMinor(codReturns, TRUTH.codFeeMinor) +
      orders.prepaid * marginMinor(prepaidReturns, TRUTH.gatewayFeeMinor) -
      spend +
      saved * (TRUTH.marginalValue - 1)
    );
  }

  /** First attempts of a day and how they ended, by courier and payment. */
  observe(pincode: Pincode, day: Day, inForce: InForce): ReadonlyArray<Observation> {
    const { seed } = this.#settings;
    const dayNumber = dayToNumber(day);
    const random = randomFrom(seed, "day", pincode.index, dayNumber);
    const noise = DAY_NOISE_LOGIT * normal(random);
    if (random.next() < SILENT_PINCODE_SHARE) return [];
    if (randomFrom(seed, "silent", pincode.state, dayNumber).next() < SILENT_STATE_SHARE) return [];
    const expected = this.#attempts(pincode, day, inForce);
    const observations: Observation[] = [];
    for (const [courier, courierName] of COURIERS.entries()) {
      for (const payment of PAYMENTS) {
        const share = pincode.courierShares[courier] ?? 0;
        const n = poissonAt(random.next(), expected[payment] * share);
        const luck = randomFrom(seed, "luck", pincode.index, dayNumber, courier, payment);
        if (n === 0) continue;
        const rate = this.#rate(pincode, day, payment, courier, noise);
        const k = binomial(luck, n, rate.total);
        observations.push({
          metric: "ndr_rate",
          subject: pincode.id,
          day,
          stratum: `courier=${courierName}|payment=${payment}`,
          n,
          k,
          ...(k === 0 ? {} : { reasons: drawReasons(luck, k, rate) }),
        });
      }
    }
    return observations;
  }

  #attempts(pincode: Pincode, day: Day, inForce: InForce): { cod: number; prepaid: number } {
    let cod = 0;
    let prepaid = 0;
    ATTEMPT_LAG_SHARES.forEach((share, index) => {
      const placed = this.orders(pincode, addDays(day, -1 - index), inForce);
      cod += share * placed.cod;
      prepaid += share * placed.prepaid;
    });
    return { cod, prepaid };
  }

  #rate(pincode: Pincode, day: Day, payment: string, courier: number, noise: number): Rate {
    const usual = sigmoid(
      (payment === "cod" ? pincode.codLogit : pincode.prepaidLogit) +
        (pincode.courierLogits[courier] ?? 0) +
        this.#moodOf(day).failureLogit +
        this.#drift(pincode, day) +
        noise,
    );
    let excess = 0;
    let cause: BreakCause = "demand";
    for (const of of this.#breaks.get(pincode.id) ?? []) {
      if (day < of.startDay) continue;
      const added = excessOf(of, pincode, payment, courier);
      if (added > 0) cause = of.cause;
      excess += added;
    }
    let spike = 0;
    for (const of of this.#spikes.get(pincode.id) ?? []) {
      if (day >= of.startDay && day < addDays(of.startDay, of.days)) spike += of.size;
    }
    const total = Math.min(RATE_MAX, usual + excess + spike);
    return { total, excess: Math.min(excess, total), cause };
  }

  #meanRate(pincode: Pincode, day: Day, payment: string): number {
    return COURIERS.reduce(
      (sum, _, courier) =>
        sum +
        (pincode.courierShares[courier] ?? 0) * this.#rate(pincode, day, payment, courier, 0).total,
      0,
    );
  }

  #drift({ drift }: Pincode, day: Day): number {
    return (
      drift.amplitude * Math.sin((2 * Math.PI * dayToNumber(day)) / drift.periodDays + drift.phase)
    );
  }

  #moodOf(day: Day): DayMood {
    const known = this.#moods.get(day);
    if (known !== undefined) return known;
    const mood = this.#mood(day);
    this.#moods.set(day, mood);
    return mood;
  }
}

type Rate = { readonly total: number; readonly excess: number; readonly cause: BreakCause };

/** Contribution of one shipped order before ads, in paise, at a return rate. */
function marginMinor(returns: number, feeMinor: number): number {
  const { netPriceMinor, goodsMinor, forwardMinor, packingMinor, reverseMinor } = TRUTH;
  const lost = reverseMinor + TRUTH.receiptMinor + TRUTH.writeDownShare * goodsMinor;
  return (
    (1 - returns) * (netPriceMinor - goodsMinor - feeMinor) -
    forwardMinor -
    packingMinor -
    returns * lost
  );
}

function drawReasons(random: Random, k: number, rate: Rate): Record<string, number> {
  const reasons: Record<string, number> = {};
  for (let i = 0; i < k; i++) {
    const isExcess = random.next() < rate.excess / rate.total;
    const table = isExcess ? CAUSE_REASONS[rate.cause] : REASONS;
    const reason =
      table[
        pick(
          random,
          table.map(([, weight]) => weight),
        )
      ]?.[0] ?? "unknown";
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  return reasons;
}
