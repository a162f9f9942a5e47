/** Small made-up networks for the tests: a nation, states, districts, pincodes, and their counts. */
import type { Subject } from "../../core/port/types.ts";
import type { Random } from "../../std/random.ts";
import { normal, randomFrom } from "../../std/random.ts";
import type { Count } from "./day-counts.ts";

export type Pin = { readonly id: string; readonly ordersPerDay: number; readonly rate: number };
export type Network = {
  readonly subjects: ReadonlyMap<string, Subject>;
  readonly pins: ReadonlyArray<Pin>;
};

export function createSubject(
  id: string,
  level: Subject["level"],
  parent: string | null,
): readonly [string, Subject] {
  return [id, { id, kind: "geography", level, name: id, parent }];
}

/** Pincode `i` lies in district `i % districts`, district `j` in state `j % states`. */
export function createNetwork(
  size: { readonly pins: number; readonly districts: number; readonly states: number },
  pinOf: (index: number) => Omit<Pin, "id">,
): Network {
  const subjects = new Map([createSubject("IN", "nation", null)]);
  for (let i = 0; i < size.states; i++) {
    subjects.set(...createSubject(`IN-S-${i}`, "state", "IN"));
  }
  for (let i = 0; i < size.districts; i++) {
    subjects.set(...createSubject(`IN-D-${i}`, "district", `IN-S-${i % size.states}`));
  }
  const pins: Pin[] = [];
  for (let i = 0; i < size.pins; i++) {
    const id = `IN-${100_000 + i}`;
    subjects.set(...createSubject(id, "pincode", `IN-D-${i % size.districts}`));
    pins.push({ id, ...pinOf(i) });
  }
  return { subjects, pins };
}

/** A day's counts; `rateOf` may bend a pincode's rate. Same seed and day, same counts. */
export function createCounts(
  network: Network,
  seed: number,
  day: number,
  rateOf: (pin: Pin) => number = (pin) => pin.rate,
): Count[] {
  return network.pins
    .map((pin) => {
      const random = randomFrom(seed, "counts", day, pin.id);
      const n = drawOrders(random, pin.ordersPerDay);
      const p = rateOf(pin);
      let k = 0;
      for (let i = 0; i < n; i++) if (random.next() < p) k += 1;
      return { subject: pin.id, n, k };
    })
    .filter(({ n }) => n > 0);
}

/** Near enough to Poisson for large means; exact below 20. */
function drawOrders(random: Random, mean: number): number {
  if (mean > 20) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const floor = Math.exp(-mean);
  let product = random.next();
  let count = 0;
  while (product > floor) {
    product *= random.next();
    count += 1;
  }
  return count;
}
