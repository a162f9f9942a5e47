/** `interlock detect` as anyone would call it: a file, an answer, and what was wrong with the file. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { parquetWriteBuffer } from "hyparquet-writer";
import { normal, randomFrom } from "../../src/std/random.ts";
import { dayFromNumber } from "../../src/std/time.ts";
import { interlock } from "../kit/command.ts";

const directory = mkdtempSync(path.join(os.tmpdir(), "interlock-detect-"));
after(() => rmSync(directory, { recursive: true }));

const START = 20_454;
const CHANGE = 35;

type Row = {
  readonly subject: string;
  readonly date: string;
  readonly n: number;
  readonly k: number;
};

function createRows(): ReadonlyArray<Row> {
  const rows: Row[] = [];
  for (let day = 0; day < 60; day++) {
    for (let at = 0; at < 15; at++) {
      const random = randomFrom(11, at, day);
      const rate = at === 4 && day >= CHANGE ? 0.34 : 0.18;
      let k = 0;
      for (let i = 0; i < 45; i++) if (random.next() < rate) k += 1;
      rows.push({ subject: `PIN-${at}`, date: dayFromNumber(START + day), n: 45, k });
    }
  }
  return rows;
}

function put(name: string, content: string): string {
  const file = path.join(directory, name);
  writeFileSync(file, content);
  return file;
}

const toCsv = (rows: ReadonlyArray<Row>) =>
  [
    "subject,date,n,k",
    ...rows.map(({ subject, date, n, k }) => `${subject},${date},${n},${k}`),
  ].join("\n");

type Found = {
  findings: Array<{ subject: string; direction: string; changedOn: string; raisedOn: string }>;
  rows: { read: number; used: number; faulty: number };
  faults: Array<{ line: number; message: string }>;
};

test("a rise in a CSV file is found, and bad rows cost themselves alone", async () => {
  const good = toCsv(createRows());
  const bad = "PIN-1,2026-02-30,4,1\nPIN-2,2026-03-09,3,5\nPIN-0,2026-01-01,45,9\n,2026-03-09,4,1";
  const { code, out } = await interlock("detect", put("rates.csv", `${good}\n${bad}\n`), "--json");
  assert.equal(code, 0);
  const report = JSON.parse(out) as Found;
  assert.equal(report.findings.length, 1);
  const [finding] = report.findings;
  assert.equal(`${finding?.subject} ${finding?.direction}`, "PIN-4 up");
  assert.ok(finding!.changedOn >= dayFromNumber(START + CHANGE - 2));
  assert.ok(finding!.raisedOn <= dayFromNumber(START + CHANGE + 14));
  assert.deepEqual(report.rows, { read: 904, used: 900, faulty: 4 });
  assert.deepEqual(
    report.faults.map(({ line }) => line),
    [902, 903, 904, 905],
  );
});

test("the same rows in Parquet give the same findings", async () => {
  const rows = createRows();
  const file = path.join(directory, "rates.parquet");
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: "subject", data: rows.map(({ subject }) => subject), type: "STRING" },
      { name: "date", data: rows.map(({ date }) => date), type: "STRING" },
      { name: "n", data: rows.map(({ n }) => n), type: "INT32" },
      { name: "k", data: rows.map(({ k }) => k), type: "INT32" },
    ],
  });
  writeFileSync(file, new Uint8Array(buffer));
  const [csv, parquet] = await Promise.all(
    [put("again.csv", toCsv(rows)), file].map((each) => interlock("detect", each, "--json")),
  );
  assert.equal(parquet!.out, csv!.out);
});

test("for a person there is a table with the course of weeks, and a word on what it rests on", async () => {
  const { out } = await interlock("detect", put("screen.csv", toCsv(createRows())));
  assert.match(out, /1 lasting change\n/);
  assert.match(out, /PIN-4 +▲ .*[▁▂▃▄▅▆▇█]{5,}/);
  assert.match(out, /the first 21 are for learning/);
});

test("levels are read from the column value", async () => {
  const lines = ["subject,date,value"];
  for (let day = 0; day < 70; day++) {
    for (let at = 0; at < 8; at++) {
      const mean = 30 * (at === 2 && day >= 40 ? 1.9 : 1);
      const value = Math.max(
        0,
        Math.round(mean + Math.sqrt(mean) * normal(randomFrom(5, at, day))),
      );
      lines.push(`SKU-${at},${dayFromNumber(START + day)},${value}`);
    }
  }
  const { out } = await interlock("detect", put("levels.csv", lines.join("\n")), "--json");
  const { findings } = JSON.parse(out) as Found;
  assert.deepEqual(
    findings.map(({ subject, direction }) => `${subject} ${direction}`),
    ["SKU-2 up"],
  );
});

test("a file without the columns says which are wanted and which it has", async () => {
  const { code, err } = await interlock(
    "detect",
    put("wrong.csv", "unit,date,n,k\nA,2026-01-01,1,0\n"),
  );
  assert.equal(code, 1);
  assert.match(err, /import\/missing-column .* has no column `subject`/);
  assert.match(err, /this one has `unit`, `date`, `n`, `k`/);
});
