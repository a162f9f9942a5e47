/** What each day said: how many were judged, how many could not be, and what nearly fired. */
import type { Day, Instant } from "../../std/time.ts";
import type { DayReading, NearMiss } from "../../core/port/types.ts";
import type { Tx } from "../driver/driver.ts";

export async function insertDayReading(
  tx: Tx,
  loop: string,
  reading: DayReading,
  now: Instant,
): Promise<void> {
  await tx.query(
    `insert into day_reading
       (loop, day, evaluated, not_evaluated, near_misses, signals, read_at)
     values ($1, $2, $3, $4::jsonb, $5::jsonb, $6, $7)`,
    [
      loop,
      reading.day,
      reading.evaluated,
      JSON.stringify(reading.notEvaluated),
      JSON.stringify(reading.nearMisses),
      reading.signals.length,
      now,
    ],
  );
}

export type DayReadingRow = {
  readonly day: Day;
  readonly evaluated: number;
  readonly not_evaluated: DayReading["notEvaluated"];
  readonly near_misses: ReadonlyArray<NearMiss>;
  readonly signals: number;
};

export async function listDayReadings(tx: Tx, loop: string): Promise<ReadonlyArray<DayReadingRow>> {
  return tx.query<DayReadingRow>(
    `select day, evaluated, not_evaluated, near_misses, signals
     from day_reading
     where loop = $1
     order by day`,
    [loop],
  );
}
