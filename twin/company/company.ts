/**
 * A simulated direct-to-consumer company in India, as its own systems would see it.
 *
 * Everything is a function of seed, settings, day and what was in force on the days before: any day
 * can be asked for without having lived the earlier ones, so a run that was killed can go on. Chance
 * is drawn in streams named by pincode and day, the same whatever stands in force.
 *
 * Left out: single orders, returns without a failed attempt, days on which returned parcels arrive, and
 * competition between geographies for the same budget beyond one falling marginal value of money.
 */
import { addDays, type Day, dayToNumber } from "../../src/std/time.ts";
import type { ObservationBatch, Subject } from "../../src/core/port/types.ts";
import { randomFrom } from "../../src/std/random.ts";
import { createCalendar } from "./calendar.ts";
import { DemandModel } from "./demand.ts";
import { poissonAt } from "./draw.ts";
import { Economics, type Totals } from "./economics.ts";
import { FailureModel } from "./failure.ts";
import { CourierFeed } from "./feed.ts";
import { createGeography } from "./geography.ts";
import type { InForce } from "./response.ts";
import { checkSettings, type CompanySettings } from "./settings.ts";
import { createTruth, type Truth } from "./truth.ts";

export type Company = {
  readonly settings: CompanySettings;
  readonly subjects: ReadonlyArray<Subject>;
  readonly truth: Truth;
  /**
   * What logistics' data shows for a day once it has closed: first attempts of that day and how they
   * ended, by pincode, courier and payment. The first day's batch names the subjects.
   */
  batchFor(day: Day, inForce: InForce): ObservationBatch;
  /** Expected figures of `from <= day < until`: see `Economics`. All of India unless told. */
  totals(inForce: InForce, from: Day, until: Day, subject?: string): Totals;
  /** Expected contribution alone, in paise. */
  contributionMinor(inForce: InForce, from: Day, until: Day): number;
  /** Per day of `from <= day < until`, all pincodes of a subject together. */
  ordersPerDay(
    subject: string,
    from: Day,
    until: Day,
    inForce: InForce,
  ): ReadonlyArray<{ readonly orders: number; readonly codOrders: number }>;
  spendPerDayMinor(subject: string, from: Day, until: Day, inForce: InForce): ReadonlyArray<number>;
  /**
   * As `ordersPerDay`, but as the shop counted them: whole, and with the luck of the day. Each subject's
   * luck is its own, so a state is not the exact sum of its pincodes.
   */
  countedOrdersPerDay: Company["ordersPerDay"];
};

export function createCompany(given: Partial<CompanySettings>): Company {
  const settings = checkSettings(given);
  const geography = createGeography(settings);
  const truth = createTruth(settings, geography);
  const calendar = createCalendar(settings);
  const failure = new FailureModel(settings.seed, geography, truth, calendar);
  const demand = new DemandModel(calendar, failure);
  const feed = new CourierFeed(settings, demand, failure);
  const economics = new Economics(geography, demand, failure);
  const daysOf = (from: Day, until: Day) =>
    Array.from({ length: Math.max(0, dayToNumber(until) - dayToNumber(from)) }, (_, i) =>
      addDays(from, i),
    );
  const pincodesOf = (subject: string) => geography.pincodesOf.get(subject) ?? [];
  const totals: Company["totals"] = (inForce, from, until, subject = "IN") =>
    economics.computeTotals(inForce, from, until, subject);

  const ordersPerDay: Company["ordersPerDay"] = (subject, from, until, inForce) =>
    daysOf(from, until).map((day) => {
      let orders = 0;
      let codOrders = 0;
      for (const pincode of pincodesOf(subject)) {
        const placed = demand.placed(pincode, day, inForce);
        orders += placed.cod + placed.prepaid;
        codOrders += placed.cod;
      }
      return { orders, codOrders };
    });

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
      observations: feed.report(geography.pincodes, day, inForce),
    }),
    totals,
    contributionMinor: (inForce, from, until) => totals(inForce, from, until).contributionMinor,
    ordersPerDay,
    countedOrdersPerDay: (subject, from, until, inForce) =>
      ordersPerDay(subject, from, until, inForce).map((expected, index) => {
        const luck = randomFrom(settings.seed, "shop", subject, dayToNumber(from) + index);
        const codOrders = poissonAt(luck.next(), expected.codOrders);
        const prepaid = poissonAt(luck.next(), expected.orders - expected.codOrders);
        return { orders: codOrders + prepaid, codOrders };
      }),
    spendPerDayMinor: (subject, from, until, inForce) =>
      daysOf(from, until).map((day) =>
        Math.round(
          pincodesOf(subject).reduce(
            (sum, pincode) => sum + demand.placed(pincode, day, inForce).spendMinor,
            0,
          ),
        ),
      ),
  };
}
