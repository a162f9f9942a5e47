/** Everything that one seed decides, so that a failure can print it. */
import type { ConnectorClass } from "../../../src/core/port/types.ts";
import type { CrashPoint } from "../../../src/engine/crash-point.ts";
import { CRASH_POINTS } from "../../../src/engine/crash-point.ts";
import { integerBetween, type Random, randomFrom } from "../../../src/std/random.ts";

export type SeedOptions = {
  readonly seed: number;
  readonly class: ConnectorClass;
  readonly workers: number;
  readonly signals: number;
  readonly people: number;
  /** A worker vanishes when it reaches this place for the n-th time. */
  readonly crashes: ReadonlyArray<{ readonly at: CrashPoint; readonly nth: number }>;
  /** And with this share at any step at all. */
  readonly deathShare: number;
  readonly storeFaultShare: number;
  readonly outsideFaultShare: number;
  /** Share of picks at which time leaps to the next timer, so that leases run out under their owner. */
  readonly leapShare: number;
  /** Share of picks at which a worker is stopped, often for longer than its lease. */
  readonly stopShare: number;
  /** Longest time that passes with a step, in milliseconds. */
  readonly paceMs: number;
  readonly diskFills: boolean;
  readonly clockJumps: boolean;
  readonly editsByHand: boolean;
};

const CLASSES: ReadonlyArray<ConnectorClass> = ["readable", "readable", "idempotent", "opaque"];

/** What else is so in a seed that plans a death at a place to which few seeds come by themselves. */
const LEADS_TO: Partial<Record<CrashPoint, Partial<SeedOptions>>> = {
  "vote/written": { people: 6 },
  "stop/written": { people: 6 },
  "loop/moved": { people: 6 },
  "change/before-read-back": { class: "readable", outsideFaultShare: 0.35 },
};

export function drawOptions(seed: number): SeedOptions {
  const random = randomFrom(seed, "options");
  const draw = <T>(from: ReadonlyArray<T>): T => from[integerBetween(random, 0, from.length)] as T;
  const chance = (share: number): boolean => random.next() < share;
  // In turn, so that so many seeds plan a death at every place equally often.
  const at = CRASH_POINTS[seed % CRASH_POINTS.length] as CrashPoint;
  return {
    seed,
    class: draw(CLASSES),
    workers: 2,
    signals: integerBetween(random, 1, 4),
    people: integerBetween(random, 1, 7),
    crashes: [
      { at, nth: integerBetween(random, 1, 3) },
      { at: draw(CRASH_POINTS), nth: 1 },
      ...(chance(0.3) ? [{ at: draw(CRASH_POINTS), nth: integerBetween(random, 1, 6) }] : []),
    ],
    deathShare: chance(0.3) ? 0.01 : 0,
    storeFaultShare: chance(0.4) ? 0.08 : 0,
    outsideFaultShare: chance(0.7) ? 0.35 : 0,
    leapShare: chance(0.4) ? 0.05 : 0,
    stopShare: chance(0.3) ? 0.03 : 0,
    paceMs: draw([20, 20, 120]),
    diskFills: chance(0.1),
    clockJumps: chance(0.3),
    editsByHand: chance(0.15),
    ...LEADS_TO[at],
  };
}

/** An independent stream of chance for one part of a run. */
export function chanceOf({ seed }: SeedOptions, part: string): Random {
  return randomFrom(seed, part);
}
