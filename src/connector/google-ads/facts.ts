/**
 * What marketing knows of a geography: its ad spend from Google Ads, its orders from the shop.
 *
 * Spend per place and orders per place come from two systems on purpose: not every ads platform
 * reports conversions by region, and the shop's order is the one both departments agree on.
 * The figures cover whole days up to, and without, the day of `asOf`. The company's totals are read
 * once per window and remembered for as long as the window stays the same.
 */
import type { Money } from "../../std/money.ts";
import { addDays, dayOf, SECOND_MS, type Day, type Instant } from "../../std/time.ts";
import type { MarketingFacts, MarketingFactsSource, Subject } from "../../core/port/types.ts";
import { isRecord, malformedAnswer } from "../kit/answer.ts";
import type { GoogleAdsClient } from "./client.ts";
import type { GeoTargets } from "./geo-target.ts";

const SYSTEM = "Google Ads";
/** A minor unit (paisa, cent) is a hundredth; the platform counts in millionths. */
const MICROS_PER_MINOR = 10_000;
const SEGMENTS = {
  pincode: "postal_code",
  district: "district",
  state: "state",
} as const;

/** The shop's side: orders placed from a geography, all of them when `subject` is null. */
export type OrdersReader = {
  readOrders(
    subject: string | null,
    from: Day,
    until: Day,
    signal: AbortSignal,
  ): Promise<{ readonly orders: number } | undefined>;
};

export type GoogleAdsFactsSettings = {
  readonly ads: Pick<GoogleAdsClient, "search">;
  readonly shop: OrdersReader;
  readonly geoTargets: GeoTargets;
  readonly subjectOf: (id: string) => Subject | undefined;
  /** Currency of the ads account. */
  readonly currency: string;
  readonly lookbackDays?: number;
  /** The business time zone; the account's must be the same. */
  readonly offsetMinutes?: number;
  readonly timeoutMs?: number;
};

type Totals = { readonly spendMinor: number; readonly orders: number };

export function createGoogleAdsFacts(settings: GoogleAdsFactsSettings): MarketingFactsSource {
  const usualDays = settings.lookbackDays ?? 28;
  const offsetMinutes = settings.offsetMinutes ?? 330;
  const timeoutMs = settings.timeoutMs ?? 30 * SECOND_MS;
  let everywhere: { readonly window: string; readonly totals: Promise<Totals> } | undefined;

  async function readTotals(from: Day, until: Day, signal: AbortSignal): Promise<Totals> {
    const [spendMinor, orders] = await Promise.all([
      spendOf(`SELECT metrics.cost_micros FROM customer WHERE ${during(from, until)}`, signal),
      settings.shop.readOrders(null, from, until, signal),
    ]);
    return { spendMinor, orders: orders?.orders ?? 0 };
  }

  /** Concurrent askers share one reading; a failed reading is forgotten, not remembered. */
  function totalsOf(from: Day, until: Day, signal: AbortSignal): Promise<Totals> {
    const window = `${from} ${until}`;
    if (everywhere?.window === window) return everywhere.totals;
    const totals = readTotals(from, until, signal);
    const entry = { window, totals };
    everywhere = entry;
    totals.catch(() => {
      if (everywhere === entry) everywhere = undefined;
    });
    return totals;
  }

  async function spendOf(query: string, signal: AbortSignal): Promise<number> {
    const rows = await settings.ads.search(query, { signal });
    let micros = 0;
    for (const row of rows) {
      const metrics = row["metrics"];
      const cost = isRecord(metrics) ? (metrics["costMicros"] ?? "0") : undefined;
      if (typeof cost !== "string" || !/^\d+$/.test(cost)) {
        throw malformedAnswer(SYSTEM, "read", "a row's cost is not a whole number as text");
      }
      micros += Number(cost);
    }
    return micros / MICROS_PER_MINOR;
  }

  return {
    async readFacts(
      id: string,
      asOf: Instant,
      lookbackDays = usualDays,
    ): Promise<MarketingFacts | undefined> {
      const subject = settings.subjectOf(id);
      if (subject === undefined) return undefined;
      const until = dayOf(asOf, offsetMinutes);
      const from = addDays(until, -lookbackDays);
      const signal = AbortSignal.timeout(timeoutMs);

      let here: Totals | undefined;
      const all = await totalsOf(from, until, signal);
      if (subject.level === "nation") {
        here = all;
      } else {
        const geo = await settings.geoTargets.findId(id, signal);
        if (geo === undefined) return undefined;
        const segment = `segments.geo_target_${SEGMENTS[subject.level]}`;
        const [spendMinor, orders] = await Promise.all([
          spendOf(
            `SELECT ${segment}, metrics.cost_micros FROM geographic_view ` +
              `WHERE ${during(from, until)} ` +
              "AND geographic_view.location_type = 'LOCATION_OF_PRESENCE' " +
              `AND ${segment} = 'geoTargetConstants/${geo}'`,
            signal,
          ),
          settings.shop.readOrders(id, from, until, signal),
        ]);
        if (orders === undefined) return undefined;
        here = { spendMinor, orders: orders.orders };
      }
      const perDay = (minor: number): Money => ({
        amountMinor: Math.round(minor / lookbackDays),
        currency: settings.currency,
      });
      return {
        subject: id,
        spendPerDay: perDay(here.spendMinor),
        spendPerDayAll: perDay(all.spendMinor),
        ordersPerDay: here.orders / lookbackDays,
        ordersPerDayAll: all.orders / lookbackDays,
        lookbackDays,
      };
    },
  };
}

/** The platform's BETWEEN includes both ends; ours leaves the last day out. */
function during(from: Day, until: Day): string {
  return `segments.date BETWEEN '${from}' AND '${addDays(until, -1)}'`;
}
