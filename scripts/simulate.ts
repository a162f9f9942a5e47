/**
 * Runs seeds of the simulator: `npm run -s simulate -- --seeds 500`, one again by `--seed 7`, the table of
 * planted bugs by `--bugs`. Progress goes to stderr, what was found (or `--json`) to stdout. It ends with 1
 * when a promise broke, or a bug was not found, and prints everything that the seed decided.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { CRASH_POINTS } from "../src/engine/crash-point.ts";
import { listBugs } from "../test/simulation/machine/bug.ts";
import { Fleet } from "../test/simulation/machine/fleet.ts";
import type { RunReport } from "../test/simulation/machine/run.ts";
import { drawOptions } from "../test/simulation/machine/seed.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "500" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    processes: { type: "string", default: String(availableParallelism()) },
    bugs: { type: "boolean", default: false },
    bug: { type: "string", multiple: true },
    json: { type: "boolean", default: false },
  },
});
const first = toCount("seed" in values ? "seed" : "from");
const count = "seed" in values ? 1 : toCount("seeds");
const PROGRESS_EVERY = 50;

const fleet = await Fleet.open(toCount("processes"));
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void fleet.close().then(() => process.exit(130)));
}
try {
  if (fleet.noServer !== undefined) say(`on the embedded store, for ${fleet.noServer}`);
  const isFine = await (values.bugs || values.bug !== undefined ? findBugs() : runSeeds());
  process.exitCode = isFine ? 0 : 1;
} finally {
  await fleet.close();
}

/** True when every promise held. */
async function runSeeds(): Promise<boolean> {
  const startedAt = performance.now();
  const seeds = Array.from({ length: count }, (_, n) => first + n);
  let done = 0;
  const reports = await Promise.all(
    seeds.map(async (seed) => {
      const report = await fleet.play({ seed });
      if (report.broken.length > 0) say(`seed ${seed} broke ${report.broken.length} promises`);
      if (++done % PROGRESS_EVERY === 0) say(`${done} of ${count} seeds`);
      return report;
    }),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  const failed = reports.flatMap(({ broken }, index) =>
    broken.length === 0 ? [] : [{ options: drawOptions(first + index), broken }],
  );
  const sums = {
    seeds: count,
    steps: reports.reduce((sum, { steps }) => sum + steps, 0),
    seconds,
    seedsPerSecond: count / seconds,
    deaths: addUp(reports.map(({ deaths }) => deaths)),
    faults: addUp(reports.map(({ faults }) => faults)),
    endings: addUp(reports.map(({ endings }) => endings)),
  };
  const places = CRASH_POINTS.map((place) => ({
    place,
    passed: countSeeds(reports, ({ hits }) => hits.get(place)),
    died: countSeeds(reports, ({ deaths }) => deaths.get(place)),
  }));
  if (values.json) print(JSON.stringify({ ...sums, places, failed }));
  else {
    printTable(
      ["place", "seeds that passed it", "seeds in which a process died there"],
      places.map(({ place, passed, died }) => [`\`${place}\``, `${passed}`, `${died}`]),
    );
    for (const what of ["faults", "endings"] as const) print(`${what}: ${list(sums[what])}`);
    const rate = `${seconds.toFixed(1)} s, ${sums.seedsPerSecond.toFixed(1)} seeds a second`;
    print(`${count} seeds, ${sums.steps} steps, ${rate}: ${failed.length} broke a promise`);
    for (const { options, broken } of failed) {
      print(`\nnpm run -s simulate -- --seed ${options.seed}\n${JSON.stringify(options)}`);
      print(broken.map((line) => `  ${line}`).join("\n"));
    }
  }
  return failed.length === 0;
}

/** True when each was found. */
async function findBugs(): Promise<boolean> {
  const bugs = listBugs().filter(({ name }) => values.bug?.includes(name) ?? true);
  const found = await Promise.all(
    bugs.map(async ({ name, about }) => {
      for (let seed = first; seed < first + count; seed++) {
        const [broke] = (await fleet.play({ seed, bug: name })).broken;
        if (broke !== undefined) return { name, about, seed, broke };
      }
      say(`${name} is not found`);
      return { name, about, seed: null, broke: "" };
    }),
  );
  if (values.json) print(JSON.stringify(found));
  else {
    printTable(
      ["bug", "what is wrong", "first seed that finds it", "what broke"],
      found.map(({ name, about, seed, broke }) => [
        `\`${name}\``,
        about,
        seed === null ? "none" : `${seed}`,
        broke.split(":")[0] ?? "",
      ]),
    );
  }
  return found.every(({ seed }) => seed !== null);
}

function toCount(name: "seed" | "seeds" | "from" | "processes"): number {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a number from 1 on`);
  return value;
}

function addUp(counts: ReadonlyArray<ReadonlyMap<string, number>>): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [name, times] of counts.flatMap((of) => [...of])) {
    sums[name] = (sums[name] ?? 0) + times;
  }
  return sums;
}

function countSeeds(
  reports: ReadonlyArray<RunReport>,
  timesOf: (report: RunReport) => number | undefined,
): number {
  return reports.filter((report) => (timesOf(report) ?? 0) > 0).length;
}

function list(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([name, times]) => `${name} ${times}`)
    .join(", ");
}

function printTable(head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): void {
  for (const row of [head, head.map(() => "---"), ...rows]) print(`| ${row.join(" | ")} |`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
