/** `outcome estimate` as people and programs meet it. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { estimateOutcome, type OutcomeReport } from "../../src/app/estimate-outcome.ts";
import { normal, randomFrom } from "../../src/std/random.ts";
import { addDays } from "../../src/std/time.ts";
import { type Command, interlock } from "../kit/command.ts";

const root = mkdtempSync(join(tmpdir(), "interlock-outcome-"));
after(() => rmSync(root, { recursive: true, force: true }));

const DAYS = 105;
const START = 77;

/** 40 cities x 105 days with a week of their own; two are lifted from day 77 on. */
function writeCities(
  name: string,
  lift: number,
  change: (rows: string[]) => void = () => {},
): string {
  const random = randomFrom(5, "cities");
  const rows: string[] = [];
  for (let city = 0; city < 40; city++) {
    const size = 200 * Math.exp(normal(random));
    for (let day = 0; day < DAYS; day++) {
      const week = 1 + 0.2 * Math.sin((2 * Math.PI * day) / 7);
      const share = city < 2 && day >= START ? 1 + lift : 1;
      const orders = size * week * share * Math.exp(0.05 * normal(random));
      rows.push(`city-${city},${addDays("2026-01-01", day)},${orders.toFixed(2)}`);
    }
  }
  change(rows);
  const file = join(root, name);
  writeFileSync(file, ["city,date,orders", ...rows, ""].join("\n"));
  return file;
}

const QUESTION = {
  columns: { unit: "city", time: "date", value: "orders" },
  treated: ["city-0", "city-1"],
  from: addDays("2026-01-01", START),
  until: undefined,
  betterWhen: "higher",
  margin: 0.025,
} as const;

function run(file: string, ...args: string[]): Promise<Command> {
  const fixed = ["--unit", "city", "--time", "date", "--value", "orders"];
  return interlock("outcome", "estimate", file, ...fixed, ...args);
}

test("a lift of 5% in two of forty cities is seen, and the JSON has every field that is promised", async () => {
  const file = writeCities("lift.csv", 0.05);
  const asked = ["--treated", "city-0,city-1", "--from", QUESTION.from];
  const { code, out, err } = await run(file, ...asked, "--json");
  assert.deepEqual([code, err], [0, ""]);
  const report = JSON.parse(out) as OutcomeReport;
  assert.equal(report.verdict, "helped");
  const [low, high] = report.relative?.interval ?? [NaN, NaN];
  const off = Math.abs((report.relative?.estimate ?? NaN) - 0.05);
  assert.ok(off < 0.025 && 0 < low && high - low < 0.05, `${low} ${high}`);
  assert.ok(report.pValue < 0.01);
  assert.ok(report.absolute.interval[0] > 0);
  assert.equal(report.controls.used, 38);
  assert.equal(report.fit.judgement, "good");
  assert.match(report.method, /placebos/);
  assert.deepEqual(report.rows, {
    read: 40 * DAYS,
    used: 40 * DAYS,
    empty: 0,
    rejected: 0,
    byCode: {},
    examples: [],
  });
  const screen = await run(file, ...asked);
  assert.match(screen.out, /^helped: higher than chance would make it/);
  assert.match(screen.out, /relative +\S+% +\S+% to \S+%/);
});

test("which way is good turns the verdict round and nothing else", async () => {
  const file = writeCities("lift.csv", 0.05);
  const higher = await estimateOutcome({ file, ...QUESTION });
  const lower = await estimateOutcome({ file, ...QUESTION, betterWhen: "lower" });
  assert.deepEqual([higher.verdict, lower.verdict], ["helped", "harmed"]);
  assert.deepEqual(lower.absolute, higher.absolute);
});

test("bad rows are counted by reason and shown with their lines, and the rest is read", async () => {
  const file = writeCities("holes.csv", 0.05, (rows) => {
    rows[500] = "city-4,2026-03-02,many";
    rows[900] = "city-8,2026-02-30,12";
    rows[1200] = "city-11,2026-02-20";
    rows[1300] = rows[1300]?.replace(/[^,]+$/, "NA") ?? "";
  });
  const { verdict, rows } = await estimateOutcome({ file, ...QUESTION });
  assert.equal(verdict, "helped");
  assert.deepEqual([rows.used, rows.empty, rows.rejected], [40 * DAYS - 4, 1, 3]);
  assert.deepEqual(rows.byCode, { "not-a-number": 1, "missing-cells": 1, "unreadable-time": 1 });
  assert.deepEqual(
    rows.examples.map(({ line }) => line),
    [502, 1202, 902],
  );
});

test("a question that the file cannot answer is refused with its reason and its place", async () => {
  const file = writeCities("plain.csv", 0);
  const twice = writeCities("twice.csv", 0, (rows) => rows.push(rows[41] ?? ""));
  const short = { ...QUESTION, from: "2026-01-04" };
  const few = writeCities("few.csv", 0, (rows) => rows.splice(5 * DAYS));
  const cases: ReadonlyArray<[object, string, RegExp]> = [
    [
      { columns: { ...QUESTION.columns, value: "order" } },
      "outcome/missing-column",
      /no column `order`; it has `city`, `date`, `orders`/,
    ],
    [{ treated: ["city-0", "city-x"] }, "outcome/unknown-unit", /no `city-x`/],
    [{ from: "2027-01-01" }, "outcome/outside-data", /no time lies in the window/],
    [{ from: "2026-01-01" }, "outcome/outside-data", /nothing lies before/],
    [{ until: "2026-12-31" }, "outcome/outside-data", /after the last time/],
    [{ until: "2026-03-01" }, "outcome/outside-data", /before it starts/],
    [{ from: "19/03/2026" }, "outcome/unreadable-time", /--from 19\/03\/2026/],
    [{ file: twice }, "outcome/duplicate-cell", /on lines 43 and 4202/],
    [short, "outcome/too-little-data", /3 times before the start; 5 are needed/],
    [{ file: few }, "outcome/too-little-data", /3 untouched units can be compared/],
  ];
  for (const [change, code, message] of cases) {
    await assert.rejects(estimateOutcome({ file, ...QUESTION, ...change }), { code, message });
  }
  const ended = await run(file, "--treated", "city-99", "--from", "2026-03-01", "--json");
  assert.equal(ended.code, 1);
  assert.match(ended.err, /"code":"outcome\/unknown-unit"/);
  assert.equal((await run(file, "--from", "2026-03-01")).code, 2);
});
