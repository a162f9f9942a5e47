/**
 * Observations through the store: delivered as one batch a day, read back and folded, state saved.
 * Beside it what one writes first: a transaction for each row, and a sum over all rows each morning.
 */
import { LOOP_NAME } from "../loops/logistics-marketing/loop.ts";
import { dayFromNumber } from "../src/std/time.ts";
import type { Driver } from "../src/store/driver/driver.ts";
import { createMemoryNotifier, openEngineLoop } from "./action/engine-loop.ts";
import type { Store } from "./action/stores.ts";
import { createDay, createSubjects, FIRST_DAY } from "./network.ts";
import { type Row, secondsOf, summarise } from "./sample.ts";
import type { BenchSettings } from "./settings.ts";

/** The naive way is slow enough for a few rows to show it. */
const NAIVE_ROWS = 1_500;
const PARTS = ["received", "folded", "naive insert", "naive sum"] as const;
type Part = (typeof PARTS)[number];

export async function benchIntake(
  stores: ReadonlyArray<Store>,
  settings: BenchSettings,
  report: (done: number, total: number) => void,
): Promise<ReadonlyArray<Row>> {
  const samples = stores.map(() => new Map(PARTS.map((part) => [part, [] as number[]])));
  let rowsInAll = 0;
  for (let round = 0; round < settings.rounds; round++) {
    for (const [index, store] of stores.entries()) {
      const { rows, perSecond } = await runRound(store, settings);
      rowsInAll = rows;
      for (const part of PARTS) samples[index]?.get(part)?.push(perSecond[part]);
      report(round * stores.length + index + 1, settings.rounds * stores.length);
    }
  }
  const { storeDays: days, fold } = settings;
  const nameOf: Readonly<Record<Part, string>> = {
    received: "received and committed, one batch a day",
    folded: "read back, folded by the agent, state saved",
    "naive insert": "naive: one transaction a row",
    "naive sum": "naive: every subject's sums over all rows so far, one SQL query a day",
  };
  return stores.flatMap((store, index) =>
    PARTS.map((part) => ({
      name: `${nameOf[part]} | ${store.name}`,
      unit: "observations",
      perSecond: summarise(samples[index]?.get(part) ?? []),
      beside: { subjects: fold.subjects, days, observations: rowsInAll },
    })),
  );
}

async function runRound(
  store: Store,
  settings: BenchSettings,
): Promise<{ rows: number; perSecond: Readonly<Record<Part, number>> }> {
  const pincodes = settings.fold.subjects;
  const subjects = [...createSubjects(pincodes).values()];
  const on = await store.open();
  try {
    const { engine } = await openEngineLoop(on.driver, {
      connectors: [],
      notifier: createMemoryNotifier(),
    });
    const totals = { rows: 0, receive: 0, fold: 0, sum: 0 };
    for (let i = 0; i < settings.storeDays; i++) {
      const observations = createDay(pincodes, FIRST_DAY + i);
      const day = dayFromNumber(FIRST_DAY + i);
      const batch = { source: "bench", id: day, metric: "ndr_rate", completeDays: [day] };
      totals.rows += observations.length;
      totals.receive += await secondsOf(async () => {
        await engine.receive({ ...batch, subjects: i === 0 ? subjects : [], observations });
      });
      totals.fold += await secondsOf(async () => {
        await engine.fold(LOOP_NAME);
      });
      totals.sum += await secondsOf(() => sumByHand(on.driver));
    }
    const byHand = await secondsOf(() => insertByHand(on.driver, pincodes));
    return {
      rows: totals.rows,
      perSecond: {
        received: totals.rows / totals.receive,
        folded: totals.rows / totals.fold,
        "naive insert": NAIVE_ROWS / byHand,
        // Each morning reads everything; what is counted is that morning's new rows.
        "naive sum": totals.rows / totals.sum,
      },
    };
  } finally {
    await on.close();
  }
}

async function sumByHand(driver: Driver): Promise<void> {
  await driver.query(
    `select subject, sum(n)::int as n, sum(k)::int as k
     from observation where metric = 'ndr_rate' group by subject`,
  );
}

async function insertByHand(driver: Driver, pincodes: number): Promise<void> {
  await driver.exec(`create table naive_observation (
    subject text, day date, stratum text, n int, k int, primary key (day, subject, stratum))`);
  const rows = createDay(pincodes, FIRST_DAY).slice(0, NAIVE_ROWS);
  for (const { subject, day, stratum, n, k } of rows) {
    await driver.transaction((tx) =>
      tx.query("insert into naive_observation values ($1, $2, $3, $4, $5)", [
        subject,
        day,
        stratum,
        n,
        k,
      ]),
    );
  }
}
