/**
 * From a Parquet file to findings: a year of a country, read, folded day by day both ways, reported; and
 * what one more day costs. Beside it, the reading alone, and adding up a week and the month before for each
 * subject, which is the least that anyone would do.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { readSeriesFile } from "../../src/app/series-file.ts";
import { table } from "../../src/cli/output.ts";
import { Detector } from "../../src/stats/detect/detector.ts";
import type { SeriesTable } from "../../src/stats/watch/table.ts";
import { watchRates } from "../../src/stats/watch/watch-rates.ts";
import { dayFromNumber } from "../../src/std/time.ts";
import { CheapRandom } from "../cheap-random.ts";
import type { BenchContext, Section } from "../section.ts";

const FIRST_DAY = 20_089;
const PER_DISTRICT = 25;

type Figures = {
  readonly subjects: number;
  readonly days: number;
  readonly rows: number;
  readonly fileMb: number;
  readonly readSeconds: number;
  readonly watchSeconds: number;
  readonly naiveSeconds: number;
  readonly findings: number;
  readonly broken: number;
  readonly dayMs: number;
  readonly stateBytesPerSubject: number;
  readonly peakMb: number;
};

export const file: Section = {
  name: "file",
  words: "20,000 subjects and a year of days, from Parquet to findings",
  async run(context) {
    const figures = await measure(context);
    return { json: figures, text: toText(figures) };
  },
};

async function measure({ seeds, quick, directory, report }: BenchContext): Promise<Figures> {
  const [subjects, days] = quick ? [2_000, 120] : [20_000, 365];
  const step = report("file");
  const broken = Math.round(subjects / 200);
  const at = path.join(directory, "year.parquet");
  const bytes = writeYear(at, subjects, days, broken, seeds?.[0] ?? 1);
  step(1, 5);
  const readFrom = performance.now();
  const { table: rows } = await readSeriesFile(at);
  const readSeconds = (performance.now() - readFrom) / 1_000;
  step(2, 5);
  if (rows.kind !== "rates") throw new Error("the file holds rates");
  const watchFrom = performance.now();
  const { findings } = watchRates(rows);
  const watchSeconds = (performance.now() - watchFrom) / 1_000;
  step(3, 5);
  const naiveFrom = performance.now();
  addUp(rows, subjects, days);
  const naiveSeconds = (performance.now() - naiveFrom) / 1_000;
  step(4, 5);
  const { dayMs, stateBytesPerSubject } = measureDay(rows, subjects);
  step(5, 5);
  return {
    subjects,
    days,
    rows: rows.day.length,
    fileMb: bytes / 2 ** 20,
    readSeconds,
    watchSeconds,
    naiveSeconds,
    findings: findings.length,
    broken,
    dayMs,
    stateBytesPerSubject,
    peakMb: process.resourceUsage().maxRSS / 1024,
  };
}

function writeYear(
  at: string,
  subjects: number,
  days: number,
  broken: number,
  seed: number,
): number {
  const random = new CheapRandom(seed, 9);
  const size = subjects * days;
  const names = Array.from({ length: subjects }, (_, i) => `PIN-${100_000 + i}`);
  const parents = names.map((_, i) => `D-${i % Math.ceil(subjects / PER_DISTRICT)}`);
  const volumes = names.map(() => Math.min(200, Math.exp(0.4 + 1.3 * random.normal())));
  const subject = new Array<string>(size);
  const parent = new Array<string>(size);
  const date = new Array<string>(size);
  const n = new Int32Array(size);
  const k = new Int32Array(size);
  for (let day = 0; day < days; day++) {
    const told = dayFromNumber(FIRST_DAY + day);
    for (let i = 0; i < subjects; i++) {
      const row = day * subjects + i;
      subject[row] = names[i]!;
      parent[row] = parents[i]!;
      date[row] = told;
      n[row] = random.poisson(i < broken ? 60 : volumes[i]!);
      const rate = 0.12 + 0.1 * ((i % 7) / 7) + (i < broken && day > days / 2 ? 0.12 : 0);
      k[row] = random.binomial(n[row], rate);
    }
  }
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: "subject", data: subject, type: "STRING" },
      { name: "date", data: date, type: "STRING" },
      { name: "n", data: n, type: "INT32" },
      { name: "k", data: k, type: "INT32" },
      { name: "parent", data: parent, type: "STRING" },
    ],
    rowGroupSize: 100_000,
  });
  writeFileSync(at, new Uint8Array(buffer));
  return buffer.byteLength;
}

/** Each subject's rate of each week beside its rate of the four weeks before. */
function addUp({ subject, day, n, k }: Rates, subjects: number, days: number): number {
  const trials = new Float64Array(subjects * days);
  const events = new Float64Array(subjects * days);
  for (let row = 0; row < subject.length; row++) {
    const cell = subject[row]! * days + (day[row]! - FIRST_DAY);
    if (cell >= trials.length) continue;
    trials[cell]! += n[row]!;
    events[cell]! += k[row]!;
  }
  let high = 0;
  for (let i = 0; i < subjects; i++) {
    for (let end = 35; end <= days; end++) {
      let [week, weekTrials, before, beforeTrials] = [0, 0, 0, 0];
      for (let at = end - 35; at < end; at++) {
        const cell = i * days + at;
        if (at >= end - 7) {
          week += events[cell]!;
          weekTrials += trials[cell]!;
        } else {
          before += events[cell]!;
          beforeTrials += trials[cell]!;
        }
      }
      if (week / weekTrials > before / beforeTrials + 0.1) high += 1;
    }
  }
  return high;
}

type Rates = Extract<SeriesTable, { kind: "rates" }>;

/** The last day of sixty folded by one detector, and what it holds per unit. */
function measureDay(table: Rates, subjects: number) {
  const detector = new Detector();
  const names = table.subjects;
  const lookup = (id: string) => ({
    id,
    kind: "geography",
    level: "pincode" as const,
    name: id,
    parent: null,
  });
  const times: number[] = [];
  for (let day = 0; day < 60; day++) {
    const counts = Array.from({ length: subjects }, (_, i) => {
      const row = day * subjects + i;
      return { subject: names[table.subject[row]!]!, n: table.n[row]!, k: table.k[row]! };
    });
    const from = performance.now();
    detector.fold({ day: FIRST_DAY + day, counts, lookup, acted: new Set() });
    times.push(performance.now() - from);
  }
  const last = times.slice(-10).sort((a, b) => a - b);
  return { dayMs: last[5]!, stateBytesPerSubject: detector.units.rowBytes };
}

function toText(figures: Figures): string {
  const { subjects, days, rows, fileMb, readSeconds, watchSeconds, naiveSeconds } = figures;
  const say = (value: number, digits = 1) =>
    value.toLocaleString("en-US", { maximumFractionDigits: digits });
  return [
    `${say(subjects)} subjects, ${say(days)} days, ${say(rows)} rows, ${say(fileMb)} MB of Parquet`,
    table([
      ["", "seconds"],
      ["read the file into columns", say(readSeconds)],
      ["judge every day, up and down, in a tree of two levels and the whole", say(watchSeconds)],
      ["from file to findings", say(readSeconds + watchSeconds)],
      ["beside: a week's rate against the four before, each day, from columns", say(naiveSeconds)],
    ]).replace(/^/gm, "  "),
    `${figures.findings} findings; ${figures.broken} subjects had risen by 12 points`,
    `one more day: ${say(figures.dayMs)} ms for one detector; state ${figures.stateBytesPerSubject} bytes a subject and ` +
      `direction, whatever the history; the whole run peaked at ${say(figures.peakMb, 0)} MB, the file's columns included`,
  ].join("\n");
}
