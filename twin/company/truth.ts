/**
 * What is really going on, which Interlock has to find out: lasting breaks and passing spikes.
 *
 * A break adds rate points to the failures of some orders from its day on, for ever: all COD orders
 * (refusals), one courier's orders, or every order (addresses). Its `size` is the rise of the whole
 * geography's rate. A spike adds points to everything for one or two days and must not trigger.
 */
import { integerBetween, type Random, randomFrom } from "../../src/std/random.ts";
import { addDays, type Day } from "../../src/std/time.ts";
import { pick } from "./draw.ts";
import type { Geography, Pincode } from "./geography.ts";
import { COURIERS, type CompanySettings } from "./settings.ts";

export type BreakCause = "demand" | "courier" | "address";

export type Break = {
  readonly subject: string;
  readonly level: "pincode" | "district";
  readonly startDay: Day;
  /** Rate points, 0..1, of the whole geography. */
  readonly size: number;
  readonly cause: BreakCause;
  /** Index of the courier at fault where `cause` is "courier". */
  readonly courier: number;
  readonly ordersPerDay: number;
};

export type Spike = {
  readonly subject: string;
  readonly startDay: Day;
  readonly days: number;
  readonly size: number;
  readonly ordersPerDay: number;
};

export type Truth = {
  readonly breaks: ReadonlyArray<Break>;
  readonly spikes: ReadonlyArray<Spike>;
};

const SIZES = [0.05, 0.08, 0.12, 0.16, 0.2, 0.25];
const CAUSES: ReadonlyArray<BreakCause> = ["demand", "courier", "address"];
const CAUSE_WEIGHTS = [0.6, 0.25, 0.15];
/** Breaks stop this long before the end, so that each could at least be seen. */
const QUIET_END_DAYS = 7;
/** A district's pincodes are all affected, so its breaks are drawn from the middle of the sizes. */
const DISTRICT_SIZES = [0.08, 0.1, 0.12, 0.16];

export function createTruth(settings: CompanySettings, geography: Geography): Truth {
  const { seed, days, historyDays, startDay } = settings;
  const lastDay = Math.max(historyDays + 1, days - QUIET_END_DAYS);
  const months = (lastDay - historyDays) / 30;
  const breaks: Break[] = [];
  const spikes: Spike[] = [];
  const breakIn = (
    random: Random,
    subject: string,
    level: Break["level"],
    orders: number,
    sizes: ReadonlyArray<number>,
  ): Break => ({
    subject,
    level,
    startDay: addDays(startDay, integerBetween(random, historyDays, lastDay)),
    size: sizes[integerBetween(random, 0, sizes.length)] ?? 0.1,
    cause: CAUSES[pick(random, CAUSE_WEIGHTS)] ?? "demand",
    courier: integerBetween(random, 0, COURIERS.length),
    ordersPerDay: orders,
  });

  for (const { id, level } of geography.subjects) {
    if (level !== "district") continue;
    const random = randomFrom(seed, "district-break", id);
    const orders = sumOrders(geography.pincodesOf.get(id) ?? []);
    if (random.next() < settings.districtBreaksPerMonth * months) {
      breaks.push(breakIn(random, id, "district", orders, DISTRICT_SIZES));
    }
  }
  for (const pincode of geography.pincodes) {
    const random = randomFrom(seed, "break", pincode.index);
    if (random.next() < settings.breaksPerMonth * months) {
      breaks.push(breakIn(random, pincode.id, "pincode", pincode.ordersPerDay, SIZES));
    }
    const chance = randomFrom(seed, "spike", pincode.index);
    for (let month = 0; month < days / 30; month++) {
      if (chance.next() >= settings.spikesPerMonth) continue;
      const offset = Math.min(days - 3, month * 30 + integerBetween(chance, 0, 28));
      spikes.push({
        subject: pincode.id,
        startDay: addDays(startDay, offset),
        days: chance.next() < 0.5 ? 1 : 2,
        size: 0.15 + 0.45 * chance.next(),
        ordersPerDay: pincode.ordersPerDay,
      });
    }
  }
  return { breaks, spikes };
}

/**
 * How a break of `size` shows in one stratum of a pincode: rate points added to that stratum's rate.
 * Concentrated on fewer orders it is larger there, up to the ceiling of a rate.
 */
export function excessOf(of: Break, pincode: Pincode, payment: string, courier: number): number {
  switch (of.cause) {
    case "address":
      return of.size;
    case "demand":
      return payment === "cod" ? of.size / pincode.codShare : 0;
    case "courier":
      return courier === of.courier ? of.size / (pincode.courierShares[courier] ?? 1) : 0;
  }
}

function sumOrders(pincodes: ReadonlyArray<Pincode>): number {
  return pincodes.reduce((sum, { ordersPerDay }) => sum + ordersPerDay, 0);
}
