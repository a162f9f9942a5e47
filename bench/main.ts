/**
 * The bench: `npm run bench`, with `--quick` for a short run and `--json` for programs.
 *
 * Every figure stands beside another from the same run: the same work done the way one writes it
 * first, on the same machine, taking turns. Progress goes to standard error, results to standard
 * output. Everything it starts it stops, and its directory is removed.
 */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { createOutput } from "../src/cli/output.ts";
import { startAds } from "./action/ads.ts";
import { sandboxContender } from "./action/sandbox.ts";
import { benchSteadyEngine, benchSteadyNaive, type SteadyRow } from "./action/steady.ts";
import { openStores } from "./action/stores.ts";
import { benchThroughput, listContenders } from "./action/throughput.ts";
import { benchGaps } from "./charter-gaps.ts";
import { benchFold } from "./fold/fold.ts";
import { benchMemory } from "./fold/memory.ts";
import { benchIntake } from "./intake.ts";
import { readMachine } from "./machine.ts";
import { benchProof } from "./proof.ts";
import { type BenchReport, reportToText } from "./report.ts";
import { type BenchSettings, DEFAULT_SETTINGS, QUICK_SETTINGS } from "./settings.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
    /** Where the durable store is put; a file system in memory would flatter it. */
    directory: { type: "string", default: os.tmpdir() },
  },
});
if (values.help) {
  process.stdout.write("npm run -s bench -- [--quick] [--json] [--directory WHERE]\n");
  process.exit(0);
}
const output = createOutput(values.json);
// Progress is wanted from a long run even when its result is for a program.
const { progress } = createOutput(false);
const directory = mkdtempSync(path.join(values.directory, "interlock-bench-"));
try {
  const report = await runBench(values.quick ? QUICK_SETTINGS : DEFAULT_SETTINGS, values.quick);
  progress.end();
  output.result(report, () => reportToText(report));
} finally {
  progress.end();
  rmSync(directory, { recursive: true, force: true });
}

async function runBench(settings: BenchSettings, quick: boolean): Promise<BenchReport> {
  const from = performance.now();
  const machine = readMachine(directory);
  const reportOf = (label: string) => (done: number, total: number) => {
    progress.report(label, done, total);
    if (done === total) progress.end();
  };
  const fold = benchFold(settings, reportOf("folding"));
  const memory = await benchMemory(settings, reportOf("memory"));
  const proof = benchProof(settings, reportOf("checks"));
  const gaps = benchGaps(settings, reportOf("gaps"));
  const { intake, action, steady, postgres } = await benchStores(settings, reportOf);
  return {
    quick,
    rounds: settings.rounds,
    tookSeconds: (performance.now() - from) / 1_000,
    machine,
    postgres,
    fold,
    memory,
    intake,
    action,
    steady,
    proof,
    gaps,
  };
}

async function benchStores(
  settings: BenchSettings,
  reportOf: (label: string) => (done: number, total: number) => void,
): Promise<Pick<BenchReport, "intake" | "action" | "steady" | "postgres">> {
  const { stores, postgres, stop } = await openStores(directory);
  const ads = await startAds();
  try {
    // The store in memory forgets; for what people will run it is no comparison.
    const lasting = stores.filter(({ name, workers }) => !name.includes("memory") && workers === 1);
    const intake = await benchIntake(lasting, settings, reportOf("intake"));
    const contenders = [
      ...listContenders(stores, ads, settings),
      ...lasting.slice(0, 1).map((store) => sandboxContender(store, settings)),
    ];
    const action = await benchThroughput(contenders, settings, reportOf("actions"));
    const steady: SteadyRow[] = [];
    const reportSteady = reportOf("steady");
    for (const store of lasting) {
      steady.push(await benchSteadyEngine(store, ads, settings));
      reportSteady(steady.length, 2 * lasting.length);
      steady.push(await benchSteadyNaive(store, ads, settings));
      reportSteady(steady.length, 2 * lasting.length);
    }
    return { intake, action, steady, postgres };
  } finally {
    await ads.stop();
    await stop();
  }
}
