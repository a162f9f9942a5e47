/**
 * How well the agent knows its own domain: it says how many orders will come from a place, without any
 * signal from logistics, and then looks.
 *
 *   four fortnights before        the last fortnight
 *   ──┬────────┬────────┬────────┬────────┐
 *     4        3        2        1        0   end of the data
 *              └─ seen ──┘└ known ┘           how much fortnights swing (and 4+3 against 2)
 *                       └─ seen ──┘└ predicted, and compared with what came
 *
 * A place's last fortnight is predicted from the two before it, with an 80% interval wide enough for luck
 * and for how much fortnights swung earlier. Nothing of the last fortnight goes into it. Orders are whole,
 * so an interval holds more than 80%; what it really holds is what the record claims.
 *
 * Left out: spend, and what the agent does about a place; those are judged by outcomes.
 */
import type {
  MarketingFactsSource,
  OwnPredictions,
  ReceivingAgent,
  Subject,
} from "../../core/port/types.ts";
import {
  computeCountInterval,
  estimateSwing,
  forecastCount,
} from "../../stats/decide/count-forecast.ts";
import { integerBetween, randomFrom } from "../../std/random.ts";
import { addMs, DAY_MS, type Instant } from "../../std/time.ts";

const WINDOW_DAYS = 14;
const COVERAGE = 0.8;
/** Places predicted at most; more would sharpen the record by little. */
const PLACES_MAX = 150;
/** Any fixed word; which places are looked at is part of the agent, not of chance. */
const SEED = "marketing/own-record";
/** Questions to the shop and the ads platform that are under way at once. */
const READS_AT_ONCE = 12;

type PredictInput = Parameters<NonNullable<ReceivingAgent["predictOwnDomain"]>>[0];

export async function predictOrders(
  facts: MarketingFactsSource,
  { now, subjects }: PredictInput,
): Promise<OwnPredictions> {
  const places = choosePlaces(subjects);
  const fortnights: Array<ReadonlyArray<number | undefined>> = [];
  for (let back = 0; back <= 4; back++) {
    fortnights.push(await readOrders(facts, places, addMs(now, -back * WINDOW_DAYS * DAY_MS)));
  }
  const known = [1, 2].flatMap((back) => pairsOf(fortnights, back));
  const swing = estimateSwing(known);
  let covered = 0;
  let claimed = 0;
  const asked = pairsOf(fortnights, 0);
  for (const { seen, came } of asked) {
    const { low, high, mass } = computeCountInterval(forecastCount(seen, swing), COVERAGE);
    if (low <= came && came <= high) covered += 1;
    claimed += mass;
  }
  const nominal = asked.length === 0 ? COVERAGE : Math.round((claimed / asked.length) * 1e4) / 1e4;
  return {
    predictions: asked.length,
    covered,
    nominal,
    asOf: now,
    words:
      `orders of the last ${WINDOW_DAYS} days in ${asked.length} places, each predicted from the ` +
      `${2 * WINDOW_DAYS} days before; ${covered} fell within intervals that hold ` +
      `${Math.round(nominal * 100)}%`,
  };
}

/** What came `back` fortnights ago, beside the two fortnights before; only where orders were seen. */
function pairsOf(fortnights: ReadonlyArray<ReadonlyArray<number | undefined>>, back: number) {
  const [came = [], last = [], first = []] = fortnights.slice(back, back + 3);
  return came.flatMap((orders, place) => {
    const count = (last[place] ?? 0) + (first[place] ?? 0);
    return orders === undefined || count === 0
      ? []
      : [{ seen: { count, windows: 2 }, came: orders }];
  });
}

async function readOrders(
  facts: MarketingFactsSource,
  places: ReadonlyArray<string>,
  asOf: Instant,
): Promise<ReadonlyArray<number | undefined>> {
  const orders: Array<number | undefined> = [];
  for (let from = 0; from < places.length; from += READS_AT_ONCE) {
    const read = places.slice(from, from + READS_AT_ONCE).map(async (place) => {
      const known = await facts.readFacts(place, asOf, WINDOW_DAYS);
      return known === undefined ? undefined : Math.round(known.ordersPerDay * known.lookbackDays);
    });
    orders.push(...(await Promise.all(read)));
  }
  return orders;
}

/** Pincodes only: larger places are sums of them, and would be counted twice. */
function choosePlaces(subjects: ReadonlyArray<Subject>): ReadonlyArray<string> {
  const random = randomFrom(SEED);
  const places = subjects
    .filter(({ level }) => level === "pincode")
    .map(({ id }) => id)
    .sort();
  const wanted = Math.min(PLACES_MAX, places.length);
  for (let i = 0; i < wanted; i++) {
    const j = integerBetween(random, i, places.length);
    [places[i], places[j]] = [places[j]!, places[i]!];
  }
  return places.slice(0, wanted);
}
