/**
 * Places whose rates wander, and alarms for the worst of them: what regression to the mean is made of.
 *
 * A place's rate is its own level, a part that wanders and comes back, and in a few places a lasting
 * rise. Every week the places whose last two weeks look worst against their own past raise an alarm; a
 * lot says which are acted on now. What they do in the three weeks after is the outcome. An action
 * changes the rate by `effect` and keeps only a share of the traffic (probes).
 */
import { assignHoldout, type HoldoutRow } from "../../src/stats/outcome/holdout.ts";
import { CheapRandom } from "../cheap-random.ts";

export type AlarmSettings = {
  readonly places: number;
  readonly alarmsAWeek: number;
  readonly alarmWeeks: number;
  /** Change of the rate of a place that is acted on; its spread over places. */
  readonly effect: number;
  readonly effectSpread: number;
  readonly heldBack: number;
  /** Share of the traffic that an acted place keeps. */
  readonly probes: number;
};

export const ALARM_SETTINGS: AlarmSettings = {
  places: 1500,
  alarmsAWeek: 40,
  alarmWeeks: 4,
  effect: 0,
  effectSpread: 0.015,
  heldBack: 0.2,
  probes: 0.3,
};

const PAST_WEEKS = 8;
const LOOK_WEEKS = 2;
const AFTER_WEEKS = 3;
const BASE_LOGIT = Math.log(0.18 / 0.82);
const LEVEL_SPREAD = 0.35;
const WANDER_SPREAD = 0.25;
const WANDER_MEMORY = 0.7;
const RISE_SHARE = 0.02;
const RISE = 0.6;

export type Study = {
  readonly rows: ReadonlyArray<HoldoutRow>;
  /** Change of the mean rate of places that never raised an alarm, per alarm. */
  readonly quietChange: ReadonlyArray<number>;
};

type Place = { readonly orders: number; readonly rates: Float64Array; alarmed: boolean };
type Counted = { n: number; k: number };

/** One company's months: a few hundred alarms. */
export function drawStudy(settings: AlarmSettings, ...seeds: number[]): Study {
  const random = new CheapRandom(...seeds);
  const weeks = PAST_WEEKS + LOOK_WEEKS + settings.alarmWeeks + AFTER_WEEKS;
  const places = Array.from({ length: settings.places }, () => drawPlace(random, weeks));
  const counts = places.map(({ orders, rates }) =>
    Array.from(rates, (rate) => count(random, orders, rate)),
  );
  const picked: { readonly place: number; readonly week: number }[] = [];
  for (let i = 0; i < settings.alarmWeeks; i++) {
    const week = PAST_WEEKS + LOOK_WEEKS + i;
    const worst = places
      .map((place, p) => ({ p, score: place.alarmed ? -Infinity : badness(counts[p] ?? [], week) }))
      .sort((a, b) => b.score - a.score)
      .slice(0, settings.alarmsAWeek);
    for (const { p } of worst) {
      (places[p] as Place).alarmed = true;
      picked.push({ place: p, week });
    }
  }
  const quiet = counts.filter((_, p) => !(places[p] as Place).alarmed);
  const rows = picked.map(({ place, week }): HoldoutRow => {
    const { orders, rates } = places[place] as Place;
    const stratum = orders > 40 ? "large" : "small";
    const caseId = `case-${place}`;
    const seed = seeds.join("/");
    const { arm, probability } = assignHoldout({
      seed,
      caseId,
      stratum,
      share: settings.heldBack,
    });
    const effect = settings.effect + settings.effectSpread * random.normal();
    const after = { n: 0, k: 0 };
    for (let w = week; w < week + AFTER_WEEKS; w++) {
      const rate = rates[w] ?? 0;
      const isActed = arm === "act-now";
      const shifted = Math.min(0.97, Math.max(0.005, rate + (isActed ? effect : 0)));
      add(after, count(random, orders * (isActed ? settings.probes : 1), shifted));
    }
    const own = counts[place] ?? [];
    return {
      arm,
      probability,
      stratum,
      ...after,
      before: rateOf(sumWeeks(own, week - LOOK_WEEKS, week)),
      baseline: rateOf(sumWeeks(own, week - LOOK_WEEKS - PAST_WEEKS, week - LOOK_WEEKS)),
    };
  });
  const changeInWeek = new Map(
    [...new Set(picked.map(({ week }) => week))].map((week) => {
      const whole = (from: number, until: number) => {
        const sum = { n: 0, k: 0 };
        for (const own of quiet) add(sum, sumWeeks(own, from, until));
        return rateOf(sum);
      };
      return [week, whole(week, week + AFTER_WEEKS) - whole(week - LOOK_WEEKS, week)];
    }),
  );
  return { rows, quietChange: picked.map(({ week }) => changeInWeek.get(week) ?? 0) };
}

function drawPlace(random: CheapRandom, weeks: number): Place {
  const orders = Math.min(400, 15 * Math.exp(random.normal()) + 10);
  const level = BASE_LOGIT + LEVEL_SPREAD * random.normal();
  const rises = random.next() < RISE_SHARE ? random.integer(PAST_WEEKS, weeks) : Infinity;
  let wander = WANDER_SPREAD * random.normal();
  const rates = Float64Array.from({ length: weeks }, (_, week) => {
    wander =
      WANDER_MEMORY * wander + WANDER_SPREAD * Math.sqrt(1 - WANDER_MEMORY ** 2) * random.normal();
    return 1 / (1 + Math.exp(-(level + wander + (week >= rises ? RISE : 0))));
  });
  return { orders, rates, alarmed: false };
}

/**
 * A week of about `orders` a week, twice that in the weeks themselves to keep small places
 * countable.
 */
function count(random: CheapRandom, orders: number, rate: number): Counted {
  const n = random.poisson(2 * orders);
  return { n, k: random.binomial(n, rate) };
}

/** How many standard errors the last two weeks lie above the place's own past. */
function badness(own: ReadonlyArray<Counted>, week: number): number {
  const past = sumWeeks(own, week - LOOK_WEEKS - PAST_WEEKS, week - LOOK_WEEKS);
  const look = sumWeeks(own, week - LOOK_WEEKS, week);
  if (look.n === 0 || past.n === 0) return -Infinity;
  const usual = Math.max(0.01, rateOf(past));
  return (rateOf(look) - usual) / Math.sqrt((usual * (1 - usual)) / look.n);
}

function sumWeeks(own: ReadonlyArray<Counted>, from: number, until: number): Counted {
  const sum = { n: 0, k: 0 };
  for (let week = from; week < until; week++) add(sum, own[week] ?? { n: 0, k: 0 });
  return sum;
}

function add(sum: Counted, part: Counted): void {
  sum.n += part.n;
  sum.k += part.k;
}

function rateOf({ n, k }: Counted): number {
  return n === 0 ? 0 : k / n;
}
