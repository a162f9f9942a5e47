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
  readonly diskFills: boolean;
  readonly clockJumps: boolean;
  readonly editsByHand: boolean;
};

const CLASSES: ReadonlyArray<ConnectorClass> = ["readable", "readable", "idempotent", "opaque"];

export function drawOptions(seed: number): SeedOptions {
  const random = randomFrom(seed, "options");
  const draw = <T>(from: ReadonlyArray<T>): T => from[integerBetween(random, 0, from.length)] as T;
  const chance = (share: number): boolean => random.next() < share;
  return {
    seed,
    class: draw(CLASSES),
    workers: 2,
    signals: integerBetween(random, 1, 4),
    people: integerBetween(random, 0, 6),
    crashes: [
      // In turn, so that so many seeds reach every place equally often.
      {
        at: CRASH_POINTS[seed % CRASH_POINTS.length] as CrashPoint,
        nth: integerBetween(random, 1, 4),
      },
      ...(chance(0.3) ? [{ at: draw(CRASH_POINTS), nth: integerBetween(random, 1, 6) }] : []),
    ],
    deathShare: chance(0.3) ? 0.01 : 0,
    storeFaultShare: chance(0.4) ? 0.08 : 0,
    outsideFaultShare: chance(0.7) ? 0.35 : 0,
    leapShare: chance(0.4) ? 0.05 : 0,
    diskFills: chance(0.1),
    clockJumps: chance(0.3),
    editsByHand: chance(0.15),
  };
}

/** An independent stream of chance for one part of a run. */
export function chanceOf({ seed }: SeedOptions, part: string): Random {
  return randomFrom(seed, part);
}
