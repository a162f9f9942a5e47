/**
 * A country of made-up pincodes for the bench: few with many orders, many with few, each day split by
 * courier and payment mode. Drawn by a cheap generator of its own, so that making data takes no longer
 * than folding it; nothing breaks in it, because folding costs the same either way.
 */
import type { Observation, Subject } from "../src/core/port/types.ts";
import { type Day, dayFromNumber } from "../src/std/time.ts";

export const FIRST_DAY = 20_500;
const STATES = 30;
const PINCODES_PER_DISTRICT = 16;
const COURIERS = ["delhivery", "ekart", "xpressbees"];
export const STRATA = COURIERS.flatMap((courier) =>
  ["cod", "prepaid"].map((payment) => `courier=${courier}|payment=${payment}`),
);
/** Mean orders a day over all pincodes; a Pareto tail carries most of them. */
const SCALE = 2;
const TAIL = 1.3;
const ORDERS_MAX = 300;

export function createSubjects(pincodes: number): ReadonlyMap<string, Subject> {
  const subjects = new Map<string, Subject>();
  const add = (id: string, level: Subject["level"], parent: string | null): void => {
    subjects.set(id, { id, kind: "geography", level, name: id, parent });
  };
  add("IN", "nation", null);
  for (let i = 0; i < STATES; i++) add(`IN-S-${i}`, "state", "IN");
  const districts = Math.ceil(pincodes / PINCODES_PER_DISTRICT);
  for (let i = 0; i < districts; i++) add(`IN-D-${i}`, "district", `IN-S-${i % STATES}`);
  for (let i = 0; i < pincodes; i++) add(pincodeId(i), "pincode", `IN-D-${i % districts}`);
  return subjects;
}

function pincodeId(index: number): string {
  return `IN-${100_000 + index}`;
}

/** The rows of one day, as a source delivers them. Same day, same rows. */
export function createDay(pincodes: number, dayNumber: number): Observation[] {
  const day: Day = dayFromNumber(dayNumber);
  const next = cheapRandom(dayNumber);
  const rows: Observation[] = [];
  for (let i = 0; i < pincodes; i++) {
    const mean = Math.min(ORDERS_MAX, SCALE * ((i + 0.5) / pincodes) ** (-1 / TAIL)) / 6;
    for (const stratum of STRATA) {
      const n = Math.floor(mean * (0.5 + next()) + next());
      if (n === 0) continue;
      let k = 0;
      for (let trial = 0; trial < n; trial++) if (next() < 0.14) k += 1;
      const reasons = k === 0 ? {} : { reasons: { customer_unavailable: k } };
      rows.push({ metric: "ndr_rate", subject: pincodeId(i), day, stratum, n, k, ...reasons });
    }
  }
  return rows;
}

/** Mulberry32: ten operations a draw, good enough for counts that nobody infers anything from. */
function cheapRandom(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
