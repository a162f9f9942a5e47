/** A year behind a day: does taking in, reading and removing still cost what it cost in the first month? */
import { archiveMonths } from "../../src/app/archive.ts";
import { openInterlock } from "../../src/app/interlock.ts";
import { simulatedSecretOf } from "../../src/app/simulated-owners.ts";
import { table } from "../../src/cli/output.ts";
import type { Observation } from "../../src/core/port/types.ts";
import type { CallOperation } from "../../src/operation/operation.ts";
import { dayToNumber } from "../../src/std/time.ts";
import type { Driver } from "../../src/store/driver/driver.ts";
import { appendLedger } from "../../src/store/table/ledger.ts";
import { listObservationsOfDay, upsertObservations } from "../../src/store/table/observation.ts";
import { upsertSubjects } from "../../src/store/table/subject.ts";
import { startPostgres } from "../../test/kit/postgres.ts";
import { draftsOf } from "../ledger/append.ts";
import { type Machine, readMachine } from "../machine.ts";
import { createDay, createSubjects, STRATA } from "../network.ts";
import { secondsOf, summarise } from "../sample.ts";
import type { BenchContext, Section } from "../section.ts";

const FULL = { subjects: 20_000, days: 365, entries: 300_000 };
const QUICK = { subjects: 500, days: 365, entries: 5_000 };
const FIRST = "2025-01-01";
/** Looked at often enough that one slow disk is not the figure. */
const ROUNDS = 5;
const BATCH = 5_000;
const METRIC = "ndr_rate";

type DayFigures = {
  readonly rows: number;
  readonly takenInMs: number;
  readonly readMs: number;
};

type Figures = {
  readonly machine: Machine;
  readonly empty: DayFigures;
  readonly afterYear: DayFigures;
  readonly observations: number;
  readonly bytesPerObservation: number;
  readonly month: {
    readonly rows: number;
    readonly deleteSeconds: number;
    readonly dropPartitionSeconds: number;
  };
  readonly archive: {
    readonly entries: number;
    readonly observations: number;
    readonly seconds: number;
    readonly bytesPerEntry: number;
  };
};

export const year: Section = {
  name: "year",
  words: "a day with a year of days behind it; a month archived, deleted, dropped, on PostgreSQL",
  isOnDemand: true,
  async run(context) {
    const figures = await measure(context);
    return { json: figures, text: toText(figures) };
  },
};

async function measure({ quick, directory, report }: BenchContext): Promise<Figures> {
  const { subjects, days, entries } = quick ? QUICK : FULL;
  const server = await startPostgres();
  try {
    const secret = simulatedSecretOf("ledger");
    const { driver, engine, close } = await openInterlock({
      store: { url: await server.createDatabase("year") },
      ...{ clock: { now: () => "2026-06-01T00:00:00.000Z" }, loops: [] },
      ledgerSecret: () => secret,
    });
    try {
      await driver.transaction((tx) => upsertSubjects(tx, [...createSubjects(subjects).values()]));
      const empty = await measureDay(driver, subjects, FIRST);
      await fillYear(driver, days, report("days"));
      const last = "2026-01-01";
      const afterYear = await measureDay(driver, subjects, last);
      const [size] = await driver.query<{ rows: number; bytes: number }>(
        "select count(*) as rows, pg_total_relation_size('observation') as bytes from observation",
      );
      const month = await measureRemoval(driver);
      await fillLedger(driver, entries, report("entries"));
      const call: CallOperation = (operation, input) => operation.handler({ engine }, input);
      const [ledger] = await driver.query<{ bytes: number }>(
        "select pg_total_relation_size('ledger') as bytes",
      );
      const observations = month.rows;
      const seconds = await secondsOf(async () => {
        await archiveMonths(call, { to: `${directory}/archive`, before: "2025-02" });
      });
      return {
        machine: readMachine(directory),
        ...{ empty, afterYear, month, observations: size?.rows ?? 0 },
        bytesPerObservation: (size?.bytes ?? 0) / (size?.rows ?? 1),
        archive: { entries, observations, seconds, bytesPerEntry: (ledger?.bytes ?? 0) / entries },
      };
    } finally {
      await close();
    }
  } finally {
    await server.stop();
  }
}

/** Taken in by the batch, as a feed would send it, and taken back, several times; then read as the agent reads it. */
async function measureDay(driver: Driver, subjects: number, day: string): Promise<DayFigures> {
  // Of one courier, cash and paid: about one count for each subject.
  const [first] = STRATA;
  const courier = first?.split("|")[0] ?? "";
  const rows: ReadonlyArray<Observation> = createDay(subjects, dayToNumber(day)).filter(
    ({ stratum }) => stratum.startsWith(courier),
  );
  const taken: number[] = [];
  const read: number[] = [];
  // The first is not counted: it warms what the others find warm.
  for (let round = -1; round < ROUNDS; round += 1) {
    await driver.query("delete from observation where metric = $1 and day = $2", [METRIC, day]);
    await driver.query("delete from within_day where metric = $1 and day = $2", [METRIC, day]);
    const seconds = await secondsOf(async () => {
      for (let at = 0; at < rows.length; at += BATCH) {
        await driver.transaction((tx) => upsertObservations(tx, rows.slice(at, at + BATCH)));
      }
    });
    const reading = await secondsOf(async () => {
      await listObservationsOfDay(driver, METRIC, day);
    });
    if (round < 0) continue;
    taken.push(seconds * 1_000);
    read.push(reading * 1_000);
  }
  return {
    rows: rows.length,
    takenInMs: summarise(taken).median,
    readMs: summarise(read).median,
  };
}

async function fillYear(
  driver: Driver,
  days: number,
  report: (done: number, total: number) => void,
): Promise<void> {
  for (let day = 1; day < days; day += 1) {
    await driver.query(
      `insert into observation
       select metric, subject, $1::date + $2::int, stratum, n, k, reasons
       from observation where metric = $3 and day = $1`,
      [FIRST, day, METRIC],
    );
    report(day + 1, days);
  }
  await driver.exec("vacuum analyze observation");
}

/** One month deleted as it is, and the same rows as a partition that is dropped; both are taken back. */
async function measureRemoval(driver: Driver): Promise<Figures["month"]> {
  const take = new Error("taken back");
  let deleteSeconds = 0;
  let rows = 0;
  const undone = (
    work: (tx: Parameters<Parameters<Driver["transaction"]>[0]>[0]) => Promise<void>,
  ) =>
    driver
      .transaction(async (tx) => {
        await work(tx);
        throw take;
      })
      .catch((error: unknown) => {
        if (error !== take) throw error;
      });
  await undone(async (tx) => {
    deleteSeconds = await secondsOf(async () => {
      const [gone] = await tx.query<{ rows: number }>(
        `with gone as (
           delete from observation
           where metric = $1 and day >= '2025-01-01' and day < '2025-02-01'
           returning 1
         )
         select count(*) as rows from gone`,
        [METRIC],
      );
      rows = gone?.rows ?? 0;
    });
  });
  let dropPartitionSeconds = 0;
  await undone(async (tx) => {
    await tx.exec(`create table parted (like observation) partition by range (day);
      create table january partition of parted for values from ('2025-01-01') to ('2025-02-01');
      insert into parted
      select * from observation
      where metric = '${METRIC}' and day >= '2025-01-01' and day < '2025-02-01';
      alter table parted add primary key (metric, day, subject, stratum)`);
    dropPartitionSeconds = await secondsOf(() => tx.exec("drop table january"));
  });
  return { rows, deleteSeconds, dropPartitionSeconds };
}

async function fillLedger(
  driver: Driver,
  entries: number,
  report: (done: number, total: number) => void,
): Promise<void> {
  // Of no case that is here, so nothing of them is kept at hand.
  const drafts = draftsOf(BATCH).map((draft) => ({ ...draft, at: "2025-01-15T00:00:00.000Z" }));
  for (let done = 0; done < entries; done += BATCH) {
    await driver.transaction((tx) => appendLedger(tx, drafts));
    report(done + BATCH, entries);
  }
}

function toText({ empty, afterYear, observations, bytesPerObservation, month, archive }: Figures) {
  const whole = (value: number) => Math.round(value).toLocaleString("en");
  return [
    table([
      [
        `a day of ${whole(empty.rows)} counts, ms, median of ${ROUNDS}`,
        "EMPTY STORE",
        "AFTER A YEAR",
      ],
      ["taken in", whole(empty.takenInMs), whole(afterYear.takenInMs)],
      ["read for the fold", whole(empty.readMs), whole(afterYear.readMs)],
    ]),
    "",
    `${whole(observations)} counts behind it, ${whole(bytesPerObservation)} bytes each with their index.`,
    "",
    table([
      [`a month of ${whole(month.rows)} counts leaves`, "SECONDS"],
      ["deleted", month.deleteSeconds.toFixed(2)],
      ["as a partition that is dropped", month.dropPartitionSeconds.toFixed(2)],
      [
        `archived whole with ${whole(archive.entries)} entries: written, sealed, read back, removed`,
        archive.seconds.toFixed(1),
      ],
    ]),
    "",
    `An entry takes ${whole(archive.bytesPerEntry)} bytes in the database with its indexes.`,
  ].join("\n");
}
