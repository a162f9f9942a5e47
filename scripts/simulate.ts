/**
 * Runs seeds of the simulator: `npm run -s simulate -- --seeds 500`, one again by `--seed 7`, the table of
 * planted bugs by `--bugs`. Exits with 1 when a promise broke, and prints everything its seed decided.
 */
import { parseArgs } from "node:util";
import { openDriver } from "../src/store/driver/driver.ts";
import { listBugs, loadWithBug } from "../test/simulation/machine/bug.ts";
import { prepareStore, runSeed } from "../test/simulation/machine/run.ts";
import { drawOptions } from "../test/simulation/machine/seed.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    bugs: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const from = Number(values.seed ?? values.from);
const count = values.seed === undefined ? Number(values.seeds) : 1;
const PROGRESS_EVERY = 25;

type Counts = Record<string, number>;

function add(to: Counts, counts: ReadonlyMap<string, number>): void {
  for (const [name, times] of counts) to[name] = (to[name] ?? 0) + times;
}

const driver = await openDriver({});
try {
  await prepareStore(driver);
  if (values.bugs) await findBugs();
  else await runSeeds();
} finally {
  await driver.close();
}

async function runSeeds(): Promise<void> {
  const startedAt = performance.now();
  const sums = { hits: {}, deaths: {}, faults: {}, endings: {} } satisfies Record<string, Counts>;
  const failed: Array<{ options: unknown; broken: ReadonlyArray<string> }> = [];
  let steps = 0;
  for (let seed = from; seed < from + count; seed++) {
    const options = drawOptions(seed);
    const report = await runSeed(driver, options);
    steps += report.steps;
    for (const what of ["hits", "deaths", "faults", "endings"] as const)
      add(sums[what], report[what]);
    if (report.broken.length > 0) {
      failed.push({ options, broken: report.broken });
      process.stderr.write(
        `seed ${seed} ${JSON.stringify(options)}\n  ${report.broken.join("\n  ")}\n`,
      );
    }
    const done = seed - from + 1;
    if (done % PROGRESS_EVERY === 0) process.stderr.write(`seeds ${done}/${count}\n`);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const result = { seeds: count, steps, seconds, seedsPerSecond: count / seconds, ...sums, failed };
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    const lines = (["hits", "deaths", "faults", "endings"] as const).map(
      (what) => `${what}: ${JSON.stringify(sums[what])}`,
    );
    const sum = `${count} seeds, ${steps} steps, ${seconds.toFixed(1)} s, ${failed.length} broke a promise`;
    process.stdout.write(`${[...lines, sum].join("\n")}\n`);
  }
  if (failed.length > 0) process.exitCode = 1;
}

async function findBugs(): Promise<void> {
  const rows: Array<{ bug: string; about: string; seed: number | null; broken: string }> = [];
  for (const bug of listBugs()) {
    const { runSeed: runWithBug } = await loadWithBug(bug);
    let row = { bug: bug.name, about: bug.about, seed: null as number | null, broken: "" };
    for (let seed = from; seed < from + count && row.seed === null; seed++) {
      const { broken } = await runWithBug(driver, drawOptions(seed));
      if (broken[0] !== undefined) row = { ...row, seed, broken: broken[0] };
    }
    rows.push(row);
    if (!values.json) {
      process.stdout.write(
        `${bug.name}: ${row.seed === null ? "NOT FOUND" : `seed ${row.seed}`} ${row.broken}\n`,
      );
    }
  }
  if (values.json) process.stdout.write(`${JSON.stringify(rows)}\n`);
  if (rows.some(({ seed }) => seed === null)) process.exitCode = 1;
}
