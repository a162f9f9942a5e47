import assert from "node:assert/strict";
import { test } from "node:test";
import { InterlockError } from "../../std/errors.ts";
import { normal, randomFrom } from "../../std/random.ts";
import { dayFromNumber } from "../../std/time.ts";
import { planWatch } from "./plan.ts";
import { computeHeights, groupByDay, type SeriesTable, WHOLE } from "./table.ts";
import { watchLevels } from "./watch-levels.ts";
import { watchRates } from "./watch-rates.ts";

const START = 20_454;
type Rates = Extract<SeriesTable, { kind: "rates" }>;

function rates(
  days: number,
  rateOf: (subject: number, day: number) => number,
  options: {
    subjects?: number;
    trials?: (subject: number, day: number) => number;
    parents?: string[];
  } = {},
): Rates {
  const leaves = options.subjects ?? 20;
  const subjects = Array.from({ length: leaves }, (_, at) => `S${at}`);
  const above = [...new Set(options.parents ?? [])];
  const rows: Array<readonly [number, number, number, number]> = [];
  for (let day = 0; day < days; day++) {
    for (let at = 0; at < leaves; at++) {
      const random = randomFrom(1, at, day);
      const n = options.trials?.(at, day) ?? 40;
      let k = 0;
      for (let i = 0; i < n; i++) if (random.next() < rateOf(at, day)) k += 1;
      rows.push([at, START + day, n, k]);
    }
  }
  return {
    kind: "rates",
    subjects: [...subjects, ...above],
    parents: [
      ...subjects.map((_, at) =>
        options.parents ? leaves + above.indexOf(options.parents[at]!) : -1,
      ),
      ...above.map(() => -1),
    ],
    strata: [],
    subject: Int32Array.from(rows, ([at]) => at),
    day: Int32Array.from(rows, ([, day]) => day),
    stratum: new Int32Array(rows.length).fill(-1),
    n: Float64Array.from(rows, ([, , n]) => n),
    k: Float64Array.from(rows, ([, , , k]) => k),
  };
}

test("sixty days are enough to find a rate that rises by 15 points and one that falls by 12", () => {
  const report = watchRates(
    rates(60, (at, day) => (day < 35 ? 0.18 : at === 2 ? 0.33 : at === 5 ? 0.06 : 0.18)),
  );
  assert.deepEqual(
    report.findings.map(({ subject, direction }) => `${subject} ${direction}`).sort(),
    ["S2 up", "S5 down"],
  );
  for (const { changedOn, raisedOn, interval, rate, baseline, direction } of report.findings) {
    assert.ok(changedOn >= dayFromNumber(START + 33) && changedOn <= dayFromNumber(START + 38));
    assert.ok(raisedOn > changedOn && raisedOn <= dayFromNumber(START + 48));
    const truth = direction === "up" ? 0.33 : 0.06;
    assert.ok(interval[0] <= truth && truth <= interval[1]);
    assert.equal(rate > baseline, direction === "up");
  }
  assert.deepEqual(report.warmUp.days, 21);
  assert.deepEqual(report.notEvaluated, []);
});

test("calm files of twenty subjects raise nothing", () => {
  const report = watchRates(rates(90, (at) => 0.1 + 0.01 * at));
  assert.deepEqual(report.findings, []);
});

test("what all subjects of a parent do is said of the parent, what they all do of the whole", () => {
  const parents = Array.from({ length: 20 }, (_, at) => `P${at % 4}`);
  const some = watchRates(
    rates(70, (at, day) => (at % 4 === 1 && day >= 40 ? 0.3 : 0.18), { parents }),
  );
  assert.equal(some.findings[0]?.subject, "P1");
  const all = watchRates(rates(70, (_, day) => (day >= 40 ? 0.3 : 0.18), { parents }));
  assert.deepEqual(
    all.findings.map(({ subject }) => subject),
    [WHOLE],
  );
});

test("a rise that ends is told once, with its end, and its end is no finding", () => {
  const report = watchRates(
    rates(120, (at, day) => (at === 3 && day >= 60 && day < 85 ? 0.4 : 0.18)),
  );
  assert.deepEqual(
    report.findings.map(({ subject, direction, ended }) => [subject, direction, ended?.how]),
    [["S3", "up", "back"]],
  );
});

test("a subject that is too small says so, in trials a day", () => {
  const trials = (at: number, day: number) => (at > 0 ? 40 : day % 5 === 0 ? 1 : 0);
  const report = watchRates(rates(60, () => 0.18, { trials }));
  const small = report.notEvaluated.find(({ subject }) => subject === "S0");
  assert.match(small?.reason ?? "", /^0\.\d trials a day; .* takes \d+\.\d /);
});

test("a file shorter than its warm-up judges nobody and says what is missing", () => {
  const report = watchRates(rates(10, () => 0.18));
  assert.equal(report.notEvaluated.length, 20);
  assert.match(report.warmUp.words, /10 days are too few/);
});

test("levels are counts when they are whole, and their changes are found both ways", () => {
  const { kind: _, n: __, k: ___, ...shared } = rates(70, () => 0, { trials: () => 0 });
  const value = Float64Array.from(shared.subject, (at, row) => {
    const day = shared.day[row]! - START;
    const mean = 25 * (day >= 40 && at === 1 ? 1.8 : day >= 40 && at === 6 ? 0.5 : 1);
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(randomFrom(4, at, day))));
  });
  const report = watchLevels({ ...shared, kind: "levels", value });
  assert.equal(report.kind, "counts");
  assert.deepEqual(
    report.findings.map(({ subject, direction }) => `${subject} ${direction}`).sort(),
    ["S1 up", "S6 down"],
  );
});

test("the plan waits a third of the file, between two weeks and 45 days", () => {
  const plan = (days: number) => planWatch(Array.from({ length: days }, (_, at) => START + at));
  assert.deepEqual([plan(60).warmupDays, plan(60).lagDays], [21, 14]);
  assert.deepEqual([plan(20).warmupDays, plan(20).lagDays], [14, 7]);
  assert.deepEqual([plan(365).warmupDays, plan(365).lagDays], [45, 21]);
});

test("rows come out by day, whatever their order, and rings of parents are refused", () => {
  const table = rates(3, () => 0.5, { subjects: 2 });
  const shuffled = { ...table, day: table.day.toReversed() };
  const { days, rowsOf } = groupByDay(shuffled);
  assert.deepEqual(days, [START, START + 1, START + 2]);
  assert.deepEqual([...rowsOf(0)], [4, 5]);
  assert.throws(
    () => computeHeights({ ...table, parents: [1, 0] }),
    (error) => error instanceof InterlockError && error.code === "detect/parent-cycle",
  );
});
