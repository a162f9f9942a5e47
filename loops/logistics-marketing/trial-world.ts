/**
 * The small worlds of the sender's trial: a nation, states, districts and pincodes, whose couriers fail
 * at their usual rates on noisy days, and whatever raises those rates for good or for a while.
 */
import type { FoldInput, SenderHistory } from "../../src/core/contract/suite/types.ts";
import type { Observation, Subject } from "../../src/core/port/types.ts";
import { normal, type Random } from "../../src/std/random.ts";
import { addDays, type Day, dayToNumber, instantOn, weekdayOf } from "../../src/std/time.ts";

export type Draw = (key: number | string) => Random;

/** What is usual in a place. */
type Pin = {
  readonly id: string;
  readonly district: string;
  readonly state: string;
  readonly ordersPerDay: number;
  readonly rate: number;
};

export type World = {
  readonly subjects: ReadonlyMap<string, Subject>;
  readonly pins: ReadonlyArray<Pin>;
};

/** Something that raises the rate of some deliveries from a day on; for good when `until` is open. */
export type Rise = {
  readonly at: string;
  readonly courier?: string;
  readonly from: number;
  readonly until: number;
  readonly size: number;
};

const METRIC = "ndr_rate";
export const FIRST: Day = "2025-10-01";
const ZONE_MINUTES = 330;
const MORNING = 6 * 60;
/** Rise from which the contract calls a change material. */
const MATERIAL = 0.03;
export const COURIERS = ["bluedart", "delhivery", "ekart"];

/** A past of a world: what broke in it is its truth, `change` is what became of the data. */
export type Past = {
  readonly kind: SenderHistory["kind"];
  readonly about: string;
  readonly world: World;
  readonly length: number;
  readonly rises: ReadonlyArray<Rise>;
  /** Names the past, so that its chance is its own. */
  readonly key: string;
  /** False where the past is too odd for a confidence to be honest about it. */
  readonly isScored: boolean;
  readonly change?: Change;
};

export type Change = (observations: Observation[], day: number) => Observation[];

export function toHistory(past: Past, draw: Draw): SenderHistory {
  const { kind, about, world, length, rises, key, isScored, change = (same) => same } = past;
  const shares = shareByRise(world, rises);
  return {
    kind,
    about,
    *days() {
      for (let at = 0; at < length; at++) {
        const observations = change(observeDay(world, rises, at, draw(`${key}-day-${at}`)), at);
        yield foldInput(world, at, observations);
      }
    },
    isTrue(signal) {
      if (!isScored) return undefined;
      const day = dayToNumber(signal.asOf.slice(0, 10)) - dayToNumber(FIRST);
      const lasting = rises.reduce((sum, rise, i) => {
        const isOn = rise.from <= day && rise.until === Infinity;
        return sum + (isOn ? rise.size * (shares[i]?.get(signal.subject) ?? 0) : 0);
      }, 0);
      return lasting >= MATERIAL;
    },
  };
}

/** How much of each subject's deliveries each rise concerns. */
function shareByRise(world: World, rises: ReadonlyArray<Rise>): ReadonlyArray<Map<string, number>> {
  const all = new Map<string, number>();
  const add = (to: Map<string, number>, pin: Pin, weight: number): void => {
    for (const id of chain(pin)) to.set(id, (to.get(id) ?? 0) + weight);
  };
  for (const pin of world.pins) add(all, pin, pin.ordersPerDay);
  return rises.map((rise) => {
    const part = new Map<string, number>();
    for (const pin of world.pins.filter((one) => chain(one).includes(rise.at))) {
      add(part, pin, pin.ordersPerDay / (rise.courier === undefined ? 1 : COURIERS.length));
    }
    return new Map([...part].map(([id, weight]) => [id, weight / (all.get(id) ?? 1)]));
  });
}

function chain({ id, district, state }: Pin): ReadonlyArray<string> {
  return [id, district, state, "IN"];
}

export function makeWorld(random: Random, pins: number): World {
  const districts = Math.max(1, Math.round(pins / 4));
  const states = Math.max(1, Math.round(districts / 3));
  const subjects = new Map<string, Subject>();
  const add = (id: string, level: Subject["level"], parent: string | null): void => {
    subjects.set(id, { id, kind: "geography", level, name: id, parent });
  };
  add("IN", "nation", null);
  for (let i = 0; i < states; i++) add(`IN-S-state${i}`, "state", "IN");
  for (let i = 0; i < districts; i++) add(`IN-D-town${i}`, "district", `IN-S-state${i % states}`);
  const list: Pin[] = [];
  for (let i = 0; i < pins; i++) {
    const district = `IN-D-town${i % districts}`;
    add(`IN-${400_000 + i}`, "pincode", district);
    list.push({
      id: `IN-${400_000 + i}`,
      district,
      state: `IN-S-state${(i % districts) % states}`,
      ordersPerDay: 6 * 10 ** (random.next() * 1.2),
      rate: 0.1 + 0.12 * random.next(),
    });
  }
  return { subjects, pins: list };
}

function foldInput(world: World, at: number, observations: ReadonlyArray<Observation>): FoldInput {
  const day = addDays(FIRST, at);
  return {
    day,
    now: instantOn(addDays(day, 1), MORNING, ZONE_MINUTES),
    subjects: world.subjects,
    observations,
    acted: new Set(),
  };
}

/** Day noise in log-odds: of everybody, and of one place. */
const SHARED_NOISE = 0.08;
const OWN_NOISE = 0.15;

/** Written once: a text that is the same object is found faster. */
const STRATA = COURIERS.map((courier) => ({
  courier,
  strata: { cod: `courier=${courier}|payment=cod`, prepaid: `courier=${courier}|payment=prepaid` },
}));

function observeDay(
  { pins }: World,
  rises: ReadonlyArray<Rise>,
  at: number,
  random: Random,
): Observation[] {
  const day = addDays(FIRST, at);
  const shared = SHARED_NOISE * normal(random) + (weekdayOf(day) >= 5 ? 0.1 : 0);
  return pins.flatMap((pin) => {
    const own = OWN_NOISE * normal(random);
    const usual = 1 / (1 + Math.exp(-(Math.log(pin.rate / (1 - pin.rate)) + shared + own)));
    const path = chain(pin);
    const on = rises.filter((rise) => rise.from <= at && at < rise.until && path.includes(rise.at));
    return STRATA.flatMap(({ courier, strata }) => {
      const rise = on.reduce(
        (sum, one) => sum + (one.courier === undefined || one.courier === courier ? one.size : 0),
        0,
      );
      const n = drawCount(random, pin.ordersPerDay / COURIERS.length);
      if (n === 0) return [];
      const k = drawHits(random, n, Math.min(0.98, usual + rise));
      const stratum = strata[random.next() < 0.6 ? "cod" : "prepaid"];
      const reasons = k === 0 ? {} : { reasons: { customer_unavailable: k } };
      return [{ metric: METRIC, subject: pin.id, day, stratum, n, k, ...reasons }];
    });
  });
}

/** Near enough to Poisson. */
function drawCount(random: Random, mean: number): number {
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const floor = Math.exp(-mean);
  let product = random.next();
  let count = 0;
  for (; product > floor; count++) product *= random.next();
  return count;
}

/** Binomial: exact for few, normal for many. */
function drawHits(random: Random, n: number, rate: number): number {
  if (n > 200) {
    const drawn = Math.round(n * rate + Math.sqrt(n * rate * (1 - rate)) * normal(random));
    return Math.max(0, Math.min(n, drawn));
  }
  let hits = 0;
  for (let i = 0; i < n; i++) if (random.next() < rate) hits += 1;
  return hits;
}
