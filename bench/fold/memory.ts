/** Memory held per 10,000 subjects: fresh processes of two sizes, and the slope between them. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { type Sample, summarise } from "../sample.ts";
import type { BenchSettings } from "../settings.ts";

const CHILD = fileURLToPath(new URL("./memory-child.ts", import.meta.url));
const run = promisify(execFile);

type Reading = {
  readonly units: number;
  readonly rssBytes: number;
  readonly heldBytes: number;
  readonly savedBytes: number;
};

export type MemoryRow = {
  readonly name: string;
  readonly days: number;
  readonly sizes: ReadonlyArray<number>;
  /** Growth of the whole process from the smaller to the larger size, per 10,000 pincodes. */
  readonly rssMbPer10k: Sample;
  /** The same of what the heap and its buffers still hold after a collection. */
  readonly heldMbPer10k: Sample;
  /** State written to the store per 10,000 pincodes; a way that saves nothing has none. */
  readonly savedMbPer10k: number | null;
};

const WAYS = { "logistics agent": "agent", "naive: keep all history": "naive" } as const;
const MB = 2 ** 20;

export async function benchMemory(
  settings: BenchSettings,
  report: (done: number, total: number) => void,
): Promise<ReadonlyArray<MemoryRow>> {
  const { subjects: sizes, days } = settings.memory;
  const [small = 0, large = 0] = sizes;
  const slopes = new Map(Object.keys(WAYS).map((name) => [name, [] as Reading[]]));
  const total = settings.rounds * Object.keys(WAYS).length;
  let done = 0;
  for (let round = 0; round < settings.rounds; round++) {
    for (const [name, way] of Object.entries(WAYS)) {
      const first = await measure(way, small, days);
      const second = await measure(way, large, days);
      slopes.get(name)?.push(slopePer10k(first, second, large - small));
      report(++done, total);
    }
  }
  return Object.entries(WAYS).map(([name, way]) => {
    const readings = slopes.get(name) ?? [];
    return {
      name,
      days,
      sizes,
      rssMbPer10k: summarise(readings.map(({ rssBytes }) => rssBytes / MB)),
      heldMbPer10k: summarise(readings.map(({ heldBytes }) => heldBytes / MB)),
      savedMbPer10k:
        way === "agent" ? summarise(readings.map((r) => r.savedBytes / MB)).median : null,
    };
  });
}

async function measure(way: string, pincodes: number, days: number): Promise<Reading> {
  const args = ["--expose-gc", CHILD, way, String(pincodes), String(days)];
  const { stdout } = await run(process.execPath, args);
  return JSON.parse(stdout) as Reading;
}

function slopePer10k(first: Reading, second: Reading, pincodes: number): Reading {
  const slope = (of: keyof Reading) => ((second[of] - first[of]) / pincodes) * 10_000;
  return {
    units: slope("units"),
    rssBytes: slope("rssBytes"),
    heldBytes: slope("heldBytes"),
    savedBytes: slope("savedBytes"),
  };
}
