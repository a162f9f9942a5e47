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
 * A place's last fortnight is predicted from its part of the company's orders in the two before it: that is
 * what the agent weighs places by. The company's orders of the fortnight itself are taken as they came,
 * because a sale lifts every place alike and says nothing about knowing one from another; of the place,
 * nothing of the last fortnight goes in. The 80% interval is wide enough for luck and for how much places
 * swung earlier. Orders are whole, so it holds more than 80%; what it really holds is what is claimed.
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
  const fortnights: Fortnight[] = [];
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
      `orders of the last ${WINDOW_DAYS} days in ${asked.length} places, each predicted from its part ` +
      `of all orders in the ${2 * WINDOW_DAYS} days before; ${covered} fell within intervals that ` +
      `hold ${Math.round(nominal * 100)}%`,
  };
}

/** Orders of each place, in the order of the places, and of the whole company. */
type Fortnight = {
  readonly orders: ReadonlyArray<number | undefined>;
  readonly all: number;
};

/** What came `back` fortnights ago, beside the two fortnights before; only where orders were seen. */
function pairsOf(fortnights: ReadonlyArray<Fortnight>, back: number) {
  const [came, last, first] = fortnights.slice(back, back + 3);
  if (came === undefined || last === undefined || first === undefined || came.all === 0) return [];
  const windows = (last.all + first.all) / came.all;
  return came.orders.flatMap((orders, place) => {
    const count = (last.orders[place] ?? 0) + (first.orders[place] ?? 0);
    return orders === undefined || count === 0 ? [] : [{ seen: { count, windows }, came: orders }];
  });
}

async function readOrders(
  facts: MarketingFactsSource,
  places: ReadonlyArray<string>,
  asOf: Instant,
): Promise<Fortnight> {
  const orders: Array<number | undefined> = [];
  let all = 0;
  for (let from = 0; from < places.length; from += READS_AT_ONCE) {
    const read = places
      .slice(from, from + READS_AT_ONCE)
      .map((place) => facts.readFacts(place, asOf, WINDOW_DAYS));
    for (const known of await Promise.all(read)) {
      if (known !== undefined) all = known.ordersPerDayAll * known.lookbackDays;
      orders.push(known && Math.round(known.ordersPerDay * known.lookbackDays));
    }
  }
  return { orders, all };
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
