/** A small seller whose failures become known late, for tests: seeded, one lane, days from 0. */
import { normal, type Random, randomFrom } from "../../std/random.ts";
import { CohortDetector } from "./detector.ts";
import type { CohortReading, Resolved } from "./feed.ts";
import type { CohortSettings } from "./settings.ts";

export type Seller = {
  readonly seed: number;
  readonly subjects: number;
  readonly days: number;
  readonly ordersPerDay: number;
  readonly rate: number;
  /** Mean age at which failures and deliveries become known. */
  readonly badAge: number;
  readonly goodAge: number;
  rateOf?(subject: number, day: number): number;
  ordersOf?(subject: number, day: number): number;
  /** How much longer the orders of this day take. */
  paceOf?(day: number): number;
  /** Days on which the feed tells nothing; the day after tells all that was kept back. */
  isSilent?(day: number): boolean;
  /** The feed does not say when an outcome happened. */
  readonly tellsAge?: boolean;
};

export const SELLER: Seller = {
  seed: 1,
  subjects: 30,
  days: 120,
  ordersPerDay: 20,
  rate: 0.18,
  badAge: 9.6,
  goodAge: 4.3,
};

export type SellerDay = {
  readonly day: number;
  readonly shipped: ReadonlyArray<{
    readonly subject: string;
    readonly lane: string;
    readonly cohortDay: number;
    readonly orders: number;
  }>;
  readonly resolved: ReadonlyArray<Resolved>;
};

export function createSellerDays(given: Partial<Seller>): SellerDay[] {
  const seller = { ...SELLER, ...given };
  const random = randomFrom(seller.seed, "seller");
  const shipped: Array<SellerDay["shipped"][number][]> = [];
  const resolved: Array<Map<string, Resolved & { bad: number; good: number }>> = [];
  for (let day = 0; day < seller.days; day++) {
    shipped.push([]);
    resolved.push(new Map());
  }
  for (let at = 0; at < seller.subjects; at++) {
    for (let day = 0; day < seller.days; day++) {
      const orders = seller.ordersOf?.(at, day) ?? drawCount(seller.ordersPerDay, random);
      const subject = `s${at}`;
      shipped[day]!.push({ subject, lane: "courier", cohortDay: day, orders });
      for (let order = 0; order < orders; order++) {
        const isBad = random.next() < (seller.rateOf?.(at, day) ?? seller.rate);
        const pace = seller.paceOf?.(day) ?? 1;
        const age = drawAge((isBad ? seller.badAge : seller.goodAge) * pace, random);
        const told = tellOn(seller, day + age);
        const lines = resolved[told];
        if (lines === undefined) continue;
        const key = `${at}/${day}/${age}`;
        const line = lines.get(key) ?? {
          subject,
          cohortDay: day,
          bad: 0,
          good: 0,
          ...(seller.tellsAge === false ? {} : { age }),
        };
        line[isBad ? "bad" : "good"] += 1;
        lines.set(key, line);
      }
    }
  }
  return shipped.map((rows, day) => ({
    day,
    shipped: rows,
    resolved: [...resolved[day]!.values()],
  }));
}

export type Alarm = { readonly day: number; readonly reading: CohortReading };

/** Folds all days; gives every reading and the detector as it ends. */
export function foldSeller(
  given: Partial<Seller>,
  settings: Partial<CohortSettings> = {},
): { readonly detector: CohortDetector; readonly readings: ReadonlyArray<CohortReading> } {
  const detector = new CohortDetector(settings);
  const readings = createSellerDays(given).map((day) => detector.fold(day));
  return { detector, readings };
}

function tellOn(seller: Seller, day: number): number {
  let told = day;
  while (told < seller.days && seller.isSilent?.(told) === true) told += 1;
  return told;
}

/** Whole days around the mean, a quarter to a third of it either way. */
function drawAge(mean: number, random: Random): number {
  return Math.max(0, Math.round(mean * (1 + 0.3 * normal(random))));
}

function drawCount(mean: number, random: Random): number {
  return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
}
