/**
 * Where the company ships: pincodes in districts in states, with what is steadily true of each.
 *
 * States and districts carry real names, PINs begin as in that district and go on invented. Volumes are
 * log-normal, so a few pincodes order most of everything and most order a few parcels a day. Cities
 * order more and pay less in cash than the districts behind them.
 */
import { normal, type Random, randomFrom } from "../../src/std/random.ts";
import type { Subject } from "../../src/core/port/types.ts";
import { logit } from "./draw.ts";
import { STATES, type Region, type StateNames } from "./place-names.ts";
import { COURIERS, type CompanySettings, TRUTH } from "./settings.ts";

export type Pincode = {
  readonly index: number;
  readonly id: string;
  readonly district: string;
  readonly state: string;
  readonly region: Region;
  /** Orders on an ordinary day. */
  readonly ordersPerDay: number;
  /** Share of orders paid in cash on delivery, 0..1. */
  readonly codShare: number;
  /** One per courier, summing to 1; 0 where the courier does not serve the pincode. */
  readonly courierShares: ReadonlyArray<number>;
  /** Logit of the first-attempt failure rate of a COD and of a prepaid order. */
  readonly codLogit: number;
  readonly prepaidLogit: number;
  /** Added for each courier. */
  readonly courierLogits: ReadonlyArray<number>;
  /** Standard deviation of the failure logit from one day to the next. */
  readonly dayNoiseLogit: number;
  readonly spendPerOrderMinor: number;
};

export type Geography = {
  readonly subjects: ReadonlyArray<Subject>;
  readonly pincodes: ReadonlyArray<Pincode>;
  /** Pincodes under any subject, itself included. */
  readonly pincodesOf: ReadonlyMap<string, ReadonlyArray<Pincode>>;
};

const PINCODES_PER_DISTRICT = 12;
/** Spread of log volumes; with a mean of 8 a day the largest of 2,400 order 200 to 500. */
const VOLUME_SIGMA = 1.5;
const MEDIAN_COD_FAILURE = 0.26;
const MEDIAN_PREPAID_FAILURE = 0.08;
/** A courier with less than this share of a pincode does not serve it. */
const COURIER_SHARE_MIN = 0.08;
/** How couriers differ everywhere, in logits. */
const COURIER_LOGITS = [-0.14, 0, 0.14];
/** Day noise: median, log spread, ceiling. 0.16 is an intra-class correlation of about 0.005. */
const DAY_NOISE_MEDIAN = 0.16;
const DAY_NOISE_SPREAD = 0.25;
const DAY_NOISE_MAX = 0.28;

/** By the district's place in its state: the metro, the larger cities, the rest. */
const TIERS = [
  { ranksBelow: 1, logVolume: 1, codShare: 0.52, failureLogit: -0.1 },
  { ranksBelow: 4, logVolume: 0.4, codShare: 0.61, failureLogit: 0 },
  { ranksBelow: Infinity, logVolume: 0, codShare: 0.67, failureLogit: 0.06 },
] as const;

export function createGeography(settings: CompanySettings): Geography {
  const subjects: Subject[] = [
    { id: "IN", kind: "geography", level: "nation", name: "India", parent: null },
  ];
  const pincodes: Pincode[] = [];
  const usedPins = new Map<string, number>();
  for (const { names, from, until } of shareOut(settings.geographies)) {
    const state = `IN-S-${slug(names.name)}`;
    subjects.push({
      id: state,
      kind: "geography",
      level: "state",
      name: names.name,
      parent: "IN",
    });
    const count = until - from;
    const districts = Math.max(1, Math.round(count / PINCODES_PER_DISTRICT));
    const stateLogit =
      names.failureLogit + 0.1 * normal(randomFrom(settings.seed, "state", names.name));
    for (let rank = 0; rank < districts; rank++) {
      const { name, pin } = districtOf(names, rank);
      const label = `${name}, ${names.name}`;
      const district = `IN-D-${slug(label)}`;
      subjects.push({
        id: district,
        kind: "geography",
        level: "district",
        name: label,
        parent: state,
      });
      const first = from + Math.round((rank / districts) * count);
      const last = from + Math.round(((rank + 1) / districts) * count);
      for (let index = first; index < last; index++) {
        const number = (usedPins.get(pin) ?? 0) + 1;
        usedPins.set(pin, number);
        const code = `${pin}${String(number).padStart(3, "0")}`;
        const place = { index, id: `IN-${code}`, district, state, region: names.region };
        subjects.push({
          id: place.id,
          kind: "geography",
          level: "pincode",
          name: `${code} ${label}`,
          parent: district,
        });
        pincodes.push(createPincode(settings, place, stateLogit, rank));
      }
    }
  }
  const scaled = scaleVolumes(pincodes, settings.ordersPerDay);
  return { subjects, pincodes: scaled, pincodesOf: groupPincodes(scaled) };
}

/** Consecutive pincodes for each state by its weight; the smallest states may get none. */
function shareOut(
  geographies: number,
): ReadonlyArray<{ names: StateNames; from: number; until: number }> {
  const total = STATES.reduce((sum, { weight }) => sum + weight, 0);
  let weightSoFar = 0;
  return STATES.map((names) => {
    const from = Math.round((weightSoFar / total) * geographies);
    weightSoFar += names.weight;
    return { names, from, until: Math.round((weightSoFar / total) * geographies) };
  }).filter(({ from, until }) => until > from);
}

function createPincode(
  { seed }: CompanySettings,
  place: Pick<Pincode, "index" | "id" | "district" | "state" | "region">,
  stateLogit: number,
  rank: number,
): Pincode {
  const random = randomFrom(seed, "pincode", place.index);
  const tier = TIERS.find(({ ranksBelow }) => rank < ranksBelow) ?? TIERS[2];
  const district = 0.12 * normal(randomFrom(seed, "district", place.district));
  const local = stateLogit + tier.failureLogit + district + 0.22 * normal(random);
  return {
    ...place,
    ordersPerDay: Math.exp(VOLUME_SIGMA * normal(random) + tier.logVolume),
    codShare: Math.min(0.9, Math.max(0.25, tier.codShare + 0.07 * normal(random))),
    courierShares: drawCourierShares(random),
    codLogit: logit(MEDIAN_COD_FAILURE) + local,
    prepaidLogit: logit(MEDIAN_PREPAID_FAILURE) + 0.6 * local,
    courierLogits: COURIERS.map((_, c) => (COURIER_LOGITS[c] ?? 0) + 0.1 * normal(random)),
    dayNoiseLogit: Math.min(
      DAY_NOISE_MAX,
      DAY_NOISE_MEDIAN * Math.exp(DAY_NOISE_SPREAD * normal(random)),
    ),
    spendPerOrderMinor: TRUTH.spendPerOrderMinor * Math.exp(0.15 * normal(random)),
  };
}

function drawCourierShares(random: Random): ReadonlyArray<number> {
  const weights = COURIERS.map(() => Math.exp(0.7 * normal(random)));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const served = weights.map((weight) => (weight / all < COURIER_SHARE_MIN ? 0 : weight));
  const total = served.reduce((sum, weight) => sum + weight, 0);
  return served.map((weight) => weight / total);
}

/** Volumes are relative until here; the whole company then orders what the settings say. */
function scaleVolumes(
  pincodes: ReadonlyArray<Pincode>,
  ordersPerDay: number,
): ReadonlyArray<Pincode> {
  const total = sumOrders(pincodes);
  return pincodes.map((pincode) => ({
    ...pincode,
    ordersPerDay: (pincode.ordersPerDay / total) * ordersPerDay,
  }));
}

export function sumOrders(pincodes: ReadonlyArray<Pincode>): number {
  return pincodes.reduce((sum, { ordersPerDay }) => sum + ordersPerDay, 0);
}

function groupPincodes(
  pincodes: ReadonlyArray<Pincode>,
): ReadonlyMap<string, ReadonlyArray<Pincode>> {
  const groups = new Map<string, Pincode[]>([["IN", [...pincodes]]]);
  for (const pincode of pincodes) {
    for (const id of [pincode.id, pincode.district, pincode.state]) {
      const group = groups.get(id) ?? [];
      group.push(pincode);
      groups.set(id, group);
    }
  }
  return groups;
}

/** Once the real names of a state are used up, its districts are divided: "Patna East". */
function districtOf({ districts }: StateNames, rank: number): { name: string; pin: string } {
  const { name, pin } = districts[rank % districts.length] ?? { name: "Central", pin: "999" };
  const round = Math.floor(rank / districts.length);
  if (round === 0) return { name, pin };
  const part = ["Rural", "East", "West", "North", "South"][(round - 1) % 5] ?? "Rural";
  return { name: round > 5 ? `${name} ${part} ${round}` : `${name} ${part}`, pin };
}

function slug(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}
