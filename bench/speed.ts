/**
 * How fast, and how much memory: each figure beside another from the same run, the same work done the
 * way one writes it first, on the same machine, taking turns. Everything it starts it stops.
 */
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
import type { BenchContext, Section } from "./section.ts";
import { type BenchSettings, DEFAULT_SETTINGS, QUICK_SETTINGS } from "./settings.ts";

export const speed: Section = {
  name: "speed",
  words: "observations, signals and checks a second, latency, memory",
  async run(context) {
    const report = await runBench(context);
    return { json: report, text: reportToText(report) };
  },
};

async function runBench({ quick, directory, report }: BenchContext): Promise<BenchReport> {
  const settings = quick ? QUICK_SETTINGS : DEFAULT_SETTINGS;
  const from = performance.now();
  const machine = readMachine(directory);
  const fold = benchFold(settings, report("folding"));
  const memory = await benchMemory(settings, report("memory"));
  const proof = benchProof(settings, report("checks"));
  const gaps = benchGaps(settings, report("gaps"));
  const { intake, action, steady, postgres } = await benchStores(directory, settings, report);
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
  directory: string,
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
